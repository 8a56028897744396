"""What the register already has of the activities of a file, and what a new edition of one changes."""

from hashlib import sha256

from django.conf import settings

from projects.models import Project
from provenance.documents import conflicts
from provenance.documents.claims import Status, is_adopted, settle_claims
from provenance.documents.diff import label
from provenance.models import Original, Proposal
from provenance.models.fields import slug_of
from provenance.store import writer
from provenance.store.build import upgrade
from provenance.store.log import chunks

from ..models import Import
from .activity import Activity
from .element import parsed

UNDECIDED = (
    "Not decided: the register's value was changed since the last edition of this file, or comes from another source."
)
NOT_DECIDED = {"status": Status.UNDECIDED.value, "set_aside": UNDECIDED}
_originals = Original.objects.filter(kind=Project._meta.model_name).order_by("id")


class Existing:
    """What there is of a few activities: ``keys`` by identifier, ``documents`` and ``states`` by key.

    By identifier, of what was written: ``originals``, the last edition by the activity's own publisher, as an
    Activity, ``updated``, the day or time of its last edition with one, and ``others``, another publisher that has
    editions.
    """

    def __init__(self):
        self._given = {}  # {key: identifier} of this file

    def look_up(self, publishers, relatives):
        """Look up activities, ``{identifier: publisher}``, and without editions their ``relatives``."""
        everyone = {*publishers, *relatives}
        rows = list(_originals.filter(identifier__in=everyone).defer("text"))
        self.keys = {row.identifier: row.key for row in rows}
        possible = {self.keys.get(each) or own_key(each) or slug_of(each) for each in everyone}
        self.documents = writer.current(Project, possible)
        self.states = dict(Project.objects.filter(pk__in=self.documents).order_by().values_list("pk", "state"))
        self._taken = dict(_originals.filter(key__in=possible).values_list("key", "identifier"))
        self.originals, self.updated, self.others = {}, {}, {}
        self._last_editions(_written([row for row in rows if row.identifier in publishers], self.documents), publishers)

    def _last_editions(self, rows, publishers):
        editions = {}
        for row in rows:
            editions.setdefault(row.identifier, []).append(row.pk)
        while editions:  # the newest of each; if it has no date, or is another publisher's, also the one before
            for identifier, text in _texts(ids.pop() for ids in editions.values()):
                activity = Activity(parsed(text))
                if (publisher := activity.publisher).casefold() == publishers[identifier].casefold():
                    self.originals.setdefault(identifier, activity)
                    if activity.updated:
                        self.updated[identifier] = activity.updated
                else:
                    self.others.setdefault(identifier, publisher)
            editions = {each: ids for each, ids in editions.items() if ids and each not in self.updated}

    def sources_of(self, activity):
        """Return the keys of the sources with editions of an activity by its own publisher."""
        editions = _originals.filter(identifier=activity.identifier).values_list("source", "text")
        own = activity.publisher.casefold()
        return {source for source, text in editions if Activity(parsed(text)).publisher.casefold() == own}

    def key_for(self, identifier):
        """Return the key of the project that an activity is, or will be."""
        if own := own_key(identifier) or self.keys.get(identifier):
            return own
        key = slug_of(identifier)
        if not key or self._taken.get(key, self._given.get(key, identifier)) != identifier:  # another is spelt alike
            key = f"{key or 'activity'}-{sha256(identifier.encode()).hexdigest()[:8]}"
        self._given[key] = identifier
        return key


def own_key(identifier):
    """Return the key of the project that the register itself publishes as ``identifier``; None if it is not its own."""
    begin = f"{settings.REPORTING_ORG_REF}-"
    return identifier.removeprefix(begin) if identifier.startswith(begin) else None


def _texts(keys):
    """Return ``[(identifier, text)]`` of Originals: of many editions one is as long as the next."""
    return Original.objects.filter(pk__in=list(keys)).order_by().values_list("identifier", "text")


def _written(rows, documents):
    """Return the Originals that were written, not those only proposed that wait or were declined."""
    if not rows:
        return []
    proposals = Proposal.objects.filter(kind=Project._meta.model_name, key__in={row.key for row in rows}).order_by()
    undecided = {}
    for key, text in proposals.exclude(outcome=Proposal.Outcome.ACCEPTED).values_list("key", "document"):
        undecided.setdefault(key, set()).update(_sources(upgrade(Project, text)))
    return [
        row for row in rows if row.source_id not in undecided.get(row.key, set()) - _sources(documents.get(row.key, {}))
    ]


