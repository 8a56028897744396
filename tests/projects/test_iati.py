"""IATI: every answer is valid, says what sources say and nothing else, and explains what it leaves out."""

import json
import re
from datetime import UTC, datetime
from html import unescape

import pytest
from django.core.management import call_command
from lxml import etree

from projects.iati.reasons import in_iati, reasons
from projects.iati.writer import context_of, iati_file
from projects.iati.xml import for_xml
from projects.index.follower import current_register
from projects.index.version import register_version
from projects.models import Contribution, Organisation, Participation, Project
from provenance.models import Source
from provenance.store.build import upgrade
from provenance.store.log import set_state
from tests.support.iati_rules import FOLDER, faults
from tests.support.loops import at_least_one
from tests.support.records import record, update
from tests.support.shown import asked_for
from tests.support.staff import WITHDRAWN

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

MD, GE, AM, AZ = (f"{name}-targeted-initiative" for name in ("moldova", "georgia", "armenia", "azerbaijan"))
BIBM = "bagratashen-sadakhlo-ibm"
LEFT_OUT = [BIBM, "cmba", "enigmma", "nexus"]
needs_standard = pytest.mark.skipif(not FOLDER, reason="IATI_SCHEMA_DIR does not name the standard")


@pytest.fixture
def ended_samples(samples):
    """The register and 150 invented projects, all of which the register has seen the end of."""
    update(Project, "nexus", acronym="NEXUS")


def activities(client, query=""):
    return etree.fromstring(asked_for(client, f"/projects.xml{query}"))


def activity(client, slug):
    return etree.fromstring(asked_for(client, f"/projects/{slug}.xml")).find("iati-activity")


def documents(client, query=""):
    return json.loads(asked_for(client, f"/projects.json{query}"))["results"]


def slugs(root):
    return [each.text.removeprefix("XE-EXAMPLE-EAPFUNDING-") for each in root.iter("iati-identifier")]


def narratives(element, path):
    return [narrative.text for narrative in element.findall(f"{path}/narrative")]


# -- which are in --


def test_those_with_a_start_date_are_in_and_the_others_are_explained(client, register):
    root = activities(client)
    assert slugs(root) == [MD, AM, AZ, GE]
    comments = [comment.text for comment in root.iter(etree.Comment)]
    for slug in LEFT_OUT:
        assert f" Left out: {slug} (6.11.1). Why: http://testserver/api/v1/projects/{slug}/iati/ " in comments
    assert comments[-1].startswith(" Projects: 8. Here: 4. Left out: 4")


@pytest.mark.parametrize("slug", LEFT_OUT)
def test_project_that_is_left_out_says_why_everywhere(client, register, slug):
    status = client.get(f"/api/v1/projects/{slug}/iati/").json()
    assert status["valid"] is False
    assert status["address"] is None
    [reason] = status["reasons"]
    assert reason["rule"] == "6.11.1"
    assert reason["member"] == "start_date"
    assert reason["what"] == "No source says when the project starts."
    file = client.get(f"/projects/{slug}.xml")
    assert file.status_code == 404
    assert "No source says when the project starts. (IATI 2.03, 6.11.1)" in file.json()["detail"]
    page = client.get(f"/projects/{slug}/").content.decode()
    assert "No source says when the project starts." in page
    assert "6.11.1" in page
    assert f"/projects/{slug}.xml" not in page


def test_project_that_is_in_says_where(client, register):
    status = client.get(f"/api/v1/projects/{MD}/iati/").json()
    assert status == {"valid": True, "reasons": [], "address": f"http://testserver/projects/{MD}.xml"}
    assert f'href="/projects/{MD}.xml"' in client.get(f"/projects/{MD}/").content.decode()
    assert "IITA" in client.get(f"/fr/projects/{LEFT_OUT[0]}/").content.decode()


def test_file_without_any_activity_is_refused_with_words(client, register):
    answer = client.get("/projects.xml?not_stated=start_date")
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["detail"].startswith("None of the matching projects (4)")
    assert client.head("/projects.xml?not_stated=start_date").status_code == 404


