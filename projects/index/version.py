"""The version of the register, which nearly every request reads first."""

from datetime import UTC, datetime
from typing import NamedTuple

from django.db import Error
from django.db.models import Max

from provenance.models import Revision
from provenance.models.revision import public_state
from provenance.store.database import reading

from . import documents, prepared

SEAL = 20  # digits: short enough to copy, and too many to try out
FEW = 25  # changes that are read with the version, also while a thread follows many


class Version(NamedTuple):
    """The id, time and head of the newest public Revision, from which all that the public sees follows."""

    number: int
    at: datetime | None
    head: str = ""

    @property
    def seal(self):
        """The first 20 digits of the head in groups of four, as people copy them."""
        return " ".join(self.head[at : at + 4] for at in range(0, min(len(self.head), SEAL), 4))


class PublicRevision(NamedTuple):
    """A public Revision."""

    id: int
    at: datetime
    head: str
    kind: str
    key: str
    action: str
    state: str
    sort_key: str
    document: str | bytes

    @property
    def version(self):
        return Version(self.id, self.at, self.head)

    @property
    def is_shown(self):
        return public_state(self.action, self.state) == "published"


_FIRST = PublicRevision(0, None, *[""] * 7)  # before anything was public
_COLUMNS = ", ".join(PublicRevision._fields[:-1])
_NEWS = f"""
SELECT false, {_COLUMNS}, {{document}} FROM provenance_revision WHERE id {{among}}
UNION ALL SELECT * FROM (
    SELECT true, {_COLUMNS}, CASE WHEN id > since THEN document END
    FROM provenance_revision, (SELECT CAST({{number}} AS bigint) AS since) AS asked
    WHERE is_public AND id >= coalesce(since, (SELECT max(id) FROM provenance_revision WHERE is_public))
    ORDER BY id DESC LIMIT {FEW + 1}
) AS newest
"""  # noqa: S608


def register_version(until=None):
    """Return the register's Version; ``Version(0, None, "")`` before anything was public.

    ``until``: an aware time, for the version then.
    """
    if not until:
        return news()[0].version
    then = Revision.objects.public().filter(at__lte=until).order_by("-id").values_list("id", "at", "head")
    return Version(*(then.first() or _FIRST.version))


def newest_of_each(revisions):
    """Yield the newest PublicRevision of each record in a query set, in the order of their ids."""
    newest = revisions.order_by().values("kind", "key").annotate(newest=Max("id"))
    ids = sorted(newest.values_list("newest", flat=True))
    for first in range(0, len(ids), documents.BATCH):
        batch = Revision.objects.filter(pk__in=ids[first : first + documents.BATCH]).order_by("id")
        yield from map(PublicRevision._make, batch.values_list(*PublicRevision._fields))


def news(since=None, ids=()):
    """Return the newest PublicRevision, and those before it down to the id ``since``, at most FEW of them, as a list.

    The one of ``since`` has no document; before anything was public there is one with the id 0. This is the first query
    of nearly every request, so it doubles as the health check of the connection: if it fails, reconnect and try once
    more. And it reads the documents of the Revisions ``ids``, which the request will need, unless they are cached.
    """
    connection = reading()
    connection.health_check_done = True
    try:
        return _news(connection, since, ids)
    except Error:
        if connection.in_atomic_block:
            raise
        connection.close()
        return _news(connection, since, ids)


def _news(connection, since, ids):
    cache, read, revisions = documents.cache, {}, []
    unread = [pk for pk in ids if pk not in cache]
    for is_new, pk, at, *texts, document in prepared.rows(connection, "version", _NEWS, unread, since):
        if is_new:
            texts = [text.decode() if isinstance(text, bytes) else text for text in texts]
            revisions.append(PublicRevision(pk, at.replace(tzinfo=UTC), *texts, document))
        else:
            read[pk] = document
    if read:
        cache.add(read)
    return revisions or (_news(connection, None, ()) if since else [_FIRST])  # the log may have been replaced
