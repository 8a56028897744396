"""What every test may ask for. The environment they run in is set earlier, by tests/environment.py."""

import gc
import os
import shutil
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection

from projects import capacity
from projects.index import follower

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
NO_BROWSER = f"no Chromium found ({', '.join(CHROMIUM_NAMES)})"
VNU = Path(__file__).resolve().parent.parent / "node_modules/vnu-jar/build/dist/vnu.jar"
NO_JAVA = (
    "no Java found" if not shutil.which("java") else "" if VNU.is_file() else "no vnu found (make test fetches it)"
)


def pytest_configure(config):
    """Serve static files from their sources, and let no server thread keep a connection after its answer."""
    settings.DATABASES["default"]["CONN_MAX_AGE"] = 0
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings, tmp_path_factory):
    """On SQLite, a file of its own for each worker: as in real life, and every thread can open it."""
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        database["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """As pytest-django does it. At the end a browser may still be open, whose last request keeps a connection."""
    yield
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


@pytest.fixture(autouse=True)
def nothing_kept():
    """Each test begins with no page and no index kept, as versions start again with each database; all places are free."""
    cache.clear()
    follower.reset()
    if capacity.FILES._free < 2:
        gc.collect()  # a file that a test did not read to its end


@pytest.fixture
def register(db):
    """The register as the source tells it: the fixtures, loaded."""
    call_command("load_fixtures", verbosity=0)


# Browser tests: Playwright drives the system's own Chromium, and nothing is downloaded.


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    arguments = [
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        arguments.append("--no-sandbox")  # as root it does not start with one
    return browser_type_launch_args | {"executable_path": CHROMIUM, "args": arguments}


def pytest_collection_modifyitems(items):
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")
        if not CHROMIUM and item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason=NO_BROWSER))
        if NO_JAVA and item.get_closest_marker("java"):
            item.add_marker(pytest.mark.skip(reason=NO_JAVA))


def pytest_terminal_summary(terminalreporter):
    """Tests that were left out are named where nobody can overlook them."""
    for kind, why, remedy in (
        ("browser", NO_BROWSER, "Debian: apt-get install chromium"),
        ("HTML", NO_JAVA, "Debian: apt-get install default-jre-headless"),
    ):
        left_out = [each for each in terminalreporter.getreports("skipped") if why and why in str(each.longrepr)]
        if left_out:
            terminalreporter.section(f"{kind.upper()} TESTS LEFT OUT", sep="!", red=True, bold=True)
            terminalreporter.line(f"{len(left_out)} {kind} tests did NOT run: {why}.", red=True, bold=True)
            terminalreporter.line(f"Install it ({remedy}) and run them again.")
            for report in left_out:
                terminalreporter.line(f"  {report.nodeid}")
