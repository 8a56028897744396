"""check_register finds what came by another way than recording, and nothing else."""

import hashlib
import json
import re
import threading

import pytest
from django.core.management import call_command
from django.db import connection

from instruments.models import Country
from projects import samples
from projects.models import Component, Contribution, Organisation, Participation, Project, Theme
from provenance.models import Claim, Revision
from provenance.store import log
from provenance.store.integrity import check_register, register_digest
from tests.support.database import queries, sql
from tests.support.records import record, update

WHO = {"user_name": "ann"}
P = "sample-000001"


@pytest.fixture(scope="session")
def forty_samples(copies):
    return copies("forty", lambda: samples.make(40))


@pytest.fixture
def register_of_samples(db, forty_samples):
    forty_samples()


def check():
    return list(check_register())


def newest(model, key):
    return log.newest(model, [key])[key]


def published(**conditions):
    """Return the key of a published sample of which all this is true."""
    return Project.objects.filter(state="published", **conditions).order_by("slug").values_list("pk", flat=True)[0]


def test_nothing_is_amiss(register_of_samples, capsys):
    call_command("check_register")
    first, second, third = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"Nothing amiss in [0-9]+ records and [0-9]+ Revisions\.", first)
    assert second == f"content digest: {register_digest()}"
    assert third == "audit head: 0:"
    call_command("check_register", "--audit-head=0:")


def test_an_empty_register(db, capsys):
    call_command("check_register")
    assert "Nothing amiss in 0 records and 0 Revisions." in capsys.readouterr().out


def test_what_it_prints(register_of_samples, capsys):
    title = Project.objects.get(pk=P).title
    sql("UPDATE projects_project SET title = 'Tampered' WHERE slug = %s", P)
    with pytest.raises(SystemExit) as ended:
        call_command("check_register")
    assert ended.value.code == 1
    *findings, count = capsys.readouterr().out.splitlines()
    assert f"project {P}: title: “{title[:80]}{'…' if len(title) > 80 else ''}” → “Tampered”" in findings, findings
    assert count.startswith(f"{len(findings)} amiss in ")


COLUMNS = {
    "title": "Tampered", "acronym": "TMP", "summary": "Tampered", "state": "withdrawn", "sort_key": "tampered",
    "search_text": "tampered", "modified": "2001-01-01 00:00:00", "start_date": "1999-05", "budget_amount": 99_000_000_000,
    "objectives": '["Tampered"]', "revision_id": None,
}  # fmt: skip


@pytest.mark.parametrize("column", COLUMNS)
def test_a_changed_column(register_of_samples, column):
    key = published(start_date__isnull=False, budget_amount__isnull=False, end_date__isnull=False)
    sql(f"UPDATE projects_project SET {column} = %s WHERE slug = %s", COLUMNS[column], key)
    findings = check()
    member = {"budget_amount": "budget"}.get(column, column)
    assert any(finding.startswith(f"project {key}: {member}: ") for finding in findings)
    assert all(finding.startswith(f"project {key}: ") for finding in findings)


PARTS = {
    "components": ("projects_component", "components", "title = 'Tampered'"),
    "contributions": ("projects_contribution", "contributions", "amount = 0.01, currency = 'ALL'"),
    "participations": ("projects_participation", "organisations", "role_as_stated = 'Tampered'"),
}


@pytest.mark.parametrize("part", PARTS)
def test_a_changed_part(register_of_samples, part):
    table, member, change = PARTS[part]
    key = published(**{f"{part}__isnull": False})
    sql(f"UPDATE {table} SET {change} WHERE project_id = %s", key)
    findings = check()
    assert any(finding.startswith(f"project {key}: {member}: ") and " → " in finding for finding in findings)


@pytest.mark.parametrize("part", ["countries", "partnerships", "themes"])
def test_a_link_that_is_gone(register_of_samples, part):
    key = published(**{f"{part}__isnull": False})
    sql(f"DELETE FROM projects_project_{part} WHERE project_id = %s", key)
    findings = check()
    assert findings
    assert any(finding.startswith(f"project {key}: {part}: ") for finding in findings)


def test_parts_and_claims_in_another_order(register_of_samples):
    first, second = Claim.objects.filter(object_id=P).order_by("pk")[:2]
    for claim, other in ((first, second), (second, first)):
        Claim.objects.filter(pk=claim.pk).update(field=other.field, as_stated=other.as_stated, quote=other.quote)
    assert check() == [f"project {P}: claims: in another order, or not as often"]


