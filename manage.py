#!/usr/bin/env python
"""Django's command line."""

import os
import sys

from django.core.management import execute_from_command_line
from django.db import DatabaseError

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "eap_funding.settings")
    try:
        execute_from_command_line(sys.argv)
    except DatabaseError:
        from operations.backup.tables import waiting  # it needs the settings

        if "migrate" in sys.argv or not waiting():
            raise
        sys.exit("Some tables are missing or out of date. Run “manage.py migrate” first.")
