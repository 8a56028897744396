"""The worker's own process: ``python -m imports NUMBER [FOLDER]`` works at the Import of that number.

``FOLDER``, where imports lie: whoever started it took the import's lock, and handed it over. It waits there for its
turn before Django is loaded, so that many that wait take little memory.
"""

import os
import resource
import sys
from pathlib import Path

from .queue import turn


def main(number, folder=""):
    """Work at one import."""
    if not folder:
        _ready().work(number)
        return
    with turn(Path(folder), number):
        _ready().work_locked(number)


def _ready():
    """Return the module of the work, once Django is loaded, with as much memory as an import may have."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "eap_funding.settings")
    import django

    django.setup()
    from imports import worker

    most = resource.getrlimit(resource.RLIMIT_AS)[1]
    memory = worker.MEMORY if most == resource.RLIM_INFINITY else min(worker.MEMORY, most)
    resource.setrlimit(resource.RLIMIT_AS, (memory, most))
    return worker


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
