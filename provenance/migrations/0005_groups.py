"""The four roles as groups: names only, what a role may do is code (provenance/workflow/permissions.py)."""

from django.db import migrations

ROLES = ("viewer", "editor", "publisher", "administrator")


def make_groups(apps, schema_editor):
    groups = apps.get_model("auth", "Group").objects.using(schema_editor.connection.alias)
    for name in ROLES:
        groups.get_or_create(name=name)


class Migration(migrations.Migration):
    dependencies = [
        ("provenance", "0004_places_proposals_traces"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [migrations.RunPython(make_groups, migrations.RunPython.noop)]
