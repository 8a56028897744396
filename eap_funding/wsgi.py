"""The WSGI application. It limits how long queries take; commands and imports may take longer."""

import gc
import os

from django.conf import settings
from django.core.signals import request_started
from django.core.wsgi import get_wsgi_application
from django.db import DatabaseError, InterfaceError, close_old_connections, connections, reset_queries
from django.urls import get_resolver

from .database.timeouts import wait_in_time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "eap_funding.settings")
_django = get_wsgi_application()

from projects.index import follower  # noqa: E402  models need Django's apps

from .at_once import at_once  # noqa: E402

application = at_once(_django)
for _receiver in (reset_queries, close_old_connections):  # the end of the request before has done it
    request_started.disconnect(_receiver)
for _database in settings.DATABASES.values():
    wait_in_time(_database, settings.STATEMENT_TIMEOUT)


def warm():
    """Import every view and build the index before workers are forked, so that they share memory but no connection."""
    get_resolver().url_patterns  # noqa: B018  otherwise imported at the first request of each process
    try:
        follower.warm()
    except (DatabaseError, InterfaceError):
        pass  # the first request reports it, or builds the index
    finally:
        connections.close_all()
        gc.freeze()
