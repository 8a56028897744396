"""Which activities of a file are asked for."""

import re
from dataclasses import dataclass, fields

from instruments.models import Country

from .members import countries_of, sectors_of
from .texts import listed

ANY = "*"


@dataclass
class Filters:
    """What was asked for; None: whatever. Countries are those of the register unless others are named."""

    countries: set | None
    sectors: set | None
    publishers: set | None
    identifiers: set | None

    @classmethod
    def of(cls, options):
        """Return the Filters of options: lists, or texts with commas. Countries ``*``: of any country, or none."""
        named = {each.name: _codes(options.get(each.name)) for each in fields(cls)}
        if named["countries"] is None and named["identifiers"] is None:
            named["countries"] = set(Country.objects.values_list("code", flat=True))
        elif named["countries"] == {ANY}:
            named["countries"] = None
        return cls(**named)

    def words(self, chosen, all_of_them):
        """Return in words how many of how many activities were asked for, and what was asked."""
        asked = "; ".join(f"{name} {listed(sorted(some))}" for name, some in vars(self).items() if some is not None)
        if not asked:
            return f"All {all_of_them:,} activities are read."
        return f"{chosen:,} of {all_of_them:,} activities concern {asked}; {all_of_them - chosen:,} left out."

    def takes(self, elements):
        """Whether an activity is asked for."""
        return (
            (self.identifiers is None or elements.activity.identifier in self.identifiers)
            and (self.publishers is None or elements.activity.publisher in self.publishers)
            and (self.countries is None or not self.countries.isdisjoint(countries_of(elements)))
            and (self.sectors is None or any(code in self.sectors for _, code in sectors_of(elements)))
        )


def _codes(option):
    """Return what an option names: a list as it is, a text split at commas and white space; None if it is empty."""
    parts = re.split(r"[,;\s]+", option) if isinstance(option, str) else option or ()
    return {part.strip() for part in parts if part.strip()} or None
