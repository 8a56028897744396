"""What a project is found by: the texts of its document, with names in every language of the site."""

from django.apps import apps

from provenance.members import texts_found

from .wording import names_in_every_language

_NAMED = {"countries": "country", "partnerships": "partnership", "themes": "theme", "organisations": "organisation"}


def texts_of(document):
    """Return all texts of a project's document in which ``q`` looks for words and phrases."""
    texts = texts_found(apps.get_model("projects", "Project"), document)
    texts += [component["title"] for component in document["components"]]
    for parameter, member in named(document):
        key = member.get("code") or member["slug"]
        texts += names_in_every_language(parameter, key, member["name"])
        texts += [key] if parameter == "instrument" else []
    return texts + [claim["quote"] for claim in document["claims"]]


def named(document):
    """Yield (parameter, member) of what a project's document names."""
    for name, parameter in _NAMED.items():
        yield from ((parameter, member) for member in document[name])
    for part in document["contributions"]:
        yield "organisation", part["funder"]
        if part["instrument"]:
            yield "instrument", part["instrument"]
