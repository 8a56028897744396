"""A date as precise as its source: a year, a month or a day.

Pure, except that error messages follow the active language. ``2010`` is not 1 January 2010, so a date is kept as
ISO 8601 text, from which its first and last possible day follow.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

_SHAPE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
_PRECISION = {4: "year", 7: "month", 10: "day"}
DATE_HINT = gettext_noop("Give a year, a month or a day, as the source does: 2012, 2012-05 or 2012-05-31.")


@dataclass(frozen=True, slots=True)
class PartialDate:
    """An ISO 8601 date of reduced precision: ``2012``, ``2012-05`` or ``2012-05-31``."""

    value: str

    def __post_init__(self) -> None:
        match = _SHAPE.fullmatch(self.value)
        try:
            if not match:
                raise ValueError
            year, month, day = (int(part) if part else 1 for part in match.groups())
            date(year, month, day)
        except ValueError:
            shown = self.value if len(self.value) <= 40 else self.value[:40] + "…"
            message = _("“%(text)s” is not a date. %(right)s") % {"text": shown, "right": _(DATE_HINT)}
            raise ValueError(message) from None

    def __str__(self) -> str:
        return self.value

    def __len__(self) -> int:
        return len(self.value)

    @classmethod
    def parse(cls, text: str) -> "PartialDate":
        """Parse ``text``, ignoring spaces around it. ValueError says what is accepted."""
        return cls(text.strip())

    @property
    def precision(self) -> str:
        """``year``, ``month`` or ``day``."""
        return _PRECISION[len(self.value)]

    @property
    def earliest(self) -> date:
        """The first day that the date may mean."""
        return date.fromisoformat((self.value + "-01-01")[:10])

    @property
    def latest(self) -> date:
        """The last day that the date may mean."""
        first = self.earliest
        if self.precision == "day":
            return first
        month = 12 if self.precision == "year" else first.month
        return date(first.year, month, calendar.monthrange(first.year, month)[1])
