"""Staff's work in the admin: each change is one Revision with a name, or is refused with nothing lost."""

import re

import pytest
from django.contrib.messages import get_messages
from django.utils.html import strip_tags

from instruments.models import Country, Instrument, Partnership
from projects.models import Contribution, Organisation, Participation, Project, Theme
from provenance.models import Claim, Revision, Source
from tests.support.database import queries
from tests.support.records import update
from tests.support.shown import asked_for
from tests.support.staff import (
    DRAFT,
    PUBLISHED,
    WITHDRAWN,
    act,
    address,
    change,
    faults,
    filled,
    last,
    make,
    make_project,
    messages,
    press,
    publish,
    row,
    somebody,
)

pytestmark = pytest.mark.django_db

ALL = [Source, Revision, Country, Instrument, Partnership, Organisation, Theme, Project]


# -- Every save is a Revision --


def test_new_project_is_a_draft_recorded_with_its_author(staff):
    page = address(Project, "add")
    data = filled(staff.get(page)) | {"slug": "cmba", "title": "Consolidation", "reason": "Found in the paper"}
    assert staff.post(page, data).status_code == 302
    revision = last("project", "cmba")
    assert (revision.action, revision.state, revision.user_name, revision.reason) == (
        "created",
        DRAFT,
        "anna",
        "Found in the paper",
    )
    assert Project.objects.get(pk="cmba").revision == revision


@pytest.mark.parametrize("query", ["?name=Abc&country=MD&aliases=A%0AB", "?name=Abc&country=nowhere&seen=no&kind=none"])
def test_new_record_begins_with_the_values_of_its_address(staff, query):
    response = staff.get(address(Organisation, "add") + query)
    assert 'value="Abc"' in response.content.decode()
    assert ('<option value="MD" selected>' in response.content.decode()) is ("country=MD" in query)
    sent = filled(response) | {"slug": "abc", "country": "", "kind": ""}
    assert staff.post(address(Organisation, "add"), sent).status_code == 302


def test_new_record_refuses_a_key_that_is_taken(staff, project):
    page = address(Project, "add")
    response = staff.post(page, filled(staff.get(page)) | {"slug": "nexus", "title": "Another"})
    assert "already exists" in faults(response)
    assert Project.objects.get(pk="nexus").title == "The nexus"


def test_key_is_fixed_once_the_record_is_there(staff, project):
    page = staff.get(address(Project, "change", "nexus"))
    assert "slug" not in page.context["adminform"].form.fields
    assert b'name="slug"' in staff.get(address(Project, "add")).content


def test_state_is_not_a_field_that_can_be_sent(staff):
    change(staff, make_project(state=DRAFT), state=PUBLISHED)
    assert Project.objects.get(pk="nexus").state == DRAFT


def test_inline_rows_are_recorded_with_the_project(staff, project):
    change(
        staff,
        project,
        **{"contributions-TOTAL_FORMS": 2, "participations-TOTAL_FORMS": 2},
        **row("contributions", 1, funder="european-union", instrument="ENI", amount="1.000.000", currency="eur"),
        **row("participations", 1, organisation="iom", role="implementer", component=1),
        **{"components-0-title": "migration policy", "provenance-claim-content_type-object_id-0-quote": "x b y"},
    )
    revision = last("project", "nexus")
    assert revision.user_name == "anna"
    for words in ('"amount":"1000000.00"', '"slug":"iom"', '"title":"migration policy"', '"quote":"x b y"'):
        assert words in revision.document


def test_new_project_with_rows_inline_is_one_revision(staff):
    page = address(Project, "add")
    data = filled(staff.get(page)) | {"slug": "cmba", "title": "CMBA", "contributions-TOTAL_FORMS": 1}
    data |= row("contributions", 0, funder="european-union", instrument="ENI")
    data |= {"provenance-claim-content_type-object_id-TOTAL_FORMS": 1}
    claim = {"field": "title", "as_stated": "CMBA", "quote": "the CMBA project", "source": "paper"}
    data |= row("provenance-claim-content_type-object_id", 0, **claim)
    assert staff.post(page, data).status_code == 302
    assert [r.action for r in Revision.objects.filter(key="cmba")] == ["created"]
    assert '"funder":{"slug":"european-union"' in last("project", "cmba").document
    assert Claim.objects.get(object_id="cmba").record == Project.objects.get(pk="cmba")


# -- Refusals --


