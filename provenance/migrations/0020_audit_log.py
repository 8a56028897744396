from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("provenance", "0019_texts_withdrawn")]

    operations = [
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(verbose_name="when")),
                ("account", models.BigIntegerField(null=True, verbose_name="account")),
                ("deed", models.CharField(max_length=200, verbose_name="what")),
                ("about", models.CharField(blank=True, max_length=100, verbose_name="about")),
                ("previous_digest", models.CharField(blank=True, max_length=64)),
                ("digest", models.CharField(max_length=64)),
            ],
            options={"verbose_name": "audit entry", "verbose_name_plural": "audit log", "ordering": ["-id"]},
        ),
    ]
