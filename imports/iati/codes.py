"""Codes of the IATI standard as the register reads them (ADR 13), and the words of version 1.0x as codes of 2.0x."""

import re

from projects.iati import code_mappings
from projects.models import Organisation
from provenance.documents.folding import countries, fold

READ = ("1.01", "1.02", "1.03", "1.04", "1.05", "2.01", "2.02", "2.03")


def _numbered(words):
    return {word.replace("_", " "): str(number) for number, word in enumerate(words.split(), 1)}


WORDS = {  # element: (its attribute, words of 1.0x as codes of 2.0x)
    "participating-org": ("role", _numbered("funding accountable extending implementing")),
    "activity-date": ("type", _numbered("start-planned start-actual end-planned end-actual")),
    "transaction-type": ("code", _numbered("if c d e ir lr r qp qs cg")),
    "description": ("type", _numbered("general objectives target_groups other")),
    "budget": ("type", _numbered("original revised")),
    "related-activity": ("type", _numbered("parent child sibling co-funded third_party_report")),
    "sector": ("vocabulary", {"dac": "1", "dac-3": "2", "dac-5": "1", "ro": "99"}),
}
READ_ELEMENTS = {  # children of iati-activity, of versions 1.01 to 2.03, of which something is in the register
    "iati-identifier", "reporting-org", "title", "description", "participating-org", "activity-status",
    "activity-date", "recipient-country", "recipient-region", "sector", "tag", "budget", "transaction",
    "related-activity",
}  # fmt: skip
UNREAD = {  # of which nothing is
    "other-identifier", "activity-scope", "location", "country-budget-items", "humanitarian-scope", "policy-marker",
    "collaboration-type", "default-flow-type", "default-finance-type", "default-aid-type", "default-tied-status",
    "planned-disbursement", "capital-spend", "document-link", "legacy-data", "conditions", "result", "crs-add", "fss",
    "activity-website",
}  # fmt: skip
ELEMENTS = READ_ELEMENTS | UNREAD | {"contact-info"}
STATUSES = {code: status for status, code in code_mappings.STATUSES.items()} | {"3": "completed"}  # 3: finalisation
NOT_STATED = {"5": "cancelled", "6": "suspended"}
DATES = {kind: (member, planned) for (member, planned), kind in code_mappings.DATE_TYPES.items()}
TAGS = {"2": "7", "3": "8", "99": "99"}  # TagVocabulary as SectorVocabulary
TRANSACTIONS = {  # TransactionType in words
    "1": "incoming fund", "2": "commitment", "3": "payment", "4": "payment", "5": "interest payment",
    "6": "loan repayment", "7": "reimbursement", "8": "equity purchase", "9": "equity sale",
    "10": "credit guarantee", "11": "incoming commitment", "12": "outgoing pledge", "13": "incoming pledge",
}  # fmt: skip
ROLES = {  # OrganisationRole as a role of the register, and its name; that 2 and 3 are partners is our reading
    "2": ("partner", "Accountable"),
    code_mappings.EXTENDING: ("partner", code_mappings.ROLE_NAMES[code_mappings.EXTENDING]),
    code_mappings.IMPLEMENTING: ("implementer", code_mappings.ROLE_NAMES[code_mappings.IMPLEMENTING]),
}
STATES = frozenset(countries())
KINDS = {  # DAC channel codes of kinds of organisation, with the names that the codelist gives them
    "10000": "public sector institutions", "11000": "donor government", "12000": "recipient government",
    "13000": "third country government (delegated co-operation)",
    "20000": "non-governmental organisations (ngos) and civil society", "21000": "international ngo",
    "22000": "donor country-based ngo", "23000": "developing country-based ngo",
    "30000": "public-private partnerships (ppps) and networks", "31000": "public-private partnership (ppp)",
    "32000": "network", "40000": "multilateral organisations",
    "41000": "united nations agency, fund or commission (un)",
    "42000": "european union institution (eu)", "43000": "international monetary fund (imf)",
    "44000": "world bank group (wb)", "45000": "world trade organisation (wto)", "46000": "regional development bank",
    "47000": "other multilateral institution",
    "50000": "university, college or other teaching institution, research institute or think-tank",
    "51000": "university, college or other teaching institution, research institute or think-tank", "52000": "other",
    "60000": "private sector institution", "61000": "private sector in provider country",
    "62000": "private sector in recipient country", "63000": "private sector in third country", "90000": "other",
}  # fmt: skip
PURPOSE = re.compile(  # a DAC purpose code such as 15190; channels with these beginnings have 0 next
    r"(?:11[1-4]|12[1-3]|130|140|15[1-3]|160|220|23[1-46]|240|250|31[1-3]|32[1-3]|33[12]|410|430|510|520|530|600"
    r"|720|730|740|910|920|930|998)[1-9]\d"
)
_OTHER_NAMES = "Public sector", "NGO", "NGOs", "Non-Governmental Organisation (NGO) and Civil Society"
NAMES_OF_KINDS = set(map(fold, [*KINDS.values(), *Organisation.Kind.labels, *_OTHER_NAMES]))
NO_NAMES = {
    "n/a", "na", "n.a.", "none", "null", "unknown", "undefined", "unspecified", "not available", "not applicable",
    "not specified", "not stated", "not known", "tbd", "tbc", "to be determined", "to be confirmed", "other", "various",
    "multiple", "anonymous", "confidential",
}  # fmt: skip


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
