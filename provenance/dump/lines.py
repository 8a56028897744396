"""The whole public register as lines of JSON, and back into an empty one: all of it, or nothing.

The first line describes the register. Then follow the published records, sources first, each with its recorded
document, and last the records that are no longer public, without their contents.

A file is read twice: first every row is checked and inserted, then every record is recorded and compared with its line.
So a line that contradicts its own rows, such as a wrong name of another record, is refused.
"""

import hashlib
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

import orjson
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.db.models import Subquery

from ..documents.declaration import check, nullable
from ..documents.errors import WrongShape, describe_value, messages_of, quoted
from ..models import Revision, State
from ..models.revision import SHOWN, earlier, iso_milliseconds
from ..store import database
from ..store.build import check_shape, names_in, upgrade
from ..store.database import register_lock
from ..store.log import CHUNK, append, chunks, make_revision, newest, record, record_kinds, record_models, seal
from ..store.writer import Entry, insert

HEADER = {
    "kind": str, "version": int, "head": str, "at": nullable(str), "licence": nullable(str),
    "records": int, "gone": int,
}  # fmt: skip
LINE = {"kind": str, "version": int, "at": str, "document": dict}
GONE = {"kind": str, "version": int, "at": str, "gone": str, "title": nullable(str)}  # gone: the record's key
LONGEST_LINE = 16 * 2**20  # bytes
LARGEST_VERSION = 2**53
NAMED_AT_ONCE = 5  # missing records listed in a message


class Broken(ValueError):
    """A file that cannot be imported; the text names the line, what is wrong and what would be right."""


class NotEmpty(Exception):
    """The register already holds data."""


# -- Writing --


def register_lines(version, at, head="", licence=None):
    """Yield the lines, as bytes with line ends. Read them within one ``snapshot``.

    ``version``, ``at``, ``head``: of the newest public Revision; 0, None and "" if there is none.
    """
    last = Revision.objects.public().newest_of_each().filter(~SHOWN).order_by("id")
    removals = last.annotate(shown=Subquery(earlier().filter(SHOWN).values("document")[:1]))
    records = sum(model.objects.published().count() for model in record_models())
    yield _line({
        "kind": "register", "version": version, "head": head, "at": at and iso_milliseconds(at),
        "licence": licence or None, "records": records, "gone": removals.count(),
    })  # fmt: skip
    for model in record_models():
        kind = model._meta.model_name
        rows = model.objects.published().order_by("pk").values_list("revision_id", "revision__at", "revision__document")
        for number, moment, text in rows.iterator(chunk_size=CHUNK):
            # The recorded document, byte for byte.
            head = _line({"kind": kind, "version": number, "at": iso_milliseconds(moment)}).decode()
            yield f'{head[:-2]},"document":{text}}}\n'.encode()
    for revision in removals.iterator(chunk_size=CHUNK):  # nothing of them but the title that the page had
        document = orjson.loads(revision.shown or revision.document)
        yield _line({
            "kind": revision.kind, "version": revision.pk, "at": iso_milliseconds(revision.at), "gone": revision.key,
            "title": document.get("title") if record_kinds()[revision.kind].collection else None,
        })  # fmt: skip


def _line(data):
    return orjson.dumps(data, option=orjson.OPT_APPEND_NEWLINE)


# -- Reading --


def import_file(path, *, user_name, reason):
    """Import the dump at ``path``. Returns ``{model: number of records}``.

    Broken if the file is invalid or does not match the ``SHA256SUMS`` beside it; NotEmpty if the register holds data.
    Then nothing is imported.
    """
    _check_sum(Path(path))
    with register_lock():
        _refuse_others()
        dump = _Restore({"user_name": user_name, "reason": reason})
        dump.read(path, dump.insert)
        for model, wanted in dump.awaited.items():
            if missing := wanted.keys() - dump.records[model]:
                raise _unknown(model, missing, min((wanted[key] for key in missing), key=lambda each: each.number))
        dump.read(path, dump.record)
        seal()
        database.reset_sequences([Revision])
        database.analyze()
    return {model: len(dump.records[model]) for model in record_models() if dump.records[model]}


