"""The fixtures say what the document says and nothing else; loading them overwrites nobody's work."""

import json
import re
from collections import Counter
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command

from instruments.models import Country, Instrument, Partnership
from projects.models import Component, Contribution, Organisation, Participation, Project, Theme, ThemeCode
from provenance.models import Claim, Revision, Source
from provenance.store.build import blank
from provenance.store.log import delete, record_models, set_state
from tests.support.loops import at_least_one
from tests.support.records import record

FILES = ["sources", "countries", "instruments", "partnerships", "organisations", "themes", "projects"]
ALL = "1 source, 4 countries, 7 instruments, 7 agreements, 8 organisations, 10 themes, 8 projects"
STAFF = {"user_name": "ana"}


def documents(model):
    """What every door shows of the records of a kind: ``{key: document}``."""
    return {key: json.loads(text) for key, text in model.objects.values_list("pk", "revision__document")}


def entries(name):
    return json.loads((Path(settings.BASE_DIR) / "fixtures" / f"{name}.json").read_text(encoding="utf-8"))


def load():
    """What load_fixtures prints."""
    out = StringIO()
    call_command("load_fixtures", stdout=out)
    return out.getvalue().strip()


@pytest.fixture
def fixture_folder(tmp_path, settings):
    """An empty folder in the place of the project's fixtures; call it to write a file there."""
    settings.FIXTURE_DIRS = [tmp_path]

    def write(name, *documents, text=None):
        (tmp_path / name).write_text(text or json.dumps(documents), encoding="utf-8")

    return write


def theme(key="water", **members):
    return {"slug": key, "name": "Water", **members}


def project(key="dam", **members):
    return blank(Project, key) | {"title": "Dam", **members}


def claim(**members):
    claimed = {"field": "title", "as_stated": "NEXUS", "quote": "the NEXUS project"}
    return {**claimed, "source": {"slug": "paper", "title": "Paper"}, **members}


def year_of(value):
    return {"value": value, "precision": "year", "earliest": "", "latest": "", "planned": False}


FIRE = {"slug": "fire", "name": "Fire"}
WATER = {"slug": "water", "name": "Water"}
BANK = {"slug": "european-union", "name": "European Union"}


def everything():
    """Every row of the register."""
    kinds = [*record_models(), Component, Contribution, Participation, Claim, Revision]
    return {kind._meta.label: list(kind.objects.order_by("pk").values()) for kind in kinds}


def nothing_in_the_register():
    return not any(everything().values())


# -- What the files say, against the document --


@pytest.fixture(scope="module")
def words_of_the_source(source_text):
    """The document, its white space made single."""
    return " ".join(source_text.split())


def test_titles_summaries_and_objectives_are_the_documents_own_words(register, words_of_the_source):
    for document in at_least_one(documents(Project).values()):
        for words in [document["title"], document["summary"] or "", *document["objectives"]]:
            assert words in words_of_the_source


def test_source_has_its_address_and_bears_no_date(register):
    assert documents(Source).keys() == {"financial-and-technical-assistance"}
    source = documents(Source)["financial-and-technical-assistance"]
    assert (source["title"], source["publisher"], source["language"], source["read_date"]) == (
        "Financial and technical assistance", "Migration and Home Affairs", "en", "2026-11-24",
    )  # fmt: skip
    assert source["date"] is None
    assert source["address"].endswith("/eastern-partnership/financial-and-technical-assistance_en")


def test_every_stated_member_has_a_claim_and_no_other(register):
    for model in filter(lambda model: model.claimable, record_models()):
        for key, document in at_least_one(documents(model).items()):
            stated = {name for name in model.claimable if document.get(name) not in (None, [], False)}
            stated -= {"code"} if model is Country else set()
            assert {claimed["field"] for claimed in document["claims"]} == stated, key


