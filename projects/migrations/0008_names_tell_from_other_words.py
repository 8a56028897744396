from django.db import migrations, models

from provenance.models import as_search_text

CHUNK = 500


def fill(apps, schema_editor):
    """What recording writes from now on, for themes and projects that were recorded before."""
    Theme, Project = apps.get_model("projects", "Theme"), apps.get_model("projects", "Project")
    themes = list(Theme.objects.filter(revision__isnull=False).only("name"))
    for row in themes:
        row.search_text = as_search_text([row.name])
    Theme.objects.bulk_update(themes, ["search_text"], batch_size=100)
    projects, last = Project.objects.filter(revision__isnull=False).only("title", "acronym", "search_text"), ""
    while rows := list(projects.filter(pk__gt=last).order_by("pk")[:CHUNK]):
        for row in rows:
            row.search_text = as_search_text([row.title, row.acronym], row.search_text.split("\n"))
        Project.objects.bulk_update(rows, ["search_text"], batch_size=100)
        last = rows[-1].pk


class Migration(migrations.Migration):

    dependencies = [
        ("projects", "0007_texts_folded_anew"),
        ("instruments", "0003_found_by_search_text"),
    ]

    operations = [
        migrations.AddField("theme", "search_text", models.TextField(default="", editable=False)),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
