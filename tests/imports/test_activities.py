"""IATI activity files: what is read of them, what never is guessed, and what is refused with its place."""

import gc
import os
import tracemalloc
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from django.conf import settings
from lxml import etree

from imports import iati
from imports.iati import xml
from imports.items import NotReadable
from imports.models import Import
from projects.models import Organisation, Project, ThemeCode
from provenance.documents.readings import AS_VALUE, reading
from provenance.models import Original, Proposal, Revision, Source, State
from provenance.store import writer
from provenance.store.build import as_text
from tests.support.iati_files import HEAD, activity, commitment, file_of, org
from tests.support.loops import at_least_one, calls
from tests.support.records import current, record, update, write
from tests.support.staff import make

pytestmark = pytest.mark.one_database

SAMPLES = os.environ.get("IATI_SAMPLES_DIR")
needs_samples = pytest.mark.skipif(not SAMPLES, reason="IATI_SAMPLES_DIR does not name real files")
WHO = {"user_name": "tester"}


@pytest.fixture
def read(tmp_path, register):
    """Return a function that reads bytes or text as a file: (Reading, its items)."""

    def read(content, slug="first", **options):
        path = tmp_path / "upload"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        source = {"slug": slug, "title": f"File {slug}"}
        reading = iati.read(path, name="own.xml", options=options, source=source)
        return reading, list(reading.items)

    return read


@pytest.fixture
def take(read):
    """Return a function that reads a file and writes all of it, as an import does: the items, and what was written."""

    def take(content, slug="first", **options):
        _, items = read(content, slug, **options)
        assert not [fault for item in items for fault in item.faults]
        source = Source.objects.filter(pk=slug).first() or make(Source, slug, title=f"File {slug}")
        count = 0
        for model in (Organisation, Project):
            documents = {item.key: item.document for item in items if item.model is model}
            count += write(model, documents, **WHO)
        for item in items:
            if item.original:
                columns = {"kind": "project", "key": item.key, "text": item.original, "at": "2026-01-01T00:00:00Z"}
                Original.objects.update_or_create(source=source, identifier=item.identifier, defaults=columns)
        return items, count

    return take


def projects(items):
    return [item for item in items if item.model is Project]


def one(items):
    [item] = projects(items)
    return item


# What is read


@pytest.mark.parametrize("kind", ["", ' type=""', ' type=" "', ' type=" 1 "', ' type="General"'])
def test_description_whose_type_is_left_empty_is_the_general_one(read, kind):
    item = one(read(file_of(activity(inside=f"<description{kind}><narrative>What for.</narrative></description>")))[1])
    assert item.document["summary"] == "What for."


def test_activity_is_read_whole_with_its_claims(read):
    inside = (
        '<description type="1"><narrative>What it is for.</narrative></description>'
        + org("1", "XX-FUND", "A fund of its own", "10")
        + org("4", "", "Some &amp; Sons", "70")
        + '<activity-status code="2"/>'
        '<activity-date type="1" iso-date="2011-03-01"/>'
        '<activity-date type="2" iso-date="2012-01-01"><narrative>2012</narrative></activity-date>'
        '<activity-date type="3" iso-date="2014-05-31"><narrative>2014-05</narrative></activity-date>'
        '<sector code="15190" vocabulary="1"/>' + commitment("100.50") + commitment("9.5")
    )
    _, items = read(file_of(activity(inside=inside, attributes='last-updated-datetime="2015-06-07T08:09:10"')))
    item = one(items)
    document = item.document
    assert (item.key, item.identifier, item.faults) == ("xx-1-a", "XX-1-A", [])
    assert (document["title"], document["summary"]) == ("A title", "What it is for.")
    assert (document["status"], document["status_as_of"]) == ("ongoing", "2015-06-07")
    [quote] = [claim["quote"] for claim in document["claims"] if claim["field"] == "status_as_of"]
    assert quote == 'default-currency="EUR" xml:lang="en" last-updated-datetime="2015-06-07T08:09:10"'
    assert (document["start_date"]["value"], document["start_date"]["planned"]) == ("2012", False)
    assert (document["end_date"]["value"], document["end_date"]["planned"]) == ("2014-05", True)
    assert document["countries"] == [{"code": "GE", "name": "Georgia"}]
    assert [theme["slug"] for theme in document["themes"]] == ["migration-management"]
    [contribution] = document["contributions"]
    assert (contribution["amount"], contribution["currency"]) == ("110.00", "EUR")
    assert [(each["name"], each["role"]) for each in document["organisations"]] == [("Some & Sons", "implementer")]
    assert document["budget"] is None
    claimed = {claim["field"] for claim in document["claims"]}
    assert claimed == {
        "title", "summary", "status", "status_as_of", "start_date", "end_date", "countries", "organisations",
        "contributions", "sectors",
    }  # fmt: skip
    for claim in at_least_one(document["claims"]):
        assert claim["as_stated"] in claim["quote"]
        assert claim["place"].startswith("activity XX-1-A, ")
        assert claim["place"].endswith(", line 2")


def test_body_of_two_roles_that_are_one_here_has_the_words_of_both(read):
    body = "".join(org(role, "XX-BODY", "A body of its own") for role in "233")
    [member] = one(read(file_of(activity(inside=body)))[1]).document["organisations"]
    assert (member["role"], member["role_as_stated"]) == ("partner", "Accountable, Extending")


def test_what_is_read_is_written_and_reads_the_same_again(take):
    content = file_of(activity(inside=org("1", "XX-FUND", "A fund") + org("4", "", "Some and Sons")))
    _, count = take(content)
    assert count == 3
    assert Project.objects.get(pk="xx-1-a").state == State.DRAFT
    assert Organisation.objects.get(identifier="XX-FUND").state == State.DRAFT
    again, count = take(content, "again")
    assert count == 0
    assert [item.model for item in again] == [Project]
    assert one(again).document == current("xx-1-a")


def test_title_is_the_english_one_and_others_are_noted(read):
    title = '</narrative><narrative xml:lang="FR">Titre</narrative><narrative xml:lang="EN">The English one'
    _, items = read(file_of(activity(title="Qartuli" + title).replace('xml:lang="en"', 'xml:lang="ka"')))
    assert one(items).document["title"] == "The English one"
    assert "in French, Georgian." in one(items).notes[0]
    assert "Titre" in one(items).original


def test_organisation_is_called_by_its_english_name(read):
    names = 'Un organisme</narrative><narrative xml:lang="en">A body'
    text = file_of(activity(inside=org(4, "XX-2", names))).replace("<narrative>Un", '<narrative xml:lang="fr">Un')
    assert [each["name"] for each in one(read(text)[1]).document["organisations"]] == ["A body"]


def test_private_contact_is_never_kept(read):
    inside = "<contact-info><email>somebody@example.org</email></contact-info>"
    _, items = read(file_of(activity(inside=inside)))
    assert "somebody" not in one(items).original


def test_only_what_was_asked_for_is_read(read):
    content = file_of(
        activity("XX-1-A"),
        activity("XX-1-B", country="PH"),
        activity(
            "XX-1-C",
            country="",
            inside='<transaction><transaction-type code="3"/><recipient-country code="MD"/></transaction>',
        ),
        activity("XX-1-D", inside='<sector code="15190"/>').replace('ref="XX-1"', 'ref="XX-2"'),
    )

    def keys(**options):
        return [item.identifier[-1] for item in projects(read(content, **options)[1])]

    assert keys() == ["A", "C", "D"]
    assert keys(countries="PH, MD") == ["B", "C"]
    assert keys(countries=["*"]) == ["A", "B", "C", "D"]
    assert keys(sectors="15190") == ["D"]
    assert keys(publishers="XX-2") == ["D"]
    assert keys(identifiers="XX-1-B") == ["B"]
    assert read(content)[0].about["chosen"] == 3


def test_cancelled_activity_has_no_status(read):
    _, items = read(
        file_of(activity(inside='<activity-status code="5"/>', attributes='last-updated-datetime="2015-01-01"'))
    )
    assert (one(items).document["status"], one(items).document["status_as_of"]) == (None, None)
    assert "cancelled" in one(items).notes[0]


def test_end_before_the_start_is_not_stated_and_both_are_claimed(read):
    item = one(read(file_of(activity(inside=DATES.replace("2013-05-31", "2010-05-31"))))[1])
    assert (item.document["start_date"], item.document["end_date"]) == (None, None)
    assert "the end (2010-05-31) is before the start (2012-02-01)" in item.notes[0]
    assert [claim["field"] for claim in item.document["claims"] if claim["status"] == "set-aside"] == [
        "start_date",
        "end_date",
    ]


# Sums


def amounts(item):
    return [(part["amount"], part["currency"]) for part in item.document["contributions"]]


def test_commitments_in_two_currencies_are_not_one_sum(read):
    item = one(read(file_of(activity(inside=commitment("5") + commitment("7", currency="USD"))))[1])
    assert amounts(item) == [(None, None)]
    assert any("several currencies" in note for note in item.notes)
    assert [claim["as_stated"] for claim in item.document["claims"] if claim["status"] == "set-aside"] == ["5", "7"]


def test_commitment_without_provider_is_of_who_reports_by_the_rule_of_the_standard(read):
    item = one(read(file_of(activity(inside=commitment("5", ref=""))))[1])
    assert amounts(item) == [("5.00", "EUR")]
    [claim] = [each for each in item.document["claims"] if each["as_stated"] == "5"]
    assert "by IATI 2.03 the reporting organisation provides" in claim["place"]


def test_commitment_without_provider_is_of_nobody_if_who_reports_only_repeats_it(read):
    text = file_of(activity(inside=commitment("5", ref=""))).replace(
        "<reporting-org", '<reporting-org secondary-reporter="1"'
    )
    item = one(read(text)[1])
    assert item.document["contributions"] == []
    assert "Commitments without a provider, which are not counted: 1 commitment, EUR 5" in notes_of(item)


BUDGET = (
    '<budget><period-start iso-date="{}"/><period-end iso-date="{}"/><value value-date="2012-01-01">{}</value></budget>'
)
DATES = '<activity-date type="2" iso-date="2012-02-01"/><activity-date type="3" iso-date="2013-05-31"/>'


@pytest.mark.parametrize(
    ("budgets", "total"),
    [
        ([("2012-02-01", "2013-05-31", "500")], "500.00"),
        ([("2012-03-01", "2012-03-01", "500")], None),
        ([("2012-01-01", "2012-12-31", "500")], None),  # not for the whole time
        ([("2012-01-01", "2012-12-31", "500"), ("2013-01-01", "2013-12-31", "500")], None),  # two are no stated total
        ([("2012-01-01", "2013-12-31", "0")], None),
        ([("2012-01-01", "2013-12-31", "500"), ("2012-01-01", "2012-12-31", "0")], "500.00"),
        ([("2012-01-01", "2013-12-31", "50")], None),  # less than what is committed
    ],
)
def test_total_is_only_what_one_budget_states_for_the_whole_time(read, budgets, total):
    inside = DATES + "".join(BUDGET.format(*each) for each in budgets) + commitment("100")
    item = one(read(file_of(activity(inside=inside)))[1])
    budget = item.document["budget"]
    assert (budget and budget["amount"]) == total
    assert "before it begins" not in notes_of(item)


