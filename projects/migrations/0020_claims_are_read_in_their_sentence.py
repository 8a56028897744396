"""Records whose claims read differently by the rules of this version are recorded anew. No earlier Revision changes."""

from importlib import import_module

from django.db import migrations

record_anew = import_module("projects.migrations.0018_claims_are_read_anew").record_anew


class Migration(migrations.Migration):
    dependencies = [("projects", "0019_typographic_apostrophes"), ("provenance", "0023_texts_in_the_audit_log")]

    operations = [migrations.RunPython(record_anew, migrations.RunPython.noop, elidable=False)]
