"""What is wrong with documents: Fault, and Refused, which carries several. Database rules give their own message."""

from typing import NamedTuple

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import DataError, IntegrityError, connection, models

from .schema import WrongShape

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


def faults_of(error, key, rows=()):
    """Return the Faults of an error in REFUSALS, met when reading or writing ``rows`` of the record ``key``."""
    if isinstance(error, Refused):
        return error.faults
    if isinstance(error, ValidationError):
        words = error.messages
    elif isinstance(error, WrongShape):
        words = [str(error)]
    else:
        words = (
            broken_rules(error, {type(row) for row in rows})[:1] or _unique_words(error, rows) or [_first_line(error)]
        )
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


def broken_rules(error, kinds):
    """Return the messages of the constraints of ``models`` that a database error names."""
    rules = [(model, rule) for model in kinds for rule in model._meta.constraints]
    return [str(rule.violation_error_message) for model, rule in rules if _is_broken(model, rule, error)]


def _is_broken(model, rule, error):
    """Whether ``error`` names ``rule``. PostgreSQL's text repeats values of the row, so there it proves nothing."""
    if connection.vendor == "postgresql":
        return _diagnostic(error, "constraint_name") == rule.name
    names = rule.fields if isinstance(rule, models.UniqueConstraint) else ()  # SQLite names their columns
    columns = [_column(model, model._meta.get_field(name)) for name in names]
    return str(error).endswith(f": {', '.join(columns) or rule.name}")


def _unique_words(error, rows):
    """Return the message of the unique column whose value another row already has."""
    columns = [(type(row), column) for row in rows for column in row._meta.concrete_fields if column.unique]
    return [str(column.error_messages["unique"]) for model, column in columns if _is_taken(model, column, error)][:1]


def _is_taken(model, column, error):
    if connection.vendor == "postgresql":
        key = (_diagnostic(error, "message_detail") or "").startswith(f"Key ({column.column})=")
        return key and _diagnostic(error, "table_name") == model._meta.db_table
    return str(error).endswith(f": {_column(model, column)}")


def _column(model, column):
    return f"{model._meta.db_table}.{column.column}"


def is_concurrency_error(error):
    """Whether the database gave up only because of a concurrent transaction: deadlock, serialisation, lock timeout."""
    code = getattr(error.__cause__, "pgcode", None) or getattr(error.__cause__, "sqlite_errorname", "")
    return code in ("40001", "40P01", "55P03") or code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))


def _diagnostic(error, what):
    """Return a field of PostgreSQL's diagnostics, or None."""
    return getattr(getattr(error.__cause__, "diag", None), what, None)


def _first_line(error):
    """Return the error's first line: the others quote the row."""
    return str(error).partition("\n")[0]
