"""The worker's own process: ``python -m projects.imports NUMBER [locked]`` works at the Import of that number.

``locked``: whoever started it took the import's lock, and handed it over.
"""

import os
import resource
import sys

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "eap_funding.settings")
    django.setup()
    from projects.imports.working import MEMORY, work, work_locked

    most = resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY if most == resource.RLIM_INFINITY else min(MEMORY, most), most))
    (work_locked if "locked" in sys.argv[2:] else work)(int(sys.argv[1]))
