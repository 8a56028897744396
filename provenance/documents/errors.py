"""What is wrong with documents: WrongShape, Fault, and Refused, which carries several. Database rules give their own
message."""

import json
from typing import NamedTuple

from django.apps import apps
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import DataError, IntegrityError, connection, models

LONGEST = 80  # characters of a value shown in a message
NAMES = {str: "a text", int: "a whole number", bool: "true or false", list: "a list", dict: "an object"}


class WrongShape(ValueError):
    """A value of the wrong shape; the text says where, and what is expected."""


REFUSALS = (ValidationError, IntegrityError, DataError, WrongShape)


class Fault(NamedTuple):
    """What is wrong with the document of the record ``key``; ``words`` say what would be right."""

    key: str
    words: str


class Refused(ValidationError):
    """Documents that break rules, listed in ``faults``. Nothing of them was written."""

    def __init__(self, faults):
        self.faults = list(faults)
        super().__init__([fault.words for fault in self.faults])

    def __str__(self):
        return "\n".join(f"{fault.key}: {fault.words}" for fault in self.faults)


def faults_of(error, key):
    """Return the Faults of an error in REFUSALS, met when reading or writing the record ``key``."""
    if isinstance(error, Refused):
        return error.faults
    if isinstance(error, ValidationError):
        words = error.messages
    elif isinstance(error, WrongShape):
        words = [str(error)]
    else:
        words = broken_rules(error)[:1] or [str(error).partition("\n")[0]]  # the other lines quote the row
    return [Fault(key, each) for each in words]


def messages_of(error):
    """Return the messages of a ValidationError, each after the column that it is about."""
    if not hasattr(error, "error_dict"):
        return error.messages
    return [
        message if column == NON_FIELD_ERRORS else f"{column}: {message}"
        for column, messages in error.message_dict.items()
        for message in messages
    ]


def broken_rules(error):
    """Return the messages of the constraints that a database error names."""
    rules = [(model._meta, rule) for model in apps.get_models() for rule in model._meta.constraints]
    return [str(rule.violation_error_message) for meta, rule in rules if _is_broken(meta, rule, error)]


def _is_broken(meta, rule, error):
    """Whether ``error`` names ``rule``. PostgreSQL's text repeats values of the row, so there it proves nothing."""
    if connection.vendor == "postgresql":
        return getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) == rule.name
    names = rule.fields if isinstance(rule, models.UniqueConstraint) else ()  # SQLite names their columns
    columns = [f"{meta.db_table}.{meta.get_field(name).column}" for name in names]
    return str(error).endswith(f": {', '.join(columns) or rule.name}")


def is_concurrency_error(error):
    """Whether the database gave up only because of a concurrent transaction: deadlock, serialisation, lock timeout."""
    code = getattr(error.__cause__, "pgcode", None) or getattr(error.__cause__, "sqlite_errorname", "")
    return code in ("40001", "40P01", "55P03") or code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))


def describe_value(value):
    """Return a JSON value as an error message quotes it."""
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, dict | list):
        return f"{NAMES[type(value)]}{'' if value else ' of nothing'}"
    return quoted(str(value))


def cut(text: str, most: int = LONGEST) -> str:
    """Return ``text``, cut after ``most`` characters, with a sign that it was."""
    return text if len(text) <= most else text[:most] + "…"


def quoted(text):
    """Return ``text`` in quotation marks, cut after 80 characters."""
    return f"“{cut(text)}”"
