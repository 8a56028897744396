"""What tests of staff's work share."""

import pytest

from instruments.models import Country
from projects.models import Theme
from tests.support.staff import make


@pytest.fixture
def workplace(frame, uploads, monkeypatch):
    """Records for every action of the table of permissions; what is uploaded is read by nobody."""
    monkeypatch.setattr("imports.worker.start", lambda batch: None)
    make(Country, "AZ", name="Azerbaijan")
    make(Theme, "border-management")
