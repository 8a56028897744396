from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("provenance", "0015_texts_of_sources")]

    operations = [
        migrations.AddField(
            "revision", "head", models.CharField(blank=True, db_default="", default="", max_length=64)
        ),
    ]