class _Restore:
    def __init__(self, fields):
        self.fields = fields
        self.lines = defaultdict(dict)  # {model: {key: line number}}, removed records included
        self.records = defaultdict(set)  # {model: keys}
        self.awaited = defaultdict(dict)  # {model: {key: first Line that names it}}

    def read(self, path, work):
        """Call ``work(model, lines of records, lines of removed records)`` for chunks of lines of one kind."""
        with open(path, "rb") as file:
            _header, lines = parse(file)
            for model, group in groupby(lines, key=lambda line: line.model):
                for chunk in chunks(group):
                    work(model, [line for line in chunk if not line.gone], [line for line in chunk if line.gone])

    # -- First pass --

    def insert(self, model, lines, gone):
        """Check and insert the rows of records; removed ones have none."""
        for line in [*lines, *gone]:
            before = self.lines[line.model].setdefault(line.key, line.number)
            if before != line.number:
                raise line.broken(f"appears twice, also in line {before}. Remove one of them.")
        for line in gone:
            with line.blamed():  # checks the key, as there is no row
                model._meta.pk.clean(line.key, None)
        self.records[model].update(line.key for line in lines)
        entries = [_entry(line) for line in lines]
        for line in lines:
            for named, key in names_in(model, line.document):
                if key not in self.records[named]:
                    self.awaited[named].setdefault(key, line)
        try:
            with transaction.atomic():
                insert(entries)
        except DatabaseError as error:
            _blame(lines)
            raise Broken(f"lines {lines[0].number} to {lines[-1].number} cannot be stored: {error}") from error

    # -- Second pass --

    def record(self, model, lines, gone):
        """Record the records at the times in the file and compare; record the removal of others."""
        own_fields = {line.key: {"at": line.at, "id": line.version} for line in lines}
        fields = {**self.fields, "own_fields": own_fields, "known": {line.key: line.document for line in lines}}
        try:
            with transaction.atomic():
                record(model, own_fields, **fields)
        except ValidationError:
            for line in lines:
                with line.blamed():
                    record(model, [line.key], **fields)
            raise
        recorded = newest(model, own_fields)
        for line in lines:
            _compare(line, recorded[line.key].document)
        ends = {"action": "deleted", **self.fields}
        append([
            make_revision(model, line.key, line.document, State.PUBLISHED, None, id=line.version, at=line.at, **ends)
            for line in gone
        ])  # fmt: skip


def _entry(line):
    with line.blamed():
        check_shape(line.model, line.document)
        return Entry(line.model, line.key, upgrade(line.model, line.document), State.PUBLISHED)


def _blame(lines):
    """Find the line that the database refuses, one by one; nothing of the file is kept anyway."""
    for line in lines:
        with line.blamed():
            entry = _entry(line)
            for row in [*entry.own_rows, *entry.claim_rows()]:
                row.validate_unique()
                row.validate_constraints()
                row.save()


def _unknown(model, missing, line):
    shown_keys = ", ".join(quoted(key) for key in sorted(missing)[:NAMED_AT_ONCE])
    more = f" and {len(missing) - NAMED_AT_ONCE} more" if len(missing) > NAMED_AT_ONCE else ""
    return line.broken(
        f"names records that are not in this file: {model._meta.verbose_name} {shown_keys}{more}."
        " A full dump contains them: copy it again."
    )


def _compare(line, recorded):
    """Broken if a line differs from the document recorded from its rows."""
    if difference := _difference(line.document, orjson.loads(recorded)):
        place, in_file, expected = difference
        raise line.broken(
            f"has {describe_value(in_file)} as “{place}”; its other members give {describe_value(expected)}."
        )


def _difference(in_file, recorded, place=""):
    """Return (place, in file, recorded) of the first difference, or None."""
    if in_file == recorded:
        return None
    if isinstance(in_file, dict) and isinstance(recorded, dict) and in_file.keys() == recorded.keys():
        pairs = [(f"{place}.{name}" if place else name, in_file[name], recorded[name]) for name in in_file]
    elif isinstance(in_file, list) and isinstance(recorded, list) and len(in_file) == len(recorded):
        pairs = [(f"{place}[{number}]", *pair) for number, pair in enumerate(zip(in_file, recorded, strict=True))]
    else:
        return place, in_file, recorded
    return next(difference for part, one, other in pairs if (difference := _difference(one, other, part)))


def _check_sum(path):
    sums = path.with_name("SHA256SUMS")
    expected = dict(line.split()[::-1] for line in sums.read_text().splitlines()) if sums.is_file() else {}
    if path.name in expected:
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != expected[path.name]:
                raise Broken(f"it does not match {sums.name} in its folder. Copy both again.")


def _refuse_others():
    for model in record_models():
        if key := model.objects.order_by("pk").values_list("pk", flat=True).first():
            raise NotEmpty(
                f"The register is not empty: it has the {model._meta.verbose_name} “{key}”, among others. Import a full"
                " dump into an empty register: choose another database, migrate it, and load nothing else first."
            )
    if Revision.objects.exists():
        raise NotEmpty(
            "The register is not empty: it has no records, but Revisions of deleted ones. Import a full dump into an"
            " empty register: choose another database and migrate it."
        )


