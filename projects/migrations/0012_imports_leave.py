"""The tables of imports go to the app of their own, as they are. Another half of this is ``imports.0001_imports``."""

from django.db import migrations


def rename_kinds(apps, schema_editor, to="imports", of="projects"):
    """What Django remembers of the two models, such as who did what in the admin, goes with them."""
    kinds = apps.get_model("contenttypes", "ContentType").objects.using(schema_editor.connection.alias)
    kinds.filter(app_label=of, model__in=["import", "importitem"]).update(app_label=to)


def rename_kinds_back(apps, schema_editor):
    rename_kinds(apps, schema_editor, to="projects", of="imports")


class Migration(migrations.Migration):
    dependencies = [
        ("projects", "0011_indexes_of_lists_only"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.AlterModelTable("Import", "imports_import"),
                migrations.AlterModelTable("ImportItem", "imports_importitem"),
            ],
            state_operations=[migrations.DeleteModel("ImportItem"), migrations.DeleteModel("Import")],
        ),
        migrations.RunPython(rename_kinds, rename_kinds_back),
    ]