def test_parts_above_the_total_are_refused_with_all_that_was_typed(staff):
    project = make_project(budget_amount=1000, budget_currency="EUR")
    before = Revision.objects.count()
    response = change(
        staff, project, title="A new title", **{"contributions-TOTAL_FORMS": 2},
        **row("contributions", 1, funder="european-union", instrument="ENI", amount="2.584.000", currency="EUR"),
    )  # fmt: skip
    assert response.status_code == 200
    assert "add up to EUR 2,584,000.00, which is more than the total budget of EUR 1,000.00" in faults(response)
    again = filled(response)
    assert again["title"] == "A new title"
    assert again["contributions-1-amount"] == "2.584.000"
    assert again["contributions-1-funder"] == "european-union"
    assert Project.objects.get(pk="nexus").title == "The nexus"
    assert (Contribution.objects.count(), Revision.objects.count()) == (1, before)
    assert not list(get_messages(response.wsgi_request))


def test_new_project_refused_keeps_all_that_was_typed(staff):
    page = address(Project, "add")
    data = filled(staff.get(page)) | {"slug": "cmba", "title": "CMBA", "contributions-TOTAL_FORMS": 1}
    data |= row("contributions", 0, funder="iom", instrument="ENI")
    response = staff.post(page, data)
    assert "ENI is an EU instrument, so its funder is the European Union" in faults(response)
    assert filled(response)["slug"] == "cmba"
    assert not Project.objects.exists()


def test_draft_named_by_a_published_project_becomes_public_with_it_once_that_was_shown(staff, project):
    make(Organisation, "new", state=DRAFT)
    page = address(Project, "change", project.pk)
    more = {"participations-TOTAL_FORMS": 2} | row("participations", 1, organisation="new", role="lead")
    shown = staff.post(page, filled(staff.get(page)) | more)
    assert "Also published" in shown.content.decode()
    assert "The new" in shown.content.decode()
    assert "“new”, which is draft" in faults(press(staff, shown, publish=""))
    assert Organisation.objects.get(pk="new").state == DRAFT
    assert Participation.objects.count() == 1
    assert press(staff, shown).status_code == 302
    assert Organisation.objects.get(pk="new").state == PUBLISHED
    assert Participation.objects.count() == 2


def test_withdrawn_record_named_by_a_published_project_is_refused(staff, project):
    make(Organisation, "new", state=WITHDRAWN)
    response = change(
        staff, project, **{"participations-TOTAL_FORMS": 2},
        **row("participations", 1, organisation="new", role="lead"),
    )  # fmt: skip
    assert "names the organisation “new”, which is withdrawn. Publish the organisation first" in faults(response)
    assert Participation.objects.count() == 1


# -- Amounts --


@pytest.mark.parametrize("state", [DRAFT, PUBLISHED])
def test_amounts_are_read_back_in_words_before_readers_see_them(staff, state):
    data = {"budget_amount": "2.584.000", "budget_currency": "EUR", "contributions-0-amount": "1 000,50"}
    make_project(state=state)
    page = address(Project, "change", "nexus")
    response = staff.post(page, filled(staff.get(page)) | data | {"contributions-0-currency": "EUR"})
    words = messages(response if state == PUBLISHED else staff.get(response.url))
    assert "Total budget: “2.584.000” was read as 2,584,000.00 (two million, five hundred" in words
    assert "Amount: “1 000,50” was read as 1,000.50 (one thousand" in words
    if state == PUBLISHED:
        assert "was read as" not in messages(staff.get(press(staff, response).url)), "this was said"
    assert "was read as" not in messages(staff.get(change(staff, Project.objects.get()).url))


def test_ambiguous_amount_is_refused_with_both_readings(staff, project):
    response = change(staff, project, budget_amount="2.584", budget_currency="EUR")
    assert "2,584.00 (two thousand" in faults(response)
    assert "2.584 (two point five eight four)" in faults(response)
    assert filled(response)["budget_amount"] == "2.584"


# -- Publish and withdraw --


def test_publish_says_and_records_what_it_did(staff):
    make_project("one", state=DRAFT)
    make_project("two")
    words = strip_tags(messages(act(staff, Project, "publish", "one", "two")))
    assert "Published: “The one”." in words
    assert "Already published: “The two”." in words
    assert (last("project", "one").action, last("project", "one").user_name) == ("published", "anna")


def test_withdraw_leaves_what_is_withdrawn_already(staff, client):
    make_project("one")
    make_project("two", state=WITHDRAWN)
    client.force_login(somebody("publisher"))
    chosen = {"action": "withdraw", "_selected_action": ["one", "two"], "index": 0}
    assert "Withdraw these projects?" in client.post(address(Project), chosen).content.decode()
    words = strip_tags(messages(act(client, Project, "withdraw", "one", "two")))
    assert "Withdrawn: “The one”. Already withdrawn: “The two”." in words