def test_budgets_of_nothing_for_single_years_need_no_note(read):
    inside = DATES + "".join(BUDGET.format(f"{year}-01-01", f"{year}-12-31", "0") for year in (2012, 2013))
    assert "not a total" not in notes_of(one(read(file_of(activity(inside=inside)))[1]))


def test_budget_of_several_values_is_no_total(read):
    budget = BUDGET.format("2012-01-01", "2013-12-31", "500").replace("</budget>", "<value>5</value></budget>")
    item = one(read(file_of(activity(inside=DATES + budget)))[1])
    assert item.document["budget"] is None
    assert any("EUR 500" in note and "EUR 5 " in note for note in item.notes)


PARENT, CHILD = '<related-activity type="1" ref="{}"/>', '<related-activity type="2" ref="{}"/>'


def wholes(items):
    """Return ``{end of the identifier: slug of what it is part of}``."""
    named = {item.identifier[-1]: item.document["part_of"] for item in projects(items)}
    return {end: whole["slug"] for end, whole in named.items() if whole}


def test_part_keeps_its_sums_and_names_its_whole_wherever_that_stands(read, take):
    part = activity("XX-1-P", inside=PARENT.format("XX-1-A") + commitment("60"))
    whole = activity("XX-1-A", inside=commitment("100"))
    for content in (file_of(part, whole), file_of(whole, part)):
        items = read(content)[1]
        assert wholes(items) == {"P": "xx-1-a"}
        assert [amounts(item) for item in projects(items)].count([("60.00", "EUR")]) == 1
    [item] = projects(read(file_of(part))[1])
    assert item.document["part_of"] is None
    assert any("neither in the register nor" in note for note in item.notes)
    take(file_of(whole))
    assert wholes(read(file_of(part), "second")[1]) == {"P": "xx-1-a"}


def test_whole_names_its_parts_and_their_projects_say_so(read, take):
    take(file_of(activity("XX-1-P"), activity("XX-1-Q")))
    content = file_of(activity("XX-1-A", inside=CHILD.format("XX-1-P") + CHILD.format("XX-1-B")), activity("XX-1-B"))
    documents = {item.identifier[-1]: item.document for item in projects(read(content, "second")[1])}
    assert documents.keys() == {"A", "B", "P"}
    for end in "BP":
        [claim] = [claim for claim in documents[end]["claims"] if claim["field"] == "part_of"]
        assert documents[end]["part_of"]["slug"] == "xx-1-a"
        assert claim["quote"] == f'type="2" ref="XX-1-{end}"'
        assert claim["place"].startswith("activity XX-1-A, related-activity, line ")
    take(content, "second")
    assert projects(read(content, "third")[1])[-1].document["part_of"]["slug"] == "xx-1-a"
    assert {item.identifier for item in projects(read(content, "third")[1])} == {"XX-1-A", "XX-1-B"}


def test_several_wholes_and_circles_are_for_a_person_and_count_nothing_twice(read):
    content = file_of(
        activity("XX-1-A", inside=commitment("100")),
        activity("XX-1-B"),
        activity("XX-1-C", inside=PARENT.format("XX-1-A") + PARENT.format("XX-1-B") + commitment("60")),
        activity("XX-1-D", inside=PARENT.format("XX-1-E")),
        activity("XX-1-E", inside=PARENT.format("XX-1-D")),
        activity("XX-1-F", inside=PARENT.format("XX-1-D")),
    )
    items = read(content)[1]
    by_letter = {item.identifier[-1]: item for item in projects(items)}
    assert wholes(items) == {"F": "xx-1-d"}
    assert any("XX-1-A, XX-1-B" in note and "Choose one" in note for note in by_letter["C"].notes)
    assert amounts(by_letter["C"]) == [(None, None)]
    assert all(any("part of its own part" in note for note in by_letter[end].notes) for end in "DE")


def test_relation_of_a_newer_edition_is_taken_kept_left_out_as_other_members_are(read, take):
    whole, other = activity("XX-1-A"), activity("XX-1-B")
    part = activity("XX-1-P", inside=PARENT.format("XX-1-A"))
    take(file_of(part))  # its whole is not there yet
    take(file_of(whole, other), "second")
    take(file_of(part), "third")
    assert Project.objects.get(pk="xx-1-p").part_of_id == "xx-1-a"
    assert take(file_of(part), "third")[1] == 0
    take(file_of(activity("XX-1-P", inside=PARENT.format("XX-1-B"))), "fourth")
    assert Project.objects.get(pk="xx-1-p").part_of_id == "xx-1-b"
    take(file_of(activity("XX-1-P")), "fifth")
    assert Project.objects.get(pk="xx-1-p").part_of_id == "xx-1-b", "what an edition does not tell is no change"


def test_relation_that_staff_changed_since_is_undecided(read, take):
    take(file_of(activity("XX-1-A"), activity("XX-1-B"), activity("XX-1-P", inside=PARENT.format("XX-1-A"))))
    document = current("xx-1-p")
    write(Project, {"xx-1-p": document | {"part_of": {"slug": "nexus", "title": ""}}}, **WHO)
    take(file_of(activity("XX-1-P", inside=PARENT.format("XX-1-B"))), "second")
    stored = current("xx-1-p")
    assert stored["part_of"]["slug"] == "nexus"
    assert any(claim["as_stated"] == "XX-1-B" and "Not decided" in claim["set_aside"] for claim in stored["claims"])


def test_published_part_does_not_name_a_draft(read, take):
    part = activity("XX-1-P", inside=PARENT.format("XX-1-A"))
    take(file_of(activity("XX-1-A")))
    [item] = projects(read(file_of(part), "second", publish=True)[1])
    assert item.document["part_of"] is None
    assert any("not published" in note for note in item.notes)


def test_sums_of_the_last_of_a_very_long_row_of_parts_do_not_count_twice(read):
    def read_row(number):
        names = [f"XX-1-{n}" for n in range(number)]
        parts = [activity(name, inside=CHILD.format(after)) for name, after in pairwise(names)]
        ends = (
            activity(names[0], inside=CHILD.format(names[1]) + commitment("9")),
            activity(names[-1], inside=commitment("5")),
        )
        return projects(read(file_of(*parts[1:], *ends))[1])

    assert [amounts(item) for item in read_row(1500)[-2:]] == [[("9.00", "EUR")], [(None, None)]]
    assert calls(read_row, 200) < 2.2 * calls(read_row, 100)


def test_part_of_a_part_keeps_its_sums_and_what_names_itself_is_no_part(read):
    content = file_of(
        activity("XX-1-A", inside=commitment("100") + CHILD.format("XX-1-B")),
        activity("XX-1-B"),
        activity("XX-1-C", inside=PARENT.format("XX-1-B") + commitment("60")),
        activity("XX-1-D", inside=PARENT.format("XX-1-D") + commitment("7")),
    )
    items = read(content)[1]
    sums = {item.identifier[-1]: amounts(item) for item in projects(items)}
    assert sums == {"A": [("100.00", "EUR")], "B": [], "C": [("60.00", "EUR")], "D": [("7.00", "EUR")]}
    assert wholes(items) == {"B": "xx-1-a", "C": "xx-1-b"}


FORMS = {  # as publishers write them: how the file begins, its encoding, and the title
    "mark": ('<?xml version="1.0" encoding="utf-8"?>', "utf-8-sig", "Zoë"),
    "utf-16": ('<?xml version="1.0" encoding="UTF-16"?>', "utf-16", "Zoë"),
    "latin": ('<?xml version="1.0" encoding="ISO-8859-1"?>', "latin-1", "Zoë"),
    "windows": ('<?xml version="1.0" encoding="windows-1252"?>', "cp1252", "“Zoë” €"),
    "comment first": ("<!-- Made by a machine -->", "utf-8", "Zoë"),
    "instruction first": ('<?xml version="1.0"?><?xml-stylesheet href="https://example.org/a.xsl"?>', "utf-8", "Zoë"),
    "comment inside": ("", "utf-8", "Z<!-- a -->oë"),
    "marked section": ("", "utf-8", "<![CDATA[Zoë <& all>]]>"),
    "references": ("", "utf-8", "Zo&#235; &lt;&amp;"),
}


@pytest.mark.parametrize("form", FORMS)
def test_file_is_read_in_the_forms_that_publishers_write(read, form):
    begin, encoding, title = FORMS[form]
    own = '<x:own xmlns:x="https://example.org"><x:deep code="1">words</x:deep></x:own><!-- between -->'
    content = begin + file_of(activity(title=title, inside=own, attributes='xmlns:y="y" y:mark="1"'))
    item = one(read(content.encode(encoding))[1])
    meant = {"windows": "“Zoë” €", "marked section": "Zoë <& all>", "references": "Zoë <&"}.get(form, "Zoë")
    assert (item.document["title"], item.faults) == (meant, [])
    assert "x:deep" in item.original


# Organisations


def added(items):
    return [(item.key, item.document["identifier"]) for item in items if item.model is Organisation]


def test_organisation_is_found_by_identifier_then_name_acronym_and_alias(read):
    Organisation.objects.filter(pk="iom").update(identifier="XM-DAC-47066", aliases=["Migration Organisation"])
    Organisation.objects.filter(pk="icmpd").update(other_identifiers=["XM-OTHER"])
    inside = org("4", "xm-dac-47066", "") + org("4", "XM-OTHER", "")
    inside += org("4", "", "  MIGRATION   organisation") + org("1", "", "eu")
    items = read(file_of(activity(inside=inside)))[1]
    assert added(items) == []
    assert [each["slug"] for each in one(items).document["organisations"]] == ["iom", "icmpd"]
    assert [each["funder"]["slug"] for each in one(items).document["contributions"]] == ["european-union"]


@pytest.mark.parametrize("name", ["SWISS AGENCY for Development and Co-operation", "Swiss Agency’s Co‑operation"])
def test_organisation_is_found_whatever_its_hyphens_and_apostrophes(read, name):
    slug = "swiss-agency-for-development-and-cooperation"
    Organisation.objects.filter(pk=slug).update(aliases=["Swiss Agencys Cooperation"])
    items = read(file_of(activity(inside=org("4", "", name))))[1]
    assert added(items) == []
    assert [each["slug"] for each in one(items).document["organisations"]] == [slug]


def test_similar_organisation_is_added_and_told_never_merged(read):
    items = read(file_of(activity(inside=org("4", "", "Swiss Agency for Developement and Cooperation"))))[1]
    assert added(items) == [("swiss-agency-for-developement-and-cooperation", None)]
    assert "looks like swiss-agency-for-development-and-cooperation" in " ".join(items[0].notes)


