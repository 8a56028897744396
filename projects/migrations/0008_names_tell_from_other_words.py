from django.db import migrations, models

def fill(apps, schema_editor):
    """What recording writes from now on, for themes that were recorded before."""
    from provenance.models.record import as_search_text

    Theme = apps.get_model("projects", "Theme")
    themes = list(Theme.objects.filter(revision__isnull=False).only("name"))
    for row in themes:
        row.search_text = as_search_text([row.name])
    Theme.objects.bulk_update(themes, ["search_text"], batch_size=100)


class Migration(migrations.Migration):

    dependencies = [
        ("projects", "0007_texts_folded_anew"),
        ("instruments", "0003_found_by_search_text"),
    ]

    operations = [
        migrations.AddField("theme", "search_text", models.TextField(default="", editable=False)),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
