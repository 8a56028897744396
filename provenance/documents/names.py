"""Names of records in the other languages of the pages: ``OIM`` for IOM, ``IEV`` for ENI."""

from functools import lru_cache

from django.conf import settings
from django.utils.translation import gettext, override, pgettext

_CONTEXTS = ("abbreviation", "instrument", "partnership", "organisation")  # of the messages that are names


@lru_cache(10_000)
def other_names(name):
    """Return the translations of a name, an abbreviation or a code, as far as the register knows them."""
    names = set()
    for language, _own_name in settings.LANGUAGES:
        with override(language):
            names |= {gettext(name), *(pgettext(context, name) for context in _CONTEXTS)}
    return tuple(sorted(names - {name}))
