"""How this register maps its documents to IATI's codes. The files explain each mapping in words beside the code."""

import re
from functools import cache

from provenance.documents.declaration import further_name_members
from provenance.documents.diff import label
from provenance.documents.folding import countries, fold

from ..models import Project
from ..words.sectors import sector_of, sectors_given

VERSION = "2.03"
LANGUAGE = "en"  # of titles, summaries and names, unless a source is known to be written in another

STATUSES = {"planned": "1", "ongoing": "2", "completed": "4"}  # codelist ActivityStatus
DATE_TYPES = {  # codelist ActivityDateType, by member and whether it is only planned
    ("start_date", True): "1",
    ("start_date", False): "2",
    ("end_date", True): "3",
    ("end_date", False): "4",
}
GENERAL, OBJECTIVES, OTHER = "1", "2", "4"  # codelist DescriptionType
FUNDING, EXTENDING, IMPLEMENTING = "1", "3", "4"  # codelist OrganisationRole
ROLE_NAMES = {EXTENDING: "Extending", IMPLEMENTING: "Implementing"}
OUTGOING_COMMITMENT = "2"  # codelist TransactionType
PARENT, CHILD, THIRD_PARTY = "1", "2", "5"  # codelist RelatedActivityType
OWN_VOCABULARY = "99"  # of the reporting organisation
ACTIVITY_WEB_PAGE = "A12"  # codelist DocumentCategory

_OTHER_NAMES = {"czech republic", "slovak republic"}  # CLDR knows states by their short names
_BEFORE_A_NAME = re.compile(r"(?:the )?(?:(?:federal )?republic of |kingdom of |principality of )?")


def role_code(member):
    """Return the OrganisationRole code of an organisation: Extending for a lead that is a state, else Implementing."""
    return EXTENDING if member["role"] == "lead" and is_state(member["name"]) else IMPLEMENTING


def is_state(name):
    """Whether ``name`` is the English name of a state."""
    name = fold(name)
    return name in _OTHER_NAMES or _BEFORE_A_NAME.sub("", name, count=1) in _state_names()


@cache
def _state_names():
    return set(map(fold, countries().values()))


def role_in_words(member):
    """Return a sentence that explains the mapping of an organisation's role."""
    as_stated = f", “{member['role_as_stated']}” in the source" if member["role_as_stated"] else ""
    component = f", of component {member['component']}" if member["component"] else ""
    code = role_code(member)
    mapping = f"Given as role {code} ({ROLE_NAMES[code]}), which is this register’s reading."
    return f"Role in this register: {member['role']}{as_stated}{component}. {mapping}"


def under(instrument):
    """Return the instrument of a contribution as a sentence; "" if none is named."""
    return f"Under: {instrument['name']} ({instrument['code']})" if instrument else ""


def money(sum_):
    return f"{sum_['currency']} {sum_['amount']}"


def remarks(document):
    """Yield what IATI has no element for, as sentences for descriptions of type 4."""
    as_of = f", as of {document['status_as_of']}" if document["status_as_of"] else ""
    yield f"Status as the source gives it, not as of today: {document['status']}{as_of}"
    if len(document["countries"]) > 1:
        yield "The countries are named together; no source states their shares."
    sectors = sectors_given(document)
    if left := [line for line in document["sectors"] if sector_of(line) not in sectors]:
        yield f"Sectors that sources state without shares that come to 100: {'; '.join(left)}"
    for member in further_name_members(Project):
        if document[member]:
            yield f"{label(member, Project)}: {document[member]}"
    for component in document["components"]:
        yield f"Component {component['number']}: {component['title']}"
    if document["budget"]:
        yield f"Total budget, for all years together: {money(document['budget'])}"
    if document["unattributed"]:
        yield f"Of the total budget, no source says who pays: {money(document['unattributed'])}"
