"""The version of the register, which nearly every request reads first."""

from datetime import UTC, datetime
from typing import NamedTuple

from django.db import Error

from provenance.models import Revision
from provenance.store.database import reading

from . import documents, prepared

SEAL = 20  # digits: short enough to copy, and too many to try out


class Version(NamedTuple):
    """The id, time and head of the newest public Revision, from which all that the public sees follows."""

    number: int
    at: datetime | None
    head: str = ""

    @property
    def seal(self):
        """The first 20 digits of the head in groups of four, as people copy them."""
        return " ".join(self.head[at : at + 4] for at in range(0, min(len(self.head), SEAL), 4))


_FIRST = Version(0, None)  # before anything was public
_NEWEST = """
SELECT id, at, head, (SELECT {} FROM provenance_revision WHERE id = {}) FROM provenance_revision
    WHERE is_public ORDER BY id DESC LIMIT 1
"""


def register_version(until=None, revision=None):
    """Return the register's Version in one small query; ``Version(0, None, "")`` before anything was public.

    ``until``: an aware time, for the version then. Without it this is the first query of nearly every request, so it
    doubles as the health check of the connection: if it fails, reconnect and try once more. And it reads the document
    of the Revision ``revision`` (its id), which the request will probably need, unless that is cached.
    """
    if until:
        then = Revision.objects.public().filter(at__lte=until).order_by("-id")
        return Version(*(then.values_list("id", "at", "head").first() or _FIRST))
    connection = reading()
    connection.health_check_done = True
    try:
        return _version_now(connection, revision)
    except Error:
        if connection.in_atomic_block:
            raise
        connection.close()
        return _version_now(connection, revision)


def _version_now(connection, revision):
    cache = documents.cache
    unread = None if revision in cache else revision
    if connection.vendor == "postgresql":
        rows = prepared.rows(connection, "version", _NEWEST.format("document", "$1"), unread)
    else:
        with connection.cursor() as cursor:  # Django's ORM takes longer than the query
            rows = cursor.execute(_NEWEST.format("CAST(document AS BLOB)", "%s"), [unread]).fetchall()
    for number, at, head, document in rows:
        if document is not None:
            cache.add({unread: document})
        return Version(number, at.replace(tzinfo=UTC), head if isinstance(head, str) else head.decode())
    return _FIRST
