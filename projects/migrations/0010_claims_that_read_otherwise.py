"""Claims of today are marked that read otherwise than the value that they are adopted for, as their documents say."""

import json

from django.db import migrations

CHUNK = 500
KINDS = (
    ("instruments", "Country"), ("instruments", "Instrument"), ("instruments", "Partnership"),
    ("projects", "Organisation"), ("projects", "Project"),
)  # fmt: skip


def mark(apps, schema_editor):
    Claim, ContentType = apps.get_model("provenance", "Claim"), apps.get_model("contenttypes", "ContentType")
    for app, name in KINDS:
        kind = ContentType.objects.filter(app_label=app, model=name.lower()).first()
        rows = apps.get_model(app, name).objects.filter(revision__document__contains='"reading":"otherwise"')
        for key, text in rows.values_list("pk", "revision__document").iterator(chunk_size=CHUNK):
            for claim in json.loads(text)["claims"]:
                if (claim["status"], claim["reading"]) == ("adopted", "otherwise"):
                    words = {each: claim[each] for each in ("field", "as_stated", "quote")}
                    found = Claim.objects.filter(content_type=kind, object_id=key, source=claim["source"]["slug"])
                    found.filter(**words).update(reads_otherwise=True)


class Migration(migrations.Migration):
    dependencies = [
        ("projects", "0009_claims_say_how_they_stand"),
        ("provenance", "0011_claims_that_read_otherwise"),
    ]

    operations = [migrations.RunPython(mark, migrations.RunPython.noop)]