def test_every_part_of_a_project_has_a_claim_of_its_own(register):
    parts = ["contributions", "organisations", "components", "objectives", "countries"]
    for key, document in at_least_one(documents(Project).items()):
        claims = Counter(claimed["field"] for claimed in document["claims"])
        short = [name for name in [*parts, "partnerships"] if claims[name] < len(document[name])]
        assert short == [], key


# -- Every fact of the document --


def date(value, precision, earliest, latest, planned=False):
    return {
        "value": value, "precision": precision, "earliest": earliest, "latest": latest, "planned": planned,
    }  # fmt: skip


def year(value, planned=False):
    return date(value, "year", f"{value}-01-01", f"{value}-12-31", planned)


def euros(amount):
    return {"amount": amount, "currency": "EUR"}


def gives(instrument, amount=None, funder="european-union"):
    return funder, instrument, amount, amount and "EUR"


NOT_STATED = {
    "acronym": None, "summary": None, "objectives": [], "partnerships": [], "status_as_of": None,
    "start_date": None, "end_date": None, "budget": None, "contributions": [], "unattributed": None,
    "organisations": [], "components": [],
}  # fmt: skip
# Aims that are both the summary and the only objective.
MOLDOVA_AIM = "strengthening Moldova’s capacity to manage labour and return migration"
ENIGMMA_AIM = "enhance the capacities of Georgian authorities in the area of integrated border management and migration"
ARMENIA_AIM = "strengthening Armenia's migration management capacities, with special focus on reintegration activities"
CMBA_AIM = "enhancing the capacities of Azerbaijani authorities in the area of migration and border management"
NEXUS_AIM = (
    "developing durable capacities and systematic collaboration among national and sub-national authorities,"
    " civil society and private-sector stakeholders, by fostering links between migration and development at"
    " the local level"
)
IRREGULAR = "develop effective mechanisms and concrete initiatives for preventing and combating irregular immigration"
PROJECTS = {
    "moldova-targeted-initiative": {
        "title": "Targeted Initiative",
        "summary": MOLDOVA_AIM,
        "objectives": [MOLDOVA_AIM],
        "countries": ["MD"],
        "partnerships": ["eu-moldova-mobility-partnership"],
        "status": "completed",
        "start_date": date("2009-02", "month", "2009-02-01", "2009-02-28"),
        "end_date": date("2012-01", "month", "2012-01-01", "2012-01-31"),
        "organisations": [
            ("swedish-public-employment-service", "lead", "led by", None),
            ("moldovan-national-employment-agency", "partner", "in cooperation with", None),
        ],
    },
    "nexus": {
        "title": "NEXUS",
        "summary": NEXUS_AIM,
        "objectives": [NEXUS_AIM],
        "countries": ["MD"],
        "status": "ongoing",
        "contributions": [
            gives("TPMA"),
            gives(None, funder="swiss-agency-for-development-and-cooperation"),
        ],
    },
    "georgia-targeted-initiative": {
        "title": "Targeted Initiative under the EU-Georgia Mobility Partnership",
        "summary": "readmission and reintegration by strengthening Georgia's capacity to manage labour and"
        " return migration, facilitating labour migration, funding support for returnees, and strengthening"
        " Georgia's capacity to monitor migration flows",
        "objectives": [
            "strengthening Georgia's capacity to manage labour and return migration",
            "facilitating labour migration",
            "funding support for returnees",
            "strengthening Georgia's capacity to monitor migration flows",
        ],
        "countries": ["GE"],
        "partnerships": ["eu-georgia-mobility-partnership"],
        "status": "completed",
        "start_date": year("2010"),
        "end_date": year("2013"),
        "budget": euros("3000000.00"),
        "contributions": [gives("TPMA", "3000000.00")],
        "organisations": [("czech-republic", "lead", "led by", None)],
    },
    "enigmma": {
        "title": "ENIGMMA, on Georgia's Capacities for Border Management and Migration",
        "acronym": "ENIGMMA",
        "summary": ENIGMMA_AIM,
        "objectives": [ENIGMMA_AIM],
        "countries": ["GE"],
        "partnerships": ["eu-georgia-mobility-partnership", "eu-georgia-visa-liberalisation-action-plan"],
        "status": "ongoing",
        "budget": euros("16000000.00"),
        "contributions": [gives("ENI", "16000000.00")],
    },
    "armenia-targeted-initiative": {
        "title": "Targeted Initiative in the framework of the EU-Armenia Mobility Partnership",
        "summary": ARMENIA_AIM,
        "objectives": [ARMENIA_AIM],
        "countries": ["AM"],
        "partnerships": ["eu-armenia-mobility-partnership"],
        "status": "ongoing",
        "start_date": year("2012"),
        "contributions": [gives("TPMA")],
        "organisations": [("france", "lead", "led by", None)],
    },
    "bagratashen-sadakhlo-ibm": {
        "title": "Bagratashen-Sadakhlo Integrated Border Management Project",
        "summary": f"{IRREGULAR}, as well as improving border surveillance and border management capacities",
        "objectives": [IRREGULAR, "improving border surveillance and border management capacities"],
        "countries": ["AM"],
        "status": "ongoing",
        "budget": euros("2584000.00"),
        "contributions": [gives("ENI", "1716000.00")],
        "unattributed": euros("868000.00"),
    },
    "azerbaijan-targeted-initiative": {
        "title": "Targeted Initiative under the EU-Azerbaijan Mobility Partnership",
        "countries": ["AZ"],
        "partnerships": ["eu-azerbaijan-mobility-partnership"],
        "status": "planned",
        "start_date": year("2016", planned=True),
        "end_date": year("2018", planned=True),
        "contributions": [gives("GPGC")],
        "organisations": [("icmpd", "lead", "led by", None)],
        "components": [
            {"number": 1, "title": "migration policy"},
            {"number": 2, "title": "legal migration"},
            {"number": 3, "title": "document security"},
            {"number": 4, "title": "asylum"},
            {"number": 5, "title": "reintegration"},
        ],
    },
    "cmba": {
        "title": "Consolidation of Migration and Border Management Capacities in Azerbaijan",
        "acronym": "CMBA",
        "summary": CMBA_AIM,
        "objectives": [CMBA_AIM],
        "countries": ["AZ"],
        "partnerships": ["eu-azerbaijan-readmission-agreement", "eu-azerbaijan-visa-facilitation-agreement"],
        "status": "ongoing",
        "budget": euros("2600000.00"),
        "contributions": [gives("ENI", "2600000.00")],
        "organisations": [("iom", "implementer", "implemented by", None)],
    },
}


