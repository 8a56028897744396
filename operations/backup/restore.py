"""Restores a backup: beside what is there, checked to the last row, and only then in its place."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import DatabaseError, InterfaceError, connection, transaction

from projects.index import follower
from provenance.models import Revision
from provenance.store import database
from provenance.store.integrity import check_register, register_digest

from . import archive, places, tables
from .archive import Unfit

SHOWN = 20  # findings
_NOT_EMPTY = (
    "There is a register here already. To put the backup in its place, add --replace: what is there now is kept beside."
)


def restore(path, *, identity="", replace=False, despite_findings=False, report=lambda words: None):
    """Restore the backup at ``path``. Returns a list of where, in words, the database and files from before are kept.

    Unfit, and nothing changed, if the file or the register in it is not in order, or if there is a register already.
    ``despite_findings``: restore even if ``check_register`` has findings. ``report``: called with a sentence a step.
    """
    with archive.reading(path, identity) as (backup, manifest):
        report("The file is whole.")
        migrations = manifest["migrations"]
        if later := tables.unknown(migrations):
            raise Unfit(f"The backup is of a newer program: this one has no migration {'.'.join(later[0])}.")
        if not replace and _has_register():
            raise Unfit(_NOT_EMPTY)
        name = datetime.now(UTC).strftime("before_%Y%m%dt%H%M%Sz")
        with places.beside() as place:
            _load(backup, manifest)
            report("Every row is loaded, and reads back as it was.")
            call_command("migrate", verbosity=0)
            database.analyze()
            _check(manifest, despite_findings)
            report("The register is in order.")
            uploads = _extract(backup, manifest)
            places_before = [place.switch(name), _switch_folder(uploads, name)]
    follower.rebuild()
    return [each for each in places_before if each]


def _has_register():
    try:
        return Revision.objects.exists()
    except (DatabaseError, InterfaceError):
        return False  # not migrated, or broken


def _load(backup, manifest):
    tables.migrate_to(manifest["migrations"])
    models = tables.models_at(manifest["migrations"])
    names = {f"tables/{table}.ndjson": model for table, model in models.items()}
    if {name for name in manifest["files"] if name.startswith("tables/")} != set(names):
        raise Unfit("The backup does not have the tables that its migrations make.")
    with connection.constraint_checks_disabled(), transaction.atomic():  # tables come in any order
        tables.empty()
        for name, model in names.items():
            with backup.open(name) as file:
                tables.load(model, iter(file))
        database.reset_sequences(models.values())
        connection.check_constraints()
    with database.snapshot():
        for name, model in names.items():
            if archive.sha256_of(tables.lines_of(model)) != manifest["files"][name]["sha256"]:
                raise Unfit(f"What was loaded into the table {model._meta.db_table} does not read back as it was.")


def _check(manifest, despite_findings):
    ContentType.objects.clear_cache()
    version, head = manifest["seal"] or (None, "")
    findings = list(check_register(head, version))
    if findings and not despite_findings:
        more = [f"… and {len(findings) - SHOWN} more."] if len(findings) > SHOWN else []
        first = "The register in the backup is not in order (--despite-findings restores it):"
        raise Unfit("\n".join([first, *findings[:SHOWN], *more]))
    if manifest["content_digest"] not in (None, register_digest()):
        raise Unfit("The content digest of the restored register is not that in the backup.")


def _extract(backup, manifest):
    """Write the uploaded files of imports beside their folder. Returns the new folder."""
    folder = _beside(settings.IMPORTS_DIR, "restoring")
    shutil.rmtree(folder, ignore_errors=True)  # of a run that was killed
    folder.mkdir(parents=True)
    for name in [each for each in manifest["files"] if each.startswith("imports/")]:
        path = folder / Path(name).name
        path.write_bytes(backup.read(name))
        archive.sync(path)
    return folder


def _switch_folder(folder, name):
    """Put ``folder`` in the place of IMPORTS_DIR. Returns where that is kept, None if it was empty or not there."""
    live, aside = settings.IMPORTS_DIR, _beside(settings.IMPORTS_DIR, name)
    is_there = live.is_dir() and any(live.iterdir())
    try:
        if is_there:
            live.rename(aside)
        folder.replace(live)
    except OSError as error:  # the database is in its place by now
        return f"{live}, in which the backup’s files are not ({error.strerror}). Move it away, and {folder} there."
    return aside if is_there else None


def _beside(path, name):
    return Path(path).with_name(f"{path.name}.{name}")
