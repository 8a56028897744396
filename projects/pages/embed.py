"""Lists, charts and projects in a frame on other sites, at ``/embed`` and the address of the page; and oEmbed."""

import re
from functools import wraps
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.http import Http404, QueryDict
from django.shortcuts import render
from django.utils.html import format_html
from django.utils.text import capfirst
from django.views import View
from django.views.decorators.clickjacking import xframe_options_exempt

from ..exports.about import REGISTER
from ..exports.content_negotiation import ReadByPrograms, json_response
from ..published.redirects import Elsewhere
from ..published.views import LenientPage, PublishedRecord
from ..search.filters import BadQuery, ChoiceField, Filter, NoFilter, NumberField, ProjectFilter

POLICY = settings.CONTENT_SECURITY_POLICY.replace("frame-ancestors 'none'", "frame-ancestors *")
WIDTH, HEIGHT = 720, 480  # of a frame, in pixels; less where the other site has less room
_CODES = "|".join(code for code, _name in settings.LANGUAGES)
_PAGE = re.compile(rf"(/(?:{_CODES}))?(/projects/(?:pictures/|(?P<key>[-\w]+)/)?)")


def framed(view):
    """Let other sites show the pages of a view in a frame."""

    @wraps(view)
    @xframe_options_exempt
    def in_frame(request, *args, **named):
        try:
            response = view(request, *args, **named)
        except Elsewhere:
            raise
        except Http404 as absent:
            response = render(request, "embed/absent.html", {"why": absent}, status=getattr(absent, "status", 404))
        response.headers["Content-Security-Policy"] = POLICY
        return response

    return in_frame


class EmbeddedProject(LenientPage, PublishedRecord, View):
    def get(self, request, key):
        return render(request, "embed/project.html", {"project": self.record(key)})


class OEmbedFilter(NoFilter):
    """The parameters of oEmbed (oembed.com)."""

    url = Filter(forms.CharField, "Address of a list, of its charts or of a project in this register.", max_length=8000)
    maxwidth = Filter(NumberField, "Widest frame, in pixels.")
    maxheight = Filter(NumberField, "Highest frame, in pixels.")
    format = Filter(ChoiceField, "The format of the response.", choices=[("json", "json")])


class OEmbed(PublishedRecord, ReadByPrograms):
    """How another site shows a page of the register in a frame."""

    schema = None
    filterset_class = OEmbedFilter

    def get(self, request):
        asked = self.filterset.asked
        try:
            parts = urlsplit(asked["url"] or "")
        except ValueError:
            parts = urlsplit("")
        page = _PAGE.fullmatch(parts.path)
        if not page or parts.netloc not in (request.get_host(), urlsplit(settings.SITE_ADDRESS).netloc):
            raise Http404("Give url the address of a list of projects, of its charts or of a project in this register.")
        query = f"?{parts.query}" if parts.query else ""
        address = request.build_absolute_uri(f"{page[1] or ''}/embed{page[2]}{query}")
        title = self._title(page["key"], parts.query)
        width, height = min(WIDTH, asked["maxwidth"] or WIDTH), min(HEIGHT, asked["maxheight"] or HEIGHT)
        frame = '<iframe src="{}" title="{}" width="{}" height="{}" loading="lazy"></iframe>'
        return json_response({
            "version": "1.0", "type": "rich", "title": title,
            "provider_name": settings.HEADER_NAME or REGISTER, "provider_url": request.build_absolute_uri("/"),
            "html": format_html(frame, address, title, width, height), "width": width, "height": height,
        })  # fmt: skip

    def _title(self, key, query):
        """Return the title of a project, perhaps of one it was merged into; without ``key``, of a list."""
        if key:
            return self.record(self.moved_to(key) or key)["title"]
        try:
            return capfirst(ProjectFilter(QueryDict(query), self.request.register).in_words())
        except BadQuery as bad:
            raise Http404(f"This list has a parameter that is not valid: {', '.join(bad.errors)}.") from None
