"""Codes of the IATI standard as the register reads them (ADR 13), and the words of version 1.0x as codes of 2.0x."""

import re
from pathlib import Path

import orjson

from projects.iati import code_mappings
from projects.models import Organisation
from provenance.documents.folding import countries, fold

READ = ("1.01", "1.02", "1.03", "1.04", "1.05", "2.01", "2.02", "2.03")
_LISTS = orjson.loads(Path(__file__).with_name("codes.json").read_bytes())
WORDS = _LISTS["words"]  # {element: [its attribute, words of 1.0x as codes of 2.0x]}
UNREAD = set(_LISTS["unread"])  # children of iati-activity of which nothing is in the register
ELEMENTS = {*_LISTS["read"], *UNREAD, "contact-info"}  # all of them, of versions 1.01 to 2.03
STATUSES = {code: status for status, code in code_mappings.STATUSES.items()} | {"3": "completed"}  # 3: finalisation
NOT_STATED = {"5": "cancelled", "6": "suspended"}
DATES = {kind: (member, planned) for (member, planned), kind in code_mappings.DATE_TYPES.items()}
TAGS = {"2": "7", "3": "8", "99": "99"}  # TagVocabulary as SectorVocabulary
RELATIONS = tuple("12345")  # RelatedActivityType
TRANSACTIONS = _LISTS["transactions"]  # TransactionType in words
ROLES = {  # OrganisationRole as a role of the register, and its name; that 2 and 3 are partners is our reading
    "2": ("partner", "Accountable"),
    code_mappings.EXTENDING: ("partner", code_mappings.ROLE_NAMES[code_mappings.EXTENDING]),
    code_mappings.IMPLEMENTING: ("implementer", code_mappings.ROLE_NAMES[code_mappings.IMPLEMENTING]),
}
STATES = frozenset(countries())
KINDS = _LISTS["kinds"]  # DAC channel codes of kinds of organisation, with the names that the codelist gives them
PURPOSE = re.compile(_LISTS["purpose"])  # a DAC purpose code such as 15190; channels that begin so have 0 next
NAMES_OF_KINDS = set(map(fold, [*KINDS.values(), *Organisation.Kind.labels, *_LISTS["other_kinds"]]))
NO_NAMES = set(_LISTS["no_names"])


def without_agency(reference):
    """Return a code of the DAC without the agency before it, as in ``XM-DAC-15190``."""
    return re.sub("^(XM-DAC|XI-IATI|DAC)-", "", reference)


def is_word(element):
    """Whether an element named in ``WORDS`` has a word of 1.0x instead of a code."""
    attribute, words = WORDS[element.tag]
    return element.get(attribute).casefold() in words


def code(element):
    """Return the code of 2.0x of an element named in ``WORDS``, also for a word of 1.0x; "" if it has none."""
    attribute, words = WORDS[element.tag]
    word = element.get(attribute)
    return word if word.isdigit() else words.get(word.casefold(), word)
