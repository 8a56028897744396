"""Which claims still support a value after it changed. Pure: documents in and out.

A claim supports the value that it was given for. Where the value changes and the claim does not, it stays, set aside:
nothing is lost, and no sentence stands under a figure that it does not state.
"""

from .differences import in_words, label, lines
from .readings import reads, tells

EARLIER = "States the earlier value: {value}"
LONGEST = 300  # characters of an earlier value that are told


def supported(model, old, new, told=()):
    """Return the document ``new`` with those claims set aside that state what ``old`` says and ``new`` does not.

    Left as they are: claims that ``old`` has not, or not alike; those in ``told``, which somebody named as what
    supports ``new``; and those in which the new value can be read. One that was set aside for this very value before
    is adopted again.
    """
    if not old or "claims" not in new:
        return new
    names = [name for name in model.claimable if _differ(old.get(name) or None, new.get(name) or None)]
    changed = {name: Change(old.get(name), new.get(name)) for name in names}
    if not changed:
        return new
    standing = [claim for claim in old["claims"] if claim not in told and claim["field"] in changed]
    claims = [changed[claim["field"]].settled(claim) if claim in standing else claim for claim in new["claims"]]
    return {**new, "claims": claims}


def unsupported(model, old, new):
    """Return ``[(label, whether an earlier claim is kept)]`` of the members whose new value no claim supports."""
    claims = new.get("claims", ())
    adopted = {claim["field"] for claim in claims if not claim["set_aside"]}
    kept = {claim["field"] for claim in claims} - adopted
    return [
        (label(name), name in kept)
        for name in model.claimable
        if new.get(name) and name not in adopted and _differ((old or {}).get(name), new[name])
    ]


class Change:
    """A member that two documents state differently; one of them may not state it."""

    def __init__(self, old, new):
        before, self.now = _items(old), _items(new)
        known, left = [_bare(item) for item in before], [_bare(item) for item in self.now]
        self.gone = [item for item in before if _bare(item) not in left]
        self.stays = [item for item in self.now if _bare(item) in known]
        self.come = [item for item in self.now if _bare(item) not in known]

    def settled(self, claim):
        """Return ``claim`` as it stands after the change."""
        if why := claim["set_aside"]:
            return claim | {"set_aside": None if self._is_back(why) else why}
        if not self._is_lost(claim["as_stated"]):
            return claim
        told = [item for item in self.gone if tells(claim["as_stated"], item)] or self.gone
        return claim | {"set_aside": _why(told)}

    def _is_back(self, why):
        """Whether all items that a claim was set aside for are there again, in whatever groups they came."""
        named = [item for item in self.now if in_words(item) in why]
        return bool(self.come) and why in (_why(self.come), _why(named))

    def _is_lost(self, text):
        """Whether what a claim states went with the change. In doubt it did: no claim is better than a wrong one."""
        stays = any(tells(text, item) for item in self.stays)
        if not self.gone or stays or any(reads(text, item) for item in self.come):
            return False
        return bool(self.come) or not self.stays or any(tells(text, item) for item in self.gone)


def _why(items):
    words = "; ".join(lines(items))
    return EARLIER.format(value=words if len(words) <= LONGEST else words[:LONGEST] + "…")


def _items(value):
    return value if isinstance(value, list) else [] if value in (None, "") else [value]


def _differ(old, new):
    return old != new and _bare(old) != _bare(new)


def _bare(value):
    """Return a value without the names of records that it names: they change with those, not here."""
    if isinstance(value, list):
        return [_bare(item) for item in value]
    if not isinstance(value, dict):
        return value
    follows = {"name", "title", "kind"} if "slug" in value or "code" in value else ()
    return {name: _bare(part) for name, part in value.items() if name not in follows}
