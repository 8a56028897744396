"""Where a project stands in a picture: in its country, in several, in none that is stated."""

from django.db.models import Case, CharField, F, OuterRef, Subquery, Value, When
from django.utils.translation import gettext as _

from instruments.models import Country

from ..models import Project
from ..wording import country_name as name_in_language
from .scale import plain

SEVERAL, NOWHERE = "*", ""


def with_place(contributions):
    """Annotate ``place``: the code of the project's country, SEVERAL or NOWHERE."""
    links = Project.countries.through.objects.filter(project=OuterRef("project"))
    first, last = (
        Subquery(links.order_by(order).values("country")[:1], output_field=CharField())
        for order in ("country", "-country")
    )
    place = Case(
        When(first_country__isnull=True, then=Value(NOWHERE)),
        When(first_country=F("last_country"), then=F("first_country")),
        default=Value(SEVERAL),
        output_field=CharField(),
    )
    return contributions.annotate(first_country=first, last_country=last).annotate(place=place)


def country_name(code, name):
    """Return the name of a country in the language of the page."""
    return plain(name_in_language(code, name))


def place_names(places):
    """Return ``{place: name}`` in the language of the page, in one query."""
    found = Country.objects.filter(pk__in=set(places)).values_list("code", "name")
    names = {code: country_name(code, name) for code, name in found}
    return names | {SEVERAL: _("several countries"), NOWHERE: _("country not stated")}
