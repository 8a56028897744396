from django.db import migrations, models


def fill(apps, schema_editor):
    """What recording writes from now on, for what was recorded before."""
    from provenance.models.record import as_search_text

    for name in ("Country", "Instrument", "Partnership"):
        model = apps.get_model("instruments", name)
        changed = list(model.objects.filter(revision__isnull=False))
        for row in changed:
            names = [getattr(row, "code", ""), row.name]
            row.search_text = as_search_text(names, [getattr(row, "managed_by", "")])
        model.objects.bulk_update(changed, ["search_text"], batch_size=100)


class Migration(migrations.Migration):

    dependencies = [
        ("instruments", "0002_delegations"),
        ("provenance", "0008_sources_found_by_search_text"),
    ]

    operations = [
        *(
            migrations.AddField(model, "search_text", models.TextField(default="", editable=False))
            for model in ("country", "instrument", "partnership")
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
