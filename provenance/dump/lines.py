"""Lines of a dump, parsed and checked one by one."""

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson
from django.core.exceptions import ValidationError

from ..documents.declaration import check
from ..documents.errors import WrongShape, describe_value, messages_of, quoted
from ..models.revision import iso_milliseconds
from ..store.log import record_kinds
from .writer import GONE, HEADER, LINE

LONGEST_LINE = 16 * 2**20  # bytes
LARGEST_VERSION = 2**53


class Broken(ValueError):
    """A file that cannot be imported; the text names the line, what is wrong and what would be right."""


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
