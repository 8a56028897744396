"""Entries into tables, then recorded: the reverse of recording. ``workflow.submission`` is the way to it."""

from contextlib import contextmanager

from django.contrib.contenttypes.models import ContentType
from django.db import transaction

from ..documents.claims import items_of
from ..documents.declaration import Parts, of_kind
from ..documents.errors import REFUSALS, faults_of
from ..models import Claim
from . import bulk, entries
from .build import part_field
from .lock import demand_turn, turn
from .log import build, newest, record, stated


@contextmanager
def undone():
    """A turn that is undone at its end: to see what a change would do."""
    with turn():
        yield
        transaction.set_rollback(True)


def current(model, keys):
    """Return ``{key: document}`` of the records ``keys`` as last recorded, without ``modified``."""
    found = newest(model, list(keys)).items()
    return {key: stated(revision) for key, revision in found if revision.action != "deleted"}


def write(model, chunk, said, faults):
    """Write and record the entries of a chunk, and return the number of Revisions.

    Of a chunk that breaks a rule of the database, halves, until it is told in ``faults``.
    """
    demand_turn()
    if not chunk:
        return 0
    try:
        with transaction.atomic():
            _save(model, chunk)
            return record(model, [entry.key for entry in chunk], **said)
    except REFUSALS as error:
        if len(chunk) == 1:
            [entry] = chunk
            faults[entry.key] = faults_of(error, entry.key, [*entry.own_rows(), *entry.claims()])
            return 0
    middle, chunk = len(chunk) // 2, [entry.again() for entry in chunk]
    return write(model, chunk[:middle], said, faults) + write(model, chunk[middle:], said, faults)


def _save(model, chunk):
    rows = model.objects.in_bulk([entry.key for entry in chunk])
    entries.insert([entry for entry in chunk if entry.key not in rows])
    if old := [entry for entry in chunk if entry.key in rows]:
        standing, parts = build(model, rows), [member.name for member in of_kind(model, Parts)]
        _update(model, old, rows)
        _relink(old)
        _replace_parts(
            model, [entry for entry in old if _say(parts, entry.document) != _say(parts, standing[entry.key])]
        )
        _replace_claims(
            model, [entry for entry in old if entry.said != entry.columns_of(standing[entry.key].get("claims", ()))]
        )


def _say(members, document):
    return [items_of(document, member) for member in members]


def _update(model, old, rows):
    """Write the columns in which the rows of ``old`` differ from those that stand."""
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
    """Return the columns that no document tells: the key, those that follow from the document, the state."""
    computed = {column.name for column in model._meta.concrete_fields if column.primary_key or column.generated}
    return computed | {"state", "revision", "modified", "sort_key", "search_text"}


def _relink(old):
    """Make the links of ``old`` those of their documents."""
    for name in old[0].links:
        table, own, other = entries.relation(old[0].row, name)
        wanted = {(entry.key, key) for entry in old for key in entry.links[name]}
        rows = table.objects.filter(**{f"{own}__in": [entry.key for entry in old]}).values_list("pk", own, other)
        there = {(key, named): pk for pk, key, named in rows}
        table.objects.filter(pk__in=[pk for pair, pk in there.items() if pair not in wanted]).delete()
        bulk.write(table, [own, other], bulk.pack(sorted(wanted - there.keys())))


def _replace_parts(model, changed):
    """Write the parts of ``changed`` anew: they stand in the document's order."""
    models = {member.name: member.part(model) for member in of_kind(model, Parts)}
    for name in reversed(list(changed[0].parts)) if changed else ():  # those first that are within others
        own = f"{part_field(models[name]).name}__in"
        models[name].objects.filter(**{own: [entry.key for entry in changed]}).delete()
    entries.insert_parts(changed)


def _replace_claims(model, changed):
    """Write the claims of ``changed`` anew: they stand in the document's order."""
    if changed:
        kind = ContentType.objects.get_for_model(model)
        Claim.objects.filter(content_type=kind, object_id__in=[entry.key for entry in changed]).delete()
        entries.write_claims([values for entry in changed for values in entry.said])
