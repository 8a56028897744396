"""Documents are checked by the register's rules, written as rows, and recorded. The way to it is
``workflow.submission``.

``check`` only reads. It asks a document's own rules, its models' rules for each row, other records and constraints.
"""

import sys
from collections import defaultdict
from contextlib import contextmanager
from functools import cache

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import CheckConstraint, Q

from ..documents.claims import Status, columns, items_of, settle_claims
from ..documents.declaration import Many, Parts, key_of, of_kind
from ..documents.errors import REFUSALS, Fault, Refused, faults_of, messages_of, quoted
from ..models import Claim, Record, State
from . import database
from .build import own_members, parent_field, parts_of, read
from .database import register_lock, require_lock
from .log import HIDDEN, faults_beside, named_by, newest, record, standing_in, states_of

CLAIM_COLUMNS = [column.attname for column in Claim._meta.concrete_fields if column.name != "id"]
_STATUSES = frozenset(Status.values)
_FIELD, _STATUS, _LANGUAGE = map(CLAIM_COLUMNS.index, ("field", "status", "language"))
_LENGTHS = [  # (place in CLAIM_COLUMNS, shortest, longest) of the texts
    (CLAIM_COLUMNS.index(column.attname), int(not column.blank), column.max_length or sys.maxsize)
    for column in Claim._meta.concrete_fields
    if isinstance(column, models.CharField | models.TextField)
]


# -- Checking --


def check(model, documents, standing, *, hidden=HIDDEN):
    """Return the Faults that keep ``{key: document}`` from being written; an empty list if there are none.

    ``standing``: ``{key: current document}``; what of it did not change is not checked again. ``hidden``: states that a
    published record must not name; leave out drafts if they are published along. Derived members (``url``,
    ``modified``, names of other records) are ignored.
    """
    faults_by_key, states = {}, dict.fromkeys(documents, State.DRAFT) | states_of(model, documents)
    for entry in readable(model, documents, states, faults_by_key):
        if words := list(_broken_constraints(entry, standing.get(entry.key) or {})):
            faults_by_key[entry.key] = [Fault(entry.key, each) for each in words]
    good = {key: document for key, document in documents.items() if key not in faults_by_key}
    beside = faults_beside(model, good, states, hidden)
    return [*(fault for faults in faults_by_key.values() for fault in faults), *taken(model, good), *beside]


def readable(model, documents, states, faults):
    """Return the Entries of readable documents; those that are not, or name unknown records, add to ``faults``."""
    entries = []
    for key, document in documents.items():
        try:
            entry = Entry(model, key, document, states[key])
        except REFUSALS as error:
            faults[key] = faults_of(error, key)
            continue
        if entry.row.pk != key:
            words = f"Its key is {quoted(str(entry.row.pk))}, not {quoted(key)}. A key never changes."
            faults[key] = [Fault(key, words)]
        else:
            entries.append(entry)
    unknown = defaultdict(list)
    for other, by_name in named_by(model, {entry.key: documents[entry.key] for entry in entries}).items():
        existing = states_of(other, by_name).keys() | ({entry.key for entry in entries} if other is model else set())
        for name in by_name.keys() - existing:
            for key in by_name[name]:
                unknown[key].append(Fault(key, f"The register has no {other._meta.verbose_name} {quoted(name)}."))
    faults |= unknown
    return [entry for entry in entries if entry.key not in faults]


def _broken_constraints(entry, before):
    """Yield the messages of the check constraints that rows break, of what ``before``, the current document, has
    otherwise."""
    own = [name for name in entry.document if name not in entry.parts and name != "claims"]
    rows = [entry.row] if any(entry.document[name] != before.get(name) for name in own) else []
    for name, parts in entry.parts.items():
        items = zip(parts, entry.document[name], strict=True)
        rows += [row for row, item in items if item not in before.get(name, ())]
    old = entry.columns_of(before.get("claims", ()))
    rows += claim_rows([values for values in entry.claim_values if values not in old])  # evidence follows from these
    for row in rows:
        rules = [rule for rule in row._meta.constraints if isinstance(rule, CheckConstraint)]
        values = row._get_field_expression_map(row._meta)  # includes generated columns
        if rules and not Q(*(rule.condition for rule in rules)).check(values):
            yield from (str(rule.violation_error_message) for rule in rules if not Q(rule.condition).check(values))


