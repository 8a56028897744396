"""The version of the register, which nearly every request reads first."""

from datetime import UTC, datetime
from typing import NamedTuple

from django.db import Error

from provenance.models import Revision
from provenance.store.replica import reading

from . import prepared

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
_NEWEST = "SELECT id, at, head FROM provenance_revision WHERE is_public ORDER BY id DESC LIMIT 1"


def register_version(until=None):
    """Return the register's Version in one small query; ``Version(0, None, "")`` before anything was public.

    ``until``: an aware time, for the version then. Without it this is the first query of nearly every request, so it
    doubles as the health check of the connection: if it fails, reconnect and try once more.
    """
    if until:
        return _newest(Revision.objects.public().filter(at__lte=until))
    connection = reading()
    connection.health_check_done = True
    try:
        return _version_now()
    except Error:
        if connection.in_atomic_block:
            raise
        connection.close()
        return _version_now()


def _newest(revisions):
    newest = revisions.order_by("-id").values_list("id", "at", "head").first()
    return Version(*newest) if newest else _FIRST


def _version_now():
    if reading().vendor == "postgresql":
        for number, at, head in prepared.rows("version", _NEWEST):
            return Version(number, at, head.decode())
        return _FIRST
    with reading().cursor() as cursor:  # Django's ORM takes longer than the query
        for number, at, head in cursor.execute(_NEWEST):
            return Version(number, at.replace(tzinfo=UTC), head)
    return _FIRST