def facts(document):
    """A project's document without what the document in hand does not say; names as their keys."""
    for ours in ("slug", "url", "themes", "claims", "modified"):
        del document[ours]
    return document | {
        "countries": [member["code"] for member in document["countries"]],
        "partnerships": [member["slug"] for member in document["partnerships"]],
        "contributions": [
            (part["funder"]["slug"], (part["instrument"] or {}).get("code"), part["amount"], part["currency"])
            for part in document["contributions"]
        ],
        "organisations": [
            (member["slug"], member["role"], member["role_as_stated"], member["component"])
            for member in document["organisations"]
        ],
    }


def test_projects_say_what_the_document_says_and_nothing_else(register):
    recorded = {slug: facts(document) for slug, document in documents(Project).items()}
    assert recorded == {slug: NOT_STATED | project for slug, project in PROJECTS.items()}


def test_instruments_are_those_that_the_document_names(register):
    members = ("name", "kind", "managed_by", "is_former", "predecessor")
    home, neighbours = "DG Migration and Home Affairs", "DG Neighbourhood and Enlargement"
    development = "DG Development and Cooperation"
    assert {code: tuple(row[name] for name in members) for code, row in documents(Instrument).items()} == {
        "AMIF": ("Asylum, Migration and Integration Fund", "eu", home, False, None),
        "ISF": ("Internal Security Fund", "eu", home, False, None),
        "ENI": ("European Neighbourhood Instrument", "eu", neighbours, False, None),
        "GPGC": ("Global Public Goods and Challenges", "eu", development, False, None),
        "TPMA": ("Thematic Programme for Migration and Asylum", "eu", development, True, None),
        "BILATERAL": (
            "bilateral financial assistance from the EU Member States", "member-state", None, False, None,
        ),
        "NATIONAL": ("partner countries national sources", "partner-country", None, False, None),
    }  # fmt: skip