@pytest.mark.parametrize(
    "address", ["/projects.xml?nonsense=1", "/projects.xml?status=finished", f"/projects/{MD}.xml?x=1"]
)
def test_file_refuses_what_is_not_understood(client, register, address):
    assert client.get(address).status_code == 400


def test_reasons_come_by_rule():
    at = datetime(2020, 6, 30, tzinfo=UTC)
    day = {"planned": False}
    project = {"organisations": [1], "contributions": [], "status": "ongoing", "countries": [1], "end_date": None,
              "themes": [{"slug": "asylum"}], "sectors": [],
              "start_date": {"earliest": "2020-01-01", "latest": "2020-12-31", **day}}  # fmt: skip
    rules = lambda **changed: [reason.rule for reason in reasons(project | changed, at)]  # noqa: E731
    assert rules() == []
    assert rules(organisations=[]) == ["participating-org"]
    assert rules(status=None, start_date=None, countries=[]) == ["activity-status", "6.11.1", "3.7.1"]
    assert rules(themes=[{"slug": "document-security"}]) == ["6.2.2"]
    assert rules(themes=[], sectors=["1:21020"]) == []
    late = {"earliest": "2020-07-01", "latest": "2020-07-01"}
    assert rules(start_date={**late, **day}) == ["11.1.4"]
    assert rules(start_date={**late, "planned": True}) == []
    assert rules(end_date={"earliest": "2020-01-01", "latest": "2020-12-31", **day}) == ["11.1.5"]
    early = {"earliest": "2019-01-01", "latest": "2019-12-31"}
    assert rules(end_date={**early, **day}) == ["11.1.3"]
    assert rules(start_date={**late, "planned": True}, end_date={**early, "planned": True}) == ["11.1.2"]


# -- valid --


def test_activities_have_the_elements_of_the_schema_in_order(client, ended_samples):
    order = ["iati-identifier", "reporting-org", "title", "description", "participating-org", "activity-status",
             "activity-date", "recipient-country", "recipient-region", "sector", "tag", "transaction", "document-link"]  # fmt: skip
    root = activities(client)
    assert len(root.findall("iati-activity")) > 20
    for each in at_least_one(root.iter("iati-activity")):
        tags = [element.tag for element in each]
        assert tags == sorted(tags, key=order.index)
        assert {"title", "description", "participating-org", "activity-date", "sector"} <= set(tags)


@pytest.mark.parametrize(
    "query", ["", "?country=GE", "?status=planned&sort=-budget", "?page_size=20&page=3", "?q=border"]
)
def test_file_passes_schema_ruleset_and_codelists(client, ended_samples, query):
    assert faults(activities(client, query).getroottree()) == []


def test_hostile_text_and_other_documents_pass(client, register):
    Source.objects.update(address="https://user@exämple.org:80/a b/ü?q=[1]|{2}%zz#a#b", language="zh_Hans")
    record(Source, list(Source.objects.values_list("pk", flat=True)), user_name="tester")
    update(Organisation, "france", kind="10", identifier="FR-GOV-1")
    update(Project, AM, title="a\x01 ]]> <b> & -- \ud7ff\ufffe--", acronym="--")
    Project.objects.get(pk=AM).countries.add("GE", "MD")
    record(Project, [AM], user_name="tester")
    element = activity(client, AM)
    assert faults(element.getroottree()) == []
    assert narratives(element, "title") == ["a\ufffd ]]> <b> & -- \ud7ff\ufffd--"]
    assert element.find("participating-org[@role='3']").attrib == {"ref": "FR-GOV-1", "type": "10", "role": "3"}
    assert element.find("recipient-region").get("code") == "AM-GE-MD"
    link = element.findall("document-link")[1]
    assert link.get("format") == "text/html"
    assert len(narratives(link, "description")) == 3
    assert [each for each in element.findall("description") if "“" in each[0].text] == []


