"""When backups, dumps and checks last ran, and which of them are overdue."""

from contextlib import contextmanager, suppress
from datetime import timedelta

from django.conf import settings
from django.db import Error
from django.utils import timezone

from .models import Run

LONGEST = timedelta(hours=26)  # between two runs of a nightly job
JOBS = {"backup": "backup", "dump": "dump", "check": "check of the register"}


@contextmanager
def noted(name):
    """Note when the job ``name`` ended, and whether without an error or an exit code."""
    is_ok = False
    try:
        yield
        is_ok = True
    finally:
        with suppress(Error):  # a database that is away, or read-only
            if is_ok or name == "check":  # of the others, the last that succeeded counts
                Run.objects.update_or_create(name=name, defaults={"at": timezone.now(), "is_ok": is_ok})


def ages():
    """Return ``{job: (seconds since its last run, whether it succeeded)}`` of those that ever ran."""
    now = timezone.now()
    return {run.name: ((now - run.at).total_seconds(), run.is_ok) for run in Run.objects.filter(name__in=JOBS)}


def warnings():
    """Return what is overdue or failed, as sentences; nothing where no BACKUP_DIR is set."""
    if not settings.BACKUP_DIR:
        return []
    sentences, last = [], ages()
    for name, words in JOBS.items():
        age, is_ok = last.get(name, (None, True))
        if age is None:
            sentences.append(f"No {words} has been made yet.")
        elif not is_ok:
            sentences.append(f"The newest {words} found something wrong.")
        elif age > LONGEST.total_seconds():
            sentences.append(f"The newest {words} is {age / 3600:.0f} hours old.")
    return sentences
