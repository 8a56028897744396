from django.db import migrations, models


def fill(apps, schema_editor):
    """What recording writes from now on, for sources that were recorded before."""
    from provenance.models.record import as_search_text

    Source = apps.get_model("provenance", "Source")
    changed = list(Source.objects.filter(revision__isnull=False).only("title", "publisher", "address"))
    for row in changed:
        row.search_text = as_search_text([row.title], [row.publisher, row.address])
    Source.objects.bulk_update(changed, ["search_text"], batch_size=100)


class Migration(migrations.Migration):

    dependencies = [
        ("provenance", "0007_staff_have_roles"),
    ]

    operations = [
        migrations.AddField("source", "search_text", models.TextField(default="", editable=False)),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
