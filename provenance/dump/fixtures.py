"""Fixtures: documents that come with the project, one file per kind of record. Only missing records are added."""

from collections import defaultdict
from pathlib import Path

import orjson
from django.contrib.admin.utils import model_ngettext
from django.core.serializers import deserialize
from django.core.serializers.base import DeserializationError

from ..models import Revision, State
from ..store import build
from ..store.database import register_lock
from ..store.log import record_models, states_of
from ..workflow.submission import submit


class BrokenFixture(Exception):
    """A fixture that cannot be loaded; the text names the file, the record and the reason."""


def load(folders, *, user_name, reason):
    """Add and publish the records in the .json files of ``folders`` that are missing. Returns lines that say so.

    Existing records, and those deleted here, are left alone; one that the register refuses, as it names a record that
    was deleted or withdrawn here, is held back. BrokenFixture, and nothing added, if a file cannot be read, or an empty
    register refuses one of its records.
    """
    documents, files, others = _read(folders)
    added, kept, deleted, held_back = {}, {}, [], []
    with register_lock():
        is_new = not Revision.objects.exists()
        for model in record_models():
            kept[model], faults = states_of(model, documents[model]), {}
            gone, missing = (), documents[model].keys() - kept[model].keys()
            if missing:
                ends = Revision.objects.of(model).filter(key__in=missing, action="deleted")
                gone = ends.values_list("key", flat=True)
            deleted += sorted(_title(model, key) for key in gone)
            new = {key: each for key, each in documents[model].items() if key in missing.difference(gone)}
            if new:
                submit(user_name, model, new, reason=reason, state=State.PUBLISHED, faults=faults)
            for key, found in faults.items():
                words = f"{_title(model, key)}: {' '.join(fault.words for fault in found)}"
                if is_new:
                    raise BrokenFixture(f"{files[model, key]}: {words}")
                held_back.append(f"Held back: {words}")
            added[model] = new.keys() - faults.keys()
        for file in others:
            _add_rows(file, added)
    lines = [f"Added: {_counted(added)}." if any(added.values()) else "Nothing to add."]
    if count := sum(map(len, kept.values())):
        lines.append(f"Left as {'it is' if count == 1 else 'they are'}: {_counted(kept)}.")
    if deleted:
        lines.append(f"Deleted here, so not added again: {', '.join(deleted)}.")
    return [" ".join(lines), *held_back]


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
            documents[model][key], files[model, key] = document, file
    return documents, files, others


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
    counts = [(model, len(keys_by_model[model])) for model in filter(keys_by_model.get, record_models())]
    return ", ".join(f"{number} {model_ngettext(model, number)}" for model, number in counts)
