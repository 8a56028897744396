"""Articles and prepositions that names need within a sentence, in English and French. Pure."""

_THE = {"Agency", "Agreement", "Fund", "Instrument", "Partnership", "Plan", "Programme", "Republic", "Service", "Union"}
_ARTICLES = {
    "le ": ("Centre", "Fonds", "Partenariat", "Plan", "Programme", "Service"),
    "la ": ("Direction", "France", "Tchéquie"),
    "l’": ("Accord", "Agence", "Instrument", "Organisation", "Union", "aide"),
    "les ": ("Biens", "sources"),
}
_ARTICLE_OF = {word: article for article, words in _ARTICLES.items() for word in words}
_VOWELS = tuple("AEÉIOU")
_WITHOUT_ARTICLE = {"BH", "CU", "CY", "DJ", "HK", "MC", "MG", "MT", "MU", "OM", "SG", "SM", "TW"}  # à Chypre
_PLURAL = {"AE", "BS", "KM", "MV", "NL", "PH", "PS", "SC", "US"}  # aux Pays-Bas
_MASCULINE = {"BZ", "KH", "MX", "MZ", "SR", "ZW"}  # au Mexique, though it ends in e


def with_article(name, language, is_agreement=False, is_abbreviation=False):
    """Return a name with its article, if it takes one: ``the European Union``, ``l’Union européenne``, ``l’IEV``.

    French agreements are common nouns: ``l’accord UE-Azerbaïdjan de réadmission``.
    """
    if language == "en":
        return f"the {name}" if is_abbreviation or name.split()[-1] in _THE else name
    if is_abbreviation:
        return f"l’{name}" if name.startswith(_VOWELS) else f"le {name}"
    article = _ARTICLE_OF.get(name.split()[0], "")
    return article + (name[0].lower() + name[1:] if article and is_agreement else name)


def in_country(code, name):
    """Return the French name of a country with “in”: ``en Géorgie``, ``au Maroc``, ``à Chypre``."""
    if code in _WITHOUT_ARTICLE:
        return f"à {name}"
    if code in _PLURAL:
        return f"aux {name}"
    is_feminine = name.endswith("e") and code not in _MASCULINE
    return f"en {name}" if is_feminine or name.startswith(_VOWELS) else f"au {name}"
