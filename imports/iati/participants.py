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


def add(activity, extract):
    """Add the members ``organisations`` and ``contributions``, the latter without sums."""
    extract.members |= {"organisations": [], "contributions": []}
    for element in activity.findall("participating-org"):
        role = code(element)
        if role != code_mappings.FUNDING and role not in ROLES:
            extract.fault(element, f"“{role[:40]}” is not a role. Use a code of OrganisationRole, 1 to 4.")
        elif key := find(element, extract):
            if role == code_mappings.FUNDING:
                funder(key, element, extract)
            else:
                _participant(key, role, element, extract)


def find(element, extract):
    """Return the key of the organisation that an element names; None, and a note, if that is not sure."""
    key, notes = extract.reference.organisations.key_of(
        element, extract.naming.party(element), extract.place, extract.add
    )
    for note in notes:
        extract.note(note)
    return key


def funder(key, element, extract):
    """Return the contribution of a funder, which is added if it was not there; the element is its claim."""
    if key not in extract.parts:
        name = extract.reference.organisations.names[key]
        extract.parts[key] = {
            "funder": {"slug": key, "name": name},
            "instrument": None,
            "amount": None,
            "currency": None,
        }
        extract.members["contributions"].append(extract.parts[key])
        extract.claim("contributions", _stated(element), element)
    return extract.parts[key]


def _participant(key, number, element, extract):
    role, word = ROLES[number], WORDS[number]
    if (key, role) not in extract.parts:
        name = extract.reference.organisations.names[key]
        found = {"slug": key, "name": name, "role": role, "role_as_stated": word, "component": None}
        extract.parts[key, role] = found
        extract.members["organisations"].append(found)
    elif word not in extract.parts[key, role]["role_as_stated"]:
        extract.parts[key, role]["role_as_stated"] += f", {word}"
    extract.claim("organisations", _stated(element), element)


def _stated(element):
    return in_english([element])[:LONGEST_NAME].strip() or clean(element.get("ref"))
