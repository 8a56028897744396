"""Who may do what: each cell of the table in docs/permissions.md, tried from outside."""

import logging
from pathlib import Path

import pytest
from django.contrib.auth.models import Group, User
from django.core.files.uploadedfile import SimpleUploadedFile

from imports.models import Import
from instruments.models import Delegation
from projects.models import Component, Contribution, Participation, Project, ThemeCode
from provenance.models import Claim, Proposal, Revision
from provenance.workflow import permissions, submission
from tests.support.records import current
from tests.support.staff import (
    DRAFT,
    PUBLISHED,
    act,
    address,
    confirm,
    filled,
    make_project,
    somebody,
)

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
ROLES = ("no role", *permissions.ROLES, "superuser")
TIED = {"to nothing": (), "to this country": ("MD",), "to another country": ("AZ",)}
HOLDS = {"yes": TIED.keys(), "own": ("to nothing", "to this country"), "no": ()}
# Who is tied to nothing may the most, who is tied to another country the least
TRIED = {"yes": ("to nothing", "to another country"), "own": TIED.keys(), "no": ("to nothing",)}
PARTS = (Contribution, Component, Participation, Claim)
NEW = {"slug": "cmba", "title": "CMBA", "countries": ["MD"]}
PASSWORD = {"password1": "a quite unusual phrase", "password2": "a quite unusual phrase"}


def rows_of_the_table():
    """Return ``[(action, state, {role: word})]`` as the documentation has it."""
    lines = Path(__file__, "../../../docs/permissions.md").resolve().read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    start = next(number for number, line in enumerate(cells) if line[0] == "action")
    assert tuple(cells[start][2:]) == ROLES
    return [(action, state, dict(zip(ROLES, words, strict=True))) for action, state, *words in cells[start + 2 :]]


TABLE = rows_of_the_table()
CELLS = [
    pytest.param(action, state, role, tie, tie in HOLDS[word], id="-".join((action, state, role, tie)))
    for action, state, words in TABLE
    for role, word in words.items()
    if word != "–"
    for tie in (TRIED[word] if action not in ("import", "map", "administer") else ("to nothing",))
]


def sign_in(client, role, tie="to nothing"):
    user = somebody(*{role} & {*permissions.ROLES}, countries=TIED[tie])
    if role == "superuser":
        user.is_superuser = True
        user.save()
    client.force_login(user)
    return user


def everything():
    """What nobody may change without being allowed to."""
    models = (Project, Project.countries.through, *PARTS, ThemeCode, User, Group, Delegation, Revision)
    return {model: sorted(map(str, model.objects.values_list())) for model in models}


def lines(caplog):
    """What the log says of refusals."""
    return [line for line in caplog.records if line.name == "access" and line.levelno == logging.WARNING]


# -- How each action is tried by HTTP: each returns whether it was done --


def view(client, project):
    pages = [address(Project), address(Project, "change", project.pk), address(Project, "history", project.pk)]
    statuses = {client.get(page).status_code for page in [*pages, address(Revision)]}
    assert statuses in ({200}, {403})
    return statuses == {200}


def fill(client, page, **typed):
    """Send the form on ``page``; without a form to fill, what was typed all the same."""
    shown = client.get(page)
    is_open = shown.status_code == 200 and "title" in shown.context["adminform"].form.fields
    return confirm(client, client.post(page, (filled(shown) if is_open else {}) | typed))


def add(client, project):
    fill(client, address(Project, "add"), **NEW)
    return Project.objects.filter(pk=NEW["slug"], state=DRAFT).exists()


def change_title(client, project):
    fill(client, address(Project, "change", project.pk), title="New title", **{"components-0-title": "new"})
    titles = Project.objects.get(pk=project.pk).title, Component.objects.get().title
    assert titles in (("New title", "new"), ("The nexus", "part 1"))
    return titles[0] == "New title"


