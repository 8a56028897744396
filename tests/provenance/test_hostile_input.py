"""Whatever is sent to the admin, by address or by form, the answer is never a 5xx."""

from itertools import cycle, islice

import pytest
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType

from instruments.models import Country, Instrument
from projects.models import Organisation, Project, Theme
from provenance.models import Claim, Revision, Source
from tests.support.staff import address, filled, make, make_project, messages, row

pytestmark = pytest.mark.django_db
HUGE = "9" * 400
BEYOND = str(2**63)
VALUES = ["", "foo", "-1", BEYOND, HUGE, "NaN", "(", "\\", "1\n", "é\u202e,{}'"]
MODELS = [Project, Country, Organisation, Source, Revision, User]


@pytest.fixture
def attacker(staff, project):
    """Staff who send anything; an error is answered with a page, as in real life."""
    staff.raise_request_exception = False
    return staff


@pytest.mark.parametrize("total", ["9", "2000", HUGE])
def test_form_of_more_rows_than_it_sends_is_refused(attacker, total):
    data = {"title": "New", "slug": "new", "contributions-TOTAL_FORMS": total, "contributions-INITIAL_FORMS": "0"}
    assert attacker.post(address(Project, "add"), data).status_code == 400


LOOKUPS = [
    "state__foo", "state", "state__exact", "state__isnull", "state__regex", "modified__year", "modified__month",
    "modified__gte", "modified", "slug__regex", "slug__contains", "pk", "pk__in", "id", "id__in", "budget_amount__gte",
    "budget", "start", "country", "country__code__exact", "countries__name", "instrument__code__exact",
    "instrument__isnull", "currency", "kind", "kind__exact", "key", "key__regex", "action", "is_public__exact",
    "at__year", "at__day", "at__hour", "document__contains", "revision__document", "claims__quote__regex",
    "is_active__exact", "groups__id__exact", "username__regex", "password__startswith", "search_text", "p", "o", "q",
    "all", "e", "_facets", "_popup", "_to_field", "_changelist_filters", "a__b__c", "__", "_", "a[]", "é",
]  # fmt: skip


@pytest.mark.parametrize("model", MODELS)
def test_list_answers_any_query(attacker, model):
    """Each lookup with a value, and with another one for the next model."""
    values = islice(cycle(VALUES), MODELS.index(model), None)
    for lookup, value in zip(LOOKUPS, values, strict=False):
        assert attacker.get(address(model), {lookup: value}).status_code < 500, (lookup, value[:20])


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"state__foo": "1"}, 400),
        ({"slug__regex": "("}, 400),
        ({"claims__quote__contains": "x"}, 400),
        ({"_to_field": "title"}, 400),
        ({"p": "999"}, 200),
        ({"modified__year": "9999"}, 302),
        ({"e": "1"}, 200),
    ],
)
def test_list_refuses_what_it_does_not_know(attacker, query, status):
    assert attacker.get(address(Project), query).status_code == status


def test_list_says_so_where_its_address_was_not_understood(attacker):
    response = attacker.get(address(Project), {"modified__year": "nonsense"}, follow=True)
    assert "This link contains an unknown filter, so all rows are shown." in messages(response)


DATES = [
    {"__year": year, "__month": month, "__day": day}
    for year, month, day in [
        ("9999", "12", "31"), ("9999", "12", ""), ("9999", "", ""), ("0", "1", "1"), ("1", "1", "1"), ("2012", "13", "1"),
        ("2012", "2", "30"), (BEYOND, "1", "1"), ("2012", BEYOND, "1"), ("", "5", ""), ("", "", BEYOND), ("-5", "", ""),
    ]
]  # fmt: skip


@pytest.mark.parametrize(("model", "column"), [(Project, "modified"), (Revision, "at")])
def test_dates_of_a_list_answer_any_number(attacker, model, column):
    for date in DATES:
        query = {column + part: value for part, value in date.items() if value}
        assert attacker.get(address(model), query).status_code < 500
        assert attacker.get(address(model), query, follow=True).status_code == 200


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("what", ["change", "history", "delete"])
def test_page_of_any_key_answers(attacker, model, what):
    keys = ["x", "0", "-1", BEYOND, HUGE, "9" * 5000, "a/b", "é", "_5F", "_00", "%2500", "(", " ", "..", "1.5"]
    answers = [attacker.get(address(model, what, key)) for key in keys]
    assert {each.status_code for each in answers} <= {302, 403, 404, 400}
    for where in {each.url for each in answers if each.status_code == 302}:
        assert attacker.get(where).status_code == 200  # with what the page says of each


@pytest.mark.parametrize("model", MODELS)
def test_new_page_with_anything_filled_in_answers(attacker, model):
    names = [*(field.name for field in model._meta.get_fields()), "reason", "state", "pk", "x__y", "_popup"]
    for value in VALUES:
        assert attacker.get(address(model, "add"), dict.fromkeys(names, value)).status_code < 500, value[:20]


