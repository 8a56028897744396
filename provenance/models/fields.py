"""Model and form fields of the register."""

import re
from datetime import timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Cast, Length, Substr
from django.utils import timezone
from text_unidecode import unidecode

from ..documents.dates import PartialDate
from ..documents.declaration import Date, of_kind


class KeyField(models.CharField):
    """Text that both databases sort and compare by code point, whatever the server's locale."""

    def db_parameters(self, connection):
        parameters = super().db_parameters(connection)
        if connection.vendor == "postgresql":
            parameters["collation"] = "C"
        return parameters


# Options of a primary key that is a slug.
SLUG = {
    "validators": [
        RegexValidator(
            r"^[a-z0-9]+(?:-[a-z0-9]+)*\Z",
            "Use lower-case letters, digits and single hyphens, such as nexus-2.",
        )
    ],
    "help_text": "Lower case, digits and hyphens. It never changes.",
}
_SCHWA = str.maketrans("əә", "ee")  # Latin and Cyrillic, as of Azerbaijan: unidecode makes signs of them
_LONGEST_STEM = 90  # of a slug made of a name: a number may follow


def later_text(max_length, help_text, name=None, **options):
    """Return a column of text that is newer than the first rows, in which it is empty."""
    empty = {"blank": True, "default": "", "db_default": ""}
    return models.CharField(name, max_length=max_length, help_text=help_text, **empty, **options)


def slug_of(name):
    """Return a slug made of a name in any script; "" if it has neither letters nor digits."""
    letters = re.sub("['`]", "", unidecode(name.lower().translate(_SCHWA)).lower())
    return re.sub("[^a-z0-9]+", "-", letters)[:_LONGEST_STEM].strip("-")


