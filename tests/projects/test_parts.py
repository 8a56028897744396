"""A project and what it is part of: told everywhere, never in a circle, and never counted twice."""

from datetime import date

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from lxml import etree

from imports import lifecycle, worker
from instruments.models import Country
from projects import charts
from projects.index import figures, follower
from projects.index.follower import current_register
from projects.models import Contribution, Project
from projects.quality import duplicates, rules
from provenance.documents.errors import Refused
from provenance.models import Claim, Revision, State
from provenance.store.log import delete, set_state
from tests.support.family import make_part
from tests.support.records import current, in_words, merge, record, update, write
from tests.support.shown import text_of
from tests.support.staff import make

WHO = {"user_name": "tester"}
NOT_ADDED = b"not added, because their main project states its own in the same currency"
NOT_DRAWN = "Amounts of sub-projects are not added where the main project gives its own."


def put(slug, part_of):
    write(Project, {slug: current(slug) | {"part_of": part_of and {"slug": part_of, "title": ""}}}, **WHO)


def test_document_tells_what_a_project_is_part_of_and_its_new_title(family):
    assert current("grant")["part_of"] == {"slug": "contract-b", "title": "Contract-b"}
    assert current("decision")["part_of"] is None
    update(Project, "contract-b", title="Contract B")
    assert current("grant")["part_of"]["title"] == "Contract B"


def test_part_of_is_written_and_taken_away_by_document(family):
    put("beside", "decision")
    assert Project.objects.get(pk="beside").part_of_id == "decision"
    put("beside", None)
    assert current("beside")["part_of"] is None
    assert Project.objects.get(pk="beside").part_of_id is None


def test_circle_is_refused_in_words(family):
    with pytest.raises(Refused, match="part of its own part"):
        put("decision", "grant")


def test_circle_made_by_rows_alone_is_refused_on_recording(family):
    Project.objects.filter(pk="decision").update(part_of="grant")
    with pytest.raises(ValidationError, match="part of its own part"):
        record(Project, ["decision"], **WHO)


def test_project_part_of_itself_is_refused_by_the_database(family):
    with pytest.raises(IntegrityError, match="project_not_part_of_itself"):
        Project.objects.filter(pk="beside").update(part_of="beside")


def test_fifth_level_is_refused_wherever_it_is_made(family):
    put("beside", "grant")
    make_part("top", None)
    record(Project, ["top"], **WHO)
    with pytest.raises(Refused, match="more than 4 levels"):
        put("decision", "top")


def test_parts_are_written_before_their_whole_is_named_in_any_order(family):
    """Those that name come first, and more of them than are written at a time."""
    document = current("beside")
    slugs = [f"part-{number}" for number in range(510)]
    documents = {slug: document | {"slug": slug, "part_of": {"slug": "whole", "title": ""}} for slug in slugs}
    write(Project, documents | {"whole": document | {"slug": "whole"}}, **WHO)
    assert Project.objects.get(pk="whole").parts.count() == 510


def test_part_of_a_refused_whole_is_refused_too(family):
    document, faults = current("beside"), {}
    documents = {
        "part": document | {"slug": "part", "part_of": {"slug": "whole", "title": ""}},
        "whole": document | {"slug": "whole", "title": ""},
        "fine": document | {"slug": "fine"},
    }
    write(Project, documents, faults=faults, **WHO)
    assert faults.keys() == {"part", "whole"}
    assert "“whole”" in in_words(faults)["part"][0]
    assert set(Project.objects.filter(pk__in=documents).values_list("pk", flat=True)) == {"fine"}


def test_published_part_names_no_draft_and_holds_its_whole(family):
    with pytest.raises(ValidationError, match="names the project “decision”, which is withdrawn"):
        set_state(Project, ["decision"], State.WITHDRAWN, **WHO)
    with pytest.raises(ValidationError, match="“decision” cannot be deleted: the project “contract-a” names it"):
        delete(Project, ["decision"], **WHO)


def test_whole_and_parts_are_deleted_together(family):
    delete(Project, ["decision", "contract-a", "contract-b", "grant"], **WHO)
    assert list(Project.objects.values_list("pk", flat=True)) == ["beside"]