def test_body_of_the_register_is_found_beside_a_like_name_under_the_same_reference(read):
    names = ["Swiss Agency for Development and Cooperation", "SWISS AGENCY FOR DEVELOPMENT &amp; COOPERATION"]
    parts = [activity(f"XX-1-{at}", inside=org("4", "CH-4", name)) for at, name in enumerate(names)]
    for some in (parts, parts[::-1]):
        items = read(file_of(*some))[1]
        bodies = {each.identifier: each.document["organisations"][0]["slug"] for each in projects(items)}
        assert bodies["XX-1-0"] == "swiss-agency-for-development-and-cooperation"
        [draft] = added(items)
        assert bodies["XX-1-1"] == draft[0]


def test_key_of_a_body_named_in_another_script_is_spelt(read):
    assert added(read(file_of(activity(inside=org("4", "", "Служба миграции"))))[1]) == [("sluzhba-migratsii", None)]


def test_name_of_two_organisations_is_left_to_a_person(read):
    Organisation.objects.filter(pk__in=["iom", "icmpd"]).update(aliases=["The Organisation"])
    items = read(file_of(activity(inside=org("4", "", "The Organisation"))))[1]
    assert added(items) == []
    assert one(items).document["organisations"] == []
    assert any("called “The Organisation”: icmpd, iom." in note for note in one(items).notes)


def test_same_name_with_another_identifier_is_not_the_same(read):
    Organisation.objects.filter(pk="iom").update(identifier="XM-DAC-47066")
    items = read(file_of(activity(inside=org("4", "YY-IOM", "IOM"))))[1]
    assert added(items) == [("yy-iom", "YY-IOM")]
    assert "merge the two if they are one" in " ".join(one(items).notes)


@pytest.mark.parametrize(
    ("ref", "name"),
    [
        ("N/A", "N/A"),
        ("", "Information Redacted"),
        ("", "?"),
        ("", "The agency redacted this field in accordance with the Act"),
        ("20000", "NGOs"),
        ("12000", "Recipient Government"),
        ("20000", "Non-Governmental Organisation (NGO) and Civil Society"),
        ("11", "Local Government"),
        ("80", "Academic, Training and Research"),
        ("90", "Other"),
        ("", ""),
    ],
)
def test_what_names_no_body_makes_no_organisation(read, ref, name):
    items = read(file_of(activity(inside=org("4", ref, name))))[1]
    assert added(items) == []
    assert one(items).document["organisations"] == []


@pytest.mark.parametrize("code", ["181", "NGO", "EU", "44001"])
def test_code_word_of_a_publisher_does_not_make_two_bodies_one(read, code):
    items = read(file_of(activity(inside=org("4", code, "A university") + org("4", code, "A hospital"))))[1]
    assert added(items) == [("a-university", None), ("a-hospital", None)]


def test_body_without_a_name_has_that_which_the_activity_gives_to_its_code(read):
    money = commitment("5", "47045", name="")
    items = read(file_of(activity(inside=money + org("1", "47045", "A world-wide fund"))))[1]
    assert added(items) == [("a-world-wide-fund", None)]
    assert amounts(one(items)) == [("5.00", "EUR")]


def test_bodies_of_a_refused_activity_are_not_added(read):
    bad = activity(
        "XX-1-A", inside=org("4", "", "Only here") + org("4", "", "Here too") + '<activity-status code="17"/>'
    )
    items = read(file_of(bad, activity("XX-1-B", inside=org("4", "", "Here too"))))[1]
    assert added(items) == [("here-too", None)]
    assert [bool(item.document) for item in projects(items)] == [False, True]


@pytest.mark.parametrize("name", ["Organisation {0}", "Организация {0}", "{1}"])
def test_activity_with_very_many_bodies_compares_none_with_all_others(read, name):
    def read_bodies(number):
        inside = "".join(org("4", "", name.format(n, chr(0x4E00 + n))) for n in range(number))
        return one(read(file_of(activity(inside=inside)))[1]).document["organisations"]

    assert len(read_bodies(5000)) == 5000
    assert calls(read_bodies, 400) < 2.2 * calls(read_bodies, 200)


# Later editions


def edition(summary="One", country="GE", amount="100"):
    text = f'<description type="1"><narrative>{summary}</narrative></description>' + commitment(amount)
    return file_of(activity(inside=text, country=country), activity("XX-1-B"))


def test_later_edition_changes_only_what_differs(take):
    take(edition())
    before = current("xx-1-a")
    _, count = take(edition("Two", amount="200"), "second")
    assert count == 1
    after = current("xx-1-a")
    assert {name for name in after if after[name] != before[name]} == {"summary", "contributions", "claims"}
    assert after["contributions"][0]["amount"] == "200.00"
    summaries = [claim for claim in after["claims"] if claim["field"] == "summary"]
    assert [(each["as_stated"], each["source"]["slug"]) for each in summaries] == [("One", "first"), ("Two", "second")]
    assert summaries[0]["set_aside"] == "States the earlier value: One"
    assert summaries[1]["set_aside"] is None
    assert take(edition("Two", amount="200"), "third")[1] == 0


def test_value_that_staff_changed_stays_and_a_person_decides(take):
    take(edition())
    write(Project, {"xx-1-a": current("xx-1-a") | {"summary": "Staff's", "acronym": "A"}}, **WHO)
    assert take(edition(), "again")[1] == 0  # the file said nothing new
    items, _ = take(edition("Two"), "second")
    after = current("xx-1-a")
    assert (after["summary"], after["acronym"]) == ("Staff's", "A")
    [claim] = [claim for claim in after["claims"] if claim["as_stated"] == "Two"]
    assert claim["set_aside"].startswith("Not decided: ")
    assert any(note.startswith("Summary: Not decided") for note in projects(items)[0].notes)
    assert take(edition("Two"), "third")[1] == 0


def test_project_of_another_source_keeps_its_values(take, read):
    make(Project, "xx-1-a", title="The register's own title")
    take(file_of(activity(inside='<activity-status code="2"/>')))
    after = current("xx-1-a")
    assert (after["title"], after["status"]) == ("The register's own title", "ongoing")
    assert [claim["field"] for claim in after["claims"] if claim["set_aside"]] == ["title"]


@pytest.mark.parametrize(("outcome", "says"), [("waiting", "One"), ("declined", "One"), ("accepted", "Two")])
def test_edition_that_was_only_proposed_is_none_before_until_it_is_accepted(take, read, outcome, says):
    take(edition())
    items = read(edition("Two"), "second")[1]
    document = next(item.document for item in items if item.key == "xx-1-a")
    source = make(Source, "second", title="File second")
    base = Revision.objects.filter(kind="project", key="xx-1-a").latest("id")
    decided = {} if outcome == "waiting" else {"decided_by": "p", "decided_at": "2026-01-02T00:00:00Z"}
    columns = {"kind": "project", "key": "xx-1-a", "at": "2026-01-01T00:00:00Z"}
    Proposal.objects.create(
        base=base, document=as_text(Project, document), user_name="e", outcome=outcome, **columns, **decided
    )
    Original.objects.create(source=source, identifier="XX-1-A", text=items[-2].original, **columns)
    if outcome == "accepted":
        write(Project, {"xx-1-a": document}, **WHO)
    assert current("xx-1-a")["summary"] == says
    items, _ = take(edition("Three"), "third")  # staff changed nothing, so nothing is to decide
    assert current("xx-1-a")["summary"] == "Three"
    assert items[0].notes == []


def test_activity_that_vanished_is_told_not_deleted(take, read):
    take(edition())
    reading, items = read(file_of(activity("XX-1-A")), "second")
    assert reading.about["vanished"] == ["XX-1-B"]
    assert {item.key for item in items} == {"xx-1-a"}


@pytest.mark.parametrize("name", ["own.xml", "other.xml"])
def test_vanished_is_what_the_same_publisher_had_in_the_same_file(take, read, name):
    other = activity("ZZ-9").replace('reporting-org ref="XX-1"', 'reporting-org ref="ZZ"')
    take(file_of(activity("QQ-1"), activity("QQ-2"), other))
    columns = {"kind": "iati", "size": 1, "at": "2026-01-01T00:00:00Z", "state": "done", "source": "first"}
    Import.objects.create(file_name=name, **columns)
    assert read(file_of(activity("QQ-1")), "second")[0].about["vanished"] == ["QQ-2"]
    unlike = read(file_of(activity("QQ-3")), "second")[0].about["vanished"]
    assert unlike == (["QQ-1", "QQ-2"] if name == "own.xml" else [])


def test_identifier_without_letters_makes_a_key(read):
    assert one(read(file_of(activity("☃")))[1]).key.startswith("activity-")


def test_own_export_finds_its_project_and_changes_nothing(read):
    identifier = f"{settings.REPORTING_ORG_REF}-nexus"
    item = one(read(file_of(activity(identifier, inside='<activity-date type="1" iso-date="soon"/>')))[1])
    assert (item.key, item.document, item.original, item.faults) == ("nexus", current("nexus"), "", [])
    other = one(read(file_of(activity(f"{settings.REPORTING_ORG_REF}-not-there")))[1])
    assert other.document is None


def test_whole_own_export_changes_nothing(read, client):
    _, items = read(client.get("/projects.xml").getvalue(), countries="*")
    assert len(items) >= 4
    assert {item.key: item.document for item in items} == writer.current(Project, [item.key for item in items])


def test_two_identifiers_of_the_same_letters_are_two_projects(take):
    content = file_of(activity("XX-1-2019/1"), activity("XX-1-2019-1"))
    keys = [item.key for item in take(content)[0]]
    assert (len(set(keys)), keys[0]) == (2, "xx-1-2019-1")
    assert take(content, "second")[1] == 0
    take(file_of(activity("XX-1-2019/2")))
    assert one(take(file_of(activity("XX-1-2019-2")), "third")[0]).key not in (*keys, "xx-1-2019-2")


def test_of_a_file_is_told_how_much_was_left_out(read):
    content = file_of(activity("XX-1-A", country="UA"), activity("XX-1-B"))
    assert read(content)[0].about["asked"] == "1 of 2 activities concern countries AM, AZ, GE, MD; 1 left out."
    assert read(content, countries="KE", sectors="15190")[0].about["asked"] == (
        "0 of 2 activities concern countries KE; sectors 15190; 2 left out."
    )
    assert read(content, countries="*")[0].about["asked"] == "All 2 activities are read."
    content = file_of(activity(inside='<result type="1"/><result type="2"/><location/><contact-info/>'))
    assert (
        read(content)[0].about["asked"].endswith("Not read, and kept only in the originals: location (1), result (2).")
    )
    others = '<iati-activty/>\n<iati-activity xmlns="https://x.example"/><x:extension xmlns:x="https://x.example"/>'
    assert (
        read(file_of(activity(), others))[0]
        .about["asked"]
        .endswith(" No activities, and not read: iati-activty (line 3), {https://x.example}iati-activity (line 4).")
    )


# Bad activities


