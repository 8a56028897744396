"""Where a project stands in a picture: in its country, in several, in none that is stated."""

from django.utils.translation import gettext as _

from ..documents.phrases import country_name as name_in_language
from ..index.figures import NOWHERE, SEVERAL
from .scale import plain


def country_name(code, name):
    """Return the name of a country in the language of the page."""
    return plain(name_in_language(code, name))


def place_names(view):
    """Return ``{place: name}`` of the countries of a View in the language of the page."""
    names = {code: country_name(code, name) for code, name in view.choices("country").items()}
    return names | {SEVERAL: _("several countries"), NOWHERE: _("country not stated")}
