"""Times in query strings: ``as_of``, ``since`` and others."""

import re
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Min
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from provenance.models import Revision

from ..words.phrases import moment_in_words

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(
    r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})[Tt](?P<minute>[0-9]{2}:[0-9]{2})"
    r"(?P<second>:[0-9]{2})?(?P<part>\.[0-9]{1,6})?(?P<zone>[Zz]|[+ -][0-9]{2}:[0-9]{2})?"
)
_SMALLEST = timedelta(microseconds=1)
VERSION = re.compile(r"[0-9]{1,18}")


class Moment(NamedTuple):
    """A day, minute, second or fraction of one, as written, from ``earliest`` to ``latest`` inclusive, in UTC."""

    text: str
    earliest: datetime
    latest: datetime

    def __str__(self):
        return self.text

    @property
    def is_day(self):
        return bool(_DAY.fullmatch(self.text))

    @property
    def in_words(self):
        return moment_in_words(self.earliest, is_day=self.is_day)


def parse(text):
    """Return the Moment of an ISO 8601 date or time, which is UTC without an offset. ValueError if it is neither."""
    if _DAY.fullmatch(text):
        return _moment(text, datetime.fromisoformat(text), timedelta(days=1))
    match = _TIME.fullmatch(text)
    if not match or (match["part"] and not match["second"]):
        raise ValueError(text)
    zone = (match["zone"] or "Z").upper().replace(" ", "+")  # a + that was not percent-encoded arrives as a space
    first = datetime.fromisoformat(f"{match['day']}T{match['minute']}{match['second'] or ''}{zone}")
    if not match["part"]:
        return _moment(text, first, timedelta(seconds=1) if match["second"] else timedelta(minutes=1))
    digits = match["part"][1:]
    first += timedelta(microseconds=int(digits.ljust(6, "0")))
    return _moment(text, first, timedelta(seconds=1) / 10 ** len(digits))


def _moment(text, first, span):
    try:
        first = first.astimezone(UTC) if first.tzinfo else first.replace(tzinfo=UTC)
        return Moment(text, first, first + (span - _SMALLEST))
    except OverflowError:
        raise ValueError(text) from None


class MomentField(forms.CharField):
    """A day or a time; cleaned to a Moment."""

    examples = "2026-11-24, 2026-11-24T05:00:00Z, 2026-11-24T07:00:00.123+02:00"
    refusal = gettext_lazy("“%(text)s” is not a date or a time. Use a form such as %(examples)s.")

    def to_python(self, value):
        text = super().to_python(value)
        if not text:
            return None
        try:
            return parse(text)
        except ValueError:
            raise ValidationError(self.refusal % {"text": text[:40], "examples": self.examples}) from None


class PastField(MomentField):
    """A moment that is not in the future."""

    def to_python(self, value):
        moment = super().to_python(value)
        if moment and moment.earliest > timezone.now():
            message = _("%(moment)s is in the future. Enter a past date, or leave this empty.")
            raise ValidationError(message % {"moment": moment.in_words})
        return moment


class AsOfField(PastField):
    """A moment since the register began. Today counts as now."""

    def to_python(self, value):
        moment = super().to_python(value)
        if moment is None:
            return None
        begins = Revision.objects.public().aggregate(first=Min("at"))["first"]
        if begins is None:
            raise ValidationError(_("Nothing has been published in this register yet. Leave this empty."))
        if moment.latest < begins:
            message = _("%(moment)s is before the register began, on %(beginning)s. Enter a later date.")
            words = {"moment": moment.in_words, "beginning": moment_in_words(begins.replace(microsecond=0))}
            raise ValidationError(message % words)
        return moment


class SinceField(PastField):
    """A version of the register, or a moment; cleaned to an int or a Moment."""

    examples = "1042, 2026-11-24, 2026-11-24T05:00:00Z"
    refusal = "“%(text)s” is neither a version of the register nor a date or a time. Use a form such as %(examples)s."

    def to_python(self, value):
        text = forms.CharField.to_python(self, value)
        return int(text) if VERSION.fullmatch(text) else super().to_python(value)
