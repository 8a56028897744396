"""Changes the title of each project whose key is read, as a process of its own, and says when it is recorded.

It runs in the folder of the commit that is measured, with that commit's code.
"""

import os
import sys

sys.path[0] = os.getcwd()
os.environ["DJANGO_SETTINGS_MODULE"] = "eap_funding.settings"

import django  # noqa: E402

django.setup()

from projects.models import Project  # noqa: E402
from provenance.store.database import register_lock  # noqa: E402
from provenance.store.log import record  # noqa: E402

for number, line in enumerate(sys.stdin):
    with register_lock():
        Project.objects.filter(pk=line.strip()).update(title=f"Changed {number} while it was measured")
        record(Project, [line.strip()], user_name="bench", reason="measured")
    print("done", flush=True)
