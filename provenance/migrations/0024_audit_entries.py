from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("provenance", "0023_texts_in_the_audit_log")]

    operations = [
        migrations.AlterModelOptions(
            name="auditentry",
            options={"ordering": ["-id"], "verbose_name": "audit entry", "verbose_name_plural": "audit entries"},
        ),
    ]
