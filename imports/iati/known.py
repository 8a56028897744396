"""What the register has already of the activities of a chunk: their projects, and what earlier files had of them."""

import re
from dataclasses import dataclass
from html import unescape

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from projects.iati.xml import parsed
from projects.models import Contribution, Project
from provenance.models import Original, Proposal
from provenance.store import writer
from provenance.store.build import upgrade
from provenance.store.log import chunks

from ..models import Import
from .texts import publisher_of, slug_of

KIND = "project"
_RELATED = re.compile(r"<related-activity\s[^>]*>")
_REF = re.compile(r"""\sref=["']([^"']*)["']""")


@dataclass
class Known:
    """What is there: ``documents`` and ``states`` by key, ``keys`` by identifier.

    Of what was written, by identifier: ``originals``, the last edition of the activity's own publisher, as an element,
    and ``others``, a publisher of whom there are editions, too.
    """

    keys: dict
    documents: dict
    originals: dict
    others: dict
    taken: dict
    states: dict


def known(publishers, relatives=()):
    """Return the Known of activities, ``{identifier: publisher}``; of ``relatives``, which they name, no editions."""
    identifiers = list(publishers)
    rows = list(Original.objects.filter(kind=KIND, identifier__in=identifiers).order_by("id").defer("text"))
    texts = _texts({row.identifier: row.pk for row in rows}).values()
    named_before = {ref for text in texts for element in _RELATED.findall(text) for ref in _REF.findall(element)}
    named = Original.objects.filter(kind=KIND, identifier__in={*relatives, *map(unescape, named_before)}).order_by("id")
    keys = dict(named.values_list("identifier", "key")) | {row.identifier: row.key for row in rows}
    everyone = {*identifiers, *relatives}
    possible = {keys.get(identifier) or own_key(identifier) or slug_of(identifier) for identifier in everyone}
    documents = writer.current(Project, possible)
    owners = Original.objects.filter(kind=KIND, key__in=possible).order_by("id").values_list("key", "identifier")
    originals, others = _last_editions(_written(rows, documents), publishers)
    states = dict(Project.objects.filter(pk__in=possible).order_by().values_list("pk", "state"))
    return Known(keys, documents, originals, others, dict(owners), states)


def _last_editions(rows, publishers):
    """Return the ``originals`` and ``others`` of a Known, from Originals in their order."""
    editions, originals, others = {}, {}, {}
    for row in rows:
        editions.setdefault(row.identifier, []).append(row.pk)
    while editions:
        for identifier, text in _texts({identifier: ids.pop() for identifier, ids in editions.items()}).items():
            activity = parsed(text)
            if (publisher := publisher_of(activity)) == publishers[identifier]:
                originals[identifier] = activity
            else:
                others.setdefault(identifier, publisher)
        editions = {identifier: ids for identifier, ids in editions.items() if ids and identifier not in originals}
    return originals, others


def _texts(newest):
    """Return ``{identifier: text}`` of Originals ``{identifier: id}``: of many editions one is as long as the next."""
    return dict(Original.objects.filter(pk__in=newest.values()).order_by().values_list("identifier", "text"))


def _written(rows, documents):
    """Return those Originals that came into the register: not what was only proposed, and waits or was declined."""
    proposals = Proposal.objects.filter(kind=KIND, key__in={row.key for row in rows}).order_by()
    undecided = {}
    for key, text in proposals.exclude(outcome=Proposal.Outcome.ACCEPTED).values_list("key", "document"):
        undecided.setdefault(key, set()).update(_sources(upgrade(Project, text)))
    return [
        row for row in rows if row.source_id not in undecided.get(row.key, set()) - _sources(documents.get(row.key, {}))
    ]


def _sources(document):
    return {claim["source"]["slug"] for claim in document.get("claims", ())}


def counted(identifiers):
    """Return those of the identifiers of activities whose projects are in the register and state sums."""
    stating = Q(budget_amount__isnull=False) | Exists(
        Contribution.objects.filter(project=OuterRef("pk"), amount__isnull=False)
    )
    found = set()
    for some in chunks(sorted(identifiers)):
        rows = Original.objects.filter(kind=KIND, identifier__in=some).order_by("id")
        keys = dict(rows.values_list("identifier", "key"))
        summed = set(Project.objects.filter(stating, pk__in=keys.values()).order_by().values_list("pk", flat=True))
        found.update(identifier for identifier, key in keys.items() if key in summed)
    return found


def own_key(identifier):
    """Return the key of the project that the register itself tells under ``identifier``; None if it is not its own."""
    begin = f"{settings.REPORTING_ORG_REF}-"
    return identifier.removeprefix(begin) if identifier.startswith(begin) else None


def key_for(identifier, known, given):
    """Return the key of the project that an activity is, or will be; ``given``: ``{key: identifier}`` of this file."""
    if own := own_key(identifier) or known.keys.get(identifier):
        return own
    key = slug_of(identifier) or slug_of(f"activity {identifier.encode().hex()}")
    if known.taken.get(key, given.get(key, identifier)) != identifier:  # another came to the same letters
        key = slug_of(f"{key}-{identifier.encode().hex()}")
    given[key] = identifier
    return key


def vanished(identifiers, publishers, name):
    """Return the identifiers that earlier editions of a file had, and that it has no more.

    ``identifiers``, ``publishers``: all of the file. An earlier edition is a source that had one of its activities, or
    an import of a file of this ``name``; of it counts what one of ``publishers`` reported, whatever its identifier.
    """
    sources = set(Import.objects.filter(kind=Import.Kind.IATI, file_name=name).values_list("source", flat=True))
    for some in chunks(sorted(identifiers)):
        found = Original.objects.filter(kind=KIND, identifier__in=some)
        sources.update(found.order_by().values_list("source", flat=True).distinct())
    earlier = Original.objects.filter(kind=KIND, source__in=sources).order_by("id").values_list("identifier", "pk")
    gone = {identifier: pk for identifier, pk in earlier if identifier not in identifiers}
    rows = (row for some in chunks(gone.items()) for row in _texts(dict(some)).items())
    return sorted(identifier for identifier, text in rows if publisher_of(parsed(text)) in publishers)
