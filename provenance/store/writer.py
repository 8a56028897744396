"""Writes and records Entries. The way to it is ``workflow.submission``."""

from contextlib import contextmanager
from functools import cache

from django.contrib.contenttypes.models import ContentType
from django.db import transaction

from ..documents.claims import items_of
from ..documents.declaration import Many, Parts, of_kind
from ..documents.errors import REFUSALS, faults_of
from ..models import Claim, Record
from . import bulk, entries
from .build import parent_field, unsettled_documents
from .lock import register_lock, require_lock
from .log import document_of, newest, record


@contextmanager
def dry_run():
    """Hold the register's lock and roll back at the end: a dry run."""
    with register_lock():
        yield
        transaction.set_rollback(True)


def current(model, keys):
    """Return ``{key: document}`` of the records ``keys`` as last recorded, without ``modified``."""
    revisions = newest(model, list(keys)).items()
    return {key: document_of(revision) for key, revision in revisions if revision.action != "deleted"}


def write(model, chunk, fields, faults, trial=None):
    """Write and record a chunk of entries. Returns the number of Revisions. ``trial``: see ``record``.

    If a chunk breaks a database rule, its halves are tried in turn, down to single entries, which add to ``faults``.
    """
    require_lock()
    if not chunk:
        return 0
    try:
        with transaction.atomic():
            _save(model, chunk)
            built = {entry.key: entry.document for entry in chunk if entry.stands}
            return record(model, [entry.key for entry in chunk], built=built, trial=trial, **fields)
    except REFUSALS as error:
        if len(chunk) == 1:
            [entry] = chunk
            faults[entry.key] = faults_of(error, entry.key, [*entry.own_rows(), *entry.claims()])
            return 0
    middle, chunk = len(chunk) // 2, [entry.again() for entry in chunk]
    return sum(write(model, half, fields, faults, trial) for half in (chunk[:middle], chunk[middle:]))


def _save(model, chunk):
    before = unsettled_documents(model, [entry.key for entry in chunk])
    entries.insert([entry for entry in chunk if entry.key not in before])
    old = [entry for entry in chunk if entry.key in before]

    def changed(names):
        return [entry for entry in old if _items(names, entry.document) != _items(names, before[entry.key])]

    if rows := [entry.row for entry in changed([member.name for member in model.members if member.lookups(model)])]:
        bulk.update(rows, _columns(model))
    _relink(changed([member.name for member in of_kind(model, Many)]))
    _replace_parts(model, changed([member.name for member in of_kind(model, Parts)]))
    claims = {key: document.get("claims", ()) for key, document in before.items()}
    _replace_claims(model, [entry for entry in old if entry.claim_values != entry.columns_of(claims[entry.key])])


def _items(names, document):
    return [items_of(document, name) for name in names]


@cache
def _columns(model):
    """Return the columns that documents state: all but the key, derived ones, and those of every record."""
    own = [column for column in model._meta.concrete_fields if not (column.primary_key or column.generated)]
    return [column.name for column in own if column.name not in _OF_EVERY_RECORD]


_OF_EVERY_RECORD = {column.name for column in Record._meta.fields}


def _relink(old):
    """Update the links of the entries ``old``."""
    for name in old[0].links if old else ():
        table, own, other = entries.relation(old[0].row, name)
        wanted = {(entry.key, key) for entry in old for key in entry.links[name]}
        rows = table.objects.filter(**{f"{own}__in": [entry.key for entry in old]}).values_list("pk", own, other)
        existing = {(key, named): pk for pk, key, named in rows}
        table.objects.filter(pk__in=[pk for pair, pk in existing.items() if pair not in wanted]).delete()
        bulk.write(table, [own, other], sorted(wanted - existing.keys()))


def _replace_parts(model, changed):
    """Replace the parts of the entries ``changed``, in the order of the document."""
    models = {member.name: member.part(model) for member in of_kind(model, Parts)}
    for name in reversed(list(changed[0].parts)) if changed else ():  # contained parts first
        own = f"{parent_field(models[name]).name}__in"
        models[name].objects.filter(**{own: [entry.key for entry in changed]}).delete()
    entries.insert_parts(changed)


def _replace_claims(model, changed):
    """Replace the claims of the entries ``changed``, in the order of the document."""
    if changed:
        kind = ContentType.objects.get_for_model(model)
        Claim.objects.filter(content_type=kind, object_id__in=[entry.key for entry in changed]).delete()
        entries.insert_claims(changed)
