"""Whoever has a role is staff, and superusers are; nobody else is."""

from django.db import migrations
from django.db.models import Exists, OuterRef, Q

ROLES = ("viewer", "editor", "publisher", "administrator")


def follow_roles(apps, schema_editor):
    users = apps.get_model("auth", "User").objects.using(schema_editor.connection.alias)
    given = apps.get_model("auth", "User").groups.through.objects.using(schema_editor.connection.alias)
    has_role = Exists(given.filter(user=OuterRef("pk"), group__name__in=ROLES))
    users.update(is_staff=Q(is_superuser=True) | has_role)


class Migration(migrations.Migration):
    dependencies = [("provenance", "0006_proposal_user")]

    operations = [migrations.RunPython(follow_roles, migrations.RunPython.noop)]
