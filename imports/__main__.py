"""The process of a worker: ``python -m imports FOLDER NUMBER LOCK`` works on the Import with that number.

``FOLDER`` holds the uploaded files. The process that starts it takes the import's lock and hands it over, as the open
file ``LOCK``; it is free as soon as the work ends, however long the process takes to end. It waits for its turn before
it loads Django, so that waiting processes need little memory.
"""

import os
import resource
import sys
from pathlib import Path

from .queue import turn


def main(folder, number, lock):
    """Work on one import, with as much memory as an import may have."""
    with open(int(lock), "a"):
        turn(Path(folder), number)
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
