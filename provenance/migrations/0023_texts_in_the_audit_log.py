"""The audit log gets the digest of each text that is kept, as it has for new ones."""

import hashlib
from datetime import UTC

import orjson
from django.db import migrations
from django.utils import timezone

LOCK = 0x0E_A9_A0_D1  # that of the audit log


def note(apps, schema_editor):
    """Append an entry for each text. It stands here whole: a migration never changes."""
    if schema_editor.connection.vendor == "postgresql":
        with schema_editor.connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    entries, editions = (apps.get_model("provenance", name).objects for name in ("AuditEntry", "Edition"))
    before = entries.order_by("-id").values_list("digest", flat=True).first() or ""
    at = timezone.now()
    moment = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03}Z"
    texts = editions.exclude(text="").order_by("id").values_list("id", "digest", "text")
    for edition, file_digest, text in texts.iterator(chunk_size=1):
        deed = f"kept text {hashlib.sha256(text.encode()).hexdigest()} of file {file_digest}"
        about = f"edition {edition}"
        digest = hashlib.sha256(orjson.dumps([before, moment, None, deed, about])).hexdigest()
        entry = entries.model(at=at, account=None, deed=deed, about=about, previous_digest=before, digest=digest)
        entries.bulk_create([entry])
        before = digest


class Migration(migrations.Migration):
    dependencies = [("provenance", "0022_proposals_are_cancelled")]

    operations = [migrations.RunPython(note, migrations.RunPython.noop, elidable=False)]
