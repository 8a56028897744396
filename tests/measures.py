"""How much code one change runs through. Measured, not tested: ``pytest -q -n 0 -s tests/measures.py``."""

import sys
from pathlib import Path

from django.contrib.auth.models import User

from projects.admin.projects import ProjectAdmin
from projects.models import Project
from provenance.admin.forms import EditMixin
from tests.support.staff import address, filled, press

ROOT = Path(__file__).resolve().parent.parent
OWN = tuple(f"{ROOT / name}/" for name in ("provenance", "instruments", "projects", "eap_funding"))


def test_confirming_a_title(register, client, monkeypatch):
    """Print which functions of which modules run from the admin's view on; each is counted once."""
    client.force_login(User.objects.create_superuser("anna"))
    page, view, seen = address(Project, "change", "nexus"), EditMixin.changeform_view, set()

    def note(frame, event, argument):
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(OWN) and not code.co_name.startswith("<"):
            seen.add((code.co_filename, code.co_firstlineno))

    def traced(*arguments, **options):
        sys.setprofile(note)
        try:
            return view(*arguments, **options)
        finally:
            sys.setprofile(None)

    for title in ("One", "Two"):  # the first fills what is kept
        response = client.post(page, filled(client.get(page)) | {"title": title})
        monkeypatch.setattr(EditMixin, "changeform_view", traced)
        seen.clear()
        assert press(client, response).status_code == 302
        monkeypatch.undo()
    assert seen
    print(f"\nconfirming a title: {len({name for name, _ in seen})} modules, {len(seen)} functions")


def test_classes_of_a_project_admin():
    own = [each.__name__ for each in ProjectAdmin.__mro__ if not each.__module__.startswith(("django", "builtins"))]
    assert own
    print(f"\nProjectAdmin: {', '.join(own)}")
