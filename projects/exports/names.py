"""Names of files: what was asked for, and of which day it is."""

import hashlib
import re

from ..filters import NOT_NARROWING

LONGEST = 100  # characters, with the ending
_UNSAFE = re.compile(r"[^A-Za-z0-9.]+")


def file_name(name, suffix, filterset, version):
    """Return a name such as ``projects_country-GE_2026-11-24.csv``: ASCII, safe, at most LONGEST characters.

    One that had to be cut, or that lost letters, bears a digest of what was asked for, so that no two are alike.
    """
    day = [f"{version.at:%Y-%m-%d}"] if version.at else []
    asked = [f"{parameter.replace('_', '-')}-{words}" for parameter, words in _asked(filterset) if words]
    whole = "_".join([name, *asked, *day])
    room = LONGEST - len(suffix) - 1
    if len(whole) > room or not all(value.isascii() for values in filterset.data.lists() for value in values[1]):
        digest = hashlib.sha256(filterset.data.urlencode().encode()).hexdigest()[:8]
        end = "_".join(["", digest, *day])
        whole = "_".join([name, *asked])[: room - len(end)].rstrip("-._") + end
    return f"{whole}.{suffix}"


def _asked(filterset):
    """Yield (parameter, its values) of what narrows the rows, and which page."""
    for parameter in filterset.base_filters:
        if parameter not in NOT_NARROWING or parameter in ("page", "page_size"):
            values = [_UNSAFE.sub("-", value).strip("-.") for value in filterset.data.getlist(parameter)]
            yield parameter, "-".join(filter(None, values))
