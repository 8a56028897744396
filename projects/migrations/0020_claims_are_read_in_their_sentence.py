"""Recorded anew records whose claims read differently; 0022 does it once, for the rules of these versions, too."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("projects", "0019_typographic_apostrophes"), ("provenance", "0023_texts_in_the_audit_log")]

    operations: list = []
