"""What tests of the site's frame share."""

import io
import logging

import pytest
from django.conf import settings


@pytest.fixture
def log(monkeypatch):
    """What our own handler writes while a test runs."""
    [name] = settings.LOGGING["root"]["handlers"]
    [handler] = [each for each in logging.getLogger().handlers if each.name == name]
    written = io.StringIO()
    monkeypatch.setattr(handler, "stream", written)
    return written
