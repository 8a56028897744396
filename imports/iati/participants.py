"""Organisations that take part: who funds, and who does what."""

from projects.iati import code_mappings

from .organisations import LONGEST_NAME
from .texts import clean, in_english
from .versions import code

ACCOUNTABLE = "2"
ROLES = {  # OrganisationRole as a role of the register; that 2 and 3 are partners is our reading (ADR 0013)
    ACCOUNTABLE: "partner",
    code_mappings.EXTENDING: "partner",
    code_mappings.IMPLEMENTING: "implementer",
}
WORDS = {ACCOUNTABLE: "Accountable"} | code_mappings.ROLE_NAMES


def tell(activity, told):
    """Tell the members ``organisations`` and ``contributions``, the latter without sums."""
    told.members |= {"organisations": [], "contributions": []}
    for element in activity.findall("participating-org"):
        role = code(element)
        if role != code_mappings.FUNDING and role not in ROLES:
            told.fault(element, f"“{role[:40]}” is no role. Give a code of OrganisationRole, 1 to 4.")
        elif key := find(element, told):
            if role == code_mappings.FUNDING:
                funder(key, element, told)
            else:
                _participant(key, role, element, told)


def find(element, told):
    """Return the key of the organisation that an element names; None, and a note, if that is not sure."""
    key, notes = told.frame.organisations.key_of(element, told.naming.party(element), told.place, told.add)
    for note in notes:
        told.note(note)
    return key


def funder(key, element, told):
    """Return the contribution of a funder, which is told if it was not; the element is its claim."""
    if key not in told.parts:
        name = told.frame.organisations.names[key]
        told.parts[key] = {"funder": {"slug": key, "name": name}, "instrument": None, "amount": None, "currency": None}
        told.members["contributions"].append(told.parts[key])
        told.claim("contributions", _stated(element), element)
    return told.parts[key]


def _participant(key, number, element, told):
    role, word = ROLES[number], WORDS[number]
    if (key, role) not in told.parts:
        name = told.frame.organisations.names[key]
        found = {"slug": key, "name": name, "role": role, "role_as_stated": word, "component": None}
        told.parts[key, role] = found
        told.members["organisations"].append(found)
    elif word not in told.parts[key, role]["role_as_stated"]:
        told.parts[key, role]["role_as_stated"] += f", {word}"
    told.claim("organisations", _stated(element), element)


def _stated(element):
    return in_english([element])[:LONGEST_NAME].strip() or clean(element.get("ref"))
