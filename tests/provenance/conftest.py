"""What tests of staff's work share."""

from functools import partial

import pytest
from django.contrib.auth.models import User

from instruments.models import Country
from projects.models import Theme
from provenance.models import State
from tests.support.staff import make, make_frame, make_project


@pytest.fixture(scope="session")
def workplaces(copies):
    """Return ``{state: what writes the records for every action of the table of permissions}``: the state of the
    project among them, None without one."""

    def load(state):
        make_frame()
        make(Country, "AZ", name="Azerbaijan")
        make(Theme, "border-management")
        if state:
            make_project(state=state)

    return {state: copies(f"workplace_{state}", partial(load, state)) for state in (None, *State.values)}


@pytest.fixture
def unread(uploads, monkeypatch):
    """What is uploaded is read by nobody."""
    monkeypatch.setattr("imports.worker.start", lambda batch: None)


@pytest.fixture
def workplace(db, workplaces, unread):
    """Records for every action of the table of permissions, and no project."""
    workplaces[None]()


@pytest.fixture
def chief(client, register):
    """A client that a superuser is signed in with, of the register as delivered."""
    client.force_login(User.objects.create_superuser("anna"))
    return client
