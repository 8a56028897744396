"""Writes and records Entries. The way to it is ``workflow.submission``."""

from contextlib import contextmanager
from functools import cache

from django.contrib.contenttypes.models import ContentType
from django.db import transaction

from ..documents.claims import items_of
from ..documents.declaration import Many, Parts, of_kind
from ..documents.errors import REFUSALS, faults_of
from ..models import Claim, Record
from . import database, entries
from .build import parent_field
from .database import register_lock, require_lock
from .log import document_of, newest, record
from .rules import taken


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
            faults[entry.key] = list(taken(model, {entry.key: entry.document})) or faults_of(error, entry.key)
            return 0
    middle, chunk = len(chunk) // 2, [entry.again() for entry in chunk]
    return sum(write(model, half, fields, faults, trial) for half in (chunk[:middle], chunk[middle:]))


def _save(model, chunk):
    """Insert new records; of others, write what of their documents changed."""
    before = current(model, [entry.key for entry in chunk])
    entries.insert([entry for entry in chunk if entry.key not in before])
    old = [entry for entry in chunk if entry.key in before]
    for write_members, names in _members(model).items():
        if changed := [entry for entry in old if _items(names, entry.document) != _items(names, before[entry.key])]:
            write_members(model, changed)
    claims = {key: document.get("claims", ()) for key, document in before.items()}
    if changed := [entry for entry in old if entry.claim_values != entry.columns_of(claims[entry.key])]:
        _replace_claims(model, changed)


@cache
def _members(model):
    """Return ``{function that writes them: names of members}``, of all members but claims."""
    own = [member for member in model.members if member.lookups(model)]
    kinds = {_update: own, _relink: of_kind(model, Many), _replace_parts: of_kind(model, Parts)}
    return {write_members: [member.name for member in members] for write_members, members in kinds.items()}


def _items(names, document):
    return [items_of(document, name) for name in names]


def _update(model, changed):
    database.update([entry.row for entry in changed], _columns(model))


@cache
def _columns(model):
    """Return the columns that documents state: all but the key, derived ones, and those of every record."""
    own = [column for column in model._meta.concrete_fields if not (column.primary_key or column.generated)]
    return [column.name for column in own if column.name not in _OF_EVERY_RECORD]


_OF_EVERY_RECORD = {column.name for column in Record._meta.fields}


def _relink(model, changed):
    keys = [entry.key for entry in changed]
    for name in changed[0].links:
        table, own, other = entries.relation(model, name)
        wanted = {(entry.key, key) for entry in changed for key in entry.links[name]}
        rows = table.objects.filter(**{f"{own}__in": keys}).values_list("pk", own, other)
        existing = {(key, named): pk for pk, key, named in rows}
        table.objects.filter(pk__in=[pk for pair, pk in existing.items() if pair not in wanted]).delete()
        database.write(table, [own, other], sorted(wanted - existing.keys()))


def _replace_parts(model, changed):
    parts = {member.name: member.part(model) for member in of_kind(model, Parts)}
    for part in [parts[name] for name in reversed(list(changed[0].parts))]:  # contained parts first
        part.objects.filter(**{f"{parent_field(part).name}__in": [entry.key for entry in changed]}).delete()
    entries.insert_parts(changed)


def _replace_claims(model, changed):
    kind = ContentType.objects.get_for_model(model)
    Claim.objects.filter(content_type=kind, object_id__in=[entry.key for entry in changed]).delete()
    entries.insert_claims(changed)
