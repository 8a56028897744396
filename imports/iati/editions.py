"""A new edition of an activity: what it changes in a project, and what staff have changed since the last one."""

from projects.models import Project
from provenance.documents import conflicts
from provenance.documents.claims import Status, is_adopted, settle_claims

UNDECIDED = (
    "Not decided: the register's value was changed since the last edition of this file, or comes from another source."
)
NOT_DECIDED = {"status": Status.UNDECIDED.value, "set_aside": UNDECIDED}
_SORTED = {"countries": "code", "themes": "slug"}


def merged(standing, activity, before, existing):
    """Return ``standing`` with what an edition changes. ``before``: the Activity of the last, or None.

    What staff have changed since stays; the edition's value is then a claim that nobody has decided, and a note.
    """
    # Members that an edition does not state, or states in several ways, do not change.
    unsure, values = activity.undecided, activity.members.items()
    members = {name: value for name, value in values if value not in (None, []) and name not in unsure}
    if before and "contributions" in members:
        members["contributions"] = _with_sums_of_before(activity, before)
    theirs = {name: standing[name] for name in members}
    base = before and {name: before.members.get(name) for name in members}
    for name in members if before else ():
        if not base[name] and theirs[name] not in (None, [], members[name]):
            claims = (claim for claim in standing["claims"] if claim["field"] == name and is_adopted(claim))
            sources = {claim["source"]["slug"] for claim in claims}
            if sources and sources <= existing.sources_of(activity):  # only editions before the last state it
                base[name] = theirs[name]
    differences = conflicts.differences(Project, base, theirs, members)
    changed = {each.member for each in differences if each.merged != each.theirs}
    undecided = {each.member for each in differences if each.is_conflict}
    document = standing | {
        name: value for name, value in conflicts.merge(Project, base, theirs, members).items() if name in changed
    }
    for name in changed & _SORTED.keys():
        document[name] = sorted(document[name], key=lambda item: item[_SORTED[name]])
    document["claims"] = _claims(standing["claims"], activity.claims, before, changed, undecided | unsure)
    activity.notes += [f"{name}: {UNDECIDED}" for name in sorted(undecided)]
    return settle_claims(document)


def _with_sums_of_before(activity, before):
    """Return the contributions of an edition, with the earlier sum of each funder without commitments in it."""
    sums = {part["funder"]["slug"]: part for part in before.members["contributions"]}
    return [
        part if (key := part["funder"]["slug"]) in activity.committed else sums.get(key, part)
        for part in activity.members["contributions"]
    ]


def _claims(standing, new, before, changed, undecided):
    """Return the standing claims, then the new ones of the edition.

    Claims that it repeats, among them the parts of a sum, support its changes.
    """
    earlier = {_name(claim) for claim in before.claims} if before else set()
    there, now = {_name(claim) for claim in standing}, {_name(claim) for claim in new}
    again = [claim for claim in standing if claim["field"] in changed and is_adopted(claim) and _name(claim) in now]
    fresh = [claim for claim in new if claim["field"] in changed | undecided and _name(claim) not in earlier | there]
    left = undecided - changed
    return [claim | {"value": None} if claim in again else claim for claim in standing] + [
        claim | NOT_DECIDED if claim["field"] in left and is_adopted(claim) else claim for claim in fresh
    ]


def _name(claim):
    return claim["field"], claim["as_stated"]
