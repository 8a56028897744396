"""The register's seal: one head over all public changes, in the order of versions (docs/verify.md)."""

import hashlib

import orjson

from ..models import Revision
from . import database

CHUNK = 500


def head_after(head, version, kind, key, digest):
    """Return the head after a public change, in hexadecimal; ``head``: the one before it, "" at first."""
    return hashlib.sha256(orjson.dumps([head, version, kind, key, digest])).hexdigest()


def append(revisions):
    """Insert new Revisions, each public one with its head. Those that have ids get their heads from ``seal``."""
    if revisions and revisions[0].pk is None:
        database.set_keys(revisions)
        newest = Revision.objects.public().order_by("-id").values_list("head", flat=True).first()
        _set_heads(revisions, seal() if newest == "" else newest or "")
    if revisions:
        database.insert(revisions)


def seal():
    """Set the heads from the first public Revision without one on, and return the newest.

    Such Revisions come from a dump, in another order, or from an older release.
    """
    public = Revision.objects.public().order_by("id")
    first = public.filter(head="").values_list("id", flat=True).first()
    if first is None:
        return public.values_list("head", flat=True).last() or ""
    head = public.filter(id__lt=first).values_list("head", flat=True).last() or ""
    rows = public.filter(id__gte=first).only("kind", "key", "is_public", "public_digest", "head")
    while chunk := list(rows[:CHUNK]):
        head = _set_heads(chunk, head)
        database.update(chunk, ["head"])
        rows = rows.filter(id__gt=chunk[-1].pk)
    return head


def _set_heads(revisions, head):
    """Set the heads of ``revisions``, which follow ``head`` in the order of ids, and return the last."""
    for revision in revisions:
        if revision.is_public:
            head = revision.head = head_after(head, revision.pk, revision.kind, revision.key, revision.public_digest)
    return head
