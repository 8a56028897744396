from axes.models import AccessFailureLog


class FailedSignIn(AccessFailureLog):
    """A password that was wrong, or is being judged: django-axes' table, in our words (see security/lockout.py)."""

    class Meta:
        proxy = True
        default_permissions = ()
        verbose_name = "failed sign-in"
