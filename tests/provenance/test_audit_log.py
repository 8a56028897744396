"""The audit log holds what was done with accounts and proposals, and shows if it was tampered with."""

import threading

import orjson
import pytest
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.db import connections
from django.urls import reverse

from instruments.models import Delegation
from projects.models import Project
from provenance.models import AuditEntry, Proposal
from provenance.store import audit
from provenance.store.integrity import check_register
from provenance.store.writer import current
from provenance.workflow import permissions, review, submission
from tests.support.database import sql
from tests.support.staff import somebody

PASSWORD = "A-long-enough-1-password"


def entries():
    return list(AuditEntry.objects.order_by("id").values_list("account", "deed", "about"))


def test_sign_in_is_recorded_by_account_number(client, db):
    user = somebody("editor", name="olga")
    user.set_password(PASSWORD)
    user.save()
    client.post("/admin/login/", {"username": "olga", "password": "wrong"})
    client.post("/admin/login/", {"username": "olga", "password": PASSWORD})
    assert entries() == [(user.pk, "signed in", f"user {user.pk}")]


def test_changes_of_accounts_and_roles_are_recorded(staff):
    anna = User.objects.get(username="anna")
    viewer, _ = Group.objects.get_or_create(name=permissions.VIEWER)
    new = {"username": "olga", "password1": PASSWORD, "password2": PASSWORD}
    refused = staff.post(reverse("admin:auth_user_add"), new)
    assert refused.context["adminform"].form.errors == {"groups": ["This field is required."]}
    staff.post(reverse("admin:auth_user_add"), new | {"groups": [viewer.pk]})
    olga = User.objects.get(username="olga")
    assert olga.is_staff
    role, _ = Group.objects.get_or_create(name=permissions.ADMINISTRATOR)
    there = reverse("admin:auth_user_change", args=[olga.pk])
    for _again in range(2):  # the second time, nothing is changed
        seen = staff.get(there).context["adminform"].form.initial["seen"]
        form = {"username": "olga", "is_active": "on", "groups": [role.pk], "seen": orjson.dumps(seen).decode()}
        assert staff.post(there, form).status_code == 302
    staff.post(reverse("admin:auth_user_delete", args=[olga.pk]), {"post": "yes"})
    about = f"user {olga.pk}"
    assert entries() == [
        (anna.pk, f"added user: {permissions.VIEWER}", about),
        (anna.pk, f"changed user: {permissions.ADMINISTRATOR}", about),
        (anna.pk, "deleted user", about),
    ]


def test_delegations_are_recorded(staff):
    bert = somebody("editor")
    staff.post(
        reverse("admin:instruments_delegation_add"), {"name": "Chişinău", "countries": ["MD"], "members": [bert.pk]}
    )
    delegation = Delegation.objects.get()
    assert entries()[-1][1:] == (f"added delegation: MD; accounts {bert.pk}", f"delegation {delegation.pk}")


def test_first_administrator_is_recorded_as_made_by_a_command(db):
    call_command("create_administrator")
    assert entries() == [(None, "added user: superuser", f"user {User.objects.get().pk}")]


def test_proposals_and_decisions_are_recorded(project):
    editor, publisher = somebody("editor", name="olga"), somebody("publisher", name="chief")
    document = current(Project, ["nexus"])["nexus"] | {"title": "Another"}
    submission.submit(editor, Project, {"nexus": document})
    proposal = Proposal.objects.get()
    review.close(publisher, proposal, Proposal.Outcome.DECLINED, "No.")
    about = f"proposal {proposal.pk}"
    assert entries() == [(editor.pk, "made proposal", about), (publisher.pk, "declined proposal", about)]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE provenance_auditentry SET deed = 'another' WHERE id = %s",
        "UPDATE provenance_auditentry SET account = 99 WHERE id = %s",
        "UPDATE provenance_auditentry SET digest = 'x' WHERE id = %s",
        "DELETE FROM provenance_auditentry WHERE id = %s",
    ],
)
def test_check_finds_tampering(db, statement):
    for number in range(3):
        audit.note(None, "tested", f"user {number}")
    assert list(check_register()) == []
    sql(statement, AuditEntry.objects.order_by("id")[1].pk)
    findings = list(check_register())
    assert findings
    assert all(finding.startswith("audit log: entry ") for finding in findings)


def test_log_that_was_cut_off_is_found_with_a_head_kept_elsewhere(staff, capsys):
    for number in range(3):
        audit.note(None, "tested", f"user {number}")
    call_command("check_register")
    kept = capsys.readouterr().out.split("audit head: ")[1].strip()
    assert kept == f"3:{AuditEntry.objects.first().digest[:20]}"
    assert kept in staff.get(reverse("admin:provenance_auditentry_changelist")).content.decode()
    audit.note(None, "tested", "user 9")
    call_command("check_register", f"--audit-head={kept}")
    sql("DELETE FROM provenance_auditentry WHERE about = %s", "user 9")
    sql("DELETE FROM provenance_auditentry WHERE about = %s", "user 2")
    call_command("check_register")
    capsys.readouterr()
    with pytest.raises(SystemExit):
        call_command("check_register", f"--audit-head={kept}")
    assert "audit log: no entry number 3 has the digest" in capsys.readouterr().out


def test_entry_is_never_changed_or_deleted(db):
    audit.note(None, "tested", "user 1")
    entry = AuditEntry.objects.get()
    with pytest.raises(TypeError):
        entry.save()
    with pytest.raises(TypeError):
        entry.delete()


@pytest.mark.django_db(transaction=True)
def test_two_writers_at_once():
    def write(name):
        for number in range(5):
            audit.note(None, name, f"user {number}")
        connections.close_all()

    writers = [threading.Thread(target=write, args=(name,)) for name in ("a", "b")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert AuditEntry.objects.count() == 10
    assert list(audit.findings()) == []


def test_administrators_read_it_and_nobody_writes_it(client, frame):
    audit.note(None, "tested", "user 1")
    there = reverse("admin:provenance_auditentry_changelist")
    client.force_login(somebody("publisher", name="chief"))
    assert client.get(there).status_code == 403
    client.force_login(somebody(permissions.ADMINISTRATOR, name="admin"))
    assert "tested" in client.get(there).content.decode()
    entry = AuditEntry.objects.get()
    for page in (
        reverse("admin:provenance_auditentry_add"),
        reverse("admin:provenance_auditentry_delete", args=[entry.pk]),
    ):
        assert client.post(page, {"post": "yes"}).status_code == 403
    assert AuditEntry.objects.count() == 1


def test_head_of_the_log_stands_above_its_entries(staff):
    audit.note(None, "did", "this", "that")
    page = staff.get(reverse("admin:provenance_auditentry_changelist")).content.decode()
    assert f"Head, for check_register --audit-head: {audit.head()}" in page
    assert "2 audit entries" in page