# -- Nothing counts twice --


def euros(figure):
    return [(each["amount"], each["stated_for"]) for each in figure["amounts"]], figure.get("counted_in_parent", 0)


def test_total_of_a_part_is_not_added_where_its_whole_states_one(family):
    assert euros(figures.totals(current_register().projects)) == ([("1007.00", 2)], 2)
    [moldova] = figures.groups(current_register().projects, "country")
    assert euros(moldova) == ([("1007.00", 2)], 2)


def pay(*contributions):
    """Record contributions given as (project, funder, amount, currency)."""
    for slug, funder, amount, currency in contributions:
        instrument = "ENI" if funder == "european-union" else "NAT"
        Contribution.objects.create(
            project_id=slug, funder_id=funder, instrument_id=instrument, amount=amount, currency=currency
        )
    record(Project, {slug for slug, *_ in contributions}, **WHO)


def figure_of(client, query, key=None):
    """Ask the API for a figure: the total, or one group."""
    stats = client.get(f"/api/v1/stats/?{query}").json()
    figure = stats["total"] if key is None else {group["key"]: group for group in stats["groups"]}[key]
    sums = {each["currency"]: (each["amount"], each["stated_for"]) for each in figure["amounts"]}
    return sums, figure.get("counted_in_parent", 0)


def test_contribution_of_another_funder_than_the_whole_names_is_added(family, client):
    pay(("decision", "european-union", "900", "EUR"), ("contract-a", "european-union", "300", "EUR"))
    pay(("contract-a", "iom", "50", "EUR"))
    assert figure_of(client, "group_by=organisation", "iom") == ({"EUR": ("50.00", 1)}, 0)
    assert figure_of(client, "group_by=organisation", "european-union") == ({"EUR": ("900.00", 1)}, 1)
    assert figure_of(client, "group_by=instrument", "ENI") == ({"EUR": ("900.00", 1)}, 1)
    assert figure_of(client, "group_by=instrument", "NAT") == ({"EUR": ("50.00", 1)}, 0)
    assert figure_of(client, "group_by=organisation&organisation=iom", "iom") == ({"EUR": ("50.00", 1)}, 0)


def test_amounts_in_another_currency_than_the_whole_states_are_added(family, client):
    Project.objects.filter(pk="contract-a").update(budget_currency="USD")
    pay(("decision", "european-union", "900", "EUR"), ("contract-a", "european-union", "300", "USD"))
    assert figure_of(client, "group_by=country") == ({"EUR": ("1007.00", 2), "USD": ("400.00", 1)}, 1)
    assert figure_of(client, "group_by=organisation", "european-union") == (
        {"EUR": ("900.00", 1), "USD": ("300.00", 1)}, 0,
    )  # fmt: skip
    assert figure_of(client, "currency=USD&amount_min=1") == ({"USD": ("400.00", 1)}, 0)


def test_part_that_is_found_alone_is_left_out_for_what_its_whole_states(family, client):
    assert figure_of(client, "currency=EUR&amount_max=100&amount_min=70") == ({}, 1)
    update(Project, "decision", budget_currency="GEL")
    assert figure_of(client, "currency=EUR&amount_max=100&amount_min=70") == ({"EUR": ("70.00", 1)}, 0)


def test_amounts_count_in_a_whole_three_levels_up(family, client):
    make_part("deepest", "grant", budget_amount="9", budget_currency="EUR")
    update(Project, "grant", budget_amount=None, budget_currency="")
    pay(("decision", "iom", "900", "EUR"), ("deepest", "iom", "5", "EUR"))
    assert figure_of(client, "group_by=country") == ({"EUR": ("1007.00", 2)}, 2)
    assert figure_of(client, "group_by=organisation", "iom") == ({"EUR": ("900.00", 1)}, 1)


