"""The worker's own process: ``python -m imports FOLDER NUMBER`` works at the Import of that number.

``FOLDER``: where uploaded files lie. Whoever started it took the import's lock, and handed it over. It waits for its
turn before Django is loaded, so that many that wait take little memory.
"""

import os
import resource
import sys
from pathlib import Path

from .queue import turn


def main(folder, number):
    """Work at one import, with as much memory as an import may have."""
    with turn(Path(folder), number):
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "eap_funding.settings")
        import django

        django.setup()
        from imports import lifecycle, worker

        most = resource.getrlimit(resource.RLIMIT_AS)[1]
        memory = lifecycle.MEMORY if most == resource.RLIM_INFINITY else min(lifecycle.MEMORY, most)
        resource.setrlimit(resource.RLIMIT_AS, (memory, most))
        worker.work_now(number)


if __name__ == "__main__":
    main(*sys.argv[1:])