@pytest.mark.parametrize(
    ("inside", "column", "words"),
    [
        ('<activity-date type="2" iso-date="2012-13-01"/>', "activity-date/iso-date", "not a date"),
        ('<activity-date type="9" iso-date="2012-01-01"/>', "activity-date", "not a type of date"),
        ('<activity-status code="17"/>', "activity-status", "not a status"),
        (org("7", "", "Somebody"), "participating-org", "not a role"),
        (commitment("1,000"), "transaction/value", "not an amount"),
        (commitment("NaN"), "transaction/value", "not an amount"),
        (commitment("5", currency="XYZ"), "transaction/value", "not a currency"),
    ],
)
def test_bad_activity_is_refused_with_line_and_rule_and_the_others_go_on(read, inside, column, words):
    _, items = read(file_of(activity("XX-1-A", inside=inside), activity("XX-1-B")))
    bad, good = projects(items)
    assert bad.document is None
    assert good.document
    [fault] = bad.faults
    assert (fault.place, fault.column) == ("activity XX-1-A, line 2", column)
    assert words in fault.what


def test_very_many_faults_and_notes_of_one_activity_are_not_all_listed(read):
    inside = '<activity-status code="17"/>' + '<activity-date type="9"/>' * 500
    budgets = "".join(f"<budget>\n<value>{'' if n % 2 else '1,0'}</value></budget>" for n in range(1000))
    item = one(read(file_of(activity(inside=inside + budgets)))[1])
    assert (len(item.faults), len(item.notes)) == (101, 101)
    assert "more of this kind" in item.faults[-1].what + item.notes[-1]


@pytest.mark.parametrize("between", ["", "\n"])
def test_activity_without_or_with_a_repeated_identifier_is_refused(read, between):
    parts = [activity("XX-1-A"), activity(""), activity("XX-1-A"), activity("Y" * 301), activity("XX-1-B")]
    _, items = read(HEAD + between.join(parts) + "</iati-activities>")
    assert [bool(item.document) for item in projects(items)] == [False, False, False, False, True]
    where = "activity 1 in line 1, activity 3 in line " + ("3" if between else "1")
    for twin in (projects(items)[0], projects(items)[2]):
        assert f"2 times: {where}. " in twin.faults[0].what


def test_activity_is_refused_with_all_its_faults_at_once(read):
    inside = '<activity-status code="17"/><activity-date type="9" iso-date="2012-01-01"/>' + commitment("1,000")
    item = one(read(file_of(activity("", inside=inside)))[1])
    columns = ["activity-date", "activity-status", "iati-identifier", "transaction/value"]
    assert sorted(fault.column for fault in item.faults) == columns


# Hostile files


def short(value):
    """What names a case: what is said of it, not the file."""
    return value if isinstance(value, str) and len(value) < 40 else "file"


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "Line 1: This is not XML"),
        ("Not XML at all", "Line 1"),
        (b"PK\x03\x04\x00\x00", "Line 1"),
        ('<?xml version="1.0"?>\n' + BOMB + file_of(activity(title="&b;")), "Line 2, before the root: a DOCTYPE"),
        (('<?xml version="1.0" encoding="UTF-16"?>' + BOMB + file_of(activity())).encode("utf-16"), "DOCTYPE"),
        ('<!DOCTYPE x SYSTEM "file:///etc/passwd">' + file_of(activity()), "DOCTYPE"),
        (f"<!--{'x' * 70_000}-->" + BOMB + file_of(activity()), "DOCTYPE"),
        (file_of(activity(title="&undeclared;")), "The word after “&” is none of XML"),
        (file_of(activity())[:-40], "The file breaks off here"),
        (file_of(activity(inside='<tag code="1"'))[: -len("</iati-activity>\n</iati-activities>")], "breaks off here"),
        (HEAD + "\n<iati-activity>\n<reporting-org ty", "The file breaks off here"),
        (HEAD + "\n<iati-activity>\n<title>a &am\n", "The file breaks off here"),
        ('<?xml version="1.0" encoding="UTF-16"?>' + file_of(activity()), "not in the encoding"),
        (file_of(activity(title="a & b\n")), "Line 2, column 203: A “&” or “<” stands in a text"),
        (
            file_of(activity()).replace("</iati-activities>", "</b>\n"),
            "Line 3, column 5: A tag is not closed as it was opened. Close the inner one first, then what is around it."
            " The parser says: Opening and ending tag mismatch",
        ),
        (file_of(activity(title="</title\n")), "Line 3, column 1: A tag is not closed as it was opened"),
        (file_of(f"<!--{'x' * 10_000_001}-->"), "There is more here, or deeper, than in any IATI file"),
        (file_of(activity(title="\x01")), "XML cannot hold the character here"),
        (file_of(activity(inside="<a b=1/>")), "An attribute is not written as in"),
        (file_of(activity(inside="<x:a/>")), "has no namespace, or no valid one"),
        (file_of(activity(inside='<x:a xmlns:x="a b" x:c="1"/>')), "has no namespace, or no valid one"),
        (file_of(activity(inside='<a xmlns="{a}b"/>')), "has no namespace, or no valid one"),
        (file_of(activity(inside='<x:a xmlns:x=""/>')), "has no namespace, or no valid one"),
        (file_of(activity()) + "<b/>", "after the end"),
        ('\n<?xml version="1.0"?>' + file_of(activity()), "does not stand at the very beginning"),
        (
            b'<?xml version="1.0" encoding="UTF-8"?>' + file_of(activity(title="\xe9")).encode("latin-1"),
            "not in the encoding",
        ),
        ('<?xml version="1.0" encoding="martian"?>' + file_of(activity()), "Save it in UTF-8"),
        ("<html><body/></html>", "the root is <html>"),
        ('<iati-organisations version="2.03"/>', "the root is <iati-organisations>"),
        ('<iati-activities xmlns="http://iati.org/ns" version="2.03"/>', "<iati-activities> has a namespace (xmlns)"),
        (file_of(activity(), head="<iati-activities>"), 'write it there: <iati-activities version="2.03">'),
        (file_of("<iati-activities/>"), "stands inside <iati-activities>"),
        (file_of(activity(), head='<iati-activities version="3.0">'), "“3.0” is not read"),
        (file_of(activity(inside="<a>" * 29 + "</a>" * 29)), "more than 30 deep"),
        (file_of("<a>" * 100_000), "There is more here, or deeper"),
        (file_of(activity(inside="<a/>" * 99_994)), "elements in one activity"),
        (file_of("<a/>" * 1_000_000), "no part of an activity"),
        (
            file_of(activity(inside=f'\n<sector code="{"1" * 10_001}"/>')),
            "Line 3, element sector: an attribute longer than 10,000",
        ),
    ],
    ids=short,
)
def test_hostile_file_is_refused_with_place_and_reason(read, content, words):
    with pytest.raises(NotReadable, match="Line") as refused:
        read(content)
    assert words in str(refused.value)


def test_activity_at_the_limits_is_read(read, monkeypatch):
    monkeypatch.setattr(xml, "MOST_ELEMENTS", 7 + 28 + 1)
    inside = "<a>" * 28 + "</a>" * 28 + f'<sector code="{"1" * 10_000}"/>'
    assert projects(read(file_of(activity(inside=inside)))[1])


def test_too_many_activities_are_refused(read, settings):
    settings.IMPORT_MAX_ROWS = 2
    with pytest.raises(NotReadable, match="more than 2 activities"):
        read(file_of(*[activity(f"XX-1-{number}") for number in range(3)]))


def test_large_file_is_held_in_small_pieces(tmp_path, register):
    path = tmp_path / "large.xml"
    filler = "<result><title><narrative>Some words that nobody asks for</narrative></title></result>" * 100
    with path.open("w") as file:
        file.write(HEAD + "\n")
        for number in range(500):
            inside = commitment() + filler
            file.write(activity(f"XX-1-{number}", inside=inside, country="GE" if number % 10 else "PH") + "\n")
        file.write("</iati-activities>")
    del filler, inside
    gc.collect()
    gc.disable()  # what the parser holds is only freed with the last reference to an element
    tracemalloc.start()
    reading = iati.read(path, name="large.xml", options={}, source={"slug": "s", "title": "S"})
    assert sum(item.model is Project for item in reading.items) == 450
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    gc.enable()
    assert gc.collect() < 450
    assert path.stat().st_size > 4_000_000
    assert peak < 2_500_000


def test_queries_do_not_grow_with_activities(read, django_assert_max_num_queries):
    content = file_of(*[activity(f"XX-1-{number}", inside=commitment()) for number in range(90)])
    with django_assert_max_num_queries(15):
        read(content)


# Versions 1.0x


OLD = """<iati-activities version="1.0{}"><iati-activity xml:lang="en" default-currency="GBP">
<iati-identifier>GB-1-1</iati-identifier><reporting-org ref="GB-1">DFID</reporting-org>
<title>A title</title><title xml:lang="fr">Un titre</title><description type="1">What for</description>
<participating-org role="Implementing">Some body of old</participating-org>
<activity-date type="start-actual" iso-date="2010-01-01"/><activity-date type="end-planned" iso-date="2012-01-01"/>
<recipient-country code="GE">Georgia</recipient-country><sector vocabulary="DAC" code="15190">M</sector>
<transaction><transaction-type code="C"/><value value-date="2010-01-01">12</value><provider-org ref="GB">UK</provider-org></transaction>
</iati-activity></iati-activities>"""


@pytest.mark.parametrize("version", "12345")
def test_old_version_is_read_like_a_new_one(read, version):
    document = one(read(OLD.format(version))[1]).document
    assert (document["title"], document["summary"]) == ("A title", "What for")
    assert (document["start_date"]["value"], document["end_date"]["planned"]) == ("2010-01-01", True)
    assert [(each["name"], each["role"]) for each in document["organisations"]] == [("Some body of old", "implementer")]
    assert (document["contributions"][0]["amount"], document["contributions"][0]["currency"]) == ("12.00", "GBP")
    assert [theme["slug"] for theme in document["themes"]] == ["migration-management"]
    assert any('type="start-actual"' in claim["quote"] for claim in document["claims"])  # word for word


def test_text_of_an_old_version_has_the_words_of_its_markup(read):
    text = OLD.format(3).replace("<title>A title<", "<title>A <b>bold</b> title<")
    assert one(read(text)[1]).document["title"] == "A bold title"


# Real files


def activities_of(path, codes):
    """The activities of a file that name one of some countries, by XPath."""
    tree = etree.parse(path)
    named = " or ".join(f"@code='{code}'" for code in codes)
    return tree.xpath(f"//iati-activity[.//recipient-country[{named}]]")


