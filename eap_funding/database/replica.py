"""Which place a request reads from, so that a reader never sees less than they saw before."""

from django.conf import settings
from django.db import DatabaseError, InterfaceError

from projects.index import follower
from projects.index.version import news
from provenance.models.fields import as_number
from provenance.store.database import DATABASE, REPLICA, read_from

from .outage import reconnect


def news_to_show(request, ids=()):
    """Choose the place to read from, and return the ``news`` there.

    The replica, unless it is away, or older than what this process already showed or than the ``X-Register-Version``
    that the client sends; else the database. The same query reads the documents of the Revisions ``ids``.
    """
    shown = follower.newest_shown()
    number = shown and shown.version.number
    if settings.REPLICA_URL:
        seen = as_number(request.META.get("HTTP_X_REGISTER_VERSION")) or 0
        read_from(REPLICA)
        try:
            revisions = news(number, ids)
            if revisions[0].id >= max(number or 0, seen):
                return revisions
        except (DatabaseError, InterfaceError):
            reconnect()
        read_from(DATABASE)
    return news(number, ids)
