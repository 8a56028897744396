"""Records whose claims read differently, now that “mld” and “miliarde” are a billion, are recorded anew."""

from importlib import import_module

from django.db import migrations

record_anew = import_module("projects.migrations.0018_claims_are_read_anew").record_anew


class Migration(migrations.Migration):
    dependencies = [("projects", "0020_claims_are_read_in_their_sentence")]

    operations = [migrations.RunPython(record_anew, migrations.RunPython.noop, elidable=False)]
