from axes.models import AccessFailureLog


class FailedSignIn(AccessFailureLog):
    """A wrong password, or one that is being checked: django-axes' table (see security/lockout.py)."""

    class Meta:
        proxy = True
        default_permissions = ()
        verbose_name = "failed sign-in"
