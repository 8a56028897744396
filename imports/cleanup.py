"""What imports leave on disk goes away: at their end, and after some days even if nobody comes back to them."""

import re
import time
from contextlib import suppress
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from imports.models import Import

from . import lifecycle

A_DAY = 24 * 3600  # seconds: a file that is younger may be in the making
_OURS = re.compile(r"\d+\.(bytes|lock|progress|refused)|\.(aside-|\d+\.).*")


def tidy():
    """Drop imports that nobody decided in IMPORT_KEPT_DAYS, close what is older, and delete files that none needs.

    Returns (imports dropped, files deleted).
    """
    old = Import.objects.filter(at__lt=timezone.now() - timedelta(days=settings.IMPORT_KEPT_DAYS))
    note = f"Nobody decided in {settings.IMPORT_KEPT_DAYS} days."
    dropped = sum(lifecycle.drop(batch, note) for batch in old.filter(state__in=lifecycle.OPEN))
    for batch in old.filter(state=Import.State.DONE, about__closed__isnull=True):
        lifecycle.close(batch)
    return dropped, sum(_delete(path) for path in _not_needed())


def _not_needed():
    """Return the files of ours, older than a day, that no import needs."""
    if not settings.IMPORTS_DIR.is_dir():
        return []
    rows = Import.objects.filter(state__in=(*lifecycle.OPEN, Import.State.DONE)).order_by()
    needed = set()
    for number, state in rows.values_list("pk", "state"):
        needed.add(f"{number}.refused")
        if state in lifecycle.OPEN:
            needed |= {f"{number}.bytes", f"{number}.lock", f"{number}.progress"}
    return [path for path in settings.IMPORTS_DIR.iterdir() if _OURS.fullmatch(path.name) and path.name not in needed]


def _delete(path):
    """Delete a file that is older than a day; returns whether it was. One that cannot be is in nobody's way."""
    with suppress(OSError):
        if time.time() - path.stat().st_mtime > A_DAY:
            path.unlink()
            return True
    return False