@needs_standard
@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (lambda each: each.remove(each.find("activity-date")), "6.11.1"),
        (lambda each: each.find("activity-date").set("iso-date", "2999-01-01"), "11.1.4"),
        (lambda each: each.find("activity-date").set("iso-date", "2015-01-01"), "11.1.3"),
        (lambda each: each.find("transaction/value").attrib.pop("currency"), "7.8.1"),
        (lambda each: each.find("transaction/value").set("value-date", "2999-01-01"), "11.2.2"),
        (lambda each: each.remove(each.find("sector")), "6.2.2"),
        (lambda each: each.remove(each.find("recipient-country")), "3.7.1"),
        (lambda each: each.insert(10, etree.XML('<recipient-country code="AM"/>')), "3.1.1"),
        (lambda each: each.insert(10, etree.XML('<recipient-country code="AM" percentage="20"/>')), "3.1.2"),
        (lambda each: each.find("iati-identifier").__setattr__("text", "other"), "1.1.21"),
        (lambda each: each.find("reporting-org").set("ref", "NOBODY-1"), "1.14.8"),
        (lambda each: each.find("title/narrative").__setattr__("text", None), "4.3.1"),
        (lambda each: each.attrib.pop("{http://www.w3.org/XML/1998/namespace}lang"), "4.1.1"),
        (lambda each: each.find("participating-org/narrative").getparent().clear(), "6.10.1"),
        (lambda each: each.remove(each.find("activity-status")), "schema"),
        (lambda each: each.append(each.find("title")), "schema"),
        (lambda each: each.find("activity-status").set("code", "9"), "codelist ActivityStatus"),
    ],
)  # fmt: skip
def test_checker_finds_what_is_broken(client, register, change, rule):
    root = activities(client, "?country=GE")
    assert faults(root.getroottree()) == []
    change(root.find("iati-activity"))
    assert any(fault.startswith(rule) for fault in faults(root.getroottree()))


# -- what it says --


def test_dates_have_the_stated_precision(client, register):
    dates = lambda slug: [  # noqa: E731
        (each.get("type"), each.get("iso-date"), each[0].text)
        for each in activity(client, slug).findall("activity-date")
    ]
    assert dates(GE) == [("2", "2010-01-01", "2010"), ("4", "2013-12-31", "2013")]
    assert dates(MD) == [("2", "2009-02-01", "2009-02"), ("4", "2012-01-31", "2012-01")]
    assert dates(AZ) == [("1", "2016-01-01", "2016"), ("3", "2018-12-31", "2018")]
    assert dates(AM) == [("2", "2012-01-01", "2012")]


def test_roles_are_read_and_the_reading_is_said(client, register):
    roles = lambda slug: {  # noqa: E731
        each[0].text: each.get("role") for each in activity(client, slug).findall("participating-org")
    }
    assert roles(MD) == {"Swedish Public Employment Service": "4", "Moldovan National Employment Agency": "4"}
    assert roles(GE) == {"European Union": "1", "Czech Republic": "3"}
    assert roles(AM) == {"European Union": "1", "France": "3"}
    assert roles(AZ) == {"European Union": "1", "ICMPD": "4"}
    assert (
        "lead, “led by” in the source. Given as role 3 (Extending)"
        in narratives(activity(client, GE), "participating-org")[2]
    )


def test_amount_is_a_commitment_only_with_a_date_to_hang_it_on(client, register):
    [transaction] = activity(client, GE).findall("transaction")
    assert transaction.find("transaction-type").get("code") == "2"
    assert transaction.find("transaction-date").get("iso-date") == "2010-01-01"
    assert (transaction.find("value").text, transaction.find("value").get("currency")) == ("3000000.00", "EUR")
    assert narratives(transaction, "provider-org") == ["European Union"]
    assert narratives(transaction, "description")[1] == "Date: start of the project as stated, 2010"
    Contribution.objects.filter(project=AZ).update(amount=5, currency="EUR")
    record(Project, [AZ], user_name="tester")
    planned = activity(client, AZ)
    assert planned.find("transaction") is None
    assert any("EUR 5.00, from European Union" in text for text in narratives(planned, "description"))


