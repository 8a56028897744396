"""Fixtures: records that come with the project. They are added where missing, and forced on nobody."""

from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import orjson
from django.apps import apps
from django.core.exceptions import FieldDoesNotExist, ObjectDoesNotExist, ValidationError
from django.db import DatabaseError
from django.utils.functional import cached_property

from .models import Claim, Record, Revision, State
from .parts import part_field
from .recording import record, record_models
from .turns import turn

# What an entry raises if something is wrong with it.
FAULTS = (AttributeError, DatabaseError, FieldDoesNotExist, LookupError, ObjectDoesNotExist, TypeError)
FAULTS += (ValidationError, ValueError)


class BrokenFixture(Exception):
    """A fixture that cannot be loaded; its text names the file, the record and the reason."""


class Refused(BrokenFixture):
    """A record that cannot be recorded as it stands: ``owner`` is its (model, key)."""

    def __init__(self, owner, error):
        self.owner = owner
        super().__init__(f"{_title(owner)}: {_reason(error)}")


@dataclass(eq=False)
class Entry:
    """One object of a fixture, as Django's serializers write it: a record, a part of one, or a claim."""

    file: Path
    data: dict

    def __str__(self):
        what = self.data.get("pk") or orjson.dumps(self.data.get("fields")).decode()[:200]
        return f"{self.data.get('model')} {what}"

    @cached_property
    def model(self):
        return apps.get_model(self.data["model"])

    @cached_property
    def owner(self):
        """The (model, key) of the record that this is, or belongs to."""
        values = self.data["fields"]
        if issubclass(self.model, Record):
            return self.model, self.data["pk"]
        if self.model is Claim:
            return apps.get_model(*values["content_type"]), values["object_id"]
        if part_of := part_field(self.model):
            return part_of.related_model, values[part_of.name]
        raise ValueError("this is neither a record, nor a part of one, nor a claim; load it with loaddata")

    @property
    def names(self):
        """The (model, key) of every record that this names, its own among them."""
        for name, value in self.data["fields"].items():
            column = self.model._meta.get_field(name)
            if value is not None and column.related_model and issubclass(column.related_model, Record):
                for key in value if column.many_to_many else [value]:
                    yield column.related_model, key

    def insert(self):
        """Check what the database does not, and insert the row, with its links to other records."""
        row, links = self._row()
        relations = [column.name for column in self.model._meta.concrete_fields if column.remote_field]
        row.clean_fields(exclude=relations)  # load() has looked for the records that it names
        row.clean()
        row.save(force_insert=True)
        for name, keys in links.items():
            getattr(row, name).add(*keys)

    def _row(self):
        """Return the unsaved row, and ``{many-to-many name: keys}``.

        Django's deserializer would ask the database for each part and claim whether it is there already.
        """
        values, links = {"pk": self.data.get("pk")}, {}
        for name, value in self.data["fields"].items():
            column = self.model._meta.get_field(name)
            if column.many_to_many:
                links[name] = value
            elif column.many_to_one and isinstance(value, list):
                values[name] = column.related_model.objects.get_by_natural_key(*value)
            else:
                values[column.attname] = column.to_python(value)
        return self.model(**values), links


@dataclass
class Outcome:
    """What load() did with the records of the fixtures, each list by model; and why it held some back."""

    added: dict = field(default_factory=lambda: defaultdict(list))
    kept: dict = field(default_factory=lambda: defaultdict(list))
    deleted: dict = field(default_factory=lambda: defaultdict(list))
    held_back: list = field(default_factory=list)

    def __str__(self):
        lines = [f"Added: {_counted(self.added)}." if self.added else "Nothing to add."]
        if self.kept:
            one = sum(map(len, self.kept.values())) == 1
            lines.append(f"Left as {'it is' if one else 'they are'}: {_counted(self.kept)}.")
        if self.deleted:
            titles = [_title((model, key)) for model, keys in self.deleted.items() for key in keys]
            lines.append(f"Deleted here, so not brought back: {', '.join(titles)}.")
        return "\n".join([" ".join(lines), *self.held_back])

    def leaves(self, owner, state):
        """Note what is left as it is, and say whether it is: it exists, or it was deleted here."""
        if state:
            (self.deleted if state == "deleted" else self.kept)[owner[0]].append(owner[1])
        return bool(state)


def load(folders, *, user_name, reason):
    """Add the records of the .json files in ``folders`` that are missing, with their parts and claims.

    A record that exists, or that was deleted here, is left wholly alone. All or nothing: BrokenFixture
    if a file cannot be loaded. Returns an Outcome.
    """
    records = _by_record(_read(folders))
    with turn():  # two starts at once do not add the same record twice
        outcome = _add_missing(records)
        try:
            record_all(outcome.added, user_name=user_name, reason=reason)
        except Refused as error:
            raise BrokenFixture(f"{records[error.owner][0].file}: {error}") from error
    return outcome


def record_all(keys_by_model, *, user_name, reason):
    """Record rows of several models. Refused, and the caller must roll back, if one breaks a rule."""
    for model in filter(keys_by_model.get, record_models()):
        keys = list(keys_by_model[model])
        try:
            record(model, keys, user_name=user_name, reason=reason)
        except ValidationError:
            _record_one_by_one(model, keys, user_name=user_name, reason=reason)
            raise


