"""Which activities of a file are selected."""

import re

from instruments.models import Country

from .members import countries_of, tags_of
from .texts import listed

ANY = "*"
_HAS = {  # what can be selected by, and an activity's values of it
    "countries": countries_of,
    "sectors": lambda activity: {
        *(each.get("code") for each in (*activity["sector"], *activity.inside("sector"))),
        *(code for _, code in tags_of(activity)),
    },
    "publishers": lambda activity: (activity.publisher,),
    "identifiers": lambda activity: (activity.identifier,),
}


def asked(options):
    """Return ``{name: set}`` of the options, each a list or a text with commas.

    Countries are those of the register unless others, or identifiers, are named; ``*``: any country, or none.
    """
    selected = {name: codes for name in _HAS if (codes := _codes(options.get(name)))}
    if not selected.keys() & {"countries", "identifiers"}:
        selected = {"countries": set(Country.objects.values_list("code", flat=True))} | selected
    return {name: codes for name, codes in selected.items() if codes != {ANY}}


def _codes(option):
    parts = re.split(r"[,;\s]+", option) if isinstance(option, str) else option or ()
    return {part.strip() for part in parts if part.strip()}


def takes(asked, activity):
    """Whether an activity is selected."""
    return all(not codes.isdisjoint(_HAS[name](activity)) for name, codes in asked.items())


def in_words(asked, chosen, number):
    """Return in words how many of ``number`` activities were selected, and by what."""
    if not asked:
        return "The only activity is read." if number == 1 else f"All {number:,} activities are read."
    words = "; ".join(f"{name} {listed(sorted(codes))}" for name, codes in asked.items())
    return f"{chosen:,} of {number:,} activities concern {words}; {number - chosen:,} left out."
