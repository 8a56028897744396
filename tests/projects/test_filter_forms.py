"""The form of a filter is made once for all requests, and yet says what holds now, in the language of each."""

import pytest
from django.http import QueryDict
from django.utils.translation import override

from instruments.models import Country
from projects.models import Organisation, Project
from projects.search.filters import BadQuery, ProjectFilter, RecordFilter
from tests.support.records import update

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def asked(query="", kind=ProjectFilter, model=Project):
    return kind(QueryDict(query), model=model)


def test_choices_of_records_are_those_of_now(register):
    earlier = asked("country=GE")
    assert earlier.form["country"]  # of one register, whatever others ask meanwhile
    update(Country, "GE", name="Another")
    assert asked("country=GE").asked["country"] == {"GE": "Another"}
    assert earlier.asked["country"] == {"GE": "Georgia"}


@pytest.mark.parametrize(
    ("code", "label", "refusal"),
    [("en", "Search", "is not an allowed value"), ("fr", "Recherche", "n’est pas une valeur admise")],
)
def test_labels_and_refusals_are_in_the_language_of_each_request(register, code, label, refusal):
    with override(code):
        assert asked().form["q"].label == label
        assert refusal in str(asked("status=x").form.errors)


def test_members_are_those_of_the_kind_of_record():
    assert asked("fields=budget", RecordFilter).asked["fields"] == ["budget"]
    with pytest.raises(BadQuery) as refused:
        asked("fields=budget", RecordFilter, Organisation).asked  # noqa: B018
    assert "project_count" in str(refused.value.errors)


def test_errors_of_one_form_are_not_those_of_another(register):
    assert asked("page=0&country=XX").form.errors.keys() == {"page", "country"}
    assert asked("page=1&country=GE").form.errors == {}
