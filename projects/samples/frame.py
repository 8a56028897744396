"""The records that sample projects refer to: countries, agreements, instruments, organisations, themes, a source.

The words of all samples are in ``words.json``. They state no facts; what is drawn more often stands there repeatedly.
"""

from pathlib import Path
from types import SimpleNamespace

import orjson
from django.core.exceptions import ValidationError

from instruments.models import Country, Instrument, Partnership
from projects.models import Organisation, Theme
from provenance.documents.declaration import shape_of, short_member
from provenance.documents.folding import countries, fold
from provenance.models import Source, State
from provenance.store.build import blank
from provenance.store.writer import current
from provenance.workflow.submission import submit

words = SimpleNamespace(**orjson.loads(Path(__file__).with_name("words.json").read_bytes()))


def make(user_name):
    """Publish what is missing, and return ``{model: [document]}`` of all.

    Existing records are used as they are. ValidationError if one is not published.
    """
    published = {}
    for model, documents in _wanted().items():
        there = dict(model.objects.filter(pk__in=documents).values_list("pk", "state"))
        if hidden := [key for key, state in there.items() if state != State.PUBLISHED]:
            name = f"{model._meta.verbose_name} “{hidden[0]}”"
            raise ValidationError(
                f"Sample projects refer to the {name}, which is {there[hidden[0]]}. Publish it first."
            )
        shape = shape_of(model)
        missing = {
            key: {name: value for name, value in (blank(model, key) | members).items() if name in shape}
            for key, members in documents.items()
            if key not in there
        }
        submit(user_name, model, missing, reason="invented", state=State.PUBLISHED)
        published[model] = sorted(current(model, documents).values(), key=lambda members: members[model._meta.pk.name])
    return published


def _wanted():
    """Return ``{model: {key: members}}``, each kind after those that it refers to."""
    names = _called(words.countries)
    return {
        Source: {words.source[0]: {"title": words.source[1], "language": "en"}},
        Country: {code: {"name": name} for code, name in names.items()},
        Instrument: {
            code: {"name": name, "kind": kind, "is_former": is_former, "predecessor": _one("code", former)}
            for code, name, kind, is_former, former in words.instruments
        },
        Partnership: {
            f"eu-{_slug(names[code])}-{kind}": {
                "name": f"EU-{names[code]} {Partnership.Kind(kind).label}",
                "kind": kind,
                "countries": [_one("code", code)],
            }
            for kind, codes in words.partnerships.items()
            for code in codes
        },
        Organisation: dict(_organisations(names)),
        Theme: {slug: {"name": name} for slug, name in words.themes},
    }


def _organisations(names):
    for slug, name, short, kind, aliases in words.international:
        yield slug, _organisation(name, short, kind, aliases)
    for code, name in _called(words.member_states).items():
        yield _slug(name), _organisation(name, "", "10", [words.member_states[code]])
    for code, country in names.items():
        for name, short, kind, aliases in words.bodies:
            body = _organisation(f"{name} of {country}", short, kind, [aliases.get(code)])
            yield f"{_slug(name)}-of-{_slug(country)}", body | {"country": _one("code", code)}


def _organisation(name, short, kind, aliases):
    return {
        "name": name,
        short_member(Organisation): short or None,
        "kind": {"code": kind, "name": ""},
        "aliases": [alias for alias in aliases if alias and alias != name],
    }


def member_states():
    """Return the slugs of the organisations that are EU Member States, in the order of their names."""
    return sorted(map(_slug, _called(words.member_states).values()))


def _one(member, key):
    """Return a reference to a record by its key; the name is filled in later."""
    return key and {member: key, "name": ""}


def _called(codes):
    return {code: countries()[code] for code in codes}


def _slug(name):
    return fold(name).replace(" ", "-")
