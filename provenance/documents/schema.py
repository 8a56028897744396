"""Documents read back: the shape that each must have, and the rows that it came from.

A shape is a type (``str``, ``int``, ``bool``, ``dict``), a list of one shape, a dict of shapes by member, or
``stated(shape)``, which may be null. All members have to be there and no other. Whether a document says what its rows
give is not asked here: it is built again and compared.
"""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

_NAMES = {str: "a text", int: "a whole number", bool: "true or false", list: "a list", dict: "an object"}
LONGEST = 80  # characters of a text that are shown


class WrongShape(ValueError):
    """What stands where, and what is right."""


class stated(NamedTuple):
    """A shape, or null where nothing is stated."""

    shape: Any


def check(value, shape, place=""):
    """WrongShape if ``value``, parsed from JSON, is not of ``shape``; ``place`` is where it stands."""
    if isinstance(shape, stated):
        if value is not None:
            check(value, shape.shape, place)
        return
    kind = shape if isinstance(shape, type) else type(shape)
    if type(value) is not kind:
        raise WrongShape(f"{_named(place)}is {shown(value)}. Give {_NAMES[kind]}.")
    if kind is str and "\0" in value:
        raise WrongShape(f"{_named(place)}holds a NUL character. Leave it out.")
    if isinstance(shape, list):
        for number, item in enumerate(value):
            check(item, shape[0], f"{place}[{number}]")
    elif isinstance(shape, dict):
        _check_members(value, shape, place)


def _check_members(value, shapes, place):
    if value.keys() != shapes.keys():
        if (unknown := next((name for name in value if name not in shapes), None)) is not None:
            raise WrongShape(f"{_named(place)}has the unknown member {shown(unknown)}. Give {', '.join(shapes)}.")
        missing = next(name for name in shapes if name not in value)
        raise WrongShape(f"{_named(place)}lacks the member “{missing}”. Give {', '.join(shapes)}.")
    for name, item in value.items():
        shape = shapes[name]
        if shape is not str or type(item) is not str or "\0" in item:  # nearly all are texts, and fine
            check(item, shape, f"{place}.{name}" if place else name)


def _named(place):
    return f"“{place}” " if place else "it "


def shown(value):
    """Return a value of JSON as a message names it."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, dict | list):
        return f"{_NAMES[type(value)]}{'' if value else ' of nothing'}"
    return quoted(str(value))


def quoted(text):
    """Return a text in quotation marks, cut where it is long."""
    return f"“{text if len(text) <= LONGEST else text[:LONGEST] + '…'}”"


DATE = {"value": str, "precision": str, "earliest": str, "latest": str, "planned": bool}
MONEY = {"amount": str, "currency": str}


@dataclass
class Rows:
    """What a document came from, unsaved: the record's row, its links ``{name: keys}``, its parts, its claims.

    Claims are as the document has them. Parts are ``{member: rows}``, in the order in which they have to be saved, the
    same members whatever the document.
    """

    record: Any
    links: dict = field(default_factory=dict)
    parts: dict = field(default_factory=dict)
    claims: list = field(default_factory=list)


def keys_of(members):
    """Return the keys of the records that a list of members names."""
    return [key_of(member) for member in members]


def key_of(member):
    """Return the key of the record that a member names; None if it names none."""
    return member and (member.get("code") or member["slug"])