def test_flow_draws_what_a_part_gives_besides_its_whole(family):
    pay(("decision", "european-union", "900", "EUR"), ("contract-a", "iom", "50", "EUR"))
    Project.objects.get(pk="contract-a").countries.clear()
    record(Project, ["contract-a"], **WHO)
    drawn = charts.flow(current_register().projects)
    assert [row["words"] for row in drawn["table"]] == ["EUR 900", "EUR 50"]
    assert NOT_DRAWN not in drawn["notes"]
    pay(("contract-a", "european-union", "300", "EUR"))
    again = charts.flow(current_register().projects)
    assert again["table"] == drawn["table"]
    assert NOT_DRAWN in again["notes"]


def test_bars_draw_no_contribution_of_a_total_that_is_not_added(family):
    """Though the whole, whose total is added, states no contribution."""
    make(Country, "GE", name="Georgia")
    Project.objects.get(pk="beside").countries.set(["GE"])
    pay(("contract-a", "european-union", "300", "EUR"), ("beside", "iom", "1", "EUR"))
    group, _georgia = charts.bars(current_register().projects, "country")["charts"][0]["rows"]
    assert [(part["name"], part["amount"]) for part in group["sum"]["parts"]] == [("instrument not known", 1000)]


# -- Files that people bring --


@pytest.fixture
def bring_file(uploads):
    """Return a function that brings a file, confirms it and returns ``{key: verdict}``, or what is at fault."""
    user = get_user_model().objects.create_user("chief", is_staff=True, is_superuser=True)

    def bring(content, name="file.csv", **options):
        batch = lifecycle.upload(user, name, [content.encode()])
        lifecycle.read_again(batch, publish=True, **options)
        worker.work(batch.pk)
        items = {item.key: item.verdict for item in batch.items.order_by("number")}
        faults = [fault["what"] for item in batch.items.all() for fault in item.faults]
        notes = [note for item in batch.items.all() for note in item.notes]
        if not faults:
            assert lifecycle.confirm(batch, user) == ""
            worker.work(batch.pk)
            batch.refresh_from_db()
            assert batch.state == "done", batch.note
        return items, faults, notes

    return bring


def test_table_makes_parts_of_what_it_has_further_below(family, bring_file):
    rows = ["slug,title,part_of_slug", *(f"part-{number},Part,whole" for number in range(505)), "whole,Whole,decision"]
    items, faults, _ = bring_file("\n".join(rows))
    assert not faults
    assert items["part-0"] == items["whole"] == "new"
    assert Project.objects.get(pk="whole").parts.count() == 505
    assert current("whole")["part_of"] == {"slug": "decision", "title": "Decision"}
    claims = [claim for claim in current("part-7")["claims"] if claim["field"] == "part_of"]
    assert [(claim["as_stated"], claim["place"]) for claim in claims] == [("whole", "row 9, column C")]


def test_own_table_of_parts_comes_back_without_difference(family, bring_file, client):
    answer = client.get("/projects.csv")
    text = b"".join(answer).decode("utf-8-sig")
    assert "contract-b,Contract-b" in text
    items, faults, _ = bring_file(text)
    assert not faults
    assert set(items.values()) == {"same"}


def test_table_takes_a_part_away_by_an_empty_cell_only_if_empty_clears(family, bring_file):
    bring_file("slug,title\ngrant,Grant II\n", empty_clears=True)
    bring_file("slug,title,part_of_slug\ngrant,Grant III,\n")
    assert current("grant")["part_of"]["slug"] == "contract-b"
    bring_file("slug,title,part_of_slug\ngrant,Grant III,\n", empty_clears=True)
    assert current("grant")["part_of"] is None


def test_table_names_an_unknown_whole_and_a_circle(family, bring_file):
    assert bring_file("slug,part_of_slug\ngrant,contract-c\n")[1] == [
        "The register has no project “contract-c”. Did you mean “Contract-b (contract-b)” or “Contract-a (contract-a)”?"
    ]
    [fault] = bring_file("slug,part_of_slug\ndecision,grant\n")[1]
    assert "part of its own part" in fault


