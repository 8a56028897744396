from django.db import migrations, models
from django.db.models import Q

REFUSED = ("set-aside", "undecided")


class Migration(migrations.Migration):
    dependencies = [("provenance", "0009_claims_know_their_value")]

    operations = [
        migrations.AddConstraint(
            "claim",
            models.CheckConstraint(
                name="claim_reason_where_it_is_refused",
                condition=Q(status__in=REFUSED, set_aside__gt="") | Q(~Q(status__in=REFUSED), set_aside=""),
                violation_error_message="Say why a claim is not adopted, and only there.",
            ),
        )
    ]
