"""Names of records as the register's other language has them: ``OIM`` for IOM, ``IEV`` for ENI."""

from functools import lru_cache

from django.utils.translation import gettext, override, pgettext

LANGUAGE = "fr"
_CONTEXTS = ("abbreviation", "instrument", "partnership", "organisation")  # of the messages that are names


@lru_cache(10_000)
def other_names(name):
    """Return what a name, an abbreviation or a code is in French, as far as the register knows it."""
    with override(LANGUAGE):
        return tuple(sorted({gettext(name), *(pgettext(context, name) for context in _CONTEXTS)} - {name}))