def test_partnerships_are_those_that_the_document_names(register):
    agreements = {
        slug: (row["name"], row["kind"], [country["code"] for country in row["countries"]])
        for slug, row in documents(Partnership).items()
    }
    mobility = "mobility-partnership"
    assert agreements == {
        "eu-moldova-mobility-partnership": ("EU-Moldova Mobility Partnership", mobility, ["MD"]),
        "eu-georgia-mobility-partnership": ("EU-Georgia Mobility Partnership", mobility, ["GE"]),
        "eu-armenia-mobility-partnership": ("EU-Armenia Mobility Partnership", mobility, ["AM"]),
        "eu-azerbaijan-mobility-partnership": ("EU-Azerbaijan Mobility Partnership", mobility, ["AZ"]),
        "eu-georgia-visa-liberalisation-action-plan": (
            "EU-Georgia Visa Liberalisation Action Plan", "visa-liberalisation-action-plan", ["GE"],
        ),
        "eu-azerbaijan-visa-facilitation-agreement": (
            "EU-Azerbaijan Visa Facilitation Agreement", "visa-facilitation-agreement", ["AZ"],
        ),
        "eu-azerbaijan-readmission-agreement": (
            "EU-Azerbaijan Readmission Agreement", "readmission-agreement", ["AZ"],
        ),
    }  # fmt: skip


def test_countries_and_organisations_are_those_that_the_document_names(register):
    assert {code: row["name"] for code, row in documents(Country).items()} == {
        "MD": "Moldova", "GE": "Georgia", "AM": "Armenia", "AZ": "Azerbaijan",
    }  # fmt: skip
    assert {slug: row["name"] for slug, row in documents(Organisation).items()} == {
        "european-union": "European Union",
        "swiss-agency-for-development-and-cooperation": "Swiss Agency for Development and Cooperation",
        "swedish-public-employment-service": "Swedish Public Employment Service",
        "moldovan-national-employment-agency": "Moldovan National Employment Agency",
        "czech-republic": "Czech Republic",
        "france": "France",
        "icmpd": "ICMPD",
        "iom": "IOM",
    }


def test_organisations_say_no_more_than_the_document(register):
    for slug, row in at_least_one(documents(Organisation).items()):
        assert (row["aliases"], row["kind"], row["country"], row["identifier"]) == ([], None, None, None)
        assert row["acronym"] == ("EU" if slug == "european-union" else None)


# -- load_fixtures --


def test_first_load_adds_all_published_and_says_so(db):
    assert load() == f"Added: {ALL}."
    for model in record_models():
        states = set(model.objects.values_list("state", "revision__user_name"))
        assert states == {("published", "load_fixtures")}
    assert set(Revision.objects.values_list("action", "is_public")) == {("created", True)}


@pytest.mark.parametrize("model", record_models(), ids=lambda model: model.__name__)
def test_files_hold_the_documents_as_they_are_recorded(model, register):
    recorded = [as_in_files(document) for document in documents(model).values()]
    name = model.collection or f"{model._meta.model_name}s"
    in_order = lambda rows: sorted(rows, key=lambda row: row.get("slug") or row["code"])  # noqa: E731
    assert in_order(recorded) == in_order(entries(name))


