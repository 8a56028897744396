"""Projects are found by the official French names of what they name; no Revision, and nothing that anybody reads, changes."""

from importlib import import_module

from django.db import migrations

fill = import_module("projects.migrations.0007_texts_folded_anew").fill


class Migration(migrations.Migration):
    dependencies = [("projects", "0014_plain_words")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=False)]
