"""Proposals know their author by number: a name can be changed, and given to another."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def find_authors(apps, schema_editor):
    alias = schema_editor.connection.alias
    user = apps.get_model(*settings.AUTH_USER_MODEL.split("."))
    named = user.objects.using(alias).filter(username=OuterRef("user_name")).values("pk")
    apps.get_model("provenance", "Proposal").objects.using(alias).update(user=Subquery(named))


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("provenance", "0005_groups"),
    ]

    operations = [
        migrations.AddField(
            model_name="proposal",
            name="user",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.RunPython(find_authors, migrations.RunPython.noop),
    ]