def as_in_files(document):
    """Return a document without its time, and without what follows for claims from the values."""
    follows = ("status", "value", "reading", "evidence", "url")
    claims = [
        {name: part for name, part in claim.items() if name not in follows} for claim in document.get("claims", ())
    ]
    members = {name: value for name, value in document.items() if name != "modified"}
    return members | {"claims": claims} if "claims" in document else members


def test_load_adds_the_codes_of_themes_with_their_themes_only(register):
    assert list(ThemeCode.objects.values_list("code", "theme")) == [("15190", "migration-management")]
    ThemeCode.objects.all().delete()
    load()
    assert not ThemeCode.objects.exists()


def test_second_load_writes_nothing_and_asks_little(register, django_assert_max_num_queries):
    before = everything()
    with django_assert_max_num_queries(12):
        assert load() == f"Nothing to add. Left as they are: {ALL}."
    assert everything() == before


def test_load_leaves_an_edited_record_as_it_is(register):
    Project.objects.filter(pk="nexus").update(title="NEXUS Moldova")
    Contribution.objects.filter(project="nexus").delete()
    Claim.objects.filter(object_id="nexus").delete()
    record(Project, ["nexus"], **STAFF)
    load()
    shown = documents(Project)["nexus"]
    assert (shown["title"], shown["contributions"], shown["claims"]) == ("NEXUS Moldova", [], [])
    assert Revision.objects.filter(kind="project", key="nexus").first().user_name == "ana"


def test_load_leaves_a_withdrawn_record_withdrawn(register):
    set_state(Project, ["nexus"], "withdrawn", **STAFF)
    load()
    assert Project.objects.get(pk="nexus").state == "withdrawn"


def test_load_does_not_bring_back_what_was_deleted(register):
    delete(Project, ["nexus"], **STAFF)
    assert load().endswith("10 themes, 7 projects. Deleted here, so not added again: project “nexus”.")
    assert not Project.objects.filter(pk="nexus").exists()
    assert not Claim.objects.filter(object_id="nexus").exists()


def test_load_adds_a_new_record_beside_an_edited_one(register, fixture_folder):
    Theme.objects.filter(pk="asylum").update(name="Right of asylum")
    record(Theme, ["asylum"], **STAFF)
    fixture_folder("themes.json", theme("asylum", name="Asylum"), theme("water"))
    assert load() == "Added: 1 theme. Left as it is: 1 theme."
    assert {key: documents(Theme)[key]["name"] for key in ("asylum", "water")} == {
        "asylum": "Right of asylum", "water": "Water",
    }  # fmt: skip


def test_load_finds_what_a_record_names_whatever_the_order(fixture_folder, db):
    fixture_folder(
        "projects.json", project(part_of={"slug": "river", "title": "River"}), project("river", themes=[WATER])
    )
    fixture_folder("themes.json", theme())
    assert load() == "Added: 1 theme, 2 projects."


def test_load_holds_back_what_names_a_deleted_record(fixture_folder, db):
    fixture_folder("themes.json", theme())
    load()
    delete(Theme, ["water"], **STAFF)
    fixture_folder("projects.json", project(themes=[WATER]), project("lock", part_of={"slug": "dam", "title": "Dam"}))
    output = load()
    assert "Held back: project “lock”: The register has no project “dam”." in output
    assert "Held back: project “dam”: The register has no theme “water”." in output
    assert not Project.objects.exists()


def test_load_holds_back_what_names_a_withdrawn_record(fixture_folder, db):
    fixture_folder("themes.json", theme())
    load()
    set_state(Theme, ["water"], "withdrawn", **STAFF)
    fixture_folder("projects.json", project(themes=[WATER]), project("weir"))
    output = load()
    assert output.startswith("Added: 1 project. Left as it is: 1 theme.")
    assert "Held back: project “dam”: “dam” is published and names the theme “water”, which is withdrawn." in output


