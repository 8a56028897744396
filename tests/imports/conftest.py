"""What tests of imports share: a folder for files, and who uploads them."""

import pytest
from django.contrib.auth.models import User


@pytest.fixture(autouse=True)
def folder(uploads):
    """Every test has a folder of its own for what is uploaded."""
    return uploads


@pytest.fixture
def chief(register):
    return User.objects.create_superuser("chief")