def propose(client, project):
    shown = client.get(address(Project, "change", project.pk))
    change_title(client, project)
    is_open = shown.status_code == 200 and "title" in shown.context["adminform"].form.fields
    assert Proposal.objects.exists() == is_open
    return is_open


def delete(client, project):
    act(client, Project, "delete_selected", project.pk, post="yes")
    by_list = Project.objects.exists()
    client.post(address(Project, "delete", project.pk), {"post": "yes", "reason": "Because."})
    assert Project.objects.exists() == by_list
    return not by_list


def publish(client, project):
    act(client, Project, "publish", project.pk)
    return project.state != PUBLISHED and Project.objects.get().state == PUBLISHED


def withdraw(client, project):
    act(client, Project, "withdraw", project.pk, reason="Left out")
    return project.state != "withdrawn" and Project.objects.get().state == "withdrawn"


def merge(client, project):
    seen = {
        f"seen-{name}": Project.objects.get(pk=key).revision_id for name, key in (("kept", "nexus"), ("merged", "two"))
    }
    client.post(address(Project, "merge", "nexus", "two"), seen | {"reason": "One and the same"})
    return not Project.objects.filter(pk="two").exists()


def decide(client, project):
    proposal = Proposal.objects.get()
    sent = {"decision": "accept", "place": "title", "seen": project.revision_id}
    client.post(address(Proposal, "change", proposal.pk), sent)
    proposal.refresh_from_db()
    assert (proposal.outcome == "accepted") == (Project.objects.get().title == "Proposed")
    return proposal.outcome != "waiting"


def bring(client, project):
    before = Import.objects.count()
    client.post(address(Import, "add"), {"file": SimpleUploadedFile("table.csv", b"slug,title\nnexus,Other\n")})
    return Import.objects.count() > before


def administer(client, project):
    role, _ = Group.objects.get_or_create(name="viewer")
    client.post(address(User, "add"), {"username": "new", "groups": [role.pk]} | PASSWORD)
    client.post(address(Delegation, "add"), {"name": "new", "countries": ["MD"]})
    made = User.objects.filter(username="new").exists()
    assert Delegation.objects.filter(name="new").exists() == made
    return made


def map_code(client, project):
    client.post(address(ThemeCode, "add"), {"vocabulary": "1", "code": "15190", "theme": "border-management"})
    return ThemeCode.objects.exists()


WAYS = {
    "view": view, "add": add, "change": change_title, "propose": propose, "delete": delete, "publish": publish,
    "withdraw": withdraw, "merge": merge, "decide": decide, "import": bring, "map": map_code,
    "administer": administer,
}  # fmt: skip


def test_table_has_every_action_and_every_state_of_it():
    tried = {(action, state) for action, state, _ in TABLE}
    assert {action for action, _ in tried} == set(permissions.ACTIONS)
    for action in set(permissions.ACTIONS) - {"import", "map", "administer", "add", "propose", "decide"}:
        assert {state for name, state in tried if name == action} == set(permissions.ALL), action


@pytest.mark.parametrize(("action", "state", "role", "tie", "is_allowed"), CELLS)
def test_cell_of_the_table_holds(workplaces, unread, client, caplog, action, state, role, tie, is_allowed):
    workplaces[DRAFT if state == "–" else state]()
    project = Project.objects.get()
    if action == "merge":
        make_project("two", state=state)
    if action == "decide":
        document = current() | {"title": "Proposed"}
        submission.submit(somebody("editor", name="author"), Project, {"nexus": document})
    sign_in(client, role, tie)
    before = everything()
    assert WAYS[action](client, project) == is_allowed
    proposes = dict((name, words) for name, at, words in TABLE if at == state).get("propose", {}).get(role) == "own"
    if not is_allowed:
        assert everything() == before
        assert lines(caplog) or (action == "change" and proposes)
        assert not Proposal.objects.exists() or proposes or action == "decide"
