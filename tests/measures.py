"""How much code one change runs through. Measured, not tested: ``pytest -q -n 0 -s tests/measures.py``."""

import csv
import io
import os
import sys
from collections import defaultdict
from contextlib import contextmanager
from pathlib import Path

from django.contrib.auth.models import User
from django.test import Client

from projects.admin.projects import ProjectAdmin
from projects.models import Project
from provenance.admin.records import RecordAdmin
from tests.support.staff import address, filled, press
from tests.support.uploads import confirmed, uploaded

ROOT = Path(__file__).resolve().parent.parent
OWN = tuple(f"{ROOT / name}/" for name in ("provenance", "instruments", "imports", "projects", "eap_funding"))


@contextmanager
def traced():
    """Give a dict that receives {module: {(line, name)}} of our own functions that run."""
    seen = defaultdict(set)

    def note(frame, event, argument):
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(OWN) and not code.co_name.startswith("<"):
            seen[os.path.relpath(code.co_filename, ROOT)].add((code.co_firstlineno, code.co_name))

    sys.setprofile(note)
    try:
        yield seen
    finally:
        sys.setprofile(None)


def tell(what, seen):
    """Print how much ran; with NAMES=1 in the environment, also what."""
    assert seen
    print(f"\n{what}: {len(seen)} modules, {sum(map(len, seen.values()))} functions")
    for module, functions in sorted(seen.items()) if os.environ.get("NAMES") else ():
        print(f"  {len(functions):3} {module}: {', '.join(name for _line, name in sorted(functions))}")


def test_confirming_a_title(register, client, monkeypatch):
    """Print which functions of which modules run from the admin's view on; each is counted once."""
    client.force_login(User.objects.create_superuser("anna"))
    page, view, runs = address(Project, "change", "nexus"), RecordAdmin.changeform_view, []

    def watched(*arguments, **options):
        with traced() as seen:
            runs.append(seen)
            return view(*arguments, **options)

    for title in ("One", "Two"):  # the first fills what is kept
        response = client.post(page, filled(client.get(page)) | {"title": title})
        monkeypatch.setattr(RecordAdmin, "changeform_view", watched)
        assert press(client, response).status_code == 302
        monkeypatch.undo()
    tell("confirming a title", runs[-1])


def test_importing_one_changed_cell(register, uploads):
    """Print the same of our own export of projects as CSV, one cell of it changed: previewed and confirmed."""
    chief = User.objects.create_superuser("chief")
    for title in ("One", "Two"):  # the first fills what is kept
        export = b"".join(Client().get("/projects.csv").streaming_content).decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(export, newline="")))
        rows[1][rows[0].index("title")] = title
        file = io.StringIO()
        csv.writer(file).writerows(rows)
        with traced() as seen:
            batch = confirmed(uploaded(chief, file.getvalue().encode(), "projects.csv"), chief)
        assert (batch.state, batch.counts["changed"]) == ("done", 1)
    tell("importing one changed cell", seen)


def test_classes_of_a_project_admin():
    own = [each.__name__ for each in ProjectAdmin.__mro__ if not each.__module__.startswith(("django", "builtins"))]
    assert own
    print(f"\nProjectAdmin: {', '.join(own)}")
