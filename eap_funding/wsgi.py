"""The application, as servers run it."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "eap_funding.settings")
application = get_wsgi_application()