def test_part_of_a_refused_part_is_refused(register, bring_file):
    items, _faults, _ = bring_file(
        "slug,title,status,part_of_slug\nwhole,Whole,nonsense,\npart,Part,,whole\nsmall,Small,,part\nalone,Alone,,\n"
    )
    assert items == dict.fromkeys(("whole", "part", "small"), "refused") | {"alone": "new"}


def activities_of(*activities):
    """A file of IATI activities from (identifier, inner text, committed sum)."""
    return '<iati-activities version="2.03">' + "".join(
        f'<iati-activity default-currency="EUR"><iati-identifier>XX-1-{name}</iati-identifier>'
        '<reporting-org ref="XX-1" type="10"><narrative>Reporter</narrative></reporting-org>'
        f'<title><narrative>Activity {name}</narrative></title><recipient-country code="MD"/>'
        f'<transaction><transaction-type code="2"/><value value-date="2020-01-01">{amount}</value>'
        f'<provider-org ref="XX-FUND"><narrative>A fund</narrative></provider-org></transaction>{inside}</iati-activity>'
        for name, inside, amount in activities
    ) + "</iati-activities>"  # fmt: skip


PARENT = '<related-activity type="1" ref="XX-1-{}"/>'


def test_activities_below_their_parts_make_a_family_that_counts_once(family, bring_file):
    parts = [(f"P{number}", PARENT.format("WHOLE"), 2) for number in range(505)]
    content = activities_of(*parts, ("WHOLE", "", 1000))
    items, faults, _ = bring_file(content, "activities.xml", countries=["MD"])
    assert not faults
    assert items["xx-1-p0"] == items["xx-1-whole"] == "new"
    assert Project.objects.get(pk="xx-1-whole").parts.count() == 505
    [fund] = [each for each in figures.groups(current_register().projects, "organisation") if each["key"] == "a-fund"]
    assert euros(fund) == ([("1000.00", 1)], 505)
    assert set(bring_file(content, "activities.xml", countries=["MD"])[0].values()) == {"same"}


# -- What others see --


def test_page_leads_to_the_whole_and_to_published_parts_only(family, client):
    make(Project, "secret", title="A secret draft", part_of_id="contract-b", state="draft")
    page = client.get("/projects/contract-b/").content.decode()
    assert '<a href="/projects/decision/" lang="en">Decision</a>' in page
    assert '<a href="/projects/grant/" lang="en">Grant</a>' in page
    assert "secret" not in page
    assert client.get("/api/v1/projects/grant/").json()["part_of"] == {"slug": "contract-b", "title": "Contract-b"}
    assert "part_of" not in client.get("/api/v1/projects/decision/").json()


def test_list_says_of_how_many_projects_amounts_are_not_added(family, client):
    page = text_of(client, "/projects/")
    assert "not added: 2 sub-projects whose main projects give their own amounts" in page
    assert client.get("/api/v1/stats/").json()["total"]["counted_in_parent"] == 2
    assert NOT_ADDED in b"".join(client.get("/projects.json"))


def test_sum_of_a_part_alone_is_not_said_to_be_unpublished(family, client):
    page = text_of(client, "/projects/?currency=EUR&amount_min=70&amount_max=100")
    assert "o budget published" not in page
    assert '</strong> <ul><li><span class="note">not added' in page
    assert "”, not added: 1 sub-project whose main project gives its own amount, version" in page


def test_iati_tells_parents_and_children_now_and_in_the_past(family, client):
    for slug in ("decision", "contract-b", "grant"):
        project = Project.objects.get(pk=slug)
        project.participations.create(organisation_id="iom", role="lead")
        Project.objects.filter(pk=slug).update(status="ongoing", start_date="2010", sectors=["1:15190"])
    record(Project, ["decision", "contract-b", "grant"], **WHO)
    version = Revision.objects.order_by("-id").first().at
    for query in ("", f"?as_of={version:%Y-%m-%dT%H:%M:%SZ}"):
        file = etree.fromstring(b"".join(client.get(f"/projects/contract-b.xml{query}")))
        related = [(each.get("type"), each.get("ref").rpartition("-")[2]) for each in file.iter("related-activity")]
        assert related == [("1", "decision"), ("2", "grant")]
    assert NOT_ADDED in b"".join(client.get("/projects.xml"))


