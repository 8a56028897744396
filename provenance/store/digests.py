"""The two chains of digests of a record's Revisions: of all that was said, and of what the public was told."""

import hashlib
from datetime import UTC

import orjson

from ..models.revision import public_state


def digest_of(revision):
    """Return the SHA-256 of a Revision: its content, its place, and the digest of the one before it."""
    said = [
        revision.previous_digest, revision.kind, revision.key, revision.action, revision.state,
        revision.is_public, revision.user_name, revision.at.isoformat(), revision.reason, revision.document,
    ]  # fmt: skip
    return hashlib.sha256(orjson.dumps(said)).hexdigest()


def exact(moment):
    """Return an aware time as the public chain writes it: UTC, milliseconds, ``2026-11-24T05:00:00.000Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"


def public_digest_of(revision, previous, document):
    """Return the head of the record's public chain after ``revision``, in hexadecimal.

    ``previous``: that head before it, "" if there is none; ``document``: the Revision's, as an object. What the
    public did not see change carries the head on. Everything in it is public, so anybody can compute it: the
    SHA-256 of the canonical JSON (RFC 8785; there are no floats) of an object of six members. See docs/verify.md.
    """
    if not revision.is_public:
        return previous
    state = public_state(revision.action, revision.state)
    said = {
        "previous": previous,
        "kind": revision.kind,
        "key": revision.key,
        "state": state,
        "at": exact(revision.at),
        "document": document if state == "published" else None,
    }
    return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()