def test_autocompletion_answers_anything(attacker):
    page = "/admin/autocomplete/"
    right = {"app_label": "projects", "model_name": "contribution", "field_name": "funder"}
    offered = attacker.get(page, right | {"term": "europ"}).json()["results"]
    assert offered == [{"id": "european-union", "text": "European Union"}]
    for name in [*right, "term", "page"]:
        for value in [*VALUES, "a " * 50_000, "claims", "record", "content_type", "revision", "project"]:
            status = attacker.get(page, right | {name: value}).status_code
            assert status < 500, (name, value[:20])
    assert attacker.get(page, right | {"term": "a " * 500}).json()["results"] == []
    for model in (Project, Revision, Country):
        for field in model._meta.get_fields():
            query = {"app_label": model._meta.app_label, "model_name": model._meta.model_name, "field_name": field.name}
            assert attacker.get(page, query).status_code < 500, query


@pytest.mark.parametrize("model", MODELS)
def test_action_on_anything_answers(attacker, model):
    for action in ("withdraw", "delete_selected", "nonsense"):
        values = [{"_selected_action": value} for value in ["", "foo", BEYOND, HUGE, "\0", "x" * 5000]]
        for sent in (*values, {"select_across": "x"}, {"index": HUGE}):
            data = {"action": action, "_selected_action": "foo", "index": "0", **sent}
            assert attacker.post(address(model), data).status_code < 500, (action, sent)


def test_action_on_too_many_is_refused(attacker, monkeypatch):
    monkeypatch.setattr("provenance.admin.records.MOST_AT_ONCE", 1)
    make_project("two")
    data = {"action": "withdraw", "_selected_action": "nexus", "index": "0", "select_across": "1"}
    assert "Choose at most 1 at a time" in messages(attacker.post(address(Project), data, follow=True))
    assert Project.objects.published().count() == 2


ODD = [*VALUES, "\0", "a\0b", "x" * 5000, "\ud7ff", "<script>alert(1)</script>", "2012-00", "99999-01", "1_000"]


@pytest.mark.slow
def test_project_form_answers_anything(attacker):
    page = address(Project, "change", "nexus")
    data = filled(attacker.get(page))
    typed = [name for name in data if "_FORMS" not in name]
    for value in ODD:
        assert attacker.post(page, data | dict.fromkeys(typed, value)).status_code < 500, value[:20]
    chosen = ["contributions-0-funder", "participations-0-component", "contributions-0-id", "contributions-0-DELETE"]
    for name in ["themes", "slug", "_saveasnew", "_popup", "_to_field", "budget_amount", "start_date", *chosen]:
        for value in [BEYOND, "\0"]:
            assert attacker.post(page, data | {name: value}).status_code < 500, (name, value)


@pytest.mark.parametrize("model", [Project, Instrument, Organisation, Theme, Source, User])
def test_new_form_answers_anything(attacker, model):
    page = address(model, "add")
    data = filled(attacker.get(page))
    fields = [field for field in model._meta.get_fields() if field.concrete or field.many_to_many]
    for value in ODD:
        assert attacker.post(page, data | {field.name: value for field in fields}).status_code < 500, value[:20]
    for field in filter(lambda field: field.related_model, fields):
        assert attacker.post(page, data | {field.name: BEYOND}).status_code < 500, field.name
    assert attacker.post(page, {}).status_code < 500


def test_form_with_rows_that_are_not_there_answers(attacker):
    page = address(Project, "change", "nexus")
    data = filled(attacker.get(page))
    for sent in (
        {"contributions-TOTAL_FORMS": "x"},
        {"contributions-TOTAL_FORMS": "-1"},
        {"contributions-INITIAL_FORMS": "5", "contributions-TOTAL_FORMS": "5"},
        {"contributions-0-id": BEYOND},
        {"components-TOTAL_FORMS": "2", **row("components", 1, number=BEYOND, title="x")},
        {"components-TOTAL_FORMS": "2", **row("components", 1, number="40000", title="x")},
        {"contributions-0-project": "other"},
    ):
        assert attacker.post(page, data | sent).status_code < 500, sent


def test_shortcut_to_the_site_answers(attacker):
    make(Theme, "asylum")
    for model, key in ((Theme, "asylum"), (Project, "nexus"), (Claim, "1"), (Project, "nowhere"), (Claim, BEYOND)):
        kind = ContentType.objects.get_for_model(model).pk
        assert attacker.get(f"/admin/r/{kind}/{key}/").status_code < 500
    for kind in ("x", BEYOND, HUGE):
        assert attacker.get(f"/admin/r/{kind}/1/").status_code < 500
