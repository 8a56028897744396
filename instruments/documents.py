"""Builders of the documents of countries, instruments and partnerships."""

from provenance.documents import claims, grouped

from .models import Country, Instrument, Partnership


def countries(keys):
    """Return ``{code: document}``."""
    claimed = claims(Country, keys)
    return {
        row.code: {
            "code": row.code,
            "url": row.get_absolute_url(),
            "name": row.name,
            "claims": claimed.get(row.code, []),
        }
        for row in Country.objects.filter(pk__in=keys)
    }


def instruments(keys):
    """Return ``{code: document}``."""
    claimed = claims(Instrument, keys)
    return {
        row.code: {
            "code": row.code,
            "url": row.get_absolute_url(),
            "name": row.name,
            "kind": row.kind,
            "managed_by": row.managed_by or None,
            "is_former": row.is_former,
            "predecessor": row.predecessor and {"code": row.predecessor.code, "name": row.predecessor.name},
            "claims": claimed.get(row.code, []),
        }
        for row in Instrument.objects.filter(pk__in=keys).select_related("predecessor")
    }


def partnerships(keys):
    """Return ``{slug: document}``."""
    claimed = claims(Partnership, keys)
    joined = Partnership.countries.through.objects.filter(partnership__in=keys).order_by("country_id")
    partners = grouped(joined.values_list("partnership_id", "country_id", "country__name"))
    return {
        row.slug: {
            "slug": row.slug,
            "url": row.get_absolute_url(),
            "name": row.name,
            "kind": row.kind,
            "countries": [{"code": code, "name": name} for code, name in partners.get(row.slug, [])],
            "claims": claimed.get(row.slug, []),
        }
        for row in Partnership.objects.filter(pk__in=keys)
    }
