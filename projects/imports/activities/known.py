"""What the register has already of the activities of a chunk: their projects, and what earlier files had of them."""

from dataclasses import dataclass

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from projects.models import Contribution, Project
from provenance import changing
from provenance.models import Moved, Original

from .texts import slug_of

KIND = "project"
CHUNK = 500


@dataclass
class Known:
    """``documents`` and ``originals`` by key; ``keys`` by identifier; ``counted``: identifiers with stated sums."""

    keys: dict
    documents: dict
    originals: dict
    taken: dict
    counted: set


def known(identifiers, relatives):
    """Return the Known of some activities, and of those that they are parts of or that are parts of them."""
    identifiers = list(identifiers)
    wanted = {*identifiers, *relatives}
    rows = Original.objects.filter(kind=KIND, identifier__in=wanted).order_by("id")
    keys = dict(rows.values_list("identifier", "key"))
    moved = dict(Moved.objects.filter(kind=KIND, key__in=keys.values()).values_list("key", "new_key"))
    keys = {identifier: moved.get(key, key) for identifier, key in keys.items()}
    possible = {keys.get(identifier) or own_key(identifier) or slug_of(identifier) for identifier in identifiers}
    originals = dict(rows.filter(identifier__in=identifiers).values_list("identifier", "text"))
    owners = Original.objects.filter(kind=KIND, key__in=possible).order_by("id").values_list("key", "identifier")
    stating = Q(budget_amount__isnull=False) | Exists(
        Contribution.objects.filter(project=OuterRef("pk"), amount__isnull=False)
    )
    summed = set(Project.objects.filter(stating, pk__in=keys.values()).order_by().values_list("pk", flat=True))
    counted = {identifier for identifier, key in keys.items() if key in summed}
    return Known(keys, changing.current(Project, possible), originals, dict(owners), counted)


def own_key(identifier):
    """Return the key of the project that the register itself tells under ``identifier``; None if it is not its own."""
    begin = f"{settings.REPORTING_ORG_REF}-"
    return identifier.removeprefix(begin) if identifier.startswith(begin) else None


def key_for(identifier, known):
    """Return the key of the project that an activity is, or will be."""
    if own := own_key(identifier) or known.keys.get(identifier):
        return own
    key = slug_of(identifier) or slug_of(f"activity {identifier.encode().hex()}")
    if known.taken.get(key, identifier) != identifier:  # another identifier came to the same letters
        key = slug_of(f"{key}-{identifier.encode().hex()}")
    return key


def vanished(identifiers, publishers):
    """Return the identifiers that earlier editions of a file had, and that it has no more.

    ``identifiers``: all of the file; an earlier edition is a source that had one of them. Only activities of
    ``publishers``, by the beginning of their identifiers, are looked at.
    """
    sources, listed = set(), sorted(identifiers)
    for start in range(0, len(listed), CHUNK):
        found = Original.objects.filter(kind=KIND, identifier__in=listed[start : start + CHUNK])
        sources.update(found.order_by().values_list("source", flat=True).distinct())
    earlier = Original.objects.filter(kind=KIND, source__in=sources).order_by()
    gone = set(earlier.values_list("identifier", flat=True)) - set(identifiers)
    return sorted(each for each in gone if each.startswith(tuple(filter(None, publishers))))