def taken(model, documents):
    """Yield the Faults of documents with a unique value that another record has."""
    for column in model._meta.concrete_fields:
        values = {key: document.get(column.name) for key, document in documents.items()}
        if column.unique and not column.primary_key and any(values.values()):
            rows = model.objects.filter(**{f"{column.name}__in": list(filter(None, values.values()))})
            holders = dict(rows.exclude(pk__in=documents).values_list(column.name, "pk"))
            for key, value in values.items():
                if value and holders.setdefault(value, key) != key:
                    yield Fault(key, str(column.error_messages["unique"]))


class Entry:
    """The unsaved rows of one record's document.

    Refused if a row breaks a rule that the database does not check. ``is_tried``: a trial wrote the document.
    ``previous`` and ``standing``: the record's newest Revision and its document, once the entry is being written.
    """

    def __init__(self, model, key, document, state, *, is_tried=False):
        document = document if is_tried else settle_claims(document)
        self.key, self.document, self.is_tried = key, document, is_tried
        self.row, self.links, self.parts = read(model, document)
        self.row.state = state
        self.own_rows = [self.row, *(row for rows in self.parts.values() for row in rows)]
        self.claim_values = self.columns_of(document.get("claims", ()))
        if not is_tried and (words := [*self._repeated(), *self._broken()]):
            raise Refused([Fault(key, each) for each in words])

    def _repeated(self):
        """Say what is listed twice, and which parts are within a part that does not exist."""
        model, document = type(self.row), self.document
        for name, keys in self.links.items():
            if len(keys) != len(set(keys)):
                yield f"It names one record twice in “{name}”. Name it once."
        for member, part, around in parts_of(model):
            items, names = document[member.name], model.identities[member.name]
            seen = set()
            for item in items:
                identity = tuple([key_of(item[name]) if isinstance(item[name], dict) else item[name] for name in names])
                if identity in seen:
                    yield duplicate_message(part, identity)
                seen.add(identity)
            for within in around:
                numbers = [None, *(sibling["number"] for sibling in document[within.parts])]
                for number in (item[within.name] for item in items):
                    if number not in numbers:
                        yield f"It has no {within.name} {number}. Give the number of one that it has."

    def _broken(self):
        """Yield what ``full_clean()`` would, except about constraints and relations; plainly valid claims skip it."""
        claimable = type(self.row).claimable
        odd = [
            values
            for values in self.claim_values
            if values[_FIELD] not in claimable
            or values[_STATUS] not in _STATUSES
            or values[_LANGUAGE]
            or not all(shortest <= len(values[at]) <= longest for at, shortest, longest in _LENGTHS)
        ]
        for row in [*self.own_rows, *claim_rows(odd)]:
            try:
                row.clean_fields(exclude=_relations(type(row)))
                row.clean()
            except ValidationError as error:
                yield from messages_of(error)

    def again(self):
        """Return a copy with rows that have no primary keys yet, for another attempt after a rollback."""
        return Entry(type(self.row), self.key, self.document, self.row.state, is_tried=self.is_tried)

    def columns_of(self, claims):
        """Return the values of ``CLAIM_COLUMNS`` for each of ``claims``; unstated ones are empty.

        Most rows of a register are claims, so this makes no instances.
        """
        rows, own = [], {"content_type_id": ContentType.objects.get_for_model(type(self.row)).pk, "object_id": self.key}
        for claim in claims:
            values = {**claim, **columns(claim), **own, "source_id": claim["source"]["slug"]}
            rows.append(["" if values[name] is None else values[name] for name in CLAIM_COLUMNS])
        return rows


def duplicate_message(part, identity):
    """Return the message of the constraint that a second row of ``part`` with this ``identity`` would break."""
    columns = {name for name, value in zip(part.key_fields, identity, strict=True) if value is not None}
    columns.add(parent_field(part).name)
    rules = [rule for rule in part._meta.constraints if isinstance(rule, models.UniqueConstraint)]
    return next(str(rule.violation_error_message) for rule in rules if columns == {*rule.fields})


@cache
def _relations(model):
    """Return the names of the columns that are relations: those are checked for many rows at once."""
    return frozenset(column.name for column in model._meta.concrete_fields if column.remote_field)


