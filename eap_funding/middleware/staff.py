"""Sessions, sign-in, messages and CSRF under /admin/ only: public pages have no users and no forms."""

from axes.middleware import AxesMiddleware
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.middleware.csrf import CsrfViewMiddleware

OF_STAFF = "/admin/"


class _ForStaff:
    def __call__(self, request):
        return super().__call__(request) if request.path.startswith(OF_STAFF) else self.get_response(request)


class Session(_ForStaff, SessionMiddleware):
    pass


class Csrf(_ForStaff, CsrfViewMiddleware):
    """POST elsewhere is refused before this (request_validation.py)."""


class Authentication(_ForStaff, AuthenticationMiddleware):
    pass


class Messages(_ForStaff, MessageMiddleware):
    pass


class Axes(_ForStaff, AxesMiddleware):
    pass
