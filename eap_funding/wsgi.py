"""The application, as servers run it. Here nobody waits long for the database; commands and imports may."""

import gc
import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import DatabaseError, InterfaceError, connections

from .health import healthy_at_once
from .patience import wait_in_time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "eap_funding.settings")
application = healthy_at_once(get_wsgi_application())
wait_in_time(settings.DATABASES["default"], settings.STATEMENT_TIMEOUT)


def warm():
    """Make the index before processes are forked, which then share its memory, and no connection."""
    from projects.index import following

    try:
        following.warm()
    except (DatabaseError, InterfaceError):
        pass  # the first request says so, or makes it
    finally:
        connections.close_all()
        gc.freeze()