def test_total_and_remainder_are_words_only(client, register):
    update(Project, GE, budget_amount=4_000_000)
    element = activity(client, GE)
    assert [each.text for each in element.iter("value")] == ["3000000.00"]
    assert element.find("budget") is None
    assert "Of the total budget, no source says who pays: EUR 1000000.00" in narratives(element, "description")


def test_reporter_comes_from_the_settings(client, register, settings):
    settings.REPORTING_ORG_REF, settings.REPORTING_ORG_NAME, settings.REPORTING_ORG_TYPE = "XI-IATI-X", "We", "22"
    element = activity(client, GE)
    assert element.find("reporting-org").attrib == {"ref": "XI-IATI-X", "type": "22", "secondary-reporter": "1"}
    assert element.findtext("iati-identifier") == f"XI-IATI-X-{GE}"


def words_of(document, at):
    """Return what an activity of this document may say: (texts, values of attributes), each from a member, a
    setting, the register's own address, or a code of IATI that one of them is read as."""
    own = {"XE-EXAMPLE-EAPFUNDING", f"XE-EXAMPLE-EAPFUNDING-{document['slug']}", "90", "en", "http://testserver/countries/",
           "Eastern Partnership migration funding register"}  # fmt: skip
    flat = set()

    def gather(value):
        if isinstance(value, dict):
            flat.update({for_xml(str(each)) for each in value.values() if isinstance(each, (str, int))})
            value = list(value.values())
        for each in value if isinstance(value, list) else []:
            flat.update({for_xml(each)} if isinstance(each, str) else ())
            gather(each)

    gather(document)
    places = {f"http://testserver{document['url']}"}
    places |= {f"http://testserver/partnerships/{each['slug']}/" for each in document["partnerships"]}
    places |= {
        f"http://testserver/instruments/{part['instrument']['code']}/"
        for part in document["contributions"]
        if part["instrument"]
    }
    return own | flat | places | {"-".join(country["code"] for country in document["countries"])}


CODES = {  # attribute → member that it is read from, and how
    ("activity-status", "code"): lambda d: {{"planned": "1", "ongoing": "2", "completed": "4"}[d["status"]]},
    ("activity-date", "type"): lambda d: {
        code
        for member, codes in (("start_date", "21"), ("end_date", "43"))
        if d[member]
        for code in codes[d[member]["planned"]]
    },
    ("participating-org", "role"): lambda d: {"1", "3", "4"},
    ("sector", "vocabulary"): lambda d: {"1"},
    ("sector", "code"): lambda d: {"15190"},
    ("tag", "vocabulary"): lambda d: {"99"},
    ("recipient-region", "vocabulary"): lambda d: {"99"},
    ("reporting-org", "secondary-reporter"): lambda d: {"1"},
    ("description", "type"): lambda d: {"1"} if d["summary"] else set(),
    ("transaction-type", "code"): lambda d: {"2"},
    ("document-link", "format"): lambda d: {"text/html"},
    ("category", "code"): lambda d: {"A12"},
}
PHRASES = [  # what is said beside a member's own text
    "Status as the source gives it, not as of today: ", ", as of ", "Acronym: ", "Component ", ": ",
    "Total budget, for all years together: ", "Of the total budget, no source says who pays: ",
    "The countries are named together; no source states their shares.", "Contribution: ", ", from ", ". Under: ",
    ". No transaction: no actual start is stated.", "Under: ", "Date: start of the project as stated, ",
    "Role in this register: ", ", “", "” in the source", ", of component ", ". Given as role ", " (Extending)",
    " (Implementing)", ", which is this register’s reading.", ": what sources state, value by value", "“", "”", " (", ")", " ",
]  # fmt: skip


