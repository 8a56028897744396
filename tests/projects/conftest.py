"""What tests of the register's pages, files and figures share."""

import pytest
from django.core.management import call_command

from projects import samples as sample_projects
from tests.support.family import make_family


@pytest.fixture(scope="session")
def samples_copy(copies):
    def load():
        call_command("load_fixtures", verbosity=0)
        sample_projects.make(150, beside_others=True)

    return copies("samples", load)


@pytest.fixture
def samples(db, samples_copy):
    """The register and 150 invented projects."""
    samples_copy()


@pytest.fixture(scope="session")
def family_copy(copies):
    return copies("family", make_family)


@pytest.fixture
def family(db, family_copy):
    """A decision with two contracts, one of which has a part of its own; and one project beside them."""
    family_copy()


@pytest.fixture
def schema(client, register):
    return client.get("/api/v1/schema/").json()


@pytest.fixture
def place(settings, tmp_path):
    """A folder of its own for dumps."""
    settings.DUMPS_DIR = tmp_path / "dumps"
    settings.SITE_ADDRESS = "https://register.example"
    return settings.DUMPS_DIR
