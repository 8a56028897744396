"""What staff type finds a record by all its names, what is meant most likely first; lists and selectors alike."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from instruments.models import Country, Delegation, Instrument, Partnership
from projects.models import Contribution, Organisation, Participation, Project, Theme
from provenance.models import Claim, Source
from tests.support.database import queries
from tests.support.records import record
from tests.support.staff import address, make

pytestmark = pytest.mark.django_db
SELECTORS = {  # of what is chosen: the model and the field by which
    Organisation: (Contribution, "funder"), Instrument: (Contribution, "instrument"), Source: (Claim, "source"),
    Project: (Project, "part_of"), Country: (Project, "countries"), Theme: (Project, "themes"),
    Partnership: (Project, "partnerships"), User: (Delegation, "members"),
}  # fmt: skip


def offered(client, model, term, page=1):
    """Return the keys that the selector of ``model`` offers, and whether it has more."""
    source, field = SELECTORS[model]
    asked = {"term": term, "app_label": source._meta.app_label, "model_name": source._meta.model_name}
    answer = client.get(reverse("admin:autocomplete"), asked | {"field_name": field, "page": page}).json()
    return [one["id"] for one in answer["results"]], answer["pagination"]["more"]


def listed(client, model, term, **more):
    return [str(row.pk) for row in client.get(address(model), {"q": term, **more}).context["cl"].result_list]


def both(client, model, term):
    """Return the keys that selector and list give for ``term``; they have to be the same."""
    keys, _more = offered(client, model, term)
    assert listed(client, model, term) == keys
    return keys


def test_acronym_comes_before_names_that_begin_so_and_those_before_the_rest(admin_client):
    make(Organisation, "a-museum", name="A Museum")
    make(Organisation, "aid-europe", name="Aid for Europe")
    make(Organisation, "eurostat", name="Eurostat")
    make(Organisation, "european-union", name="European Union", acronym="EU")
    make(Organisation, "eu", name="Zoo")
    expected = ["european-union", "eu", "eurostat", "aid-europe", "a-museum"]
    for term in ("eu", "EU", " eu "):
        assert both(admin_client, Organisation, term) == expected


def test_organisation_is_found_by_its_other_and_former_names_however_they_are_written(admin_client):
    make(Organisation, "icmpd", name="ICMPD", aliases=["Comité intergouvernemental", "Інститут"])
    make(Organisation, "committee", name="A committee on the comite intergouvernemental")
    for term in ("COMITE INTERGOUVERNEMENTAL", "comité intergouvernemental"):
        assert both(admin_client, Organisation, term) == ["icmpd", "committee"]
    assert both(admin_client, Organisation, "ІНСТИТУТ") == ["icmpd"]


def test_project_of_that_acronym_comes_before_those_that_name_it(admin_client):
    make(Organisation, "european-union", name="European Union", acronym="EU")
    for slug, title, acronym in (("a", "A", ""), ("b", "B", "ÉU"), ("c", "Euro", "")):
        project = make(Project, slug, title=title, acronym=acronym, summary="Of the EU.")
        Participation.objects.create(project=project, organisation_id="european-union", role="lead")
    record(Project, ["a", "b", "c"], user_name="maker")
    assert both(admin_client, Project, "eu") == ["b", "c", "a"]
    assert both(admin_client, Project, "eu of") == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("model", "rows", "term", "expected"),
    [
        (Country, {"AM": "Armenia", "MD": "Moldova", "GE": "Georgia am Meer"}, "am", ["AM", "GE"]),
        (Instrument, {"ISF": "An ENI-like fund", "ENI": "Neighbourhood", "X": "Enimma"}, "eni", ["ENI", "X", "ISF"]),
        (Theme, {"other-asylum": "Of asylum", "asylum": "Zeal for asylum"}, "asylum", ["asylum", "other-asylum"]),
        (Partnership, {"a": "The visa action", "b": "Visa"}, "visa", ["b", "a"]),
        (Theme, {"aa": "An asylum-law b", "asylum-law": "Zeal"}, "Asylum-Law", ["asylum-law", "aa"]),
        (Source, {"a": "On a paper", "b": "Paper", "paper": "Z"}, "paper", ["b", "paper", "a"]),
    ],
)
def test_every_kind_gives_keys_and_whole_names_first(admin_client, model, rows, term, expected):
    name = "title" if model is Source else "name"
    for key, called in rows.items():
        make(model, key, **{name: called}, **({"kind": "eu"} if model is Instrument else {}))
    assert both(admin_client, model, term) == expected


def test_publisher_and_manager_are_found_whatever_their_case_and_accents(admin_client):
    make(Source, "paper", title="Paper", publisher="Ministère de l'Intérieur")
    make(Source, "of-it", title="By the ministere")
    make(Instrument, "X", name="X", kind="eu", managed_by="Директорат")
    assert both(admin_client, Source, "MINISTERE") == ["of-it", "paper"]
    assert both(admin_client, Instrument, "ДИРЕКТОРАТ") == ["X"]


def test_users_are_found_in_any_case_in_order(admin_client):
    for name in ("aa-bert", "bertram", "bert"):
        User.objects.create_user(name)
    assert [User.objects.get(pk=key).username for key in both(admin_client, User, "Bert")] == [
        "aa-bert",
        "bert",
        "bertram",
    ]


def test_pages_of_a_selector_hold_each_record_once(admin_client):
    for number in range(45):
        make(Theme, f"t{number}", name="Same" if number % 2 else "Same as another")
    pages = [offered(admin_client, Theme, "same", page) for page in (1, 2, 3)]
    assert [more for _, more in pages] == [True, True, False]
    keys = [key for page, _ in pages for key in page]
    assert len(set(keys)) == len(keys) == 45
    assert {int(key[1:]) % 2 for key in keys[:22]} == {1}


def test_order_that_somebody_chose_stays(admin_client):
    make(Theme, "asylum", name="Asylum")
    make(Theme, "b-asylum", name="B asylum")
    assert listed(admin_client, Theme, "asylum") == ["asylum", "b-asylum"]
    assert listed(admin_client, Theme, "asylum", o="-1") == ["b-asylum", "asylum"]


def test_what_like_and_lines_could_mean_is_only_text(admin_client):
    make(Theme, "asylum", name="Asylum")
    make(Theme, "part", name="100% of_it")
    assert both(admin_client, Theme, "%") == ["part"]
    assert both(admin_client, Theme, "_") == ["part"]
    assert both(admin_client, Theme, "asylum\nasylum") == ["asylum"]


def test_selector_asks_as_many_queries_for_ten_as_for_three(admin_client):
    counts = []
    for numbers in (range(3), range(3, 10)):
        for number in numbers:
            make(Organisation, f"o{number}", aliases=[f"Name {number}"])
        offered(admin_client, Organisation, "the")
        counts.append(len(queries(offered, admin_client, Organisation, "the")))
    assert counts[0] == counts[1]