def test_no_element_says_what_no_source_says(client, ended_samples):
    by_slug = {document["slug"]: document for document in documents(client)}
    kinds = {each.pk: each for each in Organisation.objects.all()}
    addresses = set(Source.objects.values_list("address", flat=True))
    for each in at_least_one(activities(client).iter("iati-activity")):
        document = by_slug[each.findtext("iati-identifier").removeprefix("XE-EXAMPLE-EAPFUNDING-")]
        named = {part["funder"]["slug"] for part in document["contributions"]} | {
            m["slug"] for m in document["organisations"]
        }
        allowed = (
            words_of(document, None)
            | addresses
            | {kinds[slug].kind for slug in named}
            | {kinds[slug].identifier for slug in named}
        )
        for element in each.iter():
            for name, value in element.attrib.items():
                codes = CODES.get((element.tag, name), lambda d: set())(document)
                if (element.tag, name) == ("description", "type"):
                    codes |= {"2", "4"}
                assert value in allowed | codes, (document["slug"], element.tag, name, value)
            if element.text and element.text.strip():
                assert is_said(element.text, allowed), (document["slug"], element.tag, element.text)


def is_said(text, allowed):
    """Whether a text is put together from members of the document and our own phrases alone."""
    parts = sorted(filter(None, {*allowed, *PHRASES, "3", "4"}), key=len, reverse=True)
    return text in allowed or re.fullmatch(f"(?:{'|'.join(map(re.escape, parts))})+", text)


# -- the file --


def test_rows_are_those_of_the_list_in_its_order_less_those_left_out(client, ended_samples):
    at = register_version().at
    for query in (
        "",
        "?sort=-start_date",
        "?country=MD&country=AM&sort=budget",
        "?page_size=30&page=2",
        "?theme=asylum",
    ):
        expected = [document["slug"] for document in documents(client, query) if not reasons(document, at)]
        assert expected
        assert slugs(activities(client, query)) == expected


def test_same_version_gives_the_same_bytes(client, register):
    first = asked_for(client, "/projects.xml")
    assert asked_for(client, "/projects.xml") == first
    at = register_version().at.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert f'generated-datetime="{at}"'.encode() in first


def test_file_of_a_past_time_is_as_it_was(client, register):
    then = register_version().at.isoformat().replace("+00:00", "Z")
    before = asked_for(client, "/projects.xml")
    Source.objects.update(title="Another name")
    record(Source, list(Source.objects.values_list("pk", flat=True)), user_name="tester")
    update(Organisation, "france", kind="10")
    update(Project, GE, start_date=None)
    assert slugs(activities(client)) == [MD, AM, AZ]
    past = asked_for(client, f"/projects.xml?as_of={then}")
    assert [part.split(b"-->", 1)[1] for part in (past, before)] == [before.split(b"-->", 1)[1]] * 2
    status = client.get(f"/api/v1/projects/{GE}/iati/?as_of={then}").json()
    assert status["valid"] is True
    assert slugs(etree.fromstring(asked_for(client, status["address"]))) == [GE]
    assert client.get("/projects.xml?as_of=1999-01-01").status_code == 400


def test_file_says_of_itself_what_the_others_say(client, register):
    answer, json_file = (client.get(f"/projects.{suffix}?country=GE") for suffix in ("xml", "json"))
    about = json.loads(json_file.getvalue())["about"]
    first = answer.getvalue().decode().split("-->")[0]
    assert f"{about['title']}, version {about['version']} of" in first
    assert "Total budgets: EUR 19000000.00, known for both projects." in first
    assert "/projects.xml?country=GE" in first
    for name in ("X-Register-Version", "X-Total-Count"):
        assert answer.headers[name] == json_file.headers[name]
    expected = json_file.headers["Content-Disposition"].replace(".json", ".xml")
    assert answer.headers["Content-Disposition"] == expected
    assert "country-GE" in expected


def test_file_that_is_cut_off_says_so(register):
    def broken():
        yield upgrade(Project, Project.objects.values_list("revision__document", flat=True).get(pk=GE))
        raise OSError("gone")

    parts, pieces = [], iati_file(broken(), context_of("", current_register()), register_version().at)
    with pytest.raises(OSError, match="gone"):
        for piece in pieces:
            parts.append(piece)
    parts = b"".join(parts)
    assert parts.rstrip().endswith(b"<!-- This file was cut off here. Fetch it again. -->")
    with pytest.raises(etree.XMLSyntaxError):
        etree.fromstring(parts)


# -- what it holds --


