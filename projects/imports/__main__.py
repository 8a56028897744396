"""The worker's own process: ``python -m projects.imports NUMBER`` works at the Import of that number."""

import os
import sys

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "eap_funding.settings")
    django.setup()
    from projects.imports.working import work

    work(int(sys.argv[1]))