@needs_samples
@pytest.mark.parametrize(
    ("name", "codes", "count", "countries", "funded"),
    [
        ("ec-near_100-activities_2.03.xml", "", 19, {"GE": 8, "AM": 6, "AZ": 4, "MD": 1}, 122_000_000),
        ("mixed-publishers_48-activities_2.03.xml", "", 2, {"GE": 2}, "34.20"),
        ("dfid_9-activities_1.02.xml", "PH", 5, {}, 81_908_600),
    ],
)
def test_sample_gives_the_right_numbers_and_again_no_change(read, take, name, codes, count, countries, funded):
    content = (Path(SAMPLES) / name).read_bytes()
    items, _ = take(content, countries=codes)
    read_projects = projects(items)
    used = codes.split() or ["GE", "AM", "AZ", "MD"]
    chosen = activities_of(Path(SAMPLES) / name, used)
    assert len(read_projects) == len(chosen) == count
    country_codes = [country["code"] for item in read_projects for country in item.document["countries"]]
    assert {code: country_codes.count(code) for code in set(country_codes)} == countries
    sums = [part["amount"] for item in read_projects for part in item.document["contributions"] if part["amount"]]
    commitments = "transaction[transaction-type/@code='2' or transaction-type/@code='C']/value/text()"
    stated = [value for each in chosen for value in each.xpath(commitments)]
    assert sum(map(Decimal, sums)) == sum(map(Decimal, stated)) == Decimal(funded)
    assert take(content, "again", countries=codes)[1] == 0


@needs_samples
@pytest.mark.parametrize("at", [0.1, 0.5, 0.999])
def test_sample_that_breaks_off_is_refused_before_anything_is_read(read, at):
    for path in sorted(Path(SAMPLES).glob("*.xml")):
        content = path.read_bytes()
        with pytest.raises(NotReadable, match="Line [1-9]"):
            read(content[: int(len(content) * at)])


@needs_samples
def test_sample_all_activities_of_all_countries_are_read(read):
    for path in at_least_one(sorted(Path(SAMPLES).glob("*.xml"))):
        reading, items = read(path.read_bytes(), countries="*")
        assert len(projects(items)) == reading.about["activities"] == len(etree.parse(path).findall(".//iati-activity"))
        assert [fault for item in items for fault in item.faults] == []


def test_codes_of_themes_are_staffs_to_decide(read):
    ThemeCode.objects.create(vocabulary="7", code="10", theme_id="labour-migration")
    items = read(file_of(activity(inside='<tag vocabulary="2" code="10"/>')))[1]
    assert [theme["slug"] for theme in one(items).document["themes"]] == ["labour-migration"]


# -- What a file means is what comes in --


def notes_of(item):
    return " ".join(item.notes)


def drafts(items):
    return {item.key: item.document["identifier"] for item in items if item.model is Organisation}


def test_unlike_name_under_one_reference_is_a_draft_of_its_own(read):
    first = activity("XX-1-A", inside=org("1", "XX-12001", "Fund for Peace"))
    second = activity("XX-1-B", inside=org("1", "XX-12001", "Ministry of Education"))
    items = read(file_of(first, second))[1]
    assert drafts(items) == {"fund-for-peace": None, "ministry-of-education": None}, "nobody can say whose it is"
    funders = [each.document["contributions"][0]["funder"]["slug"] for each in projects(items)]
    assert funders == ["fund-for-peace", "ministry-of-education"]
    assert "reference XX-12001 for Fund for Peace, Ministry of Education" in notes_of(projects(items)[0])
    claims = [claim for item in items if item.model is Organisation for claim in item.document["claims"]]
    assert {claim["field"] for claim in claims} == {"name"}
    third = first.replace("XX-1-A", "XX-1-C")
    identified = drafts(read(file_of(first, second, third))[1])
    assert identified == {"fund-for-peace": "XX-12001", "ministry-of-education": None}, "most say whose it is"


def test_unlike_name_under_a_known_reference_is_noted(read):
    make(Organisation, "fund", name="Fund for Peace", identifier="XX-12001")
    items = read(file_of(activity(inside=org("1", "XX-12001", "Ministry of Education"))))[1]
    assert drafts(items) == {"ministry-of-education": None}
    assert "XX-12001 of Fund for Peace (fund), but another name" in notes_of(one(items))


NO_IDENTIFIERS = ("XM-DAC-63000", "XM-DAC-21020", "XM-DAC-11110", "22000", "XM-DAC-GE", "XM-DAC-12000", "GE")


@pytest.mark.parametrize("ref", [*NO_IDENTIFIERS, "XM-DAC-41122"])
def test_code_of_a_kind_sector_or_country_is_no_identifier_and_hides_no_body(read, ref):
    inside = org("4", ref, "Relief Society") + '<sector vocabulary="1" code="21020"/>'
    items = read(file_of(activity(inside=inside)))[1]
    assert drafts(items) == {"relief-society": None if ref in NO_IDENTIFIERS else ref}
    assert [each["name"] for each in one(items).document["organisations"]] == ["Relief Society"]


@pytest.mark.parametrize("ref", ["XM-DAC-15170", "XI-IATI-15170", "GE", "21000"])
def test_code_of_a_kind_sector_or_country_without_a_name_is_nobody(read, ref):
    parts = [activity("XX-1-A", inside=org("1", ref, "Alpha Trust")), activity("XX-1-B", inside=org("1", ref, ""))]
    items = read(file_of(*parts))[1]
    assert drafts(items) == {"alpha-trust": None}
    [_, other] = projects(items)
    assert (other.document["contributions"], f"The reference {ref} is a kind" in notes_of(other)) == ([], True)


def test_name_of_a_body_says_nothing_of_its_kind(read):
    body = read(file_of(activity(inside=org("4", "", "Iota Foundation", "10"))))[1][0].document
    [claim] = [claim for claim in body["claims"] if claim["field"] == "kind"]
    assert (reading(claim, body), claim["quote"]) == (AS_VALUE, 'type="10"')


def test_organisation_with_an_identifier_may_be_called_as_a_kind_is(read):
    items = read(file_of(activity(inside=org("4", "XX-COH-7", "Network") + org("4", "XM-DAC-32000", "Network"))))[1]
    assert drafts(items) == {"network": "XX-COH-7"}


@pytest.mark.parametrize("name", ["", "XX-77", "-", "N/A"])
def test_participant_without_name_is_a_draft_named_by_its_reference(read, name):
    items = read(file_of(activity(inside=org("4", "XX-77", name))))[1]
    assert drafts(items) == {"xx-77": "XX-77"}
    assert "gives only its reference, XX-77" in notes_of(one(items))


def test_order_of_activities_decides_nothing(read):
    parts = [
        activity("XX-1-A", inside=org("4", "XX-77")),
        activity("XX-1-B", inside=org("4", "XX-77", "Alpha")),
        activity("XX-1-C", inside=org("4", "", "Alpha")),
        activity("XX-1-D", inside=org("4", "XX-78", "Alpha")),
    ]

    def who(*some):
        items = read(file_of(*some))[1]
        return {each.identifier: [each["slug"] for each in each.document["organisations"]] for each in projects(items)}

    assert who(*parts) == who(*reversed(parts))


@pytest.mark.parametrize("begin", ["", '<?xml version="1.0"\n encoding="iso-8859-1"?>\n'])
def test_claim_in_a_line_beyond_what_the_parser_counts_has_its_true_line(read, begin):
    far = [activity(f"XX-1-{name}", title="Zoë").replace("</iati-activity>", "\n</iati-activity>") for name in "BC"]
    content = begin + file_of(activity("XX-1-A"), " " * 40_000 + "\n" * 70_000, *far)
    items = projects(read(content.encode("latin-1" if begin else "utf-8"))[1])
    for item, line in zip(items[1:], (70_004, 70_006), strict=True):
        places = [each["place"] for each in item.document["claims"]]
        assert all(place.endswith(f"line {line + len(begin.splitlines())}") for place in places), places
        assert (item.document["title"], str(line) in item.original) == ("Zoë", False)


def test_claim_quotes_what_the_element_says_without_markup(read):
    inside = '<activity-status code="2"/><activity-date type="2" iso-date="2015-01-01"/>' + commitment("5")
    quotes = {
        each["field"]: each["quote"] for each in one(read(file_of(activity(inside=inside)))[1]).document["claims"]
    }
    assert quotes["title"] == "A title"
    assert quotes["status"] == 'code="2"'
    assert quotes["start_date"] == 'type="2" iso-date="2015-01-01"'
    assert "value" in quotes["contributions"]
    assert "A fund of its own" in quotes["contributions"]
    assert not [quote for quote in quotes.values() if "<" in quote]


@pytest.mark.parametrize(
    ("text", "summary"),
    [
        ("Posts <b>on</b> the<br/>border<!-- none --> of Georgia", "Posts on the border of Georgia"),
        ("&lt;p&gt;Aid &amp;amp; &lt;B&gt;tra&lt;/B&gt;de&lt;/p&gt;&lt;br/&gt;1 &lt; 2", "Aid & trade 1 < 2"),
        ("Aid &amp;amp; trade", "Aid & trade"),
        ("One&lt;script&gt;alert(1)&lt;/script&gt; &lt;i class='x'&gt;two", "One two"),
    ],
)
def test_text_with_markup_in_it_is_read_whole(read, text, summary):
    inside = f"<description><narrative>{text}</narrative></description>"
    document = one(read(file_of(activity(inside=inside)))[1]).document
    assert document["summary"] == summary
    [claim] = [each for each in document["claims"] if each["field"] == "summary"]
    assert claim["quote"] == document["summary"]


def test_budget_below_the_commitments_of_whoever_is_no_total(read):
    budget = BUDGET.format("2012-02-01", "2013-05-31", "10")
    item = one(read(file_of(activity(inside=DATES + budget + commitment("100", ref=""))))[1])
    assert item.document["budget"] is None
    assert "less than the commitments" in notes_of(item)


@pytest.mark.parametrize("number", [100, 101])
def test_more_commitments_than_are_quoted_are_noted(read, number):
    item = one(read(file_of(activity(inside=commitment("1") * number)))[1])
    assert amounts(item) == [(f"{number}.00", "EUR")]
    assert ("Of 101 commitments the first 100 are quoted" in notes_of(item)) is (number > 100)


def test_provider_beside_another_funder_is_noted(read):
    item = one(read(file_of(activity(inside=org("1", "XX-9", "The Donor") + commitment("5"))))[1])
    assert (
        "A fund of its own provides 1 commitment, EUR 5, but the activity names as its funders: The Donor"
        in notes_of(item)
    )


@pytest.mark.parametrize(
    ("inside", "words"),
    [
        (
            commitment("5").replace('code="2"', 'code="11"') + commitment("7").replace('code="2"', 'code="12"'),
            "Incoming commitments, which the register does not record yet: 1 incoming commitment, EUR 5."
            " Outgoing pledges, which the register does not record yet: 1 outgoing pledge, EUR 7.",
        ),
        (
            commitment("5").replace('code="2"', 'code="3"') + commitment("7").replace('code="2"', 'code="4"'),
            "Payments, which the register does not record yet: 2 payments, EUR 12.",
        ),
        (
            '<recipient-country code="AM" percentage="40"/><recipient-region code="89" percentage="30"/>',
            "Not countries, so the register does not keep them: region 89."
            " Shares of the countries in per cent, which the register does not keep: GE not stated, AM 40, region 89 30.",
        ),
        (
            '<sector vocabulary="1" code="15190" percentage="60"/><sector vocabulary="2" code="151" percentage="100"/>',
            "Shares of the sectors of vocabulary 1: 60. Together they are 60.",
        ),
        (
            '<sector code="15190" percentage="50.5"/><sector code="15190" percentage="49"/>',  # rounded
            "",
        ),
    ],
    ids=["transactions", "payments", "regions", "sectors", "rounded"],
)
def test_what_has_no_place_is_noted(read, inside, words):
    assert notes_of(one(read(file_of(activity(inside=inside)))[1])) == words