def holds(activity_element, document):
    """Yield ``(what an activity says, what it has to say)`` for each member that IATI has a place for."""
    described = dict.fromkeys("124")
    for kind in described:
        described[kind] = [each.findtext("narrative") for each in activity_element.xpath(f"description[@type={kind}]")]
    organisations = activity_element.xpath("participating-org[@role!=1]")
    start = document["start_date"]
    countries = activity_element.xpath("(recipient-country | recipient-region)")[0]
    yield activity_element.get("linked-data-uri"), f"http://testserver{document['url']}"
    yield activity_element.get("last-updated-datetime"), document["modified"]
    yield activity_element.findtext("title/narrative"), for_xml(document["title"])
    yield described["1"], [for_xml(document["summary"])] if document["summary"] else []
    yield described["2"], list(map(for_xml, document["objectives"]))
    yield countries.get("code"), "-".join(each["code"] for each in document["countries"])
    yield countries.xpath("narrative/text()"), [each["name"] for each in document["countries"]]
    yield (
        activity_element.xpath("activity-date/narrative/text()"),
        [document[name]["value"] for name in ("start_date", "end_date") if document[name]],
    )
    yield (
        activity_element.xpath("tag[contains(@vocabulary-uri, '/partnerships/')]/@code"),
        [each["slug"] for each in document["partnerships"]],
    )
    instruments = [each["instrument"]["code"] for each in document["contributions"] if each["instrument"]]
    yield (
        activity_element.xpath("tag[contains(@vocabulary-uri, '/instruments/')]/@code"),
        list(dict.fromkeys(instruments)),
    )
    funders = dict.fromkeys(for_xml(part["funder"]["name"]) for part in document["contributions"])
    yield activity_element.xpath("participating-org[@role=1]/narrative/text()"), list(funders)
    yield (
        [each.findtext("narrative") for each in organisations],
        [for_xml(each["name"]) for each in document["organisations"]],
    )
    for element, each in zip(organisations, document["organisations"], strict=True):
        for word in filter(None, (each["role"], each["role_as_stated"], each["component"])):
            yield for_xml(str(word)) in element.findall("narrative")[1].text, True
    committed = [each for each in document["contributions"] if each["amount"] and start and not start["planned"]]
    yield (
        [
            (each.findtext("provider-org/narrative"), each.findtext("value"), each.find("value").get("currency"))
            for each in activity_element.findall("transaction")
        ],
        [(for_xml(each["funder"]["name"]), each["amount"], each["currency"]) for each in committed],
    )
    remarks = [f"Component {each['number']}: {each['title']}" for each in document["components"]]
    remarks += [f"Acronym: {document['acronym']}"] if document["acronym"] else []
    for name, words in (
        ("budget", "Total budget, for all years together"),
        ("unattributed", "Of the total budget, no source says who pays"),
    ):
        if money := document[name]:
            remarks.append(f"{words}: {money['currency']} {money['amount']}")
    yield set(map(for_xml, remarks)) - set(described["4"]), set()


def test_every_member_stands_in_its_element(client, ended_samples):
    at = register_version().at
    expected = [document for document in documents(client) if not reasons(document, at)]
    assert len(expected) > 20
    for element, document in zip(activities(client).iter("iati-activity"), expected, strict=True):
        for written, stated in holds(element, document):
            assert written == stated, document["slug"]
    assert any(document["contributions"] for document in expected)
    assert any(len(document["countries"]) > 1 for document in expected)
    assert any(member["component"] for document in expected for member in document["organisations"])


# -- where it is offered --


