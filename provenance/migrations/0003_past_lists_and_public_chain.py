"""Revisions say how a list of their time sorts them, and carry the chain of what the public was told."""

import hashlib
from datetime import UTC

import orjson
from django.db import migrations, models

import provenance.models.fields
from provenance.documents.folding import fold

CHUNK = 500


def fill(apps, schema_editor):
    """Fill both columns of all rows, a chunk a statement. It stands here whole: a migration never changes."""
    revisions = apps.get_model("provenance", "Revision").objects.order_by("kind", "key", "id")
    record, head, rows = None, "", []
    for revision in revisions.iterator(chunk_size=CHUNK):
        if record != (revision.kind, revision.key):
            record, head = (revision.kind, revision.key), ""
        document = orjson.loads(revision.document)
        head = _head(revision, head, document) if revision.is_public else head
        rows.append((revision.pk, fold(document.get("name") or document["title"])[:200], head))
        if len(rows) == CHUNK:
            _write(schema_editor, rows)
            rows = []
    _write(schema_editor, rows)


def _head(revision, previous, document):
    state = "published" if revision.state == "published" else "withdrawn"
    state = "deleted" if revision.action == "deleted" else state
    at = revision.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    said = {"previous": previous, "kind": revision.kind, "key": revision.key, "state": state, "at": at}
    said["document"] = document if state == "published" else None
    return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _write(schema_editor, rows):
    if not rows:
        return
    marks = ", ".join(["(%s, %s, %s)"] * len(rows))
    with schema_editor.connection.cursor() as cursor:
        update = "UPDATE provenance_revision SET sort_key = said.column2, public_digest = said.column3"
        values = [value for row in rows for value in row]
        cursor.execute(f"{update} FROM (VALUES {marks}) AS said WHERE id = said.column1", values)


class Migration(migrations.Migration):
    dependencies = [("provenance", "0002_claims_set_aside")]

    operations = [
        migrations.AddField(
            "revision",
            "sort_key",
            provenance.models.fields.KeyField(blank=True, default="", max_length=200),
            preserve_default=False,
        ),
        migrations.AddField(
            "revision", "public_digest", models.CharField(blank=True, default="", max_length=64), preserve_default=False
        ),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=False),
        migrations.AddIndex(
            "revision",
            models.Index(condition=models.Q(("is_public", True)), fields=["at", "id"], name="revision_public_at"),
        ),
    ]
