"""A new edition of an activity beside what stands: what it changes, and what staff have changed since the last."""

from projects.models import Project
from provenance import reconciling
from provenance.documents import blank
from provenance.supporting import supported

UNDECIDED = (
    "Not decided: the register's value was changed since an earlier edition of this file, or is of another source."
)
_SORTED = {"countries": "code", "themes": "slug"}


def new(key, told):
    """Return the document of a project that is not in the register yet."""
    return blank(Project, key) | told.members | {"claims": told.claims}


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
    document = supported(Project, standing, document, told=_again(standing["claims"], told))
    return document, [f"{name}: {UNDECIDED}" for name in sorted(undecided)]


def _again(standing, told):
    """Return the standing claims that the edition states anew, among them the parts of a sum."""
    now = {_name(claim) for claim in told.claims}
    return [claim for claim in standing if _name(claim) in now and not claim["set_aside"]]


def _claims(standing, told, before, changed, undecided):
    """Return the claims: those that stand, then the new ones of the edition."""
    earlier = {_name(claim) for claim in before.claims} if before else set()
    there = {_name(claim) for claim in standing}
    fresh = [
        claim for claim in told.claims if claim["field"] in changed | undecided and _name(claim) not in earlier | there
    ]
    return standing + [
        claim | {"set_aside": claim["set_aside"] or UNDECIDED} if claim["field"] in undecided - changed else claim
        for claim in fresh
    ]


def _name(claim):
    return claim["field"], claim["as_stated"]