def claim_rows(rows):
    """Return the unsaved claims of rows of values of ``CLAIM_COLUMNS``."""
    return [Claim(**dict(zip(CLAIM_COLUMNS, values, strict=True))) for values in rows]


def insert(entries):
    """Insert the rows of ``entries``, all of one kind, with a fixed number of queries."""
    if entries:
        database.insert([entry.row for entry in entries])
        _insert_links(entries)
        _insert_parts(entries)
        _insert_claims(entries)


def _insert_links(entries):
    for name in entries[0].links:
        table, own, other = _relation(entries[0].row, name)
        database.write(table, [own, other], [(entry.key, key) for entry in entries for key in entry.links[name]])


def _insert_parts(entries):
    for member in entries[0].parts:
        database.insert([part for entry in entries for part in entry.parts[member]])


def _insert_claims(entries):
    database.write(Claim, CLAIM_COLUMNS, [values for entry in entries for values in entry.claim_values])


def _relation(model, name):
    """Return (through table, its column for ``model``, its column for the other) of the many-to-many field ``name``."""
    field = model._meta.get_field(name)
    return field.remote_field.through, field.m2m_column_name(), field.m2m_reverse_name()


# -- Writing --


@contextmanager
def dry_run():
    """Hold the register's lock and roll back at the end: a dry run."""
    with register_lock():
        yield
        transaction.set_rollback(True)


def current(model, keys):
    """Return ``{key: document}`` of the records ``keys`` as last recorded, without ``modified``."""
    revisions = newest(model, list(keys)).items()
    return {key: document for key, revision in revisions if (document := standing_in(revision))}


def write(model, chunk, fields, faults, trial=None):
    """Write and record a chunk of entries. Returns the number of Revisions. ``trial``: see ``record``.

    If a chunk breaks a database rule, its halves are tried in turn, down to single entries, which add to ``faults``.
    """
    require_lock()
    if not chunk:
        return 0
    previous = newest(model, [entry.key for entry in chunk])
    for entry in chunk:
        entry.previous, entry.standing = previous.get(entry.key), standing_in(previous.get(entry.key))
    try:
        with transaction.atomic():
            _save(model, chunk)
            return record(model, [entry.key for entry in chunk], entries=chunk, trial=trial, **fields)
    except REFUSALS as error:
        if len(chunk) == 1:
            [entry] = chunk
            faults[entry.key] = list(taken(model, {entry.key: entry.document})) or faults_of(error, entry.key)
            return 0
    middle, chunk = len(chunk) // 2, [entry.again() for entry in chunk]
    return sum(write(model, half, fields, faults, trial) for half in (chunk[:middle], chunk[middle:]))


def _save(model, chunk):
    """Insert new records; of others, write what of their documents changed."""
    insert([entry for entry in chunk if not entry.standing])
    old = [entry for entry in chunk if entry.standing]

    def changed(members):
        return [entry for entry in old if any(_differs(entry, member.name) for member in members)]

    if entries := changed([member for member, _is_inline in own_members(model)]):
        database.update([entry.row for entry in entries], _columns(model))
    if entries := changed(of_kind(model, Many)):
        for name in entries[0].links:
            table, own, _other = _relation(model, name)
            table.objects.filter(**{f"{own}__in": [entry.key for entry in entries]}).delete()
        _insert_links(entries)
    if entries := changed(of_kind(model, Parts)):
        for _member, part, _around in reversed(parts_of(model)):  # contained parts first
            part.objects.filter(**{f"{parent_field(part).name}__in": [entry.key for entry in entries]}).delete()
        _insert_parts(entries)
    if entries := [entry for entry in old if entry.claim_values != entry.columns_of(entry.standing.get("claims", ()))]:
        kind = ContentType.objects.get_for_model(model)
        Claim.objects.filter(content_type=kind, object_id__in=[entry.key for entry in entries]).delete()
        _insert_claims(entries)


def _differs(entry, name):
    """Whether a member is not as it stands; names of other records do not count."""
    new, old = entry.document, entry.standing
    return new[name] != old[name] and items_of(new, name) != items_of(old, name)


@cache
def _columns(model):
    """Return the columns that documents state: all but the key, derived ones, and those of every record."""
    common = {column.name for column in Record._meta.fields}
    own = [column for column in model._meta.concrete_fields if not (column.primary_key or column.generated)]
    return [column.name for column in own if column.name not in common]