def owner_of(instance):
    """Return the (model, key) of the record that a row is, or belongs to; None if to none."""
    if isinstance(instance, Record):
        return type(instance), instance.pk
    if isinstance(instance, Claim):
        return instance.content_type.model_class(), instance.object_id
    part_of = part_field(type(instance))
    return part_of and (part_of.related_model, getattr(instance, part_of.attname))


def _read(folders):
    for file in sorted(file for folder in folders for file in Path(folder).glob("*.json")):
        try:
            found = orjson.loads(file.read_bytes())
        except ValueError as error:
            raise BrokenFixture(f"{file}: not JSON: {error}") from error
        if not isinstance(found, list) or not all(isinstance(data, dict) for data in found):
            raise BrokenFixture(f"{file}: not a list of objects, as dumpdata writes it.")
        yield from (Entry(file, data) for data in found)


def _by_record(entries):
    """Return ``{owner: entries}``, each record before its parts and claims."""
    records, rest = {}, []
    for entry in entries:
        with _blaming(entry):
            if entry.owner[0] is not entry.model:
                rest.append(entry)
            elif entry.owner in records:
                raise ValueError(f"this record stands in {records[entry.owner][0].file.name} already")
            else:
                records[entry.owner] = [entry]
    for entry in rest:
        with _blaming(entry):
            if entry.owner not in records:
                raise ValueError(f"it belongs to the {_title(entry.owner)}, which no file holds")
        records[entry.owner].append(entry)
    return records


def _add_missing(records):
    """Add records round by round, each when all that it names is there."""
    named = {owner: _names(entries) for owner, entries in records.items()}
    states = _states({*records, *(name for names in named.values() for name in names)})
    outcome = Outcome()
    waiting = [owner for owner in records if not outcome.leaves(owner, states.get(owner))]
    while ready := [owner for owner in waiting if not _obstacle(records[owner], named[owner], states)]:
        for owner in ready:
            for entry in records[owner]:
                with _blaming(entry):
                    entry.insert()
            states[owner] = _state(records[owner])
            outcome.added[owner[0]].append(owner[1])
        waiting = [owner for owner in waiting if owner not in states]
    outcome.held_back = [_held_back(records[owner], named[owner], states, waiting) for owner in waiting]
    return outcome


def _names(entries):
    """Return, once each and in order, the (model, key) of the other records that a record names."""
    found = {}
    for entry in entries:
        with _blaming(entry):
            found |= dict.fromkeys(entry.names)
    found.pop(entries[0].owner, None)
    return list(found)


def _states(owners):
    """Return ``{owner: state}`` of the records that exist, and ``deleted`` for those that once did."""
    keys, states = defaultdict(set), {}
    for model, key in owners:
        keys[model].add(key)
    for model, wanted in keys.items():
        there = dict(model.objects.filter(pk__in=wanted).values_list("pk", "state"))
        if missing := wanted - there.keys():
            gone = Revision.objects.filter(kind=model._meta.model_name, key__in=missing, action="deleted")
            there |= dict.fromkeys(gone.values_list("key", flat=True), "deleted")
        states |= {(model, key): state for key, state in there.items()}
    return states


def _state(entries):
    return entries[0].data["fields"].get("state", State.DRAFT)


def _obstacle(entries, names, states):
    """Return the first record whose state forbids that this one names it; None if there is none."""
    allowed = [State.PUBLISHED] if _state(entries) == State.PUBLISHED else State.values
    return next((name for name in names if states.get(name) not in allowed), None)


def _held_back(entries, names, states, waiting):
    """Say why a record was not added: staff deleted or withdrew what it names. Else its file is wrong."""
    name = _obstacle(entries, names, states)
    said = f"the {_title(entries[0].owner)} names the {_title(name)}, which is"
    if name in waiting:
        return f"Held back: {said} held back too."
    if name in states:
        return f"Held back: {said} {states[name]} here."
    raise BrokenFixture(f"{entries[0].file}: {said} neither in the register nor in a file.")


def _record_one_by_one(model, keys, **said):
    """Find the record that recording refuses, whatever it costs: the caller rolls back anyway."""
    for key in keys:
        try:
            record(model, [key], **said)
        except ValidationError as error:
            raise Refused((model, key), error) from error


@contextmanager
def _blaming(entry):
    try:
        yield
    except FAULTS as error:
        raise BrokenFixture(f"{entry.file}: {entry}: {_reason(error)}") from error


def _reason(error):
    if isinstance(error, KeyError):
        return f"{error} is missing"
    if hasattr(error, "message_dict"):
        return "; ".join(f"{name}: {' '.join(texts)}" for name, texts in error.message_dict.items())
    return " ".join(error.messages) if isinstance(error, ValidationError) else str(error).strip()


def _title(owner):
    model, key = owner
    return f"{model._meta.verbose_name} “{key}”"


def _counted(keys_by_model):
    """Say ``4 countries, 1 project``, in the register's order of kinds."""
    said = []
    for model in filter(keys_by_model.get, record_models()):
        number, kind = len(keys_by_model[model]), model._meta
        said.append(f"{number} {kind.verbose_name if number == 1 else kind.verbose_name_plural}")
    return ", ".join(said)
