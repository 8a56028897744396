"""Error responses: problem+json (RFC 9457) for programs, a page for people."""

import re
import sys
from http import HTTPStatus

import orjson
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import BadRequest, DisallowedHost, RequestDataTooBig, TooManyFieldsSent
from django.db import DatabaseError, InterfaceError
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException

from projects.search.filters import BadQuery
from projects.words.phrases import either
from provenance.workflow import permissions

from .database.outage import RETRY_AFTER, is_away, reconnect

OLD_TOKEN = "CSRF token"  # noqa: S105  Django's reason begins so if only the token is out of date
TOO_LARGE = (
    f"The form is too large: the limits are {settings.DATA_UPLOAD_MAX_MEMORY_SIZE / 2**20:.1f} MB and"
    f" {settings.DATA_UPLOAD_MAX_NUMBER_FIELDS:,} fields. Nothing was saved. Go back, where your entries should still"
    " be, and save in steps: first some of the rows, then the others."
)
UNSURE = "Your changes may or may not have been saved. Check before you send them again."  # the commit may have worked
READ_BY_PROGRAMS = re.compile(settings.READ_BY_PROGRAMS)
WORDS = {
    400: _("We could not use part of this link."),
    403: _("You do not have access to this page."),
    404: _("There is no page at this address."),
    405: _("This address is read-only: use GET, HEAD or OPTIONS."),
    406: _("This address is not available in any of the formats you asked for."),
    410: _("This page has been withdrawn."),
    429: _("Too many requests. Please wait a minute and try again."),
    500: _("Something went wrong on our side. The error has been logged."),
    503: _("The register’s database is not responding. Please try again in a few seconds."),
}
TITLES = {  # of pages; problem+json has the phrases of HTTP
    301: _("This page has moved"),
    302: _("This page has moved"),
    400: _("We cannot show this page"),
    403: _("Access denied"),
    404: _("Page not found"),
    405: _("This page is read-only"),
    406: _("Format not available"),
    410: _("Page withdrawn"),
    413: _("Too much at once"),
    429: _("Too many requests"),
    500: _("Something went wrong"),
    503: _("The register is unavailable"),
}
TITLES_FOR_STAFF = {400: "There is a problem with this request", 403: "You may not do this"}


def refuse(request, status, detail="", errors=None, headers=None, meant=None):
    """Return an error response, as JSON or as a page. From 500 on it quotes the request's id.

    ``meant``: ``[(key, name, path)]`` of records that may be meant.
    """
    title = HTTPStatus(status).phrase
    detail = str(detail or WORDS.get(status, title))
    if status >= 500 and request.method == "POST":
        detail = f"{detail} {UNSURE}"
    request_id = getattr(request, "id", None) if status >= 500 else None
    if READ_BY_PROGRAMS.match(request.path):
        detail += f" Did you mean {either(f'“{key}”' for key, _name, _path in meant)}?" if meant else ""
        problem = {"type": "about:blank", "title": title, "status": status, "detail": detail}
        problem |= {"errors": errors} if errors else {}
        problem |= {"instance": request_id} if request_id else {}
        content = orjson.dumps(problem, default=str)  # texts may be lazy
        response = HttpResponse(content, status=status, content_type="application/problem+json")
    else:
        dropped = errors or (("page",) if status == 404 else ())
        left = request.GET.copy() if dropped else {}
        for name in dropped:
            left.pop(name, None)
        context = {
            "status": status, "title": TITLES.get(status, title), "detail": detail, "errors": errors,
            "request_id": request_id, "meant": meant, "without": f"?{left.urlencode()}" if left else "",
        }  # fmt: skip
        if is_framed := _is_framed(request, status):
            context |= admin.site.each_context(request)
            context["title"] = TITLES_FOR_STAFF.get(status, context["title"])
        response = render(request, "admin/error.html" if is_framed else "error.html", context, status=status)
    for name, value in (headers or {}).items():
        response.headers[name] = value
    return response


def _is_framed(request, status):
    """Whether the error page keeps the admin's menu. False if the database cannot say who is signed in."""
    try:
        is_staff_page = request.path.startswith("/admin/") and status < 500 and hasattr(request, "user")
        return is_staff_page and request.user.is_authenticated
    except (DatabaseError, InterfaceError):
        reconnect()
        return False


def bad_request(request, exception):
    errors = getattr(exception, "errors", None)
    if is_away(exception):  # for example, when a sign-out cannot be saved
        return database_away(request)
    if isinstance(exception, DisallowedHost):
        return refuse(request, 400, _("The register does not use this host name. Check the address."))
    if isinstance(exception, RequestDataTooBig | TooManyFieldsSent):
        return refuse(request, 413, TOO_LARGE)
    is_ours = isinstance(exception, BadRequest)  # messages of other exceptions are not for readers
    return refuse(request, 400, str(exception) if is_ours else "", errors)


def permission_denied(request, exception=None, reason=""):
    """Answer 403, also for a wrong CSRF token. Log what the user was refused, once.

    A staff form whose token is merely out of date, so that no other site sent it, is shown again to be resent.
    """
    if reason.startswith(OLD_TOKEN) and (page := admin.site.form_to_resend(request)):
        page.status_code = 403
        return page.render()
    if not reason and not getattr(exception, "is_noted", False) and hasattr(request, "user"):
        path = ascii(request.path)  # an escaped line end cannot forge a log line
        permissions.log_refusal(request.user, request.method, path)
    old = _("This form has expired. Go back, reload it and send it again.") if reason else ""
    return refuse(request, 403, old or str(exception or "") or getattr(request, "why_refused", str)())


def not_found(request, exception):
    detail = exception.args[0] if exception.args and isinstance(exception.args[0], str) else ""
    status, headers, meant = (getattr(exception, name, None) for name in ("status", "headers", "meant"))
    return refuse(request, status or 404, detail, headers=headers, meant=meant)


def server_error(request):
    return database_away(request) if is_away(sys.exc_info()[1]) else refuse(request, 500)


def database_away(request, detail=""):
    """Answer 503 with Retry-After, without using the database."""
    reconnect()
    return refuse(request, 503, detail, headers={"Retry-After": str(RETRY_AFTER)})


def api_exception_handler(exception, context):
    """Turn exceptions of REST framework and our own into error responses."""
    request = context["request"]
    if isinstance(exception, BadQuery):
        return bad_request(request, exception)
    if isinstance(exception, Http404):
        return not_found(request, exception)
    if isinstance(exception, APIException):
        return refuse(request, exception.status_code, str(exception.detail))
    return None
