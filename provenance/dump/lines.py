"""Lines of a dump, parsed and checked one by one: what is wrong, in words, if one is not as ``writer`` writes it."""

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson
from django.core.exceptions import ValidationError

from ..documents.schema import WrongShape, check, describe_value, quoted
from ..store.digests import iso_milliseconds
from ..store.log import record_kinds
from .writer import GONE, HEADER, LINE

LONGEST_LINE = 16 * 2**20  # bytes
LARGEST_VERSION = 2**53


class Broken(ValueError):
    """A file that cannot be imported: which line, what is wrong, what would be right."""


@dataclass(eq=False)
class Line:
    """One record of a file. ``gone``: it is no longer public."""

    number: int
    model: type
    key: str
    document: dict
    at: datetime
    version: int
    gone: bool = False

    def broken(self, what):
        """Return the Broken that says ``what`` of this line."""
        return Broken(f"line {self.number}: the {self.model._meta.verbose_name} {quoted(self.key)} {what}")

    @contextmanager
    def blamed(self):
        """Turn what is wrong with a shape, a value or a rule into the Broken of this line."""
        try:
            yield
        except WrongShape as error:
            raise self.broken(str(error).removeprefix("it ")) from error
        except ValidationError as error:
            raise self.broken(f"breaks a rule: {in_words(error)}") from error


def in_words(error):
    """Return a ValidationError in one line, each message with the name of its column."""
    if hasattr(error, "message_dict"):
        said = {name: " ".join(texts) for name, texts in error.message_dict.items()}
        return "; ".join(text if name == "__all__" else f"{name}: {text}" for name, text in said.items())
    return " ".join(error.messages)


def parse(file):
    """Return (first line of the dump, its Lines, read as they are asked for) of an open binary file.

    Broken, when it is come to, at the first line that is wrong, or at the end if lines are missing.
    """
    objects = _objects(file)
    first = next(objects, None)
    if first is None:
        raise Broken("the file is empty. A dump begins with a line that tells of the register.")
    if first[1].get("kind") != "register":
        raise Broken(
            "line 1 does not tell of a register, so this is no full dump, or its first line is missing. Give the"
            " register.ndjson of a dump: lists of records, such as projects.ndjson, lack much of what they name."
        )
    with _at(1):
        check(first[1], HEADER)
        if not 0 <= first[1]["version"] <= LARGEST_VERSION:
            raise WrongShape("it has no version that could be. Give the number of its newest Revision.")
    return first[1], _dump_lines(first[1], objects)


def _objects(file):
    """Yield (line's number, object in it)."""
    number = 0
    while raw := file.readline(LONGEST_LINE + 1):
        number += 1
        if len(raw) > LONGEST_LINE:
            raise Broken(f"line {number} is longer than {LONGEST_LINE:,} bytes. Give one record a line.")
        try:
            found = orjson.loads(raw)
        except ValueError as error:
            cut = "" if raw.endswith(b"\n") else " The file may have been cut off here: copy it anew."
            raise Broken(f"line {number} is not JSON: {error}.{cut}") from error
        if not isinstance(found, dict):
            raise Broken(f"line {number} is {describe_value(found)}. Give an object, one a line.")
        yield number, found


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
            _check_version(line, header, versions)
        counts[line.gone] += 1
        yield line
    told = {False: header["records"], True: header["gone"]}
    if counts != told:
        raise Broken(
            f"the file holds {counts[False]} records and {counts[True]} that are gone; its first line tells of"
            f" {told[False]} and {told[True]}. It was cut off or changed: copy it anew."
        )
    newest = max(versions, default=0)
    if (header["version"], header["at"]) != (newest, versions.get(newest)):
        raise Broken(
            f"line 1 tells of version {header['version']} of {header['at']}, but the newest line is of version"
            f" {newest} of {versions.get(newest)}. The file was changed: copy it anew."
        )


def _dump_line(number, data, models):
    gone = "gone" in data
    check(data, GONE if gone else LINE)
    if data["kind"] not in models:
        raise WrongShape(f"it is of the unknown kind {describe_value(data['kind'])}. Give one of {', '.join(models)}.")
    model, said = models[data["kind"]], {"at": _moment(data["at"]), "version": data["version"], "gone": gone}
    name = model._meta.pk.name
    if not gone:
        return Line(number, model, _key(data["document"], name), data["document"], **said)
    return Line(number, model, data["gone"], {name: data["gone"], "title": data["title"] or data["gone"]}, **said)


def _check_version(line, header, versions):
    if not 1 <= line.version <= header["version"]:
        raise WrongShape(f"it is of version {line.version}, but the register was at {header['version']}.")
    if line.version in versions:
        raise WrongShape(f"it bears the version {line.version}, as another line does. Each change has its own.")
    versions[line.version] = iso_milliseconds(line.at)


def _moment(text):
    """Return the time that ``iso_milliseconds`` wrote."""
    try:
        moment = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
        if iso_milliseconds(moment) == text:
            return moment
    except ValueError:
        pass
    raise WrongShape(f"{quoted(text)} is no time. Give it as 2026-11-24T05:00:00.123Z.")


def _key(document, name):
    key = document.get(name)
    return key if isinstance(key, str) else ""
