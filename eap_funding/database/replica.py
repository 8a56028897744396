"""Which place a request reads from, so that a reader never sees less than they saw before."""

import re

from django.conf import settings
from django.db import DatabaseError, InterfaceError

from projects.index import follower
from projects.index.version import register_version
from projects.published.views import KINDS
from provenance.models.fields import as_number
from provenance.store.database import DATABASE, REPLICA, read_from

from .outage import reconnect

_RECORD = re.compile(rf"(?:/api/v1)?/({'|'.join(KINDS)})/([-\w]+)")


def version_to_show(request):
    """Choose the place to read from, and return the register's Version there.

    The replica, unless it is away, or older than what this process already showed or than the ``X-Register-Version``
    that the client sends; else the database. The same query reads the document that the address names.
    """
    shown, named = follower.newest_shown(), _RECORD.match(request.path_info)
    revision = shown and named and shown.revision(KINDS[named[1]], named[2])
    if settings.REPLICA_URL:
        seen = as_number(request.META.get("HTTP_X_REGISTER_VERSION")) or 0
        read_from(REPLICA)
        try:
            version = register_version(revision=revision)
            if version.number >= max(shown.version.number if shown else 0, seen):
                return version
        except (DatabaseError, InterfaceError):
            reconnect()
        read_from(DATABASE)
    return register_version(revision=revision)
