"""Public Revisions recorded before get their heads, in batches: killed and run again, it goes on where it stopped."""

import hashlib

import orjson
from django.db import migrations

from provenance.store.database import register_lock

CHUNK = 500


def fill(apps, schema_editor):
    """Set the heads from the first public Revision without one on. It stands here whole: a migration never changes."""
    public = apps.get_model("provenance", "Revision").objects.filter(is_public=True).order_by("id")
    first = public.filter(head="").values_list("id", flat=True).first()
    last = first and first - 1
    while last is not None:
        with register_lock():  # so that each batch follows whatever was recorded meanwhile
            head = public.filter(id__lte=last).values_list("head", flat=True).last() or ""
            rows = list(public.filter(id__gt=last).values_list("id", "kind", "key", "public_digest")[:CHUNK])
            heads = []
            for row in rows:
                head = hashlib.sha256(orjson.dumps([head, *row])).hexdigest()
                heads.append((row[0], head))
            _write(schema_editor.connection, heads)
        last = rows[-1][0] if rows else None


def _write(connection, heads):
    if not heads:
        return
    marks = ", ".join(["(%s, %s)"] * len(heads))
    statement = f"UPDATE provenance_revision SET head = new.column2 FROM (VALUES {marks}) AS new WHERE id = new.column1"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement, [value for pair in heads for value in pair])


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("provenance", "0016_revisions_carry_the_register_head")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=False)]