def test_query_finds_those_that_have_no_reason_to_be_left_out(ended_samples):
    """The words of the queryset and the reasons are two tables of one rule: of every project both say the same."""
    today = register_version().at.date().isoformat()
    to_come = str(register_version().at.year + 1)
    columns = {
        MD: {"end_date": today, "end_date_planned": False},
        GE: {"end_date": to_come, "end_date_planned": False},
        AM: {"end_date": to_come, "end_date_planned": True},
        AZ: {"start_date": to_come, "start_date_planned": False, "end_date": None, "end_date_planned": False},
        "nexus": {"start_date": to_come, "start_date_planned": True},
        "cmba": {"start_date": "2010", "status": "", "status_as_of": None},
        "enigmma": {"start_date": "2010"},
        BIBM: {"start_date": "2010", "budget_amount": None, "budget_currency": ""},
    }
    for slug, changed in columns.items():
        Project.objects.filter(pk=slug).update(**changed)
    Project.countries.through.objects.filter(project="enigmma").delete()
    for part in (Contribution, Participation):
        part.objects.filter(project=BIBM).delete()
    record(Project, list(columns), user_name="tester")
    at = register_version().at
    documents = [upgrade(Project, text) for text in current_register().projects.stream_documents()]
    rules_broken = {document["slug"]: {reason.rule for reason in reasons(document, at)} for document in documents}
    assert set().union(*rules_broken.values()) >= {
        "participating-org",
        "activity-status",
        "6.11.1",
        "3.7.1",
        "11.1.4",
        "11.1.5",
    }
    keys = set(in_iati(current_register().projects, at.date()).keys())
    assert keys == {slug for slug, rules in rules_broken.items() if not rules}
    assert {MD, AM, "nexus"} <= keys


NOT_IN_IATI = "has all the information that IATI requires"


@pytest.mark.parametrize(
    ("address", "is_offered"),
    [
        ("/projects/", True),
        ("/projects/?country=GE", True),
        ("/projects/?q=enigmma", False),
        ("/projects/?country=GE&page_size=1", True),
        ("/instruments/TPMA/", True),
        ("/instruments/ENI/", False),
        ("/organisations/icmpd/", True),
    ],
)
def test_pages_offer_the_file_only_where_it_is_one(client, register, address, is_offered):
    page = client.get(address).content.decode()
    links = {unescape(link) for link in re.findall(r'href="(/projects\.xml[^"]*)"', page)}
    assert bool(links) == is_offered
    assert (NOT_IN_IATI in page) != is_offered
    for link in links:
        assert asked_for(client, link)


@pytest.fixture
def none_valid(register, settings, tmp_path):
    settings.DUMPS_DIR = tmp_path / "dumps"
    set_state(Project, [MD, AM, AZ, GE], WITHDRAWN, user_name="tester")
    call_command("write_dumps", verbosity=0)


@pytest.mark.parametrize("address", ["/", "/data/", "/projects/", "/api/v1/docs/", "/data/catalog.ttl", "/sitemap.xml"])
def test_nothing_offers_the_file_where_no_project_is_in_it(client, none_valid, address):
    assert client.get("/projects.xml").status_code == 404
    response = client.get(address)
    text = response.getvalue().decode() + str(response.headers)
    assert response.status_code == 200
    assert not re.search(r'(href="|<http[^>]*)[^">]*/projects\.xml', text)
    if address in ("/data/", "/projects/", "/api/v1/docs/"):
        assert NOT_IN_IATI in text


def test_dump_without_the_file_says_why(client, none_valid):
    assert "There is no IATI file" in client.get("/data/").content.decode()


def test_past_list_offers_the_file_as_the_past_was(client, register):
    then = register_version().at.isoformat().replace("+00:00", "Z")
    set_state(Project, [MD, AM, AZ, GE], WITHDRAWN, user_name="tester")
    now = register_version().at.isoformat().replace("+00:00", "Z")
    assert '"/projects.xml?as_of=' in client.get(f"/projects/?as_of={then}").content.decode()
    page = client.get(f"/projects/?as_of={now}").content.decode()
    assert "/projects.xml" not in page
    assert NOT_IN_IATI in page


@pytest.mark.parametrize("address", ["/projects/nexus.pdf", "/projects.pdf"])
def test_refusal_names_the_file_with_its_condition(client, register, address):
    assert re.search(
        r"\.xml \(application/xml, if \w+( project)? can be a valid activity\)", client.get(address).json()["detail"]
    )


def test_file_describes_itself(client, register):
    described = client.options("/projects.xml").json()["description"]
    assert described.startswith("Projects as IATI")
