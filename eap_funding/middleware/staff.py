"""Sessions, sign-in and messages under /admin/ only: public pages have no users. CSRF also for the form of visitors."""

from axes.middleware import AxesMiddleware
from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.middleware.csrf import CsrfViewMiddleware

from ..errors import refuse
from .cache_headers import OF_VISITORS


class _ForStaff:
    def __call__(self, request):
        return super().__call__(request) if request.kind == "admin" else self.get_response(request)


class Session(_ForStaff, SessionMiddleware):
    pass


class Csrf(CsrfViewMiddleware):
    """Its token is in a cookie, not in a session. POST elsewhere is refused before this (request_validation.py)."""

    def __call__(self, request):
        has_forms = request.kind == "admin" or request.path_info == OF_VISITORS
        return super().__call__(request) if has_forms else self.get_response(request)


class Authentication(_ForStaff, AuthenticationMiddleware):
    pass


class Messages(_ForStaff, MessageMiddleware):
    pass


class Axes(_ForStaff, AxesMiddleware):
    pass


def refuse_changes(get_response):
    """Refuse every form but those to sign in and out while READ_ONLY is set, and say why."""

    def middleware(request):
        if settings.READ_ONLY and request.method == "POST" and request.path not in ("/admin/login/", "/admin/logout/"):
            return refuse(request, 403, f"{settings.READ_ONLY} Nothing was saved.")
        return get_response(request)

    return middleware