def test_activity_that_nobody_reports_is_noted(read):
    [content, rest] = file_of(activity()).split("<reporting-org")
    content += rest.partition("</reporting-org>")[2]
    assert "It does not say who reports it" in notes_of(one(read(content)[1]))


def test_planned_date_does_not_stand_for_actual_ones_that_differ(read):
    kinds = (("1", "2020-01-01"), ("2", "2020-02-01"), ("2", "2020-03-01"))
    dates = "".join(f'<activity-date type="{kind}" iso-date="{day}"/>' for kind, day in kinds)
    item = one(read(file_of(activity(inside=dates)))[1])
    assert item.document["start_date"] is None
    assert "several values for start date: 2020-02-01 (line 2), 2020-03-01 (line 2)" in notes_of(item)


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("May 2020", "2020-05"),
        ("end of 2020", "2020"),
        ("May 2021", "2020-05-31"),
        ("June 2020", "2020-05-31"),
        ("soon", "2020-05-31"),
    ],
)
def test_date_is_as_precise_as_its_words(read, words, value):
    day = f'<activity-date type="4" iso-date="2020-05-31"><narrative>{words}</narrative></activity-date>'
    assert one(read(file_of(activity(inside=day)))[1]).document["end_date"]["value"] == value


@pytest.mark.parametrize("kind", ["99", "Commitment"])
def test_transaction_of_no_type_of_the_standard_is_named_by_its_line(read, kind):
    item = one(read(file_of(activity(inside=commitment("5").replace('code="2"', f'code="{kind}"'))))[1])
    assert f"Line 2: a transaction of type “{kind}” is ignored" in notes_of(item)


def test_transaction_with_two_values_or_providers_is_ignored_and_named_by_its_line(read):
    two = commitment("5").replace("<provider-org", '<value value-date="2020-01-01">7</value><provider-org')
    two += commitment("5").replace(
        "</transaction>", "<provider-org><narrative>B</narrative></provider-org></transaction>"
    )
    item = one(read(file_of(activity(inside=two)))[1])
    assert amounts(item) == []
    assert "Line 2: a transaction with 2 values is ignored. Give it one." in notes_of(item)
    assert "Line 2: a transaction with 2 providers is ignored. Give it one." in notes_of(item)


def test_doubled_status_is_undecided(read):
    item = one(read(file_of(activity(inside='<activity-status code="2"/><activity-status code="4"/>')))[1])
    assert item.document["status"] is None
    assert [each["status"] for each in item.document["claims"] if each["field"] == "status"] == ["undecided"] * 2
    assert "The activity gives several values for status: 2 (line 2), 4 (line 2)." in notes_of(item)


def test_descriptions_are_summary_and_objectives_and_the_rest_is_named(read):
    inside = "".join(
        f"<description{kind}><narrative>{text}</narrative></description>"
        for kind, text in (
            ("", "What it is for"),
            (' type="2"', "Aim"),
            (' type="3"', "For whom"),
            (' type="4"', "More"),
        )
    )
    item = one(read(file_of(activity(inside=inside)))[1])
    assert item.document["summary"] == "What it is for"
    assert item.document["objectives"] == ["Aim"]
    assert "type 3, line 2, type 4, line 2" in notes_of(item)


@pytest.mark.parametrize("iso", ["2015-W01-1", "2015-01-011", "2020-01-01-nonsense", "2020-01-01Tnonsense", "20150101"])
def test_date_that_is_none_of_the_standard_is_refused(read, iso):
    item = one(read(file_of(activity(inside=f'<activity-date type="2" iso-date="{iso}"/>')))[1])
    assert [fault.what for fault in item.faults] == [f"“{iso}” is not a date. Write it like 2012-05-31."]


@pytest.mark.parametrize(
    "day",
    [f' iso-date="2015-01-01{zone}"/>' for zone in ("", "Z", "+02:00", "T10:00:00Z")] + [">2015-01-01</activity-date>"],
)
def test_day_of_the_standard_or_in_words_alone_is_read(read, day):
    item = one(read(file_of(activity(inside=f'<activity-date type="2"{day}')))[1])
    assert item.document["start_date"]["value"] == "2015-01-01"


def test_values_that_are_allowed_and_odd_are_noted(read):
    inside = '<activity-date type="2" iso-date="0001-01-01"/>' + commitment(".5")
    text = file_of(activity(inside=inside).replace('code="GE"', 'code="GE" percentage="0"'))
    item = one(read(text)[1])
    assert amounts(item) == [("0.50", "EUR")]
    assert "The start date is 0001-01-01, actual. Is that right?" in notes_of(item)
    assert "With a share of 0 per cent, which may be wrong: recipient-country GE (line 2)." in notes_of(item)


def test_file_without_activities_is_refused(read):
    with pytest.raises(NotReadable, match="has no <iati-activity>"):
        read('<iati-activities version="2.03"/>')


def test_older_edition_is_refused(read, take):
    take(file_of(activity(attributes='last-updated-datetime="2022-01-01T00:00:00Z"')))
    item = one(
        read(file_of(activity(title="Old", attributes='last-updated-datetime="2021-01-01T00:00:00Z"')), "old")[1]
    )
    assert "is of 2021-01-01T00:00:00Z, and the register has a newer one" in item.faults[0].what


def test_edition_of_an_earlier_hour_in_another_zone_is_older(read, take):
    take(file_of(activity(attributes='last-updated-datetime="2022-01-01T10:00:00Z"')))
    for hour, is_older in (("10:30:00+02:00", True), ("09:30:00-02:00", False)):
        edition = file_of(activity(title="Other", attributes=f'last-updated-datetime="2022-01-01T{hour}"'))
        assert bool(one(read(edition, "other")[1]).faults) is is_older


@pytest.mark.parametrize("updated", ["04/03/2022", "yesterday", "99999-01-01", "2999-01-01T00:00:00Z"])
def test_edition_dated_otherwise_or_in_the_future_has_no_date(read, take, updated):
    take(file_of(activity(attributes='last-updated-datetime="2021-01-01"')))
    take(file_of(activity(title="Odd", attributes=f'last-updated-datetime="{updated}"')), "odd")
    items = take(file_of(activity(title="Newer", attributes='last-updated-datetime="2022-01-01"')), "new")[0]
    assert one(items).document["title"] == "Newer"
    [odd] = read(file_of(activity(attributes=f'last-updated-datetime="{updated}"')))[1]
    assert f"Line 2: its last-updated-datetime, “{updated}”, is not a date up to today" in notes_of(odd)


def test_edition_of_tomorrow_is_dated_where_it_is_tomorrow_already(read):
    tomorrow = date.today() + timedelta(days=1)
    assert not one(read(file_of(activity(attributes=f'last-updated-datetime="{tomorrow}"')))[1]).notes


def test_older_edition_is_taken_where_a_person_chooses_so(read, take):
    take(file_of(activity(attributes='last-updated-datetime="2022-01-01T00:00:00Z"')))
    older = file_of(activity(title="Old", attributes='last-updated-datetime="2021-01-01T00:00:00Z"'))
    reading, items = read(older, "old", take_older=True)
    assert reading.about["older"] == ["XX-1-A"]
    assert one(items).document["title"] == "Old"
    assert "is of 2021-01-01T00:00:00" in one(items).notes[-1]


def test_edition_with_a_date_is_older_than_a_later_one_without(read, take):
    first = activity(title="First", attributes='last-updated-datetime="2021-01-01"')
    earlier = activity(title="Earlier", attributes='last-updated-datetime="2020-01-01"')
    newer = activity(title="Newer", attributes='last-updated-datetime="2022-01-01"')
    take(file_of(first))
    take(file_of(activity(title="Without a date")), "second")
    assert one(read(file_of(first))[1]).faults
    assert one(read(file_of(earlier), "other")[1]).faults
    assert one(read(file_of(newer), "other")[1]).document["title"] == "Newer"


def test_title_given_twice_is_not_decided(read, take):
    twice = activity(title="One</narrative><narrative>Two")
    item = one(read(file_of(twice))[1])
    titles = [claim for claim in item.document["claims"] if claim["field"] == "title"]
    assert [(claim["as_stated"], claim["status"]) for claim in titles] == [("One", "undecided"), ("Two", "undecided")]
    assert item.document["title"] == "One"
    assert "several values for title: One (line 2), Two (line 2)" in notes_of(item)
    take(file_of(activity(title="What it was")))
    take(file_of(twice), "second")
    after = current("xx-1-a")
    assert after["title"] == "What it was"
    assert [claim["status"] for claim in after["claims"] if claim["field"] == "title"] == [
        "adopted",
        *["undecided"] * 2,
    ]


def test_edition_without_a_date_changes_only_what_it_tells(read, take):
    status = '<activity-status code="2"/>'
    take(file_of(activity(inside=status, attributes='last-updated-datetime="2022-01-01T00:00:00Z"')))
    assert take(file_of(activity(inside=status)), "second")[1] == 0


@pytest.mark.parametrize(("first", "is_own"), [("XX-1", True), ("XX-2", False)])
def test_edition_replaces_what_only_an_earlier_one_of_its_publisher_states(read, take, first, is_own):
    inside = '<activity-status code="2"/><activity-date type="3" iso-date="{}"/>'
    for slug, publisher, day in ("first", first, "2020-05-01"), ("last", "XX-1", ""):
        attributes = f'last-updated-datetime="{day}"' if day else ""
        take(of(publisher, inside=inside.format(day) if day else "", attributes=attributes), slug)
    dated = of("XX-1", inside=inside.format("2022-05-01"), attributes='last-updated-datetime="2022-05-01"')
    item = one(read(dated, "new")[1])
    day = "2022-05-01" if is_own else "2020-05-01"
    assert (item.document["status_as_of"], item.document["end_date"]["value"]) == (day, day)
    assert ("Not decided" in notes_of(item)) is not is_own


def test_lists_of_another_publisher_are_beside_those_of_the_register(read, take):
    own = {"country": "GE", "inside": '<sector code="15190"/>' + commitment("200", "XX-FUND")}
    other = {"country": "MD", "inside": '<sector code="72010"/>' + commitment("999", "XX-7", name="Seventh Fund")}
    ThemeCode.objects.create(vocabulary="1", code="72010", theme_id="labour-migration")
    take(of("XX-1", **own))
    before, newer = current("xx-1-a"), other | {"country": "AM"}
    for slug, edition, names in ("2", other, ("countries", "sectors", "contributions")), ("3", newer, ("countries",)):
        item = one(take(of("XX-2", **edition), slug)[0])
        for name in at_least_one(names):
            assert item.document[name] == before[name]
            assert f"{name.capitalize()}: Not decided" in notes_of(item)
            assert [each["status"] for each in item.document["claims"] if each["field"] == name][-1] == "undecided"
    assert item.document["themes"] == before["themes"], "they follow the sectors"
    assert take(of("xx-1", **own), "4")[1] == 0, "capitals of a reference make no other publisher"


