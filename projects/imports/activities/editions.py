"""A new edition of an activity beside what stands: what it changes, and what staff have changed since the last."""

from projects.models import Project
from provenance import reconciling

UNDECIDED = (
    "Not decided: the register's value was changed since an earlier edition of this file, or is of another source."
)
_EMPTY = {
    "acronym": None, "partnerships": [], "components": [], "objectives": [], "unattributed": None,
}  # fmt: skip
_SORTED = {"countries": "code", "themes": "slug"}


def new(key, told):
    """Return the document of a project that is not in the register yet."""
    return {"slug": key, "url": Project.path_of(key), **_EMPTY, **told.members, "claims": told.claims}


def merged(standing, told, before):
    """Return (document, notes): ``standing`` with what an edition changes. ``before``: what the last one told, or None.

    What staff have changed since stays; the edition's value is then a claim that nobody has decided.
    """
    base = before.members if before else None
    theirs = {name: standing[name] for name in told.members}
    differences = reconciling.differences(Project, base, theirs, told.members)
    changed = {each.member for each in differences if each.merged != each.theirs}
    undecided = {each.member for each in differences if each.is_conflict}
    document = standing | {
        name: value for name, value in reconciling.merge(Project, base, theirs, told.members).items() if name in changed
    }
    for name in changed & _SORTED.keys():
        document[name] = sorted(document[name], key=lambda item: item[_SORTED[name]])
    document["claims"] = _claims(standing["claims"], told, before, changed, undecided)
    return document, [f"{name}: {UNDECIDED}" for name in sorted(undecided)]


def _claims(standing, told, before, changed, undecided):
    """Return the claims: those that stand, set aside where the edition says otherwise, then the new ones."""
    earlier = {_name(claim) for claim in before.claims} if before else set()
    now = {_name(claim) for claim in told.claims}
    there = {_name(claim) for claim in standing}
    fresh = [
        claim for claim in told.claims if claim["field"] in changed | undecided and _name(claim) not in earlier | there
    ]
    kept = [_set_aside(claim, told) if _is_outdated(claim, earlier - now, changed) else claim for claim in standing]
    return kept + [
        {**claim, "set_aside": claim.get("set_aside") or UNDECIDED} if claim["field"] in undecided - changed else claim
        for claim in map(_ordered, fresh)
    ]


def _is_outdated(claim, gone, changed):
    return claim["field"] in changed and "set_aside" not in claim and _name(claim) in gone


def _set_aside(claim, told):
    title = told.frame.source["title"]
    return _ordered(claim | {"set_aside": f"Outdated: a later edition, “{title}”, states otherwise."})


def _ordered(claim):
    """Return a claim with its members in the order of documents."""
    names = ("field", "as_stated", "quote", "source", "set_aside", "place")
    return {name: claim[name] for name in names if name in claim}


def _name(claim):
    return claim["field"], claim["as_stated"]
