"""The whole public register as lines of JSON, and back into an empty one: all of it, or nothing.

The first line describes the register. Then follow the published records, sources first, each with its recorded
document, and last the records that are no longer public, without their contents.

A file is read twice: first every line is checked by itself, then records are written, each after those that it names,
and compared with their lines. So a line that contradicts its own rows, such as a wrong name of another record, is
refused.
"""

import hashlib
from collections import Counter, defaultdict
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import orjson
from django.db.models import Subquery

from ..documents.declaration import check, nullable
from ..documents.errors import REFUSALS, WrongShape, describe_value, faults_of, quoted
from ..models import Revision, State
from ..models.revision import SHOWN, earlier, iso_milliseconds
from ..store import database
from ..store.build import check_shape, in_order, same_kind_reference, upgrade
from ..store.log import CHUNK, append, chunks, make_revision, newest, record_kinds, record_models, seal
from ..store.writer import write

HEADER = {
    "kind": str, "version": int, "head": str, "at": nullable(str), "licence": nullable(str),
    "records": int, "gone": int,
}  # fmt: skip
LINE = {"kind": str, "version": int, "at": str, "document": dict}
GONE = {"kind": str, "version": int, "at": str, "gone": str, "title": nullable(str)}  # gone: the record's key
LONGEST_LINE = 16 * 2**20  # bytes
LARGEST_VERSION = 2**53
NOT_EMPTY = (
    "The register is not empty: it has records, or Revisions of deleted ones. Import a full dump into an empty"
    " register: choose another database, migrate it, and load nothing else first."
)


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
    with database.register_lock():
        if Revision.objects.exists() or any(model.objects.exists() for model in record_models()):
            raise NotEmpty(NOT_EMPTY)
        with open(path, "rb") as file:
            counts = _restore(file, {"user_name": user_name, "reason": reason})
        seal()
        database.reset_sequences([Revision])
        database.analyze()
    return counts


def _restore(file, fields):
    """Write all records of an open file. Returns ``{model: number of records}``."""
    lines, counts = _checked(file), Counter()
    for model in record_models():
        own = lines[model]
        for keys in chunks(in_order({key: line.whole for key, line in own.items()})):
            counts[model] += _write(model, file, [own.pop(key) for key in keys], fields)
    return +counts


def _checked(file):
    """Return ``{model: {key: Line}}``, each checked by itself, without the documents: those may be more than fits into
    memory.
    """
    lines = defaultdict(dict)
    for line in _lines(file):
        try:
            if line.gone:
                line.model._meta.pk.clean(line.key, None)  # there is no row
            else:
                check_shape(line.model, line.document)
                line.whole, line.document = same_kind_reference(line.model, line.document), None
        except REFUSALS as error:
            words = " ".join(fault.words for fault in faults_of(error, line.key))
            raise line.broken(words.removeprefix("it ")) from error
        before = lines[line.model].setdefault(line.key, line)
        if before is not line:
            raise line.broken(f"appears twice, also in line {before.number}. Remove one of them.")
    return lines


def _write(model, file, lines, fields):
    """Write records, and record them and the removal of others at the times in the file. Returns how many there are.

    Broken if one differs from its line.
    """
    records, faults = {line.key: line for line in lines if not line.gone}, {}
    for line in records.values():
        file.seek(line.start)
        line.document = orjson.loads(file.readline())["document"]
    documents = {key: upgrade(model, line.document) for key, line in records.items()}
    own = {
        "own_fields": {key: {"at": line.at, "id": line.version} for key, line in records.items()},
        "known": {key: line.document for key, line in records.items()},
    }
    write(model, documents, dict.fromkeys(documents, State.PUBLISHED), fields, faults, **own)
    for key, found in faults.items():
        words = " ".join(fault.words for fault in found)
        raise records[key].broken(
            f"cannot be restored: {words} A full dump has every record that it names: copy it again."
        )
    for key, revision in newest(model, records).items():
        if difference := _difference(records[key].document, orjson.loads(revision.document)):
            place, in_file, expected = difference
            values = describe_value(in_file), place, describe_value(expected)
            raise records[key].broken("has {} as “{}”; its other members give {}.".format(*values))
    ends = {"action": "deleted", **fields}
    append([
        make_revision(model, line.key, line.document, State.PUBLISHED, None, id=line.version, at=line.at, **ends)
        for line in lines if line.gone
    ])  # fmt: skip
    return len(records)


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


# -- Lines, checked one by one --


@dataclass(eq=False)
class Line:
    """A record in a dump, whose line begins at the byte ``start``. ``gone``: it is no longer public.

    ``whole``: the key of the record of the same kind that it names, or None.
    """

    number: int
    start: int
    model: type
    key: str
    document: dict
    at: datetime
    version: int
    gone: bool
    whole: str | None = None

    def broken(self, fault):
        """Return the Broken about this line."""
        return Broken(f"line {self.number}: the {self.model._meta.verbose_name} {quoted(self.key)} {fault}")


def _lines(file):
    """Yield the Lines of an open binary file. Broken at the first wrong line, or at the end if lines are missing."""
    objects, counts, versions = _objects(file), {False: 0, True: 0}, {}
    if not (first := next(objects, None)):
        raise Broken("the file is empty. A dump begins with a line about the register.")
    header = first[-1]
    if header.get("kind") != "register":
        raise Broken(
            "line 1 is not the header of a full dump. Use the register.ndjson of a dump: lists of records, such as"
            " projects.ndjson, lack other records that they name."
        )
    with _at(1):
        check({"head": "", **header}, HEADER)  # dumps of older releases have none
        if not 0 <= header["version"] <= LARGEST_VERSION:
            raise WrongShape("its version is out of range. Give the id of its newest Revision.")
    for number, start, data in objects:
        with _at(number):
            line = _dump_line(number, start, data)
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


def _objects(file):
    """Yield (line number, where it begins, object)."""
    number, start = 0, 0
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
        yield number, start, parsed
        start += len(raw)


@contextmanager
def _at(number):
    try:
        yield
    except ValueError as error:
        raise error if isinstance(error, Broken) else Broken(f"line {number}: {error}") from error


def _dump_line(number, start, data):
    gone = "gone" in data
    check(data, GONE if gone else LINE)
    if data["kind"] not in (models := record_kinds()):
        raise WrongShape(f"it is of the unknown kind {describe_value(data['kind'])}. Give one of {', '.join(models)}.")
    model, fields = models[data["kind"]], {"at": _moment(data["at"]), "version": data["version"], "gone": gone}
    name = model._meta.pk.name
    document = {name: data["gone"], "title": data["title"] or data["gone"]} if gone else data["document"]
    key = document.get(name)
    return Line(number, start, model, key if isinstance(key, str) else "", document, **fields)


def _moment(text):
    """Return the time written by ``iso_milliseconds``."""
    try:
        moment = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
        if iso_milliseconds(moment) == text:
            return moment
    except ValueError:
        pass
    raise WrongShape(f"{quoted(text)} is not a time. Write it as 2026-11-24T05:00:00.123Z.")