def test_new_edition_changes_lists_that_are_of_the_last_or_as_it_stated_them(take):
    take(of("XX-1", country="GE", inside='<sector code="15190"/>'))
    after = current("xx-1-a")
    after["countries"].insert(0, {"code": "AZ", "name": "Azerbaijan"})
    after["claims"] = [claim for claim in after["claims"] if claim["field"] != "sectors"]
    write(Project, {"xx-1-a": after}, **WHO)
    take(of("XX-1", country="AM", inside='<sector code="15160"/>'), "new")
    document = current("xx-1-a")
    assert [country["code"] for country in document["countries"]] == ["AM", "AZ"]
    assert document["sectors"] == ["1:15160"]


_DATES = '<activity-date type="2" iso-date="2015-01-01"/><activity-date type="4" iso-date="2016-12-31"/>'
_BUDGET = '<budget><period-start iso-date="2015-01-01"/><period-end iso-date="2016-12-31"/><value>{}</value></budget>'


@pytest.mark.parametrize(
    ("inside", "note"),
    [
        (
            '<sector code="15190" percentage="0"/>',
            "With a share of 0 per cent, which may be wrong: sector 15190 (line 2).",
        ),
        (_DATES + _BUDGET.format(0), "Budgets that are not a total: EUR 0 (2015-01-01 to 2016-12-31)."),
        (_DATES + _BUDGET.format(-100), "Budgets that are not a total: EUR -100 (2015-01-01 to 2016-12-31)."),
        (org("4", "", "44000"), "“44000” is a kind of organisation or a code, not an organisation: left out."),
    ],
)
def test_odd_value_is_noted(read, inside, note):
    item = one(read(file_of(activity(inside=inside)))[1])
    assert note in item.notes
    assert (item.document["budget"], item.document["organisations"]) == (None, [])


def test_organisation_is_found_by_its_official_names(read):
    names = ("Organisation internationale pour les migrations", "International Organization for Migration", "IOM")
    _, items = read(file_of(activity(inside="".join(org("4", "", name) for name in names) + org("2", "00000", "TBD"))))
    assert [each["slug"] for each in one(items).document["organisations"]] == ["iom"]
    assert projects(items) == items


def test_empty_provider_is_none(read):
    empty = commitment("50", "").replace("</transaction>", "<provider-org/></transaction>")
    assert amounts(one(read(file_of(activity(inside=empty)))[1])) == [("50.00", "EUR")]


def test_edition_without_commitments_leaves_the_sums_of_the_last(read, take):
    fund = org("1", "XX-FUND", "A fund of its own")
    take(file_of(activity(inside=fund + commitment("5"))))
    assert amounts(one(read(file_of(activity(inside=fund)), "second")[1])) == [("5.00", "EUR")]
    assert amounts(one(read(file_of(activity(inside=fund + commitment("7"))), "second")[1])) == [("7.00", "EUR")]


def test_edition_without_commitments_leaves_those_who_only_provided_them(read, take):
    fund = org("1", "XX-FUND", "A fund of its own")
    take(file_of(activity(inside=fund + commitment("5", "XX-3", name="Third"))))
    assert amounts(one(read(file_of(activity(inside=fund)), "second")[1])) == [(None, None), ("5.00", "EUR")]
    other = commitment("7", "XX-4", name="Fourth")
    funders = one(read(file_of(activity(inside=fund + other)), "second")[1]).document["contributions"]
    assert [each["funder"]["slug"] for each in funders] == ["a-fund-of-its-own", "fourth"]


@pytest.mark.parametrize(("ref", "publisher"), [('ref="XX-1"', "XX-1"), ("", "The reporter")])
def test_file_of_another_publisher_replaces_nothing(read, take, ref, publisher):
    take(file_of(activity(title="First")).replace('ref="XX-1"', ref))
    other = activity(title="Second").replace('ref="XX-1"', ref and 'ref="XX-2"').replace("The reporter", "Another")
    item = one(read(file_of(other), "second")[1])
    assert item.document["title"] == "First"
    assert f"An earlier file by {publisher} reports this activity too" in notes_of(item)
    take(file_of(other), "second")
    assert Project.objects.get(pk="xx-1-a").title == "First"


def test_level_of_a_publisher_without_what_it_is_part_of_is_noted(read):
    item = one(read(file_of(activity(attributes='hierarchy="2"')))[1])
    assert "The publisher puts it at level 2, but does not say what it is part of" in notes_of(item)


def test_texts_come_in_composed(take):
    take(file_of(activity(title="E\u0301te\u0301")))
    assert Project.objects.get(pk="xx-1-a").title == "\u00c9t\u00e9"


def test_export_of_an_imported_project_names_the_activity_of_its_publisher(client, read):
    Original.objects.create(
        source=Source.objects.get(),
        kind="project",
        key="moldova-targeted-initiative",
        identifier="XX-9",
        text="<a/>",
        at=Source.objects.get().modified,
    )
    page = client.get("/projects/moldova-targeted-initiative.xml").content.decode()
    assert '<related-activity ref="XX-9" type="5"/>' in page


# Sectors


def sector(code, share="", vocabulary="1", name=""):
    attributes = f'vocabulary="{vocabulary}" code="{code}"' + (f' percentage="{share}"' if share else "")
    return f"<sector {attributes}>{f'<narrative>{name}</narrative>' if name else ''}</sector>"


@pytest.mark.parametrize(
    ("stated", "kept"),
    [
        (sector("21020", "100"), ["1:21020 (100%)"]),
        (sector("21020") + sector("210", vocabulary="2"), ["1:21020", "2:210"]),
        (sector("21020", "60.5") + sector("15190", "39.5"), ["1:21020 (60.5%)", "1:15190 (39.5%)"]),
        (sector("A 1", vocabulary="99", name="Own borders"), ["99:A 1 – Own borders"]),
        ('<sector code="21020"/>', ["1:21020"]),
        (
            '<sector vocabulary="99" vocabulary-uri="https://x.example/s" code="A" percentage="100"/>',
            ["99:A (100%) <https://x.example/s>"],
        ),
        ("", []),
    ],
)
def test_sectors_are_kept_as_they_are_stated(read, stated, kept):
    item = one(read(file_of(activity(inside=stated)))[1])
    assert item.document["sectors"] == kept
    assert len([claim for claim in item.document["claims"] if claim["field"] == "sectors"]) == len(kept)


def test_sectors_of_transactions_are_those_of_an_activity_that_has_none(read):
    paid = '<transaction><transaction-type code="3"/>{}</transaction>'
    inside = paid.format(sector("21020", "40")) + paid.format(sector("21020", "100"))
    item = one(read(file_of(activity(inside=inside)))[1])
    assert (item.document["sectors"], "given again" in notes_of(item)) == (["1:21020"], False)
    inside += sector("15190")
    assert one(read(file_of(activity(inside=inside)))[1]).document["sectors"] == ["1:15190"]


@pytest.mark.parametrize("share", ["150", "-5", "50%", "abc", "1e2"])
def test_share_that_is_no_percentage_is_named_by_its_line_and_the_code_kept(read, share):
    stated = sector("21020", share) + f'<recipient-country code="MD" percentage="{share}"/>'
    item = one(read(file_of(activity(inside=stated)))[1])
    assert (item.document["sectors"], [each["code"] for each in item.document["countries"]]) == (
        ["1:21020"],
        ["GE", "MD"],
    )
    named = (
        "With a share that is no percentage from 0 to 100, so read without it: recipient-country MD (line 2), sector"
    )
    assert f"{named} 21020 (line 2)." in notes_of(item)


def test_relations_and_participants_that_mean_nothing_are_named_by_their_line(read):
    inside = '<related-activity type="9" ref="XX-1-B"/><related-activity type="1" ref="XX-1-A"/>'
    inside += '<related-activity type="9"/><participating-org role="2"/><participating-org role="2" ref="XX-2"/>'
    item = one(read(file_of(activity(inside=inside)))[1])
    for label in at_least_one(("Related to itself", "Of no type of relation, 1 to 5", "Without a name and a ref")):
        assert notes_of(item).count(f"{label}, so ignored: ") == 1
    assert notes_of(item).count("participating-org (line 2)") == 1
    assert "Without a ref, so ignored: related-activity (line 2)." in notes_of(item)
    assert "Of no type of relation, 1 to 5, so ignored: related-activity (line 2)." in notes_of(item)


def test_language_of_a_title_that_is_no_code_is_named(read):
    stated = activity().replace("<title>", '<title xml:lang="english">')
    assert "It says “english”, which is no code of ISO 639-1." in notes_of(one(read(file_of(stated))[1]))


def test_commitment_given_twice_is_counted_twice_with_a_note(read):
    item = one(read(file_of(activity(inside=commitment("50") * 2)))[1])
    assert amounts(item) == [("100.00", "EUR")]
    assert "the same commitment as in line 2. Both are counted" in notes_of(item)
    item = one(read(file_of(activity(inside=commitment("50") + commitment("60"))))[1])
    assert "the same commitment" not in notes_of(item)


def test_payment_without_a_currency_is_noted_as_such(read):
    paid = commitment("50").replace('<transaction-type code="2"', '<transaction-type code="3"')
    item = one(read(file_of(activity(inside=paid).replace('default-currency="EUR"', "")))[1])
    assert "1 payment, no currency stated, 50." in notes_of(item)


@pytest.mark.parametrize("bound", ["start", "end"])
def test_budget_of_two_starts_or_ends_is_no_total(read, bound):
    budget = BUDGET.format("2012-02-01", "2013-05-31", "10")
    assert one(read(file_of(activity(inside=DATES + budget)))[1]).document["budget"]
    doubled = budget.replace(f"<period-{bound}", f'<period-{bound} iso-date="2012-01-01"/><period-{bound}')
    item = one(read(file_of(activity(inside=DATES + doubled)))[1])
    assert item.document["budget"] is None
    assert "several starts or ends of its period" in notes_of(item)


def test_budget_equal_to_the_commitments_before_rounding_is_the_total(read):
    budget = BUDGET.format("2012-02-01", "2013-05-31", "99.999")
    item = one(read(file_of(activity(inside=DATES + budget + commitment("33.333") * 3)))[1])
    assert item.document["budget"]["amount"] == "100.00"


def test_edition_with_one_commitment_more_states_all_parts_of_the_new_sum(take):
    budget = DATES + BUDGET.format("2012-02-01", "2013-05-31", "500")
    take(file_of(activity(inside=budget + commitment("400", ref=""))))
    item = one(
        take(file_of(activity(inside=budget + commitment("400", ref="") + commitment("50", ref=""))), "second")[0]
    )
    claims = [each for each in current("xx-1-a")["claims"] if each["field"] == "contributions" and each["value"]]
    assert amounts(item) == [("450.00", "EUR")]
    assert "otherwise" not in {each["reading"] for each in claims if each["status"] == "adopted"}