BROKEN = {  # the file, what it holds, what is wrong with it
    "half a file": ("themes", '[{"slug":', "not JSON"),
    "no list": ("themes", '{"slug": "x"}', "not a list of documents"),
    "a kind that does not exist": ("rivers", [{"model": "projects.river", "pk": "x", "fields": {}}], "river"),
    "no key": ("themes", [{"name": "Water"}], "a record lacks its “slug”"),
    "a member missing": ("themes", [{"slug": "x"}], "theme “x”: it lacks the member “name”"),
    "a member that does not exist": ("themes", [theme(depth=3)], "unknown member “depth”"),
    "a value that does not fit": ("projects", [project(status="sleeping")], "status"),
    "no date": ("projects", [project(start_date=year_of("2012-13"))], "2012-13"),
    "an end before the start": (
        "projects",
        [project(start_date=year_of("2013"), end_date=year_of("2012"))],
        "The end date is before the start date",
    ),
    "a name that nothing has": (
        "projects",
        [project(themes=[FIRE])],
        "project “dam”: The register has no theme “fire”",
    ),
    "the same record twice": ("themes", [theme(), theme()], "already"),
    "a value that is not in the quote": (
        "projects",
        [project(claims=[claim(as_stated="ENIGMMA")])],
        "is not in the quote",
    ),
    "a member that cannot be claimed": (
        "projects",
        [project(claims=[claim(field="colour")])],
        "A source cannot state “colour”",
    ),
    "something that is no record": ("groups", [{"model": "auth.group", "pk": 1, "fields": {"name": "x"}}], "loaddata"),
    "parts that exceed the total": (
        "projects",
        [
            project(
                budget=euros("10.00"),
                contributions=[{"funder": BANK, "instrument": None, "amount": "11.00", "currency": "EUR"}],
            )
        ],
        "project “dam”: The contributions add up to EUR 11.00",
    ),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_broken_file_is_named_and_leaves_nothing_behind(fault, fixture_folder, db):
    name, contents, reason = BROKEN[fault]
    fixture_folder("countries.json", {"code": "MD", "url": "/countries/MD/", "name": "Moldova", "claims": []})
    fixture_folder("organisations.json", organisation())
    fixture_folder("sources.json", source())
    fixture_folder(f"{name}.json", *contents, text=contents if isinstance(contents, str) else None)
    with pytest.raises(CommandError, match=re.escape(reason)) as error:
        load()
    assert f"{name}.json" in str(error.value)
    assert nothing_in_the_register()


def organisation():
    return next(document for document in entries("organisations") if document["slug"] == BANK["slug"]) | {"claims": []}


def source():
    return entries("sources")[0] | {"slug": "paper", "title": "Paper"}


# -- loaddata --


def loaddata(*names):
    call_command("loaddata", *names, verbosity=0)


def test_loaddata_of_a_record_without_its_revision_is_refused_in_words(fixture_folder, db):
    fixture_folder(
        "more.json", {"model": "projects.theme", "pk": "water", "fields": {"name": "Water", "state": "published"}}
    )
    with pytest.raises(CommandError, match=r"theme “water” comes without its Revision.*load_fixtures"):
        loaddata("more")
    assert nothing_in_the_register()


def test_loaddata_leaves_other_models_to_django(fixture_folder, db):
    fixture_folder("users.json", {"model": "auth.user", "pk": 7, "fields": {"username": "ana"}})
    loaddata("users")
    assert get_user_model().objects.get(pk=7).username == "ana"
    assert not Revision.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_dump_of_the_register_loads_into_an_empty_one(tmp_path):
    load()
    dump = tmp_path / "dump.json"
    with dump.open("w", encoding="utf-8") as file:
        call_command("dumpdata", "provenance", "instruments", "projects", "--natural-foreign", stdout=file)
    shown, revisions = documents(Project), list(Revision.objects.values_list("pk", "digest", "document"))
    call_command("flush", interactive=False, verbosity=0)
    assert nothing_in_the_register()
    loaddata(str(dump))
    assert documents(Project) == shown
    assert list(Revision.objects.values_list("pk", "digest", "document")) == revisions
