"""Documents are checked by the register's rules, completed, written as rows, and recorded. The way to it is
``workflow.submission``.

``check`` only reads. It asks a document's own rules, its models' rules for each row, other records and constraints.
"""

import sys
from contextlib import contextmanager
from functools import cache, partial
from itertools import chain

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import CheckConstraint, Q

from ..documents.claims import Status, settle_claims
from ..documents.declaration import Claims, key_of, of_kind
from ..documents.errors import REFUSALS, Fault, Refused, faults_of, messages_of, quoted
from ..models import Claim, Record, Source, State
from . import build, database
from .build import parent_field, parts_of
from .database import register_lock, require_lock
from .editions import set_evidence
from .log import HIDDEN, Change, append_changes, faults_beside, newest, standing_in, states_of

_STATUSES = frozenset(Status.values)
_LENGTHS = [  # (member of a claim, shortest, longest)
    (column.name, int(not column.blank), column.max_length or sys.maxsize)
    for column in map(Claim._meta.get_field, ("as_stated", "quote", "place"))
]


# -- Checking --


def check(model, documents, standing, faults, *, hidden=HIDDEN):
    """Return ``{key: document}`` as they would be recorded; what keeps them from being written adds to ``faults``.

    ``standing``: ``{key: current document}``; what of it did not change is not checked again. ``hidden``: states that a
    published record must not name; leave out drafts if they are published along. Derived members (``url``,
    ``modified``, names of other records) are ignored.
    """
    states, good = dict.fromkeys(documents, State.DRAFT) | states_of(model, documents), {}
    for entry in readable(model, documents, states, faults):
        if words := list(_broken_constraints(entry, standing.get(entry.key) or {})):
            faults[entry.key] = [Fault(entry.key, each) for each in words]
        else:
            good[entry.key] = entry.document
    for fault in [*taken(model, good), *faults_beside(model, good, states, hidden)]:
        faults.setdefault(fault.key, []).append(fault)
    return good


def readable(model, documents, states, faults, known=None):
    """Return the complete Entries of documents; those that break a rule or name unknown records add to ``faults``.

    ``documents`` come after those of them that they name. ``known``: see ``set_evidence``.
    """
    entries = {}
    for key, document in documents.items():
        try:
            entries[key] = Entry(model, key, document, states[key])
        except REFUSALS as error:
            faults[key] = faults_of(error, key)
    names = {key: build.names_in(model, documents[key]) for key in entries}
    named = build.existing(chain.from_iterable(names.values()))
    there = named.get(model, {})
    if model in named:
        named[model] = there | {key: entry.row for key, entry in entries.items()}
    complete = []
    for key, entry in entries.items():
        if unknown := [(other, name) for other, name in names[key] if name not in named[other]]:
            words = [f"The register has no {other._meta.verbose_name} {quoted(name)}." for other, name in unknown]
            faults[key] = [Fault(key, each) for each in words]
            if model in named and key not in there:
                del named[model][key]  # those that name it follow
        else:
            entry.complete(named)
            complete.append(entry)
    set_evidence(model, {entry.key: entry.document for entry in complete}, known)
    return complete


def _broken_constraints(entry, before):
    """Yield the messages of the check constraints that rows break, of what ``before``, the current document, has
    otherwise."""
    own = [name for name in entry.document if name not in entry.parts and name != "claims"]
    rows = [entry.row] if any(entry.document[name] != before.get(name) for name in own) else []
    for name, parts in entry.parts.items():
        rows += [row for row in parts if build.from_rows(row, {}) not in before.get(name, ())]
    old = before.get("claims", ())
    claims = [claim for claim in entry.document.get("claims", ()) if claim not in old]
    rows += build.claim_rows(type(entry.row), entry.key, claims)
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


