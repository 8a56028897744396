"""Articles and prepositions that names need within a sentence, in English and French. Pure."""

import re
from pathlib import Path

import orjson

# English names that take “the”; articles of French words; “in” with French countries to which the rule does not apply.
_THE, _ARTICLES, _IN = orjson.loads(Path(__file__).with_suffix(".json").read_bytes()).values()
_VOWELS = tuple("AEÉIOU")
_BEFORE_DAY = {"de": "du", "à": "au", "jusqu’en": "jusqu’au", "entre": "entre le", "et": "et le"}


def with_article(name, language, is_agreement=False, is_abbreviation=False):
    """Return a name with its article, if it takes one: ``the European Union``, ``l’Union européenne``, ``l’IEV``.

    French agreements are common nouns: ``l’accord UE-Azerbaïdjan de réadmission``.
    """
    if language == "en":
        return f"the {name}" if is_abbreviation or name.split()[-1] in _THE else name
    if is_abbreviation:
        return f"l’{name}" if name.startswith(_VOWELS) else f"le {name}"
    article = _ARTICLES.get(name.split()[0], "")
    return article + (name[0].lower() + name[1:] if article and is_agreement else name)


def in_country(code, name):
    """Return the French name of a country with “in”: ``en Géorgie``, ``au Maroc``, ``à Chypre``."""
    is_feminine = name.endswith("e") or name.startswith(_VOWELS)
    return f"{_IN.get(code) or ('en' if is_feminine else 'au')} {name}"


def joined(words):
    """Return French words with each preposition joined to its date: ``du 1er mai 2010 à 2013``, ``d’avril 2012``."""
    day = rf"\b({'|'.join(_BEFORE_DAY)})(?= \d{{1,2}}(er)? [a-zéû])"
    return re.sub(r"\bde (?=[ao])", "d’", re.sub(day, lambda found: _BEFORE_DAY[found[1]], words))
