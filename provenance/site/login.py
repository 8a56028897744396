"""Forms that check a password, and the end of sessions."""

from django.contrib.admin.forms import AdminAuthenticationForm, AdminPasswordChangeForm
from django.contrib.auth import SESSION_KEY, authenticate
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.utils import timezone

from ..store import audit
from ..workflow import permissions

WRONG = "Please enter the correct user name and password. Both are case-sensitive."


def _refusal(request, otherwise):
    """Return the error for a wrong password, or for a user who has to wait."""
    return ValidationError(getattr(request, "told_to_wait", otherwise), code="invalid_login")


class SignInForm(AdminAuthenticationForm):
    """Users with a role may sign in."""

    def get_invalid_login_error(self):
        return _refusal(self.request, WRONG)

    def confirm_login_allowed(self, user):
        if not permissions.is_staff(user):
            permissions.log_refusal(user, "sign in")
            raise ValidationError(permissions.NO_ROLE)
        audit.note(user, "signed in", f"user {user.pk}")


class OwnPasswordForm(AdminPasswordChangeForm):
    """A new password; the old one is checked, and counted, as in a sign-in."""

    def __init__(self, request, *args, **options):
        super().__init__(*args, **options)
        self.request = request

    def clean_old_password(self):
        old = self.cleaned_data["old_password"]
        if not authenticate(self.request, username=self.user.get_username(), password=old):
            raise _refusal(self.request, self.error_messages["password_incorrect"])
        return old

    def save(self, **options):
        audit.note(self.user, "changed their password", f"user {self.user.pk}")
        return super().save(**options)


def end_sessions(user):
    """End all sessions of ``user``; they do not come back when the account is enabled again."""
    for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator():
        if session.get_decoded().get(SESSION_KEY) == str(user.pk):
            session.delete()
