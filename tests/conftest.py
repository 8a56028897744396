"""What every test may ask for. The environment they run in is set earlier, by tests/environment.py."""

import gc
import os
import shutil
from copy import copy
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings as django_settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.auth.models import User
from django.contrib.contenttypes.management import create_contenttypes
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models.signals import post_migrate
from django.test import client as test_client
from hypothesis import HealthCheck, settings
from playwright.sync_api import expect

from projects import capacity
from projects.index import follower
from projects.models import Project
from provenance.models import Revision
from tests.support.staff import make_frame, make_project, somebody

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "1"))  # `make check` tries more
settings.register_profile(
    "repeatable",
    max_examples=10 * EXAMPLES,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
settings.load_profile("repeatable")
expect.set_options(timeout=60_000)  # ms: no test waits for less because the machine is busy
REGISTER_BEGINS = datetime(2026, 3, 1, 12, tzinfo=UTC)
CHROMIUM_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")  # the quickest first
CHROMIUM = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
NO_BROWSER = f"no Chromium found ({', '.join(CHROMIUM_NAMES)})"
# After a test that restores a dump: that sets the sequence back, and no rollback undoes it
NEXT_REVISION = """
    SELECT setval(name, greatest(nextval(name), (SELECT max(id) FROM provenance_revision)))
    FROM pg_get_serial_sequence('provenance_revision', 'id') AS name
"""
VNU = Path(__file__).resolve().parent.parent / "node_modules/vnu-jar/build/dist/vnu.jar"
NO_TOOLS = "no nginx (with openssl) or no systemd found"
NO_TAGS = "no tagged version found"
NO_PROMTOOL = "no promtool found"
NO_REDIS = "" if shutil.which("redis-server") else "no redis-server found"
NO_JAVA = (
    "no Java found" if not shutil.which("java") else "" if VNU.is_file() else "no vnu found (make test fetches it)"
)


def pytest_xdist_auto_num_workers():
    """Half of the time, a test waits for a browser, a server or a command that it started."""
    return 2 * (os.cpu_count() or 1)


def pytest_configure(config):
    """Serve static files from their sources, let no server thread keep a connection, and hash passwords quickly."""
    test_client.store_rendered_templates = keep_context
    PBKDF2PasswordHasher.iterations = 1
    django_settings.WHITENOISE_AUTOREFRESH = True  # else each client begins with a search for all static files
    django_settings.DATABASES["default"]["CONN_MAX_AGE"] = 0
    django_settings.STORAGES = django_settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }


def keep_context(store, context, **_):
    """Keep the context of a page. Django's client keeps a copy for each of its widgets too: a quarter of the time."""
    if "context" not in store:
        store["context"] = [copy(context)]  # of one, the client makes the one itself


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings, tmp_path_factory):
    """On SQLite, a file of its own for each worker: as in real life, and every thread can open it."""
    database = django_settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        database["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """As pytest-django does it, and what migrations filled is filled again where a test emptied the database.

    At the end a browser may still be open, whose last request keeps a connection.
    """
    with django_db_blocker.unblock():
        filled = [table for table in tables() if table.model.objects.exists()]
        copy_back = copied("migrated", filled)

    def restore(**_said):
        emptied(filled)
        copy_back()
        ContentType.objects.clear_cache()

    post_migrate.disconnect(create_contenttypes)  # these rows are restored with all others, and more quickly
    post_migrate.disconnect(dispatch_uid="django.contrib.auth.management.create_permissions")
    post_migrate.connect(restore, sender=list(apps.get_app_configs())[-1], weak=False)
    yield
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


def tables():
    return [model._meta for model in apps.get_models(include_auto_created=True) if not model._meta.proxy]


def copied(name, some, beyond=""):
    """Copy the rows of some tables, but for those of the copy ``beyond``, into tables beside, and return a function
    that copies them back."""
    names = {
        table: ", ".join(each.column for each in table.local_concrete_fields if not each.generated) for table in some
    }
    with connection.cursor() as cursor:
        there = connection.introspection.table_names(cursor)
        for table, columns in names.items():
            is_beyond = f"{beyond}_{table.db_table}" in there
            but = f" EXCEPT SELECT * FROM {beyond}_{table.db_table}" if is_beyond else ""
            cursor.execute(f"CREATE TABLE {name}_{table.db_table} AS SELECT {columns} FROM {table.db_table}{but}")

    def copy_back():
        with transaction.atomic(), connection.cursor() as cursor:
            for table, columns in names.items():
                cursor.execute(f"INSERT INTO {table.db_table} ({columns}) SELECT * FROM {name}_{table.db_table}")
            if connection.vendor == "postgresql" and Revision._meta in names:
                cursor.execute(NEXT_REVISION)

    return copy_back


def emptied(some):
    with transaction.atomic(), connection.cursor() as cursor:
        for table in some:
            cursor.execute(f"DELETE FROM {table.db_table}")


@pytest.fixture(autouse=True)
def nothing_kept():
    """Each test begins with no page and no index kept, as versions start again with each database; all places are free."""
    cache.clear()
    follower.reset()
    if capacity.FILES._free < 2:
        gc.collect()  # a file that a test did not read to its end


@pytest.fixture(scope="session")
def copies(django_db_setup, django_db_blocker):
    """Return a function that calls ``load`` once, moves all rows that it made into tables beside, and returns a
    function that copies them back: much quicker than to load them for each test. ``beyond``: a copy that ``load`` begins
    with, and that is copied back before."""

    def moved(name, load, beyond=""):
        with django_db_blocker.unblock(), transaction.atomic():
            empty = [table for table in tables() if not table.model.objects.exists()]
            load()
            full = [table for table in empty if table.model.objects.exists()]
            copy_back = copied(name, full, beyond)
            emptied(full)
        return copy_back

    return moved


@pytest.fixture(scope="session")
def register_copy(copies):
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr("provenance.store.log._now", lambda: REGISTER_BEGINS)
        return copies("fixtures", lambda: call_command("load_fixtures", verbosity=0))


@pytest.fixture
def register(db, register_copy):
    """The register as the source tells it: the fixtures, loaded on REGISTER_BEGINS."""
    register_copy()


@pytest.fixture(scope="session")
def frame_copy(copies):
    return copies("frame", make_frame)


@pytest.fixture
def frame(db, frame_copy):
    """A few published records for projects to name."""
    frame_copy()


@pytest.fixture(scope="session")
def project_copy(copies, frame_copy):
    def load():
        frame_copy()
        make_project()

    return copies("project", load, beyond="frame")


@pytest.fixture
def project(frame, project_copy):
    """One project with one part of each kind, beside the frame."""
    project_copy()
    return Project.objects.get()


@pytest.fixture
def staff(frame, client):
    """A client that a superuser is signed in with."""
    client.force_login(User.objects.create_superuser("anna"))
    return client


@pytest.fixture
def publisher(db):
    return somebody("publisher", name="chief")


@pytest.fixture(scope="session")
def source_text():
    """The text that the fixtures quote, which is not part of the project."""
    if not (path := os.environ.get("SOURCE_TEXT")):
        pytest.skip("SOURCE_TEXT names no file: the text that the fixtures quote.")
    return Path(path).read_text(encoding="utf-8")


@pytest.fixture
def uploads(settings, tmp_path, monkeypatch):
    """A folder of its own for what is uploaded, also in processes that the test starts."""
    settings.IMPORTS_DIR = tmp_path / "imports"
    monkeypatch.setenv("IMPORTS_DIR", str(settings.IMPORTS_DIR))
    return settings.IMPORTS_DIR


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


@pytest.fixture
def complaints(page):
    """What the browser says against a page, such as a breach of its policy; axe itself breaks that."""
    messages = []
    page.on("console", lambda message: messages.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: messages.append(str(error)))
    return messages


@pytest.fixture
def faults(complaints):
    """What the browser says against the pages of a test: nothing, but for the status of error pages."""
    yield complaints
    assert [each for each in complaints if "the server responded with a status of 4" not in each] == []


@pytest.fixture
def signed_in(page, live_server, admin_client):
    """A page of the browser in which a superuser is signed in."""
    cookie = {"name": "sessionid", "value": admin_client.cookies["sessionid"].value, "url": live_server.url}
    page.context.add_cookies([cookie])
    return page


def pytest_collection_modifyitems(items):
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")
        if not CHROMIUM and item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason=NO_BROWSER))
        if NO_JAVA and item.get_closest_marker("java"):
            item.add_marker(pytest.mark.skip(reason=NO_JAVA))


def pytest_collection_finish():
    """Thousands of tests and all modules stay to the end: no search for garbage need look at them again."""
    gc.freeze()


def pytest_terminal_summary(terminalreporter):
    """Tests that were left out are named where nobody can overlook them."""
    for kind, why, remedy in (
        ("browser", NO_BROWSER, "Debian: apt-get install chromium"),
        ("HTML", NO_JAVA, "Debian: apt-get install default-jre-headless"),
        ("deployment", NO_TOOLS, "Debian: apt-get install nginx openssl systemd"),
        ("upgrade", NO_TAGS, "git fetch --tags; before the first release there is none"),
        ("alert", NO_PROMTOOL, "Debian: apt-get install prometheus"),
        ("Redis", NO_REDIS, "Debian: apt-get install redis-server"),
    ):
        left_out = [each for each in terminalreporter.getreports("skipped") if why and why in str(each.longrepr)]
        if left_out:
            terminalreporter.section(f"{kind.upper()} TESTS LEFT OUT", sep="!", red=True, bold=True)
            terminalreporter.line(f"{len(left_out)} {kind} tests did NOT run: {why}.", red=True, bold=True)
            terminalreporter.line(f"Install it ({remedy}) and run them again.")
            for report in left_out:
                terminalreporter.line(f"  {report.nodeid}")