def test_merging_moves_parts_to_the_one_kept(family, publisher):
    make_part("top-of-all", None)
    record(Project, ["top-of-all"], **WHO)
    merge(publisher, Project, "beside", "contract-b")
    assert current("grant")["part_of"]["slug"] == "beside"
    assert current("beside")["part_of"]["slug"] == "decision"
    put("decision", "top-of-all")
    merge(publisher, Project, "beside", "decision")
    assert current("beside")["part_of"]["slug"] == "top-of-all"
    assert current("contract-a")["part_of"]["slug"] == "beside"
    merge(publisher, Project, "top-of-all", "beside")
    assert current("top-of-all")["part_of"] is None


def test_whole_and_part_are_no_duplicates_and_parts_above_the_whole_are_found(family):
    for slug in ("decision", "contract-a", "contract-b"):
        Project.objects.filter(pk=slug).update(title="The same", budget_amount=600, budget_currency="EUR")
    record(Project, ["decision", "contract-a", "contract-b"], **WHO)
    assert [pair.keys for pair in duplicates.alike_projects()] == [("contract-a", "contract-b")]
    above = rules.found_by(Project.objects.all(), "projects-above-whole", date(2026, 1, 1))
    assert [project.pk for project in above] == ["decision"]


def test_parts_above_the_whole_are_published_ones_in_its_currency(family):
    Project.objects.filter(pk="contract-a").update(budget_amount=900, budget_currency="EUR")
    Project.objects.filter(pk="contract-b").update(budget_amount=900, budget_currency="USD")
    make_part("idea", "decision", budget_amount=900, budget_currency="EUR")
    Project.objects.filter(pk="idea").update(state=State.DRAFT)
    above = rules.found_by(Project.objects.all(), "projects-above-whole", date(2026, 1, 1))
    assert not above.exists()
    Project.objects.filter(pk="idea").update(state=State.PUBLISHED)
    assert [project.pk for project in above.all()] == ["decision"]


@pytest.mark.parametrize(("kept", "merged"), [("contract-a", "decision"), ("decision", "contract-a")])
def test_claim_to_be_part_is_set_aside_when_it_is_merged_with_its_whole(family, publisher, kept, merged):
    Claim.objects.create(
        record=Project.objects.get(pk="contract-a"),
        field="part_of",
        as_stated="whole",
        quote="A whole",
        source_id="paper",
    )
    record(Project, ["contract-a"], **WHO, reason="Its only whole.")
    merge(publisher, Project, kept, merged)
    [claim] = [claim for claim in current(kept)["claims"] if claim["field"] == "part_of"]
    assert claim["set_aside"] == "Not any more: it was merged with what it was part of."


def test_whole_is_claimed_by_its_acronym(family):
    update(Project, "contract-b", acronym="BLACKSEA")
    of_whole = {"field": "part_of", "as_stated": "BLACKSEA", "quote": "It is a part of BLACKSEA.", "source_id": "paper"}
    Claim.objects.create(record=Project.objects.get(pk="grant"), **of_whole)
    record(Project, ["grant"], **WHO)
    assert [claim["reading"] for claim in current("grant")["claims"] if claim["field"] == "part_of"] == ["as-value"]


def test_part_that_comes_before_its_whole_changes_counts_in_it(family, client):
    make_part("more", "contract-a", budget_amount="1", budget_currency="EUR")
    record(Project, ["more"], **WHO)
    before = figures.totals(current_register().projects)
    update(Project, "decision", budget_currency="CHF")
    follower.reset()
    assert before["counted_in_parent"] == 3
    assert figures.totals(current_register().projects)["counted_in_parent"] == 1


def test_sums_follow_a_whole_that_changes(family):
    current_register()  # the index stands, and follows
    update(Project, "decision", budget_amount=None, budget_currency="")
    followed = figures.figures(current_register().projects, "country")
    follower.reset()
    assert figures.figures(current_register().projects, "country") == followed
    assert euros(followed["total"]) == ([("477.00", 3)], 0)
