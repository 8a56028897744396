"""What a project is found by: the texts of its document, and the names of what it names, in every language."""

from django.apps import apps

from provenance.documents.declaration import searchable_texts

from .phrases import names_in_every_language

_NAMED = {"countries": "country", "partnerships": "partnership", "themes": "theme", "organisations": "organisation"}


def texts_of(document):
    """Return all texts of a project's document in which ``q`` looks for words and phrases."""
    texts = own_texts(document)
    for parameter, member in named(document):
        texts += names_of(parameter, member.get("code") or member["slug"], member["name"])
    return texts


def own_texts(document):
    """Return the texts of a project's document that are its own, not the names of others."""
    texts = searchable_texts(apps.get_model("projects", "Project"), document)
    texts += [component["title"] for component in document["components"]]
    return [text for text in texts if text] + [claim["quote"] for claim in document["claims"]]


def names_of(parameter, key, name):
    """Return what finds the projects that name the record ``key``: its name in every language, an instrument's code."""
    return names_in_every_language(parameter, key, name) + ([key] if parameter == "instrument" else [])


def named(document):
    """Yield (parameter, member) of what a project's document names."""
    for name, parameter in _NAMED.items():
        yield from ((parameter, member) for member in document[name])
    for part in document["contributions"]:
        yield "organisation", part["funder"]
        if part["instrument"]:
            yield "instrument", part["instrument"]
