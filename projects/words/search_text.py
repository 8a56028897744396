"""The texts in which a search looks for projects: their own, and the names of their countries, funders and so on."""

from django.apps import apps

from provenance.documents.declaration import searchable_texts
from provenance.documents.folding import countries

from .phrases import names_in_every_language

PARTNER_LANGUAGES = ("az", "be", "hy", "ka", "ro", "ru", "uk")
_NAMED = {"countries": "country", "partnerships": "partnership", "themes": "theme", "organisations": "organisation"}


def texts_of(document):
    """Return all texts of a project's document that ``q`` searches."""
    texts = own_texts(document)
    for parameter, member in linked_records(document):
        texts += names_in_every_language(parameter, member.get("code") or member["slug"], member["name"])
    return texts


def own_texts(document):
    """Return the texts of a project's document without the names of other records."""
    texts = searchable_texts(apps.get_model("projects", "Project"), document)
    texts += [component["title"] for component in document["components"]]
    return [text for text in texts if text] + [claim["quote"] for claim in document["claims"]]


def names_in_partner_languages(code):
    """Return the names of a country in CLDR, in the official languages of the partner countries."""
    return [known[code] for known in map(countries, PARTNER_LANGUAGES) if code in known]


def linked_records(document):
    """Yield (parameter, member) of the records that a project's document refers to."""
    for name, parameter in _NAMED.items():
        yield from ((parameter, member) for member in document[name])
    for part in document["contributions"]:
        yield "organisation", part["funder"]
        if part["instrument"]:
            yield "instrument", part["instrument"]
