"""Sessions, sign-in and messages where there are forms: public pages know nobody, and save the time that they take."""

from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.middleware.csrf import CsrfViewMiddleware

from ..errors import refuse
from .cache_headers import OF_VISITORS


class _WhereFormsAre:
    """POST elsewhere is refused (request_validation.py)."""

    def __call__(self, request):
        has_forms = request.kind == "admin" or request.path_info.endswith(OF_VISITORS)
        return super().__call__(request) if has_forms else self.get_response(request)


class _Messages(MessageMiddleware):
    def process_response(self, request, response):
        """Drop what a request says that failed: it may not have been saved."""
        if response.status_code >= 500:
            request._messages._queued_messages.clear()
        return super().process_response(request, response)


Session, Csrf, Authentication, Messages = (
    type(each.__name__, (_WhereFormsAre, each), {})
    for each in (SessionMiddleware, CsrfViewMiddleware, AuthenticationMiddleware, _Messages)
)


def refuse_changes(get_response):
    """Refuse every form but those to sign in and out while READ_ONLY is set, and say why."""

    def middleware(request):
        if settings.READ_ONLY and request.method == "POST" and request.path not in ("/admin/login/", "/admin/logout/"):
            return refuse(request, 403, f"{settings.READ_ONLY} Nothing was saved.")
        return get_response(request)

    return middleware