# -- Lines, checked one by one --


@dataclass(eq=False)
class Line:
    """A record in a dump. ``gone``: it is no longer public."""

    number: int
    model: type
    key: str
    document: dict
    at: datetime
    version: int
    gone: bool = False

    def broken(self, fault):
        """Return the Broken about this line."""
        return Broken(f"line {self.number}: the {self.model._meta.verbose_name} {quoted(self.key)} {fault}")

    @contextmanager
    def blamed(self):
        """Turn an error of shape, value or rule into a Broken about this line."""
        try:
            yield
        except WrongShape as error:
            raise self.broken(str(error).removeprefix("it ")) from error
        except ValidationError as error:
            raise self.broken(f"breaks a rule: {'; '.join(messages_of(error))}") from error


def parse(file):
    """Return (header, iterator of Lines) of an open binary file.

    Broken when iteration meets the first wrong line, or at the end if lines are missing.
    """
    objects = _objects(file)
    first = next(objects, None)
    if first is None:
        raise Broken("the file is empty. A dump begins with a line about the register.")
    if first[1].get("kind") != "register":
        raise Broken(
            "line 1 is not the header of a full dump. Use the register.ndjson of a dump: lists of records, such as"
            " projects.ndjson, lack other records that they name."
        )
    with _at(1):
        check({"head": "", **first[1]}, HEADER)  # dumps of older releases have none
        if not 0 <= first[1]["version"] <= LARGEST_VERSION:
            raise WrongShape("its version is out of range. Give the id of its newest Revision.")
    return first[1], _dump_lines(first[1], objects)


def _objects(file):
    """Yield (line number, object)."""
    number = 0
    while raw := file.readline(LONGEST_LINE + 1):
        number += 1
        if len(raw) > LONGEST_LINE:
            raise Broken(f"line {number} is longer than {LONGEST_LINE:,} bytes. Put one record on each line.")
        try:
            parsed = orjson.loads(raw)
        except ValueError as error:
            cut = "" if raw.endswith(b"\n") else " The file may have been cut off here: copy it again."
            raise Broken(f"line {number} is not JSON: {error}.{cut}") from error
        if not isinstance(parsed, dict):
            raise Broken(f"line {number} is {describe_value(parsed)}. Put one object on each line.")
        yield number, parsed


@contextmanager
def _at(number):
    try:
        yield
    except ValueError as error:
        raise error if isinstance(error, Broken) else Broken(f"line {number}: {error}") from error


def _dump_lines(header, objects):
    models = record_kinds()
    counts, versions = {False: 0, True: 0}, {}
    for number, data in objects:
        with _at(number):
            line = _dump_line(number, data, models)
            if not 1 <= line.version <= header["version"]:
                raise WrongShape(f"it has version {line.version}, but the register was at {header['version']}.")
            if line.version in versions:
                raise WrongShape(f"it repeats version {line.version}. Each change has its own.")
            versions[line.version] = iso_milliseconds(line.at)
        counts[line.gone] += 1
        yield line
    expected = {False: header["records"], True: header["gone"]}
    if counts != expected:
        raise Broken(
            f"the file has {counts[False]} records and {counts[True]} removed ones; its first line announces"
            f" {expected[False]} and {expected[True]}. It was cut off or changed: copy it again."
        )
    newest = max(versions, default=0)
    if (header["version"], header["at"]) != (newest, versions.get(newest)):
        raise Broken(
            f"line 1 gives version {header['version']} of {header['at']}, but the newest line has version"
            f" {newest} of {versions.get(newest)}. The file was changed: copy it again."
        )


def _dump_line(number, data, models):
    gone = "gone" in data
    check(data, GONE if gone else LINE)
    if data["kind"] not in models:
        raise WrongShape(f"it is of the unknown kind {describe_value(data['kind'])}. Give one of {', '.join(models)}.")
    model, fields = models[data["kind"]], {"at": _moment(data["at"]), "version": data["version"], "gone": gone}
    name = model._meta.pk.name
    if not gone:
        key = data["document"].get(name)
        return Line(number, model, key if isinstance(key, str) else "", data["document"], **fields)
    return Line(number, model, data["gone"], {name: data["gone"], "title": data["title"] or data["gone"]}, **fields)


def _moment(text):
    """Return the time written by ``iso_milliseconds``."""
    try:
        moment = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
        if iso_milliseconds(moment) == text:
            return moment
    except ValueError:
        pass
    raise WrongShape(f"{quoted(text)} is not a time. Write it as 2026-11-24T05:00:00.123Z.")
