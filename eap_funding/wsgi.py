"""The application, as servers run it. Here nobody waits long for the database; commands and imports may."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from .patience import wait_in_time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "eap_funding.settings")
application = get_wsgi_application()
wait_in_time(settings.DATABASES["default"], settings.STATEMENT_TIMEOUT)