@pytest.mark.parametrize(
    ("column", "value", "elsewhere"),
    [("name", "Tampered", "organisations"), ("aliases", '["Tampered"]', "search_text")],
)
def test_a_renamed_organisation_shows_with_all_that_name_it(register_of_samples, column, value, elsewhere):
    slug = Participation.objects.values_list("organisation_id", flat=True)[0]
    sql(f"UPDATE projects_organisation SET {column} = %s WHERE slug = %s", value, slug)
    findings = check()
    assert any(finding.startswith(f"organisation {slug}: {column}: ") for finding in findings)
    assert any(f": {elsewhere}: " in finding for finding in findings)


def test_a_record_that_was_never_recorded(register_of_samples):
    Theme.objects.create(slug="new", name="New")
    assert check() == ["theme new: was never recorded: it has no Revision"]


def test_a_record_that_is_gone(register_of_samples):
    Project.objects.filter(pk=P).delete()
    assert check() == [f"project {P}: is gone, but no Revision says who deleted it"]


def test_a_record_that_was_deleted_and_is_there(register_of_samples):
    log.delete(Project, [P], **WHO)
    Project.objects.create(slug=P, title="Again")
    revision = newest(Project, P)
    assert check() == [f"project {P}: is here, but Revision {revision.pk} says that ann deleted it"]


def test_a_kind_that_is_no_more(register_of_samples):
    Revision.objects.filter(pk=newest(Project, P).pk).update(kind="unknown")
    findings = check()
    assert f"unknown {P}: is gone, but no Revision says who deleted it" in findings
    assert f"project {P}: was never recorded: it has no Revision" in findings


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("document", '{"title": "Tampered"}'),
        ("document", "no JSON"),
        ("action", "changed"),
        ("user_name", "somebody else"),
        ("at", "2001-01-01 00:00:00"),
        ("reason", "another"),
        ("state", "draft"),
        ("is_public", False),
        ("digest", "0" * 64),
    ],
)
def test_a_changed_revision(register_of_samples, column, value):
    revision = newest(Project, published())
    sql(f"UPDATE provenance_revision SET {column} = %s WHERE id = %s", value, revision.pk)
    name = f"project {revision.key}: Revision {revision.pk}"
    findings = check()
    assert f"{name} was changed after it was recorded: its digest is not that of what it says" in findings
    if value == "no JSON":
        assert any(finding.startswith(f"{name} holds no document that can be read") for finding in findings)


def test_a_broken_chain(register_of_samples):
    Theme.objects.create(slug="t", name="0")
    for name in ("1", "2", "3"):
        update(Theme, "t", name=name, **WHO)
    first, second, third = Revision.objects.filter(kind="theme", key="t").order_by("id")
    Revision.objects.filter(pk=second.pk)._raw_delete("default")
    assert check() == [
        f"theme t: Revision {third.pk}: previous_digest is not the digest of Revision {first.pk}, the one before it"
    ]
    Revision.objects.filter(pk=first.pk)._raw_delete("default")
    assert check() == [f"theme t: Revision {third.pk}: previous_digest is not empty, as of a first one"]


def test_parts_that_exceed_the_total(register_of_samples):
    part = Contribution.objects.filter(amount__gt=1, project__budget_amount__isnull=False).first()
    sql(
        "UPDATE projects_project SET budget_amount = 0, budget_currency = %s WHERE slug = %s",
        part.currency,
        part.project_id,
    )
    findings = check()
    assert any(finding.startswith(f"project {part.project_id}: The contributions add up to") for finding in findings)


def test_records_that_cannot_be_built_are_named_and_the_rest_is_checked(register_of_samples):
    part = Contribution.objects.filter(instrument__kind="eu").first()
    sql("UPDATE projects_contribution SET funder_id = 'iom' WHERE id = %s", part.pk)
    sql("UPDATE instruments_country SET name = 'Tampered' WHERE code = 'KZ'")
    findings = check()
    assert any(
        finding.startswith(f"project {part.project_id}: {part.instrument_id} is an EU instrument")
        for finding in findings
    )
    assert "country KZ: name: “Kazakhstan” → “Tampered”" in findings


def test_a_component_of_another_project(register_of_samples):
    component = Component.objects.first()
    sql(
        "UPDATE projects_participation SET component_id = %s WHERE id = %s",
        component.pk,
        other_participation(component).pk,
    )
    findings = check()
    assert any("with a component of another project" in finding for finding in findings)


def other_participation(component):
    return Participation.objects.exclude(project=component.project_id).filter(project__state="published").first()


