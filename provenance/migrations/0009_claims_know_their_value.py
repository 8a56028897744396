from django.db import migrations, models

STATUS = [
    ("adopted", "adopted"), ("earlier", "states an earlier value"), ("set-aside", "set aside"),
    ("undecided", "not decided"),
]  # fmt: skip


def read_reasons(apps, schema_editor):
    """A claim with a reason is set aside, or not decided. Which of them state an earlier value is read later on, when
    all kinds of record can be: projects 0009.
    """
    reasons = apps.get_model("provenance", "Claim").objects.filter(status="adopted").exclude(set_aside="")
    reasons.filter(set_aside__startswith="Not decided").update(status="undecided")
    reasons.update(status="set-aside")


class Migration(migrations.Migration):
    dependencies = [
        ("contenttypes", "0002_remove_content_type_name"),
        ("provenance", "0008_sources_found_by_search_text"),
    ]

    operations = [
        migrations.AddField(
            "claim",
            "status",
            models.CharField(
                choices=STATUS, db_default="adopted", default="adopted", max_length=10,
                help_text="Whether the register adopts it. It is an earlier one by itself, where its value stands no"
                " longer.",
            ),
        ),
        migrations.AddField(
            "claim",
            "value",
            models.TextField(
                blank=True, db_default="", default="", editable=False,
                help_text="The items of the member for which it was adopted, as JSON; empty: what it states of those"
                " that stand.",
            ),
        ),
        migrations.AlterField(
            "claim",
            "set_aside",
            models.TextField(
                "not adopted, because", blank=True, db_default="", default="",
                help_text="Why it is set aside, or not decided.",
            ),
        ),
        migrations.RunPython(read_reasons, migrations.RunPython.noop),
    ]  # fmt: skip
