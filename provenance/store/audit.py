"""The audit log: sign-ins, accounts, roles, proposals and kept texts, in a chain of digests of its own."""

import hashlib

import orjson
from django.db import transaction
from django.utils import timezone

from ..models import AuditEntry
from ..models.revision import iso_milliseconds
from .database import wait_for_lock

KEPT = "kept text "
_LOCK = 0x0E_A9_A0_D1  # not the register's, so that nobody waits for an import to sign in


def note(user, deed, *abouts):
    """Append an entry for each of ``abouts``, such as ``account 7``. ``user``: who did it; None for a command."""
    now = timezone.now()
    with transaction.atomic():
        wait_for_lock(_LOCK)
        digest, entries = _last_digest(), []
        for about in abouts:
            entry = AuditEntry(at=now, account=user and user.pk, deed=deed, about=about, previous_digest=digest)
            entry.digest = digest = digest_of(entry)
            entries.append(entry)
        AuditEntry.objects.bulk_create(entries)


def kept(edition):
    """Return the deed of keeping an Edition: the digests of its text and its file."""
    return f"{KEPT}{hashlib.sha256(edition.text.encode()).hexdigest()} of file {edition.digest}"


def digest_of(entry):
    """Return the SHA-256 of an entry's content and of the digest before it."""
    content = [entry.previous_digest, iso_milliseconds(entry.at), entry.account, entry.deed, entry.about]
    return hashlib.sha256(orjson.dumps(content)).hexdigest()


def head():
    """Return ``number:digest``, in 20 digits, of the newest entry: with it, a log that was cut off is found later."""
    return f"{AuditEntry.objects.count()}:{_last_digest()[:20]}"


def _last_digest():
    return AuditEntry.objects.values_list("digest", flat=True).first() or ""


def findings(count=None, old=""):
    """Yield the entries that were altered, or that do not follow from the one before.

    ``old``: the beginning of a digest that was printed earlier, of the entry number ``count`` (None: of any).
    """
    digest, seen = "", not old
    for number, entry in enumerate(AuditEntry.objects.order_by("id").iterator(chunk_size=500), 1):
        if entry.previous_digest != digest:
            yield f"audit log: entry {entry.pk} does not follow from the one before it. An entry was removed or moved."
        if entry.digest != digest_of(entry):
            yield f"audit log: entry {entry.pk} was altered: its digest is not that of what it says."
        digest = entry.digest
        seen = seen or (count in (None, number) and digest.startswith(old))
    if not seen:
        number = f" number {count}" if count else ""
        yield f"audit log: no entry{number} has the digest {old}. Entries up to it were removed."