def test_a_published_record_that_names_a_draft(register_of_samples):
    key = published(countries="MD")
    sql("UPDATE instruments_country SET state = 'draft' WHERE code = 'MD'")
    findings = check()
    assert "country MD: state: published → draft" in findings
    assert any(
        finding.startswith(f"project {key}: “{key}” is published and names the country “MD”, which is draft")
        for finding in findings
    )


def test_a_claim_about_nothing(register_of_samples):
    claim = Claim.objects.filter(object_id=P).first()
    sql("UPDATE provenance_claim SET object_id = 'nothing' WHERE id = %s", claim.pk)
    findings = check()
    assert f"claim {claim.pk}: is about project nothing, which is not here" in findings
    assert any(finding.startswith(f"project {P}: claims: ") for finding in findings)


# -- What is no fault --


def test_changes_through_recording_are_no_findings(register_of_samples):
    digest = register_digest()
    update(Organisation, "iom", name="Renamed", aliases=["New"], acronym="", **WHO)
    update(Project, P, title="Renamed", start_date=None, start_date_planned=False, **WHO)
    log.set_state(Project, ["sample-000002"], "withdrawn", **WHO)
    log.delete(Project, ["sample-000003"], **WHO)
    assert check() == []
    assert register_digest() != digest


def test_the_digest_comes_back_with_the_content(register_of_samples):
    digest = register_digest()
    title = Project.objects.get(pk=P).title
    for name in ("Other", title):
        update(Project, P, title=name, **WHO)
    assert (check(), register_digest()) == ([], digest)


def test_the_digest_does_not_depend_on_the_order_of_work(db):
    digests = set()
    for order in (("a", "b", "c"), ("c", "a", "b")):
        for code in order:
            Theme.objects.create(slug=code, name=f"Theme {code}")
            Country.objects.create(code=code.upper() * 2, name=code)
            record(Theme, [code], user_name=code)
            record(Country, [code.upper() * 2], **WHO)
        digests.add(register_digest())
        log.delete(Theme, order, **WHO)
        log.delete(Country, [code.upper() * 2 for code in order], **WHO)
    assert len(digests) == 1


def test_the_digest_is_that_of_the_documents(register_of_samples):
    """Nothing of the database is in it: whoever has the documents can compute it."""
    content = hashlib.sha256()
    newest_of = {(revision.kind, revision.key): revision for revision in Revision.objects.order_by("id")}
    for kind, key in sorted(newest_of):
        document = json.loads(newest_of[kind, key].document)
        del document["modified"]
        line = json.dumps(
            [kind, key, newest_of[kind, key].state, document], ensure_ascii=False, separators=(",", ":"), sort_keys=True
        )
        content.update(f"{line}\n".encode())
    assert register_digest() == f"sha256:{content.hexdigest()}"


def test_states_and_keys_are_content(register_of_samples):
    digest = register_digest()
    log.set_state(Theme, ["asylum"], "published", **WHO)
    assert register_digest() == digest
    Theme.objects.create(slug="new", name="New")
    record(Theme, ["new"], **WHO)
    drafted = register_digest()
    log.set_state(Theme, ["new"], "published", **WHO)
    assert len({digest, drafted, register_digest()}) == 3


def test_queries_are_the_same_for_each_chunk(db, monkeypatch):
    monkeypatch.setattr(log.chunks, "__defaults__", (20,))
    monkeypatch.setattr(log, "CHUNK", 20)
    samples.make(20)
    check()
    counts = []
    for _ in range(3):
        counts.append(len(queries(check)))
        samples.make(20)
    assert abs((counts[1] - counts[0]) - (counts[2] - counts[1])) <= 3  # a chunk of Revisions more or less


@pytest.mark.django_db(transaction=True)
def test_all_is_read_as_of_one_moment():
    """What another writes meanwhile is no finding, and nobody has to wait."""
    for code, name in (("AA", "First"), ("BB", "Second")):
        Country.objects.create(code=code, name=name)
    Theme.objects.create(slug="t", name="T")
    record(Country, ["AA", "BB"], **WHO)
    record(Theme, ["t"], **WHO)
    Country.objects.filter(pk="AA").update(name="Tampered")
    findings = check_register()
    assert next(findings) == "country AA: name: “First” → “Tampered”"
    writer = threading.Thread(target=write_elsewhere)
    writer.start()
    writer.join()
    assert list(findings) == []
    assert check()[1:] == ["theme t: name: “T” → “Meanwhile”"]


def write_elsewhere():
    try:
        Theme.objects.filter(pk="t").update(name="Meanwhile")
    finally:
        connection.close()
