"""What the register already has of the activities of a file: their projects and their earlier editions."""

from django.conf import settings

from projects.models import Project
from provenance.models import Original, Proposal
from provenance.store import writer
from provenance.store.build import upgrade
from provenance.store.log import chunks

from ..models import Import
from .activity import Activity
from .element import parsed
from .texts import slug_of

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
                if (publisher := activity.publisher) == publishers[identifier]:
                    self.originals.setdefault(identifier, activity)
                    if activity.updated:
                        self.updated[identifier] = activity.updated
                else:
                    self.others.setdefault(identifier, publisher)
            editions = {each: ids for each, ids in editions.items() if ids and each not in self.updated}

    def sources_of(self, activity):
        """Return the keys of the sources with editions of an activity by its own publisher."""
        editions = _originals.filter(identifier=activity.identifier).values_list("source", "text")
        return {source for source, text in editions if Activity(parsed(text)).publisher == activity.publisher}

    def key_for(self, identifier):
        """Return the key of the project that an activity is, or will be."""
        if own := own_key(identifier) or self.keys.get(identifier):
            return own
        key = slug_of(identifier) or slug_of(f"activity {identifier.encode().hex()}")
        if self._taken.get(key, self._given.get(key, identifier)) != identifier:  # another has the same letters
            key = slug_of(f"{key}-{identifier.encode().hex()}")
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
