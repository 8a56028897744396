"""Writes and records Entries. The way to it is ``workflow.submission``."""

from contextlib import contextmanager

from django.contrib.contenttypes.models import ContentType
from django.db import transaction

from ..documents.claims import items_of
from ..documents.declaration import Parts, of_kind
from ..documents.errors import REFUSALS, faults_of
from ..models import Claim
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
    rows = model.objects.in_bulk([entry.key for entry in chunk])
    entries.insert([entry for entry in chunk if entry.key not in rows])
    if old := [entry for entry in chunk if entry.key in rows]:
        documents, parts = unsettled_documents(model, rows), [member.name for member in of_kind(model, Parts)]
        claims = {key: document.get("claims", ()) for key, document in documents.items()}
        _update(model, old, rows)
        _relink(old)
        _replace_parts(
            model, [entry for entry in old if _items(parts, entry.document) != _items(parts, documents[entry.key])]
        )
        _replace_claims(model, [entry for entry in old if entry.claim_values != entry.columns_of(claims[entry.key])])


def _items(members, document):
    return [items_of(document, member) for member in members]


def _update(model, old, rows):
    """Update the columns in which the entries ``old`` differ from their rows."""
    names = [column.name for column in model._meta.concrete_fields if column.name not in _not_told(model)]
    attributes = [model._meta.get_field(name).attname for name in names]
    changed = []
    for entry in old:
        row = rows[entry.key]
        values = {name: getattr(entry.row, name) for name in attributes}
        if any(getattr(row, name) != value for name, value in values.items()):
            vars(row).update(values)
            changed.append(row)
    if changed:
        bulk.update(changed, names)


def _not_told(model):
    """Return the columns that are not in documents: key, state and derived columns."""
    computed = {column.name for column in model._meta.concrete_fields if column.primary_key or column.generated}
    return computed | {"state", "revision", "modified", "sort_key", "search_text"}


def _relink(old):
    """Update the links of the entries ``old``."""
    for name in old[0].links:
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
        entries.write_claims([values for entry in changed for values in entry.claim_values])
