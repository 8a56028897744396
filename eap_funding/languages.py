"""The language of a page: that of its prefix, ``/fr/`` or ``/en/``, else the browser's."""

import re

from django.conf import settings
from django.http import HttpResponsePermanentRedirect
from django.urls import is_valid_path
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation.trans_real import parse_accept_lang_header

from projects.published.views import LONGEST_LINK

from .errors import refuse

ENGLISH, BRITISH = "en", "en-gb"  # for pages; for the admin, so that dates are British
_CODES = "|".join(code for code, _name in settings.LANGUAGES)
_PREFIX = re.compile(rf"/({_CODES})(?=/|\Z)")
_PICTURE = re.compile(r"/(?:projects/[^/]+|share)/.*\.(?:svg|png)\Z")
_STAFF = "/admin/"


def respond_in_language(get_response, request):
    """Return the response in the language of the address, or of the browser.

    Sets ``request.language``, ``request.root`` (the prefix or "") and ``request.is_page`` (not API or file).
    """
    prefix = _PREFIX.match(request.path_info)
    request.root = prefix[0] if prefix else ""
    request.path_info = request.path_info[len(request.root) :]  # request.path keeps the prefix
    request.is_page = is_page(request.path_info)
    is_english = request.kind in ("admin", "api", "file")
    request.language = BRITISH if is_english else prefix[1] if prefix else browser_language(request)
    translation.activate(request.language)
    try:
        response = (refusal_under_prefix(request) if prefix else None) or get_response(request)
    finally:
        translation.deactivate()
    missing = "" if is_english else "text/html"  # a 304 has no type but needs its page's headers
    if response.headers.get("Content-Type", missing).startswith(("text/html", "image/")):
        response.headers["Content-Language"] = request.language
        if not prefix and not is_english:
            patch_vary_headers(response, ["Accept-Language"])
    return response


def refusal_under_prefix(request):
    """Return a redirect or 404 if the address after the prefix is not a page; else None."""
    path = request.path_info
    if is_page(path):
        return None
    if not path.endswith("/") and is_page(path + "/") and is_valid_path(path + "/"):
        return HttpResponsePermanentRedirect(request.get_full_path(force_append_slash=True))
    return refuse(request, 404)


def is_page(path):
    """Whether ``path``, without a prefix, may be a page or a picture, which have languages."""
    return (path.endswith("/") or bool(_PICTURE.match(path))) and not path.startswith((_STAFF, "/api/"))


def browser_language(request):
    """Return the browser's preferred language among ours, English if there is none."""
    for code, weight in parse_accept_lang_header(request.META.get("HTTP_ACCEPT_LANGUAGE", "").lower()):
        if code == "*" or not weight:
            break
        try:
            return translation.get_supported_language_variant(code)
        except LookupError:
            continue
    return ENGLISH


def of_page(request):
    """Context processor: ``root``, the prefix of every link to a page, and ``languages``.

    ``languages``: ``[{"code", "name", "address", "current"}]`` with the address of this page in each language: of the
    home page if this one has no languages, and without its query string if that is too long for a link.
    """
    path = request.get_full_path_info() if is_page(request.path_info) else "/"
    path = path if len(path) <= LONGEST_LINK else request.path_info
    current = translation.get_language()
    return {
        "root": getattr(request, "root", ""),
        "languages": [
            {"code": code, "name": name, "address": f"/{code}{path}", "current": current.startswith(code)}
            for code, name in settings.LANGUAGES
        ],
    }
