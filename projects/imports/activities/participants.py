"""Organisations that take part: who funds, and who does what."""

from projects.iati import readings

from .organisations import kinds_of, party
from .texts import clean
from .versions import code

ACCOUNTABLE = "2"
ROLES = {  # OrganisationRole as a role of the register; that 2 and 3 are partners is our reading (ADR 0013)
    ACCOUNTABLE: "partner",
    readings.EXTENDING: "partner",
    readings.IMPLEMENTING: "implementer",
}
WORDS = {ACCOUNTABLE: "Accountable"} | readings.ROLE_NAMES


def tell(activity, told):
    """Tell the members ``organisations`` and ``contributions``, the latter without sums."""
    told.members |= {"organisations": [], "contributions": []}
    for element in activity.findall("participating-org"):
        role = code(element)
        if role != readings.FUNDING and role not in ROLES:
            told.fault(element, f"“{role[:40]}” is no role. Give a code of OrganisationRole, 1 to 4.")
        elif key := find(element, activity, told):
            if role == readings.FUNDING:
                funder(key, element, told)
            else:
                _participant(key, role, element, told)


def find(element, activity, told):
    """Return the key of the organisation that an element names; None, and a note, if that is not sure."""
    reporter = activity.find("reporting-org")
    named = party(element, clean(reporter.get("ref")) if reporter is not None else "", kinds_of(activity))
    if named.ref and not named.name:
        named = _named_elsewhere(named, activity) or named
    key, notes = told.frame.organisations.key_of(named, told.place, told.add)
    for note in notes:
        told.note(note)
    return key


def _named_elsewhere(named, activity):
    """Return the organisation of the same reference with its name, where the activity names it."""
    for tag in ("participating-org", "reporting-org"):
        for element in activity.findall(tag):
            if clean(element.get("ref")) == named.ref and (other := party(element)).name:
                return other
    return None


def funder(key, element, told):
    """Return the contribution of a funder, which is told if it was not; the element is its claim."""
    contributions = told.members["contributions"]
    found = next((each for each in contributions if each["funder"]["slug"] == key), None)
    if not found:
        name = told.frame.organisations.names[key]
        found = {"funder": {"slug": key, "name": name}, "instrument": None, "amount": None, "currency": None}
        contributions.append(found)
        told.claim("contributions", _stated(element), element)
    return found


def _participant(key, number, element, told):
    organisations, role, word = told.members["organisations"], ROLES[number], WORDS[number]
    found = next((each for each in organisations if (each["slug"], each["role"]) == (key, role)), None)
    if not found:
        name = told.frame.organisations.names[key]
        organisations.append({"slug": key, "name": name, "role": role, "role_as_stated": word, "component": None})
    elif word not in found["role_as_stated"]:
        found["role_as_stated"] += f", {word}"
    told.claim("organisations", _stated(element), element)


def _stated(element):
    return party(element).name or clean(element.get("ref"))
