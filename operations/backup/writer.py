"""Writes a backup: everything as of one moment, while the site keeps running."""

import os
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial

from django.conf import settings

from imports.models import Import
from imports.storage import beside
from provenance.models import Revision
from provenance.store.database import snapshot
from provenance.store.integrity import register_digest

from . import archive, tables

UPLOADED = ("bytes", "refused")  # what an import needs of its file
_BLOCK = 2**20  # bytes


def write_backup(folder):
    """Write a backup to ``folder``, and remove all but the BACKUPS_KEPT newest there. Returns (Path, manifest)."""
    now = datetime.now(UTC)
    name = now.strftime("register-%Y%m%dT%H%M%SZ.backup")
    manifest = {"created": now.isoformat(timespec="seconds"), "release": settings.RELEASE, "settings": names_set()}
    with snapshot():
        migrations = tables.applied()
        if later := tables.unknown(migrations):
            raise archive.Unfit(f"The database is of a newer program: this one has no migration {'.'.join(later[0])}.")
        manifest |= {"migrations": migrations, **_content()}
        with archive.writing(folder, name, settings.BACKUP_KEY, manifest) as add:
            for table, model in tables.models_at(migrations).items():
                add(f"tables/{table}.ndjson", tables.lines_of(model))
            paths = [beside(batch, each) for batch in Import.objects.only("pk").order_by("pk") for each in UPLOADED]
            for path in paths:
                with suppress(FileNotFoundError), path.open("rb") as file:  # nobody needs those that are done
                    add(f"imports/{path.name}", iter(partial(file.read, _BLOCK), b""))
    archive.remove_old(folder, settings.BACKUPS_KEPT)
    [path] = folder.glob(f"{name}*")
    return path, manifest


def names_set():
    """Return the names, without values, of the settings that this installation sets."""
    names = [name for name in [*dir(settings), "DATABASE_URL"] if name.isupper()]
    return sorted(name for name in names if name in os.environ or f"{name}_FILE" in os.environ)


def _content():
    """Return what the register's records are, to be compared after a restore; nothing before an upgrade."""
    if tables.waiting():
        return {"seal": None, "content_digest": None}
    seal = Revision.objects.public().order_by("-id").values_list("id", "head").first()
    return {"seal": seal, "content_digest": register_digest()}