def as_number(text):
    """Return ``text`` as the key of a row; None unless it has only digits, and no more than a database can hold."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 19 else None


def is_no_later_day(day):
    """ValidationError if ``day`` is after tomorrow, as it may be tomorrow elsewhere."""
    if day > timezone.localdate() + timedelta(days=1):
        raise ValidationError("This day has not come yet.")


class LinesFormField(forms.CharField):
    """A list of texts, one on each line."""

    widget = forms.Textarea(attrs={"rows": 4, "cols": 100})

    def prepare_value(self, value):
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value):
        return self.lines(super().clean(value))

    def has_changed(self, initial, data):
        return (initial or []) != self.lines(data)

    @staticmethod
    def lines(text):
        """Return the non-blank lines of ``text``, stripped."""
        return [line.strip() for line in (text or "").splitlines() if line.strip()]


class LinesField(models.JSONField):
    """An ordered list of texts; empty, never null."""

    def __init__(self, **options):
        super().__init__(**{"default": list, "blank": True, **options})

    def formfield(self, **options):
        return models.Field.formfield(self, **{"form_class": LinesFormField, "required": False, **options})

    def validate(self, value, model_instance):
        super().validate(value, model_instance)
        if not isinstance(value, list) or not all(isinstance(line, str) and line for line in value):
            raise ValidationError("Give a list of texts.")


class _Bound(models.Func):
    """A day that the database computes from an ISO date of year, month or day precision."""

    arity = 1
    output_field = models.DateField()

    def as_sql(self, compiler, connection, **context):
        sql, params = compiler.compile(self.source_expressions[0])
        template = getattr(self, connection.vendor)
        return template.replace("{x}", sql), [*params] * template.count("{x}")


_DAY = "make_date(substr({x}, 1, 4)::int, {m}, {d})"
_MONTH, _DAY_OF_MONTH = "substr({x}, 6, 2)::int", "substr({x}, 9, 2)::int"


class Earliest(_Bound):
    """The first day that a partial date may mean. Other text gives null or a database error."""

    sqlite = "date(substr({x} || '-01-01', 1, 10), '+0 days')"  # "+0 days" turns 30 February into a day in March
    postgresql = _DAY.replace("{m}", "coalesce(nullif(substr({x}, 6, 2), ''), '1')::int").replace(
        "{d}", "coalesce(nullif(substr({x}, 9, 2), ''), '1')::int"
    )


class Latest(_Bound):
    """The last day that a partial date may mean. Other text gives null or a database error."""

    sqlite = (
        "CASE length({x}) WHEN 4 THEN date({x} || '-12-31') WHEN 7 THEN"
        " CASE substr({x}, 6) WHEN '12' THEN date({x} || '-31') ELSE date({x} || '-01', '+1 month', '-1 day') END"
        " ELSE date({x}, '+0 days') END"
    )
    postgresql = (
        "CASE length({x}) WHEN 4 THEN " + _DAY.replace("{m}", "12").replace("{d}", "31") + " WHEN 7 THEN ("
        + _DAY.replace("{m}", _MONTH).replace("{d}", "1") + " + interval '1 month' - interval '1 day')::date"
        " ELSE " + _DAY.replace("{m}", _MONTH).replace("{d}", _DAY_OF_MONTH) + " END"
    )  # fmt: skip


def _partial_date(value, *, is_end=False):
    """Return a text as a PartialDate, None if it is empty; ValidationError if it is no date."""
    if value is None or value == "" or isinstance(value, PartialDate):
        return value or None
    try:
        return PartialDate.parse(str(value), is_end=is_end)
    except ValueError as error:
        raise ValidationError(str(error), code="invalid") from None


class PartialDateFormField(forms.CharField):
    """A year, a month or a day, as ISO text."""

    def __init__(self, *, is_end=False, **options):
        options.pop("max_length", None)
        self.is_end = is_end
        super().__init__(**{"help_text": "2012, 2012-05 or 2012-05-31", **options})

    def prepare_value(self, value):
        return str(value) if isinstance(value, PartialDate) else value

    def to_python(self, value):
        return _partial_date(value, is_end=self.is_end)


class PartialDateField(KeyField):
    """A date as precise as its source, stored as ISO text; null means "not stated".

    The model also declares ``bounds("<name>")``, which gives two indexed columns that the database computes, and
    ``date_rule("<model>", "<name>")``.
    """

    def __init__(self, *args, **options):
        super().__init__(*args, **{"max_length": 10, "null": True, "blank": True, **options})

    def from_db_value(self, value, expression, connection):
        return _partial_date(value)

    def to_python(self, value):
        return _partial_date(value, is_end=self._is_end)

    def get_prep_value(self, value):
        return str(value) if value else None

    def formfield(self, **options):
        return models.Field.formfield(self, **{"form_class": PartialDateFormField, "is_end": self._is_end, **options})

    @property
    def _is_end(self):
        return any(member.name == self.name and member.is_end for member in of_kind(self.model, Date))


def bounds(name):
    """Return the two generated columns (earliest, latest) of the partial date ``name``."""
    return tuple(
        models.GeneratedField(
            expression=bound(models.F(name)), output_field=models.DateField(), db_persist=True, db_index=True
        )
        for bound in (Earliest, Latest)
    )


def rule(name, condition, message):
    """Return the constraint that every row meets ``condition``. ``message``: what is wrong, and what would be right."""
    return models.CheckConstraint(name=name, condition=condition, violation_error_message=message)


def once(name, fields, message, condition=None):
    """Return the constraint that no two rows have the same ``fields``; with a ``condition``, of those that meet it."""
    return models.UniqueConstraint(name=name, fields=fields, condition=condition, violation_error_message=message)


def date_rule(model, name):
    """Return the constraint that ``name`` holds a valid date."""
    earliest = Cast(models.F(f"{name}_earliest"), models.TextField())
    written = models.Q(
        **{f"{name}_earliest__isnull": False, name: Substr(earliest, 1, Length(models.F(name)))}
    ) & models.Q(models.lookups.In(Length(models.F(name)), [4, 7, 10]))
    return rule(
        f"{model}_{name}_is_a_date",
        models.Q(**{f"{name}__isnull": True}) | written,
        f"The {name.replace('_', ' ')} is not a date."
        " Give a year, a month or a day, as the source does: 2012, 2012-05 or 2012-05-31.",
    )


def planned_rule(model, name):
    """Return the constraint that only a stated date can be marked as planned."""
    return rule(
        f"{model}_{name}_planned_is_stated",
        models.Q(**{f"{name}_planned": False}) | models.Q(**{f"{name}__isnull": False}),
        f"The {name.replace('_', ' ')} is marked as planned, but no date is given. Enter the date, or clear the mark.",
    )