def test_withdraw_of_what_a_published_project_names_is_refused(staff, project):
    words = messages(act(staff, Country, "withdraw", "MD"))
    assert "“nexus” is published and names the country “MD”" in words
    assert Country.objects.get(pk="MD").state == PUBLISHED


def test_save_and_publish_saves_and_leads_to_the_page_that_publishes(staff):
    response = change(staff, make_project(state=DRAFT), title="NEXUS", _publish="1")
    assert response.url == address(Project, "publish", "nexus")
    assert (last("project", "nexus").action, last("project", "nexus").state) == ("changed", DRAFT)
    publish(staff, Project.objects.get())
    revision = last("project", "nexus")
    assert (revision.action, revision.state) == ("published", PUBLISHED)
    assert '"title":"NEXUS"' in revision.document
    assert b"_publish" not in staff.get(address(Project, "change", "nexus")).content


# -- Deleting --


def test_bulk_delete_records_each(staff):
    for slug in ("one", "two"):
        make_project(slug)
    words = messages(act(staff, Project, "delete_selected", "one", "two", post="yes"))
    assert "2 projects were deleted." in words
    assert {last("project", slug).action for slug in ("one", "two")} == {"deleted"}


@pytest.mark.parametrize("by_list", [True, False])
def test_delete_asks_why_and_keeps_the_reason_for_the_history(staff, project, by_list):
    page = address(Project) if by_list else address(Project, "delete", "nexus")
    sent = {"action": "delete_selected", "_selected_action": "nexus"} if by_list else {}
    assert 'name="reason"' in (staff.post(page, sent) if by_list else staff.get(page)).content.decode()
    response = staff.post(page, sent | {"post": "yes", "reason": " "})
    assert "Please give a reason" in messages(response)
    assert 'name="reason"' in response.content.decode()
    assert Project.objects.exists()
    assert staff.post(page, sent | {"post": "yes", "reason": "Recorded twice"}).status_code == 302
    assert (last("project", "nexus").action, last("project", "nexus").reason) == ("deleted", "Recorded twice")


@pytest.mark.parametrize("by_list", [True, False])
def test_delete_of_what_others_name_is_refused(staff, project, by_list):
    page = staff.get(address(Country, "delete", "MD")).content.decode()
    assert "Cannot delete country" in page
    assert f'Project: <a href="{address(Project, "change", "nexus")}">The nexus</a>' in page
    if by_list:
        act(staff, Country, "delete_selected", "MD", post="yes")
    else:
        staff.post(address(Country, "delete", "MD"), {"post": "yes", "reason": "Because."})
    assert Country.objects.filter(pk="MD").exists()
    assert Project.objects.get().countries.count() == 1


def test_delete_refused_at_the_last_moment_says_why(staff, project, monkeypatch):
    """Another transaction may name the record after the page looked."""
    monkeypatch.setattr("provenance.admin.publication.naming", lambda *args: [])
    response = staff.post(address(Country, "delete", "MD"), {"post": "yes", "reason": "No country."}, follow=True)
    assert 'value="No country."' in response.content.decode()
    assert "“MD” cannot be deleted: the project “nexus” names it." in messages(response)
    assert "successfully" not in messages(response)
    words = messages(act(staff, Country, "delete_selected", "MD", post="yes"))
    assert "“MD” cannot be deleted: the project “nexus” names it." in words
    assert Country.objects.filter(pk="MD").exists()


# -- What is shown --


@pytest.mark.parametrize("model", ALL)
def test_every_model_has_list_and_pages(staff, project, model):
    make(Theme, "asylum")
    one = model.objects.first()
    for page in (address(model), address(model, "change", one.pk), address(model, "history", one.pk)):
        assert staff.get(page, follow=True).status_code == 200
    assert staff.get(address(model, "add")).status_code == (403 if model is Revision else 200)


def test_view_on_site_is_a_path_and_only_where_the_public_finds_something(staff, project):
    make_project("hidden", state=DRAFT)
    assert b'href="/projects/nexus/" class="viewsitelink"' in staff.get(address(Project, "change", "nexus")).content
    assert b"viewsitelink" not in staff.get(address(Project, "change", "hidden")).content
    make(Theme, "asylum")
    assert b"viewsitelink" not in staff.get(address(Theme, "change", "asylum")).content


