"""The environment that every test runs in, whatever this machine's own environment and .env say.

A pytest plugin (``-p tests.environment`` in pyproject.toml), because pytest-django loads the settings
before any conftest. Settings never overwrite a variable that is set, so nothing of a .env gets through.
"""

import os
import sys

from babel.messages.frontend import CommandLineInterface

os.environ.update(
    SECRET_KEY="only-for-tests-" + "0123456789" * 5,
    DEBUG="false",
    HTTPS="false",
    BEHIND_PROXY="false",
    CACHE_URL="",
    REPLICA_URL="",
    RATE_LIMIT="0",  # all tests ask from one address
    BACKUP_DIR="",
    READ_ONLY="",
    LOG_FORMAT="text",
    LOG_REQUESTS="false",
    METRICS_TOKEN="",
    METRICS_NETWORKS="",
    ADMINS="",
    BACKUP_KEY="",
    HEADER_NAME="",
    PUBLISHER_NAME="",
    PUBLISHER_ADDRESS="",
    HEADER_EMBLEM="",
    FOOTER_TEXT="",
    CONTACT_EMAIL="register@localhost",
    ALLOWED_HOSTS="testserver,localhost,127.0.0.1",
    # Playwright's event loop runs in the thread of the test, where Django would refuse the database.
    DJANGO_ALLOW_ASYNC_UNSAFE="true",
)
# jsonschema would read a grammar of internationalised addresses for more than a second, which no schema here asks for.
sys.modules["rfc3987_syntax"] = None
# The database is the caller's choice (`make test` makes it twice); the register itself is never used.
os.environ.setdefault("DATABASE_URL", "sqlite:///test.sqlite3")


def pytest_configure(config):
    """Compile the French of the pages, once for all processes of a run."""
    if not hasattr(config, "workerinput"):
        CommandLineInterface().run(["pybabel", "-q", "compile", "-d", str(config.rootpath / "locale"), "-D", "django"])
