from django.db import migrations, models

from provenance.documents.folding import fold


def fill(apps, schema_editor):
    """What recording writes from now on, for organisations that were recorded before."""
    Organisation = apps.get_model("projects", "Organisation")
    changed = []
    for row in Organisation.objects.filter(revision__isnull=False).only("name", "acronym", "aliases"):
        names = [row.name, row.acronym, *row.aliases]
        row.search_text = "\n".join(dict.fromkeys(fold(name) for name in names if name))
        changed.append(row)
    Organisation.objects.bulk_update(changed, ["search_text"], batch_size=100)


class Migration(migrations.Migration):

    dependencies = [
        ("projects", "0001_register"),
    ]

    operations = [
        migrations.AddField(
            model_name="organisation",
            name="search_text",
            field=models.TextField(default="", editable=False),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