class Entry(Change):
    """A document and its unsaved rows.

    Refused if a row breaks a rule that the database does not check. ``is_tried``: a trial returned the document.
    """

    def __init__(self, model, key, document, state, *, is_tried=False):
        row, self.links, self.parts = build.read(model, document)
        row.state = state
        super().__init__(key, row, document)
        self.own_rows = [row, *(part for rows in self.parts.values() for part in rows)]
        if not is_tried and (words := [*self._repeated(), *self._broken()]):
            raise Refused([Fault(key, each) for each in words])

    def complete(self, named):
        """Make the document what will be recorded, without evidence yet. ``named``: ``{model: {key: record}}``."""
        model, claims = type(self.row), self.document.get("claims")
        for row in self.own_rows:
            build.relate(row, named)
        self.document = build.from_rows(self.row, build.lists_of(model, self.links, self.parts, named))
        if claims:
            sources = {key: build.shown(source) for key, source in named[Source].items()}
            self.document["claims"] = [claim | {"source": sources[claim["source"]["slug"]]} for claim in claims]
            self.document = settle_claims(self.document)

    def _repeated(self):
        """Say whether the key is another, what is listed twice, and which parts are within a part that is not there."""
        model, document = type(self.row), self.document
        if self.row.pk != self.key:
            yield f"Its key is {quoted(str(self.row.pk))}, not {quoted(self.key)}. A key never changes."
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
            claim
            for claim in self.document.get("claims", ())
            if claim["field"] not in claimable
            or claim["status"] not in _STATUSES
            or claim["language"]
            or not all(shortest <= len(claim[name] or "") <= longest for name, shortest, longest in _LENGTHS)
        ]
        for row in [*self.own_rows, *build.claim_rows(type(self.row), self.key, odd)]:
            try:
                row.clean_fields(exclude=_relations(type(row)))
                row.clean()
            except ValidationError as error:
                yield from messages_of(error)


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


def write(model, documents, states, fields, faults, trial=None, *, is_tried=False, own_fields=None, known=None):
    """Write and record ``{key: document}``, a chunk of one kind, in ``states``. Returns the number of Revisions.

    ``trial``, ``own_fields``: see ``append_changes``; ``known``: see ``set_evidence``; ``is_tried``: a trial returned
    the documents. If they break a rule together, halves are tried in turn, down to single documents, which add to
    ``faults``.
    """
    require_lock()
    if is_tried:
        entries = [Entry(model, key, document, states[key], is_tried=True) for key, document in documents.items()]
    else:
        entries = readable(model, documents, states, faults, known)
    before = newest(model, [entry.key for entry in entries])
    for entry in entries:
        entry.follow(before.get(entry.key))
    entries = [entry for entry in entries if entry.document != entry.standing]
    if not entries:
        return 0
    try:
        with transaction.atomic():
            own = {"save": partial(_save, model), "own_fields": own_fields, "trial": trial}
            return append_changes(model, entries, fields, bool(fields["reason"]), **own)
    except REFUSALS as error:
        if len(entries) == 1:
            [entry] = entries
            broken = [Fault(entry.key, words) for words in _broken_constraints(entry, entry.standing or {})]
            broken += taken(model, {entry.key: entry.document})
            faults[entry.key] = broken or faults_of(error, entry.key)
            return 0
    keys = [entry.key for entry in entries]
    halves = keys[: len(keys) // 2], keys[len(keys) // 2 :]
    options = {"is_tried": is_tried, "own_fields": own_fields}
    return sum(
        write(model, {key: documents[key] for key in half}, states, fields, faults, trial, **options) for half in halves
    )


def _save(model, entries, derived):
    """Write the rows of entries, all of one kind, with a fixed number of queries. Of a record that was here, lists that
    changed are written anew.

    ``derived``: the columns that follow from Revisions.
    """
    if old := [entry for entry in entries if entry.standing]:
        database.update([entry.row for entry in old], [*_columns(model), *derived])
    database.insert([entry.row for entry in entries if not entry.standing])

    def to_write(*names):
        standing = [(entry, entry.standing or {}) for entry in entries]
        new = [entry for entry, old in standing if any(entry.document[name] != old.get(name) for name in names)]
        return new, [entry.key for entry in new if entry.standing]

    for name in entries[0].links if entries else ():
        field = model._meta.get_field(name)
        table, own, other = field.remote_field.through, field.m2m_column_name(), field.m2m_reverse_name()
        new, keys = to_write(name)
        table.objects.filter(**{f"{own}__in": keys}).delete()
        database.insert([table(**{own: entry.key, other: key}) for entry in new for key in entry.links[name]])
    new, keys = to_write(*(member.name for member, *_part in parts_of(model)))
    for _member, part, _around in reversed(parts_of(model)):  # contained parts first
        part.objects.filter(**{f"{parent_field(part).name}__in": keys}).delete()
    for member, *_part in parts_of(model):
        database.insert([part for entry in new for part in entry.parts[member.name]])
    new, keys = to_write(*(member.name for member in of_kind(model, Claims)))
    Claim.objects.filter(content_type=ContentType.objects.get_for_model(model), object_id__in=keys).delete()
    database.insert([row for entry in new for row in build.claim_rows(model, entry.key, entry.document["claims"])])


@cache
def _columns(model):
    """Return the columns that documents state: all but the key, derived ones, and those of every record."""
    common = {column.name for column in Record._meta.fields}
    own = [column for column in model._meta.concrete_fields if not (column.primary_key or column.generated)]
    return [column.name for column in own if column.name not in common]
