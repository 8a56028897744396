"""The chains of digests: two over a record's Revisions, of everything recorded and of what the public saw; and the
seal, one head over all public changes in the order of versions (docs/verify.md).
"""

import hashlib
from datetime import UTC

import orjson

from ..models import Revision
from ..models.revision import public_state
from . import database

CHUNK = 500


def digest_of(revision):
    """Return the SHA-256 of a Revision's content and of the previous digest."""
    content = [
        revision.previous_digest, revision.kind, revision.key, revision.action, revision.state,
        revision.is_public, revision.user_name, revision.at.isoformat(), revision.reason, revision.document,
    ]  # fmt: skip
    return hashlib.sha256(orjson.dumps(content)).hexdigest()


def iso_milliseconds(moment):
    """Return an aware time as in the public chain: UTC, milliseconds, ``2026-11-24T05:00:00.000Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"


def public_digest_of(revision, previous, document):
    """Return the head of the record's public chain after ``revision``, in hexadecimal.

    ``previous``: the head before it, "" at first; ``document``: the Revision's, parsed. A Revision that changes nothing
    for the public keeps the head. The head is the SHA-256 of the canonical JSON (RFC 8785, no floats) of six public
    values, so anybody can compute it: see docs/verify.md.
    """
    if not revision.is_public:
        return previous
    state = public_state(revision.action, revision.state)
    content = {
        "previous": previous,
        "kind": revision.kind,
        "key": revision.key,
        "state": state,
        "at": iso_milliseconds(revision.at),
        "document": document if state == "published" else None,
    }
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()


def head_after(head, version, kind, key, digest):
    """Return the head after a public change, in hexadecimal; ``head``: the one before it, "" at first."""
    return hashlib.sha256(orjson.dumps([head, version, kind, key, digest])).hexdigest()


def append(revisions):
    """Insert new Revisions, each public one with its head. Those that have ids get their heads from ``seal``."""
    if not revisions:
        return
    if revisions[0].pk is None:
        database.set_keys(revisions)
        newest = Revision.objects.public().order_by("-id").values_list("head", flat=True).first()
        _set_heads(revisions, seal() if newest == "" else newest or "")
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
