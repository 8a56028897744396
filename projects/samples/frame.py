"""What sample projects are hung on: countries, agreements, instruments, organisations, themes, a source."""

from datetime import UTC, datetime
from typing import NamedTuple

from babel import Locale
from django.core.exceptions import ValidationError

from instruments.models import Country, Instrument, Partnership
from projects.models import EUROPEAN_UNION, Organisation, Theme
from provenance import recording
from provenance.folding import fold
from provenance.models import Source, State

from . import words

EPOCH = datetime(2020, 1, 1, tzinfo=UTC)  # when invented records say that they were recorded


class Frame(NamedTuple):
    """The names that projects show, as they stand in the database."""

    countries: list[tuple[str, str]]
    partnerships: dict[str, list[tuple[str, str, str]]]  # by country
    themes: dict[str, tuple[str, str]]
    eu_instruments: list[tuple[str, str]]
    other_instruments: list[tuple[str, str]]
    states: list[tuple[str, str]]  # the organisations that are EU Member States
    bodies: list[tuple[str, str]]  # all other organisations that can do something
    european_union: tuple[str, str]
    source: tuple[str, str]
    found_by: dict[str, tuple[str, ...]]  # the acronym and the aliases of an organisation


def make(user_name):
    """Add what is missing of the frame, published and recorded, and return the whole as it stands.

    A record that is there is used as it is. ValidationError if it is not published.
    """
    for model, records in _wanted():
        keys = [record.pk for record in records]
        there = dict(model.objects.filter(pk__in=keys).values_list("pk", "state"))
        for key, state in there.items():
            if state != State.PUBLISHED:
                name = model._meta.verbose_name
                raise ValidationError(f"Sample projects name the {name} “{key}”, which is here and is {state}.")
        model.objects.bulk_create(record for record in records if record.pk not in there)
        if model is Partnership:
            _join_countries([key for key in keys if key not in there])
        new = [key for key in keys if key not in there]
        recording.record(model, new, user_name=user_name, reason="invented", at=EPOCH)
    return _read()


def _wanted():
    """Yield (model, unsaved records), in the order in which they name one another."""
    yield Source, [Source(slug=words.SOURCE[0], title=words.SOURCE[1], language="en", state=State.PUBLISHED)]
    yield Country, [Country(code=code, name=name, state=State.PUBLISHED) for code, name in _names(words.COUNTRIES)]
    yield Instrument, [
        Instrument(
            code=code, name=name, kind=kind, managed_by=managed_by, is_former=is_former,
            predecessor_id=predecessor or None, state=State.PUBLISHED,
        )
        for code, name, kind, managed_by, is_former, predecessor in words.INSTRUMENTS
    ]  # fmt: skip
    yield (
        Partnership,
        [
            Partnership(slug=slug, name=name, kind=kind, state=State.PUBLISHED)
            for slug, (name, kind, _) in _partnerships().items()
        ],
    )
    yield Organisation, [Organisation(state=State.PUBLISHED, **said) for said in _organisations()]
    yield Theme, [Theme(slug=slug, name=name, state=State.PUBLISHED) for slug, name in words.THEMES]


def _names(codes):
    territories = Locale("en").territories
    return [(code, territories[code]) for code in codes]


def _slug(name):
    return fold(name).replace(" ", "-")


def _partnerships():
    """Return ``{slug: (name, kind, country code)}``."""
    countries = dict(_names(words.COUNTRIES))
    return {
        f"eu-{_slug(countries[code])}-{kind}": (f"EU-{countries[code]} {Partnership.Kind(kind).label}", kind, code)
        for kind, codes in words.PARTNERSHIPS.items()
        for code in codes
    }


def _join_countries(slugs):
    joined = _partnerships()
    through = Partnership.countries.through
    through.objects.bulk_create(through(partnership_id=slug, country_id=joined[slug][2]) for slug in slugs)


def _organisations():
    """Yield the fields of organisations: international ones, EU Member States, bodies of the countries."""
    for slug, name, acronym, kind, aliases in words.INTERNATIONAL:
        yield {"slug": slug, "name": name, "acronym": acronym, "kind": kind, "aliases": aliases}
    for code, name in _names(words.MEMBER_STATES):
        aliases = [words.MEMBER_STATES[code]] if words.MEMBER_STATES[code] != name else []
        yield {"slug": _slug(name), "name": name, "kind": "10", "aliases": aliases}
    for code, country in _names(words.COUNTRIES):
        for name, acronym, kind, translations in words.BODIES:
            yield {
                "slug": f"{_slug(name)}-of-{_slug(country)}",
                "name": f"{name} of {country}",
                "acronym": acronym,
                "kind": kind,
                "country_id": code,
                "aliases": [translations[code]] if code in translations else [],
            }


def _read():
    organisations = {row.slug: row for row in Organisation.objects.filter(pk__in=[o["slug"] for o in _organisations()])}
    named = {slug: (slug, row.name) for slug, row in sorted(organisations.items())}
    states = [named.pop(_slug(name)) for _, name in _names(words.MEMBER_STATES)]
    european_union = named.pop(EUROPEAN_UNION)
    instruments = Instrument.objects.filter(pk__in=[row[0] for row in words.INSTRUMENTS]).order_by("code")
    rows = list(instruments.values_list("code", "name", "kind"))
    return Frame(
        countries=list(Country.objects.filter(pk__in=words.COUNTRIES).order_by("code").values_list("code", "name")),
        partnerships=_partnerships_by_country(),
        themes={slug: (slug, name) for slug, name in Theme.objects.values_list("slug", "name")},
        eu_instruments=[(code, name) for code, name, kind in rows if kind == Instrument.Kind.EU],
        other_instruments=[(code, name) for code, name, kind in rows if kind != Instrument.Kind.EU],
        states=states,
        bodies=list(named.values()),
        european_union=european_union,
        source=Source.objects.values_list("slug", "title").get(pk=words.SOURCE[0]),
        found_by={slug: (row.acronym, *row.aliases) for slug, row in organisations.items()},
    )


def _partnerships_by_country():
    by_country = {}
    joined = _partnerships()
    for row in Partnership.objects.filter(pk__in=joined).order_by("slug").values_list("slug", "name", "kind"):
        by_country.setdefault(joined[row[0]][2], []).append(row)
    return by_country
