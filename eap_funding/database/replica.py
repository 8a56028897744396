"""Which place a request reads from, so that a reader never sees less than they saw before."""

from django.conf import settings
from django.db import DatabaseError, InterfaceError

from projects.index import follower
from projects.index.version import register_version
from provenance.store.replica import DATABASE, REPLICA, read_from

from .outage import reconnect


def version_to_show(request):
    """Choose the place to read from, and return the register's Version there.

    The replica, unless it is away, or older than what this process already showed or than the ``X-Register-Version``
    that the client sends; else the database.
    """
    if settings.REPLICA_URL:
        read_from(REPLICA)
        try:
            version = register_version()
            if version.number >= max(follower.newest_shown(), _seen(request)):
                return version
        except (DatabaseError, InterfaceError):
            reconnect()
        read_from(DATABASE)
    return register_version()


def _seen(request):
    """Return the version that the client says it saw, in at most 18 digits; 0 if it says none."""
    text = request.META.get("HTTP_X_REGISTER_VERSION", "")[:18]
    return int(text) if text.isascii() and text.isdigit() else 0
