"""Fixtures: documents that come with the project, one file per kind of record. Only missing records are added."""

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import orjson
from django.core.serializers import deserialize
from django.core.serializers.base import DeserializationError

from ..documents.errors import Refused, WrongShape
from ..models import Revision, State
from ..store import build
from ..store.database import register_lock
from ..store.log import record_models, states_of
from ..workflow.submission import submit

HELD_BACK = "held back too"


class BrokenFixture(Exception):
    """A fixture that cannot be loaded; the text names the file, the record and the reason."""


@dataclass
class LoadOutcome:
    """What ``load`` did: records by model in each list, and why some were held back."""

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
            titles = [_title(model, key) for model, keys in self.deleted.items() for key in keys]
            lines.append(f"Deleted here, so not added again: {', '.join(titles)}.")
        return "\n".join([" ".join(lines), *self.held_back])


def load(folders, *, user_name, reason):
    """Add and publish the records in the .json files of ``folders`` that are missing. Returns a LoadOutcome.

    Existing records, and those deleted here, are left alone; one that names an unpublished record is held back. All or
    nothing: BrokenFixture if a file cannot be loaded.
    """
    documents, files, others = _read(folders)
    outcome, states = LoadOutcome(), {}
    with register_lock():
        for model in record_models():
            states_here = _states(model, documents[model])
            for key, state in states_here.items():
                (outcome.deleted if state == "deleted" else outcome.kept)[model].append(key)
            states |= {(model, key): state for key, state in states_here.items()}
            missing = {key: document for key, document in documents[model].items() if key not in states_here}
            try:
                if new := _without_held_back(model, missing, files, states, outcome):
                    submit(user_name, model, new, reason=reason, state=State.PUBLISHED)
                    outcome.added[model] = list(new)
            except Refused as error:
                key = error.faults[0].key
                message = " ".join(fault.words for fault in error.faults if fault.key == key)
                raise BrokenFixture(f"{files[model, key]}: {_title(model, key)}: {message}") from error
        for file in others:
            _add_rows(file, outcome.added)
    return outcome


def _read(folders):
    """Return ``{model: {key: document}}``, ``{(model, key): file}``, and the files without records."""
    models = {model.collection or f"{model._meta.model_name}s": model for model in record_models()}
    documents, files, others = defaultdict(dict), {}, []
    for file in sorted(file for folder in folders for file in Path(folder).glob("*.json")):
        if not (model := models.get(file.stem)):
            others.append(file)
            continue
        try:
            contents = orjson.loads(file.read_bytes())
        except ValueError as error:
            raise BrokenFixture(f"{file}: not JSON: {error}") from error
        if not isinstance(contents, list) or not all(isinstance(document, dict) for document in contents):
            raise BrokenFixture(f"{file}: not a list of documents, as the API gives them.")
        for document in contents:
            key = document.get(model._meta.pk.name)
            if not isinstance(key, str):
                raise BrokenFixture(f"{file}: a record lacks its “{model._meta.pk.name}”.")
            if key in documents[model]:
                raise BrokenFixture(f"{file}: {_title(model, key)}: it stands in {files[model, key].name} already.")
            try:
                build.check_shape(model, document)
            except WrongShape as error:
                raise BrokenFixture(f"{file}: {_title(model, key)}: {error}") from error
            documents[model][key], files[model, key] = build.upgrade(model, document), file
    return documents, files, others


def _states(model, keys):
    """Return ``{key: state}`` of existing records, with ``deleted`` for those deleted here."""
    states = states_of(model, keys)
    if missing := set(keys) - states.keys():
        deletions = Revision.objects.filter(kind=model._meta.model_name, key__in=missing, action="deleted")
        states |= dict.fromkeys(deletions.values_list("key", flat=True), "deleted")
    return states


def _without_held_back(model, documents, files, states, outcome):
    """Return the documents that name only published records, in order of reference; note the others in ``outcome``."""
    names = {key: build.names_in(model, document) for key, document in documents.items()}
    new, unknown = {}, defaultdict(set)
    for named, key in {name for references in names.values() for name in references} - states.keys():
        unknown[named].add(key)
    for named, keys in unknown.items():
        states |= {(named, key): state for key, state in _states(named, keys).items()}
    for key in build.in_reference_order(model, documents):
        obstacle = next(
            (name for name in names[key] if name != (model, key) and states.get(name) != State.PUBLISHED), None
        )
        if not obstacle:
            new[key], states[model, key] = documents[key], State.PUBLISHED
            continue
        message = f"the {_title(model, key)} names the {_title(*obstacle)}, which is"
        if obstacle not in states:
            raise BrokenFixture(f"{files[model, key]}: {message} neither in the register nor in a file.")
        here = "" if states[obstacle] == HELD_BACK else " here"
        outcome.held_back.append(f"Held back: {message} {states[obstacle]}{here}.")
        states[model, key] = HELD_BACK
    return new


def _add_rows(file, added):
    """Add the rows of a file that belong to records added now, but to no document."""
    try:
        for row in deserialize("json", file.read_text(encoding="utf-8")):
            owner = build.parent_field(type(row.object))
            if not owner:
                raise DeserializationError(f"{row.object._meta.label} belongs to no record. Load it with loaddata.")
            if getattr(row.object, owner.attname) in added.get(owner.related_model, ()):
                row.save()
    except DeserializationError as error:
        raise BrokenFixture(f"{file}: {error}") from error


def _title(model, key):
    return f"{model._meta.verbose_name} “{key}”"


def _counted(keys_by_model):
    """Return such as ``4 countries, 1 project``, in the register's order."""
    counts = []
    for model in filter(keys_by_model.get, record_models()):
        number, kind = len(keys_by_model[model]), model._meta
        counts.append(f"{number} {kind.verbose_name if number == 1 else kind.verbose_name_plural}")
    return ", ".join(counts)
