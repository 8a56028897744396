"""Builders of the documents of countries, instruments and partnerships."""

from provenance.documents import claims, grouped
from provenance.shapes import CLAIM, CODED, Rows, check, key_of, keys_of, stated

from .models import Country, Instrument, Partnership

COUNTRY = {"code": str, "url": str, "name": str, "claims": [CLAIM], "modified": str}
INSTRUMENT = COUNTRY | {"kind": str, "managed_by": stated(str), "is_former": bool, "predecessor": stated(CODED)}
PARTNERSHIP = {
    "slug": str, "url": str, "name": str, "kind": str, "countries": [CODED], "claims": [CLAIM], "modified": str,
}  # fmt: skip


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


def read_country(document):
    """Return the Rows that ``countries`` builds ``document`` from. WrongShape if it is none of its."""
    check(document, COUNTRY)
    return Rows(Country(code=document["code"], name=document["name"]), claims=document["claims"])


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


def read_instrument(document):
    """Return the Rows that ``instruments`` builds ``document`` from. WrongShape if it is none of its."""
    check(document, INSTRUMENT)
    row = Instrument(
        code=document["code"],
        name=document["name"],
        kind=document["kind"],
        managed_by=document["managed_by"] or "",
        is_former=document["is_former"],
        predecessor_id=key_of(document["predecessor"]),
    )
    return Rows(row, claims=document["claims"])


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


def read_partnership(document):
    """Return the Rows that ``partnerships`` builds ``document`` from. WrongShape if it is none of its."""
    check(document, PARTNERSHIP)
    row = Partnership(slug=document["slug"], name=document["name"], kind=document["kind"])
    return Rows(row, links={"countries": keys_of(document["countries"])}, claims=document["claims"])
