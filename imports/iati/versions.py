"""Versions of the IATI standard: 2.0x is read as it is; words of 1.0x become the codes of 2.0x.

In 1.0x texts stand in the elements themselves, once for each language; ``texts.py`` reads both.
"""

READ = ("1.01", "1.02", "1.03", "1.04", "1.05", "2.01", "2.02", "2.03")

_ROLES = {"funding": "1", "accountable": "2", "extending": "3", "implementing": "4"}
_DATES = {"start-planned": "1", "start-actual": "2", "end-planned": "3", "end-actual": "4"}
_TRANSACTIONS = {
    "c": "2",
    "d": "3",
    "e": "4",
    "if": "1",
    "ir": "5",
    "lr": "6",
    "r": "7",
    "qp": "8",
    "qs": "9",
    "cg": "10",
}
_BUDGETS = {"original": "1", "revised": "2"}
_RELATIONS = {"parent": "1", "child": "2", "sibling": "3", "co-funded": "4", "third party report": "5"}
_DESCRIPTIONS = {"general": "1", "objectives": "2", "target groups": "3", "other": "4"}
_VOCABULARIES = {"dac": "1", "dac-3": "2", "dac-5": "1", "ro": "99"}
WORDS = {  # element: (its attribute, words of 1.0x as codes of 2.0x)
    "participating-org": ("role", _ROLES),
    "activity-date": ("type", _DATES),
    "transaction-type": ("code", _TRANSACTIONS),
    "description": ("type", _DESCRIPTIONS),
    "budget": ("type", _BUDGETS),
    "related-activity": ("type", _RELATIONS),
    "sector": ("vocabulary", _VOCABULARIES),
}


def fault(version):
    """Return why a file of ``version`` is refused; None if it is read."""
    right = f"What is read: {', '.join(READ)}."
    if version is None:
        return (
            "the root does not say its version, and none is guessed. Ask the publisher which it is, and write it there:"
            f' <iati-activities version="2.03">. {right}'
        )
    if version.strip() not in READ:
        return f"“{version[:40]}” is not read. Ask the publisher for a newer file, or convert it. {right}"
    return None


def code(element):
    """Return the code of 2.0x that an element named in ``WORDS`` has, or means by a word of 1.0x; "" if it has none."""
    attribute, words = WORDS[element.tag]
    word = (element.get(attribute) or "").strip()
    return words.get(word.casefold(), word)
