"""Reads a dump of the register (``writer``) back into an empty one: all of it, or nothing.

The file is read twice. First every row is made, checked by its model's own rules and inserted; then every record is
recorded, and what was recorded is compared with its line. So a line that says what its rows would not give (a name
that is another's, a bound that is not its date's) is refused, though nothing is built from that.
"""

import hashlib
from collections import defaultdict
from itertools import groupby
from pathlib import Path

import orjson
from django.core.exceptions import ValidationError
from django.core.management.color import no_style
from django.db import DatabaseError, connection, transaction

from ..documents.schema import describe_value, quoted
from ..models import Revision, State
from ..store import bulk
from ..store.build import names_in, upgrade
from ..store.entries import Entry, insert
from ..store.lock import register_lock
from ..store.log import chunks, make_revision, newest, record, record_models
from .lines import Broken, parse

NAMED_AT_ONCE = 5  # of what is missing


class NotEmpty(Exception):
    """The register holds something already."""


def import_file(path, *, user_name, reason):
    """Read the file at ``path`` in. Returns ``{model: number of records}``.

    Broken if the file is not in order, or not the one that ``SHA256SUMS`` beside it tells of; NotEmpty if the
    register holds anything. Then nothing is imported.
    """
    _check_sum(Path(path))
    with register_lock():
        _refuse_others()
        told = _Import({"user_name": user_name, "reason": reason})
        told.read(path, told.insert)
        told.look_for_names()
        told.read(path, told.record)
        _renew_numbers()
    return {model: len(told.records[model]) for model in record_models() if told.records[model]}


class _Import:
    def __init__(self, said):
        self.said = said
        self.lines = defaultdict(dict)  # {model: {key: number of its line}}, what is gone among them
        self.records = defaultdict(set)  # {model: keys}
        self.awaited = defaultdict(dict)  # {model: {key: a Line that names it}}

    def read(self, path, work):
        """Call ``work(model, lines, lines of what is gone)`` for the file's lines in chunks of one kind."""
        with open(path, "rb") as file:
            _header, lines = parse(file)
            for model, group in groupby(lines, key=lambda line: line.model):
                for chunk in chunks(group):
                    work(model, [line for line in chunk if not line.gone], [line for line in chunk if line.gone])

    # -- First reading --

    def insert(self, model, lines, gone):
        """Check and insert the rows of records; what is gone has none."""
        for line in [*lines, *gone]:
            self._know(line)
        for line in gone:
            with line.blamed():  # no row is made of it that would check its key
                model._meta.pk.clean(line.key, None)
        self.records[model].update(line.key for line in lines)
        entries = [_entry(line) for line in lines]
        for line in lines:
            for _member, _item, named, key in names_in(model, line.document):
                if key not in self.records[named]:
                    self.awaited[named].setdefault(key, line)
        try:
            with transaction.atomic():
                insert(entries)
        except DatabaseError as error:
            _blame(lines)
            raise Broken(f"lines {lines[0].number} to {lines[-1].number} cannot be kept: {error}") from error

    def _know(self, line):
        before = self.lines[line.model].setdefault(line.key, line.number)
        if before != line.number:
            raise line.broken(f"is told a second time; line {before} tells of it. Leave one of them out.")

    def look_for_names(self):
        """Broken if a line names what the file does not hold."""
        for model, wanted in self.awaited.items():
            if missing := wanted.keys() - self.records[model]:
                raise _unknown(model, missing, min((wanted[key] for key in missing), key=lambda each: each.number))

    # -- Second reading --

    def record(self, model, lines, gone):
        """Record the records at the times of the file, and compare; note since when others are gone."""
        each = {line.key: {"at": line.at, "id": line.version} for line in lines}
        try:
            with transaction.atomic():
                record(model, each, **self.said, each=each)
        except ValidationError:
            for line in lines:
                with line.blamed():
                    record(model, [line.key], **self.said, each=each)
            raise
        recorded = newest(model, each)
        for line in lines:
            _compare(line, recorded[line.key].document)
        ends = {"action": "deleted", **self.said}
        Revision.objects.bulk_create(
            make_revision(model, line.key, line.document, State.PUBLISHED, None, id=line.version, at=line.at, **ends)
            for line in gone
        )


def _entry(line):
    with line.blamed():
        return Entry(line.model, line.key, upgrade(line.model, line.document), State.PUBLISHED)


def _blame(lines):
    """Find, one by one, the line that the database refuses, whatever it costs: nothing of the file is kept anyway."""
    for line in lines:
        with line.blamed():
            entry = _entry(line)
            for row in [*entry.own_rows(), *entry.claims()]:
                row.validate_unique()
                row.validate_constraints()
                row.save()


def _unknown(model, missing, line):
    shown_keys = ", ".join(quoted(key) for key in sorted(missing)[:NAMED_AT_ONCE])
    more = f" and {len(missing) - NAMED_AT_ONCE} more" if len(missing) > NAMED_AT_ONCE else ""
    return line.broken(
        f"names what this file does not hold: {model._meta.verbose_name} {shown_keys}{more}."
        " A full dump holds all that its records name: copy it anew."
    )


def _compare(line, recorded):
    """Broken if a line says anything else than what was recorded of its rows."""
    if different := _difference(line.document, orjson.loads(recorded)):
        place, said, would_be = different
        raise line.broken(
            f"says in “{place}” {describe_value(said)}; by all else that it says this is {describe_value(would_be)}."
        )


def _difference(said, recorded, place=""):
    """Return (place, said, recorded) of the first value that differs; None if all is the same."""
    if said == recorded:
        return None
    if isinstance(said, dict) and isinstance(recorded, dict) and said.keys() == recorded.keys():
        pairs = [(f"{place}.{name}" if place else name, said[name], recorded[name]) for name in said]
    elif isinstance(said, list) and isinstance(recorded, list) and len(said) == len(recorded):
        pairs = [(f"{place}[{number}]", *pair) for number, pair in enumerate(zip(said, recorded, strict=True))]
    else:
        return place, said, recorded
    return next(found for where, one, other in pairs if (found := _difference(one, other, where)))


def _check_sum(path):
    sums = path.with_name("SHA256SUMS")
    told = dict(line.split()[::-1] for line in sums.read_text().splitlines()) if sums.is_file() else {}
    if path.name in told:
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != told[path.name]:
                raise Broken(f"it is not the file that {sums.name} beside it tells of. Copy both anew.")


def _refuse_others():
    for model in record_models():
        if key := model.objects.order_by("pk").values_list("pk", flat=True).first():
            raise NotEmpty(
                f"The register is not empty: it holds the {model._meta.verbose_name} “{key}”, among others. A full"
                " dump is read into an empty one: give another database, migrate it, and load nothing before."
            )
    if Revision.objects.exists():
        raise NotEmpty(
            "The register is not empty: it holds no record any more, but Revisions of what was deleted. A full dump"
            " is read into an empty one: give another database, and migrate it."
        )


def _renew_numbers():
    """The next Revision is numbered after those of the file; PostgreSQL learns how many rows there are now."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [Revision]):
            cursor.execute(statement)
    bulk.analyze()