def test_search_for_more_than_it_takes_is_refused(staff):
    response = staff.get(address(Project), {"q": "a " * 50_000})
    assert "at most 200 characters" in messages(response)
    assert not response.context["cl"].queryset.exists()


def test_list_filters_narrow(staff):
    full = make_project("full", status="ongoing", start_date="2012", budget_amount=1, budget_currency="EUR")
    full.partnerships.add("mobility")
    make_project("empty", parts=0, state=DRAFT)
    for query, expected in {
        "countries__code__exact=MD": {"full", "empty"}, "countries__code__exact=ZZ": set(),
        "contributions__instrument__code__exact=NAT": {"full"}, "partnerships__slug__exact=mobility": {"full"},
        "partnerships__isnull=True": {"empty"},
        "status__exact=ongoing": {"full"}, "quality=not-stated-status": {"empty"}, "state__exact=draft": {"empty"},
        "quality=not-stated-budget": {"empty"}, "quality=nonsense": set(), "_facets=True": {"full", "empty"},
    }.items():  # fmt: skip
        projects = staff.get(f"{address(Project)}?{query}").context["cl"].queryset
        assert {project.pk for project in projects} == expected, query
    page = staff.get(address(Project)).content.decode()
    assert "By country" in page
    assert ">none</a>" in page
    assert not re.search("By countries|>-</a>", page)


def test_project_page_limits_components_to_its_own(staff):
    make_project("other")
    make_project(parts=2)
    page = staff.get(address(Project, "change", "nexus"))
    formset = next(f.formset for f in page.context["inline_admin_formsets"] if f.opts.model is Participation)
    assert [str(words) for _, words in formset.forms[0].fields["component"].choices][1:] == [
        "Component 1: part 1",
        "Component 2: part 2",
    ]


# -- Who may --


def test_somebody_who_may_only_look_reads_amounts_in_words(staff, client):
    project = make_project(state=DRAFT)
    project.contributions.update(amount=1234567, currency="EUR")
    update(Project, "nexus", budget_amount=2584000, budget_currency="EUR")
    client.force_login(somebody("viewer"))
    page = client.get(address(Project, "change", "nexus")).content.decode()
    assert "_publish" not in page
    assert "EUR 2,584,000<" in page
    assert "EUR 1,234,567<" in page


# -- As many queries for thirty rows as for three --


def number_of_queries(client, page):
    return len(queries(asked_for, client, page))


def test_list_says_dates_in_words_as_precise_as_they_are(staff):
    make_project("dated", start_date="2009-02", end_date="2012-01-31")
    make_project("undated", start_date="2010")
    text = staff.get(address(Project)).content.decode()
    assert '<td class="field-start_date">Feb 2009</td><td class="field-end_date">31 Jan 2012</td>' in text
    assert '<td class="field-start_date">2010</td><td class="field-end_date">-</td>' in text


def test_lists_ask_as_many_queries_for_ten_rows_as_for_three(staff):
    def add(number):
        make_project(f"p{number}")
        make(Theme, f"t{number}")
        partnership = make(Partnership, f"a{number}", kind="mobility-partnership")
        partnership.countries.add("MD")
        make(Organisation, f"o{number}", country_id="MD")

    def asked():
        return {model: number_of_queries(staff, address(model)) for model in ALL}

    for number in range(3):
        add(number)
    asked()  # fills the cache of content types
    few = asked()
    for number in range(3, 10):
        add(number)
    assert asked() == few


def test_project_page_asks_as_many_queries_for_ten_rows_of_each_part_as_for_three(staff):
    make_project("few", parts=3)
    make_project("many", parts=10)
    number_of_queries(staff, address(Project, "change", "few"))
    few = number_of_queries(staff, address(Project, "change", "few"))
    assert number_of_queries(staff, address(Project, "change", "many")) == few


def test_project_saved_or_refused_asks_no_query_for_rows_that_were_not_touched(staff):
    counts = []
    for slug, parts in (("few", 3), ("many", 10)):
        project = make_project(slug, parts=parts, budget_amount=10, budget_currency="EUR")
        page = address(Project, "change", slug)
        data = filled(staff.get(page))
        refused = {"contributions-0-amount": "11", "contributions-0-currency": "EUR"}
        for changes in ({"summary": f"{slug} two"}, refused):
            counts.append(len(queries(staff.post, page, data | changes)))
        assert project.contributions.filter(amount__isnull=False).count() == 0
    assert counts[:2] == counts[2:]
