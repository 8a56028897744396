"""Recorded anew records whose claims read differently; 0022 does it once, for the rules of these versions, too."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("projects", "0020_claims_are_read_in_their_sentence")]

    operations: list = []
