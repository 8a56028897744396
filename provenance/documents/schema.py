"""The shape of documents as JSON values.

A shape is a type (``str``, ``int``, ``bool``, ``dict``), a list with one shape, a dict of shapes by member name,
``nullable(shape)``, which may also be null, or ``optional(shape)``, which may be missing. A document must have exactly
the members of its shape.
"""

from typing import Any, NamedTuple

_NAMES = {str: "a text", int: "a whole number", bool: "true or false", list: "a list", dict: "an object"}
LONGEST = 80  # characters of a value shown in a message


class WrongShape(ValueError):
    """A value of the wrong shape; the text says where, and what is expected."""


class nullable(NamedTuple):
    """A shape that may be null, where nothing is stated."""

    shape: Any


class optional(NamedTuple):
    """A shape that may be missing, as a member that the first documents did not have."""

    shape: Any


def check(value, shape, place=""):
    """WrongShape if the JSON value ``value``, found at ``place``, does not have ``shape``."""
    if isinstance(shape, nullable):
        if value is not None:
            check(value, shape.shape, place)
        return
    kind = shape if isinstance(shape, type) else type(shape)
    if type(value) is not kind:
        raise WrongShape(f"{_named(place)}is {describe_value(value)}. Give {_NAMES[kind]}.")
    if kind is str and "\0" in value:
        raise WrongShape(f"{_named(place)}holds a NUL character. Leave it out.")
    if isinstance(shape, list):
        for number, item in enumerate(value):
            check(item, shape[0], f"{place}[{number}]")
    elif isinstance(shape, dict):
        if value.keys() != shape.keys():
            named, members = _named(place), ", ".join(shape)
            if (unknown := next((name for name in value if name not in shape), None)) is not None:
                raise WrongShape(f"{named}has the unknown member {describe_value(unknown)}. Give {members}.")
            missing = [name for name in shape if name not in value and not isinstance(shape[name], optional)]
            if missing:
                raise WrongShape(f"{named}lacks the member “{missing[0]}”. Give {members}.")
        for name, item in value.items():
            own = shape[name].shape if isinstance(shape[name], optional) else shape[name]
            if own is not str or type(item) is not str or "\0" in item:  # most members are plain texts: skip the call
                check(item, own, f"{place}.{name}" if place else name)


def _named(place):
    return f"“{place}” " if place else "it "


def describe_value(value):
    """Return a JSON value as an error message quotes it."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, dict | list):
        return f"{_NAMES[type(value)]}{'' if value else ' of nothing'}"
    return quoted(str(value))


def quoted(text):
    """Return ``text`` in quotation marks, cut after 80 characters."""
    return f"“{text if len(text) <= LONGEST else text[:LONGEST] + '…'}”"


DATE = {"value": str, "precision": str, "earliest": str, "latest": str, "planned": bool}
MONEY = {"amount": str, "currency": str}
EVIDENCE = {"verdict": str, "edition": nullable(str), "start": nullable(int), "end": nullable(int)}


def keys_of(members):
    """Return the keys of the records that a list member names."""
    return [key_of(member) for member in members]


def key_of(member):
    """Return the key of the record that a member names; None if it names none."""
    return member and (member.get("code") or member["slug"])
