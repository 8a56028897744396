"""The two chains of digests over a record's Revisions: of everything recorded, and of what the public saw."""

import hashlib
from datetime import UTC

import orjson

from ..models.revision import public_state


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
