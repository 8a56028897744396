"""Where this request reads: the database, or with REPLICA_URL a replica of it. Writing always goes to the database.

Pages, API and files choose the replica (eap_funding/database/replica.py); everything else reads the database.
"""

from contextvars import ContextVar

from django.db import connections

DATABASE, REPLICA = "default", "replica"
_place = ContextVar("place", default=DATABASE)


def read_from(place):
    """Read from ``place``, DATABASE or REPLICA, until this is called again in this thread."""
    _place.set(place)


def reading():
    """Return the connection to read from."""
    return connections[_place.get()]


class Router:
    def db_for_read(self, model, **hints):
        return DATABASE if model._meta.app_label == "django_cache" else _place.get()

    def db_for_write(self, model, **hints):
        return DATABASE

    def allow_relation(self, one, other, **hints):
        return True

    def allow_migrate(self, database, app_label, **hints):
        return database == DATABASE
