"""Sample projects: plausible, and the same for the same seed."""

from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import Count

from instruments.models import Country, Instrument
from projects import samples
from projects.models import Component, Contribution, Organisation, Participation, Project
from provenance.models import Claim, Revision
from provenance.store import log
from provenance.store.integrity import check_register, register_digest
from tests.support.database import queries
from tests.support.loops import at_least_one
from tests.support.records import record

pytestmark = pytest.mark.one_database
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def three_hundred(copies):
    return copies("three_hundred", lambda: samples.make(300))


@pytest.fixture
def some(db, three_hundred):
    three_hundred()


@contextmanager
def thrown_away():
    """What happens here did not happen."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def what_is_recorded():
    """Return the digest of all content, and how many Revisions say it."""
    assert not list(check_register())
    return register_digest(), Revision.objects.count()


def recorded_by(*counts, **options):
    with thrown_away():
        for count in counts:
            samples.make(count, **options)
        return what_is_recorded()


def test_the_same_for_the_same_seed(db):
    first, *others = [recorded_by(20, seed=seed) for seed in (0, 1, -1, 10**30)]
    assert len({first[0], *(digest for digest, _ in others)}) == 4
    assert recorded_by(8, 12) == first
    assert recorded_by(20, seed=1) == others[0]


def test_numbers_go_on_after_the_last_that_there_ever_was(db):
    samples.make(3)
    log.delete(Project, ["sample-000003"], user_name=samples.USER_NAME)
    samples.make(2)
    slugs = Project.objects.order_by("slug").values_list("slug", flat=True)
    assert list(slugs) == ["sample-000001", "sample-000002", "sample-000004", "sample-000005"]
    assert not list(check_register())


def test_what_follows_a_run_is_numbered_after_it(db):
    """Neither Revisions nor parts that are made later get a number twice."""
    samples.make(40)
    project = Project.objects.filter(components=None).first()
    part = Component.objects.create(project=project, number=1, title="New")
    claim = Claim.objects.create(
        record=project, field="components", as_stated="New", quote="New", source_id="sample-source"
    )
    record(Project, [project.pk], user_name="somebody")
    assert part.pk == Component.objects.latest("pk").pk
    assert claim.pk == Claim.objects.latest("pk").pk
    assert Revision.objects.latest("pk").user_name == "somebody"
    samples.make(5, beside_others=True)
    assert not list(check_register())


# -- Where they may be made --


def test_refuses_what_it_did_not_make(db):
    Country.objects.create(code="XX", name="Elsewhere")
    with pytest.raises(ValidationError, match=r"country “XX”.*--beside-others"):
        samples.make(1)
    record(Country, ["XX"], user_name="somebody")
    with pytest.raises(CommandError, match=r"country “XX”.*--beside-others"):
        call_command("make_sample_projects", 1)
    assert not Project.objects.exists()
    call_command("make_sample_projects", 1, beside_others=True, verbosity=0)
    assert Project.objects.count() == 1


def test_refuses_where_somebody_changed_a_sample(some):
    log.set_state(Project, ["sample-000001"], "withdrawn", user_name="somebody")
    with pytest.raises(ValidationError, match="project “sample-000001”"):
        samples.make(1)


def test_uses_what_is_there(db):
    Country.objects.create(code="MD", name="Moldavia", state="published")
    record(Country, ["MD"], user_name="somebody")
    samples.make(50, beside_others=True)
    project = Project.objects.filter(countries="MD").select_related("revision").first()
    assert '"name":"Moldavia"' in project.revision.document
    assert not list(check_register())


def test_refuses_a_frame_that_is_not_published(db):
    Instrument.objects.create(code="ENI", name="Instrument", kind="eu", state="draft")
    record(Instrument, ["ENI"], user_name="somebody")
    with pytest.raises(CommandError, match="instrument “ENI”, which is draft"):
        call_command("make_sample_projects", 1, beside_others=True)
    assert not Country.objects.exists()


@pytest.mark.parametrize("count", ["0", "-1", "1.5", "many", "", "٣", "1e3", "9999999999"])
def test_refuses_a_count_that_is_none(count):
    with pytest.raises(CommandError, match=r"is not a number of projects|expected|required|arguments"):
        call_command("make_sample_projects", count)


def test_half_a_run_leaves_nothing(db, monkeypatch):
    monkeypatch.setattr(log.chunks, "__defaults__", (10,))
    made = []

    def stop(count):
        made.append(count)
        if len(made) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        samples.make(30, progress=stop)
    assert not Project.objects.exists()
    assert not Revision.objects.exists()


# -- What they are like --


def test_they_are_as_if_recorded(some):
    assert not list(check_register())
    keys = list(Project.objects.values_list("pk", flat=True))
    assert record(Project, keys, user_name="somebody") == 0


def test_most_states_are_published(some):
    states = dict(Project.objects.order_by().values_list("state").annotate(Count("pk")))
    assert states["published"] > 250
    assert 3 < states["draft"] < 30
    assert 3 < states["withdrawn"] < 30
    drafts = Revision.objects.filter(key__in=Project.objects.filter(state="draft").values("pk"))
    assert not drafts.filter(is_public=True).exists()
    assert set(drafts.values_list("action", flat=True)) == {"created"}
    withdrawn = Revision.objects.filter(key__in=Project.objects.filter(state="withdrawn").values("pk"))
    assert set(withdrawn.values_list("action", "state", "is_public")) == {
        ("created", "published", True),
        ("withdrawn", "withdrawn", True),
    }


def test_all_sorts_occur(some):
    for name in ("start_date", "end_date"):
        values = Project.objects.values_list(name, flat=True)
        assert {date and date.precision for date in values} == {None, "year", "month", "day"}
        assert 0 < Project.objects.filter(**{f"{name}_planned": True}).count() < 150
    assert set(Project.objects.values_list("status", flat=True)) == {"", "planned", "ongoing", "completed"}
    assert Project.objects.exclude(status_as_of=None).exists()
    assert len(set(Project.objects.values_list("budget_currency", flat=True))) > 4
    assert Contribution.objects.filter(amount=None).exists()
    assert Contribution.objects.filter(instrument=None).exists()
    assert Contribution.objects.exclude(instrument=None).exclude(amount=None).exists()
    assert set(Participation.objects.values_list("role", flat=True)) == set(Participation.Role.values)
    assert Participation.objects.exclude(component=None).exists()
    for part in ("countries", "partnerships", "themes", "contributions", "participations", "components"):
        counts = Project.objects.annotate(n=Count(part, distinct=True)).values_list("n", flat=True)
        assert max(counts) > 1, part
    assert 150 < Organisation.objects.count() < 250
    scripts = " ".join(alias for aliases in Organisation.objects.values_list("aliases", flat=True) for alias in aliases)
    assert all(letter in scripts for letter in "աა" + "іş")
    assert Project.objects.filter(acronym="", summary="", objectives=[]).exists()


def test_every_stated_member_has_its_claim(some):
    for revision in at_least_one(Revision.objects.filter(kind="project")):
        stated = log.document_of(revision)
        claimed = {claim["field"] for claim in stated["claims"]}
        assert claimed == {name for name in Project.claimable if stated.get(name)}
        assert all(claim["as_stated"] in claim["quote"] for claim in stated["claims"])


def test_every_row_passes_the_forms_rules(db):
    samples.make(30)
    for model in (*log.record_models(), Component, Contribution, Participation, Claim):
        for row in model.objects.all()[:300]:
            row.full_clean()


# -- How they are written --


@pytest.mark.parametrize("size", [20, 60])
def test_queries_are_as_few_for_a_large_chunk_as_for_a_small_one(db, monkeypatch, size):
    samples.make(1)  # the frame, and what is read once
    monkeypatch.setattr(log.chunks, "__defaults__", (size,))
    assert len(queries(samples.make, 120)) < 180 * 120 / size