def _sources(document):
    return {claim["source"]["slug"] for claim in document.get("claims", ())}


def vanished(identifiers, publishers, name):
    """Return the identifiers in earlier editions of a file that it no longer has.

    ``identifiers``, ``publishers``: all of the file. An earlier edition is a source with one of its activities, or an
    import of a file with this ``name``; only activities reported by one of ``publishers`` count.
    """
    sources = set(Import.objects.filter(kind=Import.Kind.IATI, file_name=name).values_list("source", flat=True))
    for chunk in chunks(sorted(identifiers)):
        sources.update(_originals.filter(identifier__in=chunk).order_by().values_list("source", flat=True).distinct())
    earlier = _originals.filter(source__in=sources).values_list("identifier", "pk")
    gone = {identifier: pk for identifier, pk in earlier if identifier not in identifiers}
    rows = (row for chunk in chunks(gone.values()) for row in _texts(chunk))
    return sorted(identifier for identifier, text in rows if Activity(parsed(text)).publisher in publishers)


# -- A new edition: what it changes in a project, and what staff have changed since the last one --


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
    base = before and _base(standing, members, activity, before, existing)
    if base and "status_as_of" in base:  # the last edition may have had a newer date only
        base["status_as_of"] = standing["status_as_of"]
    differences = conflicts.differences(Project, base, theirs, members)
    changed = {each.member for each in differences if each.merged != each.theirs}
    undecided = {each.member for each in differences if each.is_conflict}
    # A list that does not rest on the last edition, as another publisher's, is not added to. Themes are our own words.
    earlier = {_name(claim) for claim in before.claims} if before else set()
    resting = {claim["field"] for claim in standing["claims"] if is_adopted(claim) and _name(claim) in earlier}
    lists = {name for name in changed - resting - {"themes"} if isinstance(theirs[name], list) and theirs[name]}
    beside = {name for name in lists if not base or base[name] != theirs[name]}
    changed, undecided = changed - beside, undecided | beside
    if "status" in undecided or changed == {"status_as_of"}:  # an edition that only has a newer date changes nothing
        changed.discard("status_as_of")
    if "sectors" in undecided:  # which themes follow
        changed.discard("themes")
    document = standing | {
        name: value for name, value in conflicts.merge(Project, base, theirs, members).items() if name in changed
    }
    document["claims"] = _claims(standing["claims"], activity.claims, earlier, changed, undecided | unsure)
    activity.notes += [f"{label(name)}: {UNDECIDED}" for name in sorted(undecided)]
    return settle_claims(document)


def _base(standing, members, activity, before, existing):
    """Return the ``members`` as the last edition, ``before``, states them; else as only editions before it do."""
    base = {name: before.members.get(name) for name in members}
    for name in members:
        if not base[name] and standing[name] not in (None, [], members[name]):
            claims = (claim for claim in standing["claims"] if claim["field"] == name and is_adopted(claim))
            sources = {claim["source"]["slug"] for claim in claims}
            if sources and sources <= existing.sources_of(activity):
                base[name] = standing[name]
    return base


def _with_sums_of_before(activity, before):
    """Return the contributions of an edition, with the earlier sum of each funder without commitments in it.

    If it has no commitments at all, those who only provided such before stay, too.
    """
    now, then = ({each["funder"]["slug"]: each for each in of.members["contributions"]} for of in (activity, before))
    _participants, commitments, _budgets = activity.sums
    stay = () if commitments else before.committed - now.keys()
    return [part if key in activity.committed else then.get(key, part) for key, part in now.items()] + [
        part for key, part in then.items() if key in stay
    ]


def _claims(standing, new, earlier, changed, undecided):
    """Return the standing claims, then the new ones of the edition, and all parts of the sums that it changes.

    ``earlier``: names of those of the last edition.
    """
    known, left = earlier | {_name(claim) for claim in standing}, undecided - changed
    known -= {each for each in known if each[0] == "contributions" and "contributions" in changed}
    fresh = [claim for claim in new if claim["field"] in changed | undecided and _name(claim) not in known]
    return standing + [
        claim | NOT_DECIDED if claim["field"] in left and is_adopted(claim) else claim for claim in fresh
    ]


def _name(claim):
    return claim["field"], claim["as_stated"]
