"""The application, as servers run it. Here nobody waits long for the database; commands and imports may."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from .health import healthy_at_once
from .patience import wait_in_time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "eap_funding.settings")
application = healthy_at_once(get_wsgi_application())
wait_in_time(settings.DATABASES["default"], settings.STATEMENT_TIMEOUT)