def test_edition_of_which_only_the_date_is_new_changes_nothing(take):
    def of(day, status, title="A title"):
        updated = f'last-updated-datetime="{day}"'
        return file_of(activity(inside=f'<activity-status code="{status}"/>', attributes=updated, title=title))

    take(of("2015-06-01", 2))
    assert take(of("2016-06-01", 2), "second")[1] == 0
    assert take(of("2017-06-01", 4), "third")[1] == 1
    assert current("xx-1-a")["status_as_of"] == "2017-06-01"
    update(Project, "xx-1-a", status="planned")
    take(of("2018-06-01", 2, "Another title"), "fourth")  # which status is right is undecided: the date stays with it
    now = current("xx-1-a")
    assert (now["title"], now["status"], now["status_as_of"]) == ("Another title", "planned", "2017-06-01")


@pytest.mark.parametrize("stated", [sector("15190", vocabulary="some")])
def test_sector_that_is_none_is_named_by_its_line_and_gives_no_theme(read, stated):
    ThemeCode.objects.create(vocabulary="1", code="15190", theme_id="labour-migration")
    item = one(read(file_of(activity(inside=stated)))[1])
    assert (item.document["sectors"], item.document["themes"]) == ([], [])
    assert "Line 2: the sector" in notes_of(item)
    assert one(read(file_of(activity(inside=sector("15190", "50"))))[1]).document["themes"]


@pytest.mark.parametrize(
    ("stated", "given"),
    [
        (sector("21020", "100"), [("1", "21020", "100")]),
        (sector("21020", "60") + sector("15110", "40"), [("1", "21020", "60"), ("1", "15110", "40")]),
        (sector("15190"), [("1", "15190", None)]),
        (sector("15190") + sector("B 1", vocabulary="99", name="Borders"), [("1", "15190", None), ("99", "B 1", None)]),
    ],
)
def test_export_gives_back_the_sectors_that_a_source_stated(take, client, stated, given):
    inside = DATES + org("1", "XX-FUND", "A fund") + '<activity-status code="2"/>' + stated
    take(file_of(activity(inside=inside)))
    publish()
    element = exported(client)
    assert [
        (each.get("vocabulary"), each.get("code"), each.get("percentage")) for each in element.iter("sector")
    ] == given
    assert element.xpath("sector/narrative/text()") == ["Borders"] * (given[-1][0] == "99")


def test_export_gives_back_where_the_codes_of_a_sector_are_explained(take, client):
    own = '<sector vocabulary="99" vocabulary-uri="https://x.example/s" code="A"><narrative>Own</narrative></sector>'
    inside = DATES + org("1", "XX-FUND", "A fund") + '<activity-status code="2"/>' + own + sector("15190")
    take(file_of(activity(inside=inside)))
    publish()
    element = exported(client)
    assert element.xpath("sector[@code='A']/@vocabulary-uri") == ["https://x.example/s"]


@pytest.mark.parametrize("stated", ["", sector("21020") + sector("15110"), sector("21020", "60")])
def test_export_invents_no_sector_and_says_why_a_project_is_left_out(take, client, stated):
    inside = DATES + org("1", "XX-FUND", "A fund") + '<activity-status code="2"/>' + stated
    take(file_of(activity(inside=inside)))
    publish()
    [reason] = client.get("/api/v1/projects/xx-1-a/iati/").json()["reasons"]
    assert (reason["rule"], reason["member"]) == ("6.2.2", "sectors")


def publish():
    """Publish what was taken."""
    for model, keys in ((Source, ["first"]), (Organisation, ["a-fund"]), (Project, ["xx-1-a"])):
        model.objects.filter(pk__in=keys).update(state=State.PUBLISHED)
        record(model, keys, **WHO)


def exported(client):
    """Return the activity of what was taken."""
    return etree.fromstring(b"".join(client.get("/projects/xx-1-a.xml"))).find("iati-activity")


# Languages


FRENCH = (
    '<narrative xml:lang="fr">Postes frontière</narrative></title>'
    '<description><narrative xml:lang="FR">Équipement.</narrative></description>'
    '<description type="2"><narrative xml:lang="fr-CA">Un but</narrative></description><title>'
)


def languages(item):
    return {claim["field"]: claim["language"] for claim in item.document["claims"] if claim["language"]}


def test_language_of_texts_is_kept_and_noted(read):
    text = file_of(activity(inside="")).replace("<narrative>A title</narrative>", FRENCH)
    item = one(read(text)[1])
    assert languages(item) == {"title": "fr", "summary": "fr", "objectives": "fr"}
    assert "The file states the title in French." in notes_of(item)


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ('<narrative xml:lang="fr">Titre</narrative><narrative xml:lang="en">Title</narrative>', {}),
        ('<narrative xml:lang="ka">სათაური</narrative><narrative xml:lang="ru">Заголовок</narrative>', {"title": "ka"}),
        ('<narrative xml:lang="zzz">Nothing</narrative>', {}),
    ],
)
def test_language_is_that_of_the_text_that_is_taken(read, title, expected):
    assert languages(one(read(file_of(activity()).replace("<narrative>A title</narrative>", title))[1])) == expected


def test_title_in_no_stated_language_is_noted(read):
    item = one(read(file_of(activity()).replace(' xml:lang="en"', ""))[1])
    assert notes_of(item) == "The file does not say in which language the title is."


def test_language_of_the_activity_holds_for_its_texts(read):
    item = one(read(file_of(activity()).replace('xml:lang="en"', 'xml:lang="ar"'))[1])
    assert languages(item) == {"title": "ar"}


def test_language_of_the_file_holds_for_its_activities(read):
    head = '<iati-activities version="2.03" xml:lang="ar">'
    assert languages(one(read(file_of(activity().replace(' xml:lang="en"', ""), head=head))[1])) == {"title": "ar"}
    item = one(read(file_of(activity(), head=head))[1])
    assert languages(item) == {}  # its own comes first
    assert 'xml:lang="en"' in item.original


def test_lines_after_what_is_private_are_the_true_ones(read):
    inside = "<contact-info>\n<email>a@example.org</email>\n</contact-info>\n" + '<activity-status code="2"/>'
    [claim] = [
        each for each in one(read(file_of(activity(inside=inside)))[1]).document["claims"] if each["field"] == "status"
    ]
    assert claim["place"].endswith(", line 5")


def test_text_in_another_language_says_so_on_its_page_in_json_and_in_iati(take, client):
    inside = DATES + org("1", "XX-FUND", "A fund") + '<activity-status code="2"/><sector code="15190"/>'
    take(file_of(activity(inside=inside)).replace("<narrative>A title</narrative>", FRENCH))
    publish()
    page = client.get("/projects/xx-1-a/").content.decode()
    assert '<h1 lang="fr" dir="auto">Postes frontière</h1>' in page
    assert '<span class="source-words" lang="fr" dir="auto">Équipement.</span>' in page
    assert '<li><span lang="fr" dir="auto">Un but</span>' in page
    assert '<span lang="fr" dir="auto">Postes frontière</span>' in client.get("/projects/?country=GE").content.decode()
    document = client.get("/projects/xx-1-a.json").json()
    assert {each["field"] for each in document["claims"] if each.get("language") == "fr"} == {
        "title",
        "summary",
        "objectives",
    }
    tags = [each.get("{http://www.w3.org/XML/1998/namespace}lang") for each in exported(client).iter("narrative")]
    assert tags.count("fr") >= 3


# What is odd is said


def of(publisher, **elements):
    return file_of(activity(**elements).replace('ref="XX-1" type="10"', f'ref="{publisher}" type="10"'))


def test_edition_is_compared_with_the_last_of_its_own_publisher(read, take):
    take(of("XX-1", title="First"))
    take(of("XX-2", title="Other"), "second")
    take(of("XX-1", title="First again"), "third")
    assert Project.objects.get(pk="xx-1-a").title == "First again"
    assert one(read(of("XX-2", title="Other"), "fourth")[1]).document == current("xx-1-a")


@pytest.mark.parametrize(
    ("last", "this", "is_older"),
    [("2022-01-02T10:00:00Z", "2022-01-02", False), ("2022-01-02", "2022-01-01T10:00:00Z", True)],
)
def test_day_of_an_edition_is_not_older_than_an_hour_of_it(read, take, last, this, is_older):
    take(file_of(activity(attributes=f'last-updated-datetime="{last}"')))
    item = one(read(file_of(activity(attributes=f'last-updated-datetime="{this}"')), "second")[1])
    assert bool(item.faults) == is_older


@pytest.mark.parametrize(
    ("inside", "note"),
    [
        ('<activity-status code=""/>', "Without a code, so ignored: activity-status (line 2)"),
        ("<recipient-country/><sector/>", "Without a code, so ignored: recipient-country (line 2), sector (line 2)."),
        ('<recipient-country code="UA"/>', "Countries that the register does not have: UA."),
        ('<related-activity type="1"/>', "Without a ref, so ignored: related-activity (line 2)"),
        ("<description>&lt;p&gt;Words&lt;/p&gt;</description>", "HTML, read without it: description (line 2)"),
        ('<sector code="15190"/>' * 2, "Line 2: the sector “1:15190” is given again, and kept once."),
        (
            '<recipient-country code="md" percentage="50"/>' * 2,
            "the register does not keep: GE not stated, MD 50, MD 50.",
        ),
        ("<iati-identifier>XX-2</iati-identifier>", "only the first is used: iati-identifier (line 2)"),
        ("<title><narrative>Another</narrative></title>", "title: A title (line 2), Another (line 2)."),
        ('<activity-date type="2"/>', "Line 2: the date “” has no iso-date"),
        ('<activity-date type="start-actual" iso-date="2015-01-01"/>', "read as their codes: activity-date (line 2)"),
        (commitment("5").replace('code="2"', 'code="C"'), "read as their codes: transaction-type C (line 2)"),
        (commitment("0.125"), "0.125 was rounded to 0.13."),
        ("<titel/>", "Not IATI elements, so ignored: titel (line 2)"),
        ('<recipient-country code="Georgien"/>', "so ignored: “Georgien” (line 2)"),
        (
            '<budget><period-start iso-date="2019-01-01"/><period-end iso-date="2018-12-31"/><value>5</value></budget>',
            "Line 2: the period of a budget ends (2018-12-31) before it begins (2019-01-01).",
        ),
        ('<activity-date type="3" iso-date="9999-01-01"/>', "The end date is 9999-01-01, planned. Is that right?"),
    ],
)
def test_what_is_odd_is_noted_by_its_place(read, inside, note):
    assert note in notes_of(one(read(file_of(activity(inside=inside)))[1]))


def test_money_of_the_activity_itself_is_not_of_another(read):
    inside = commitment("5").replace("<provider-org ", '<provider-org provider-activity-id="XX-1-A" ')
    assert "other activities" not in notes_of(one(read(file_of(activity(inside=inside)))[1]))
