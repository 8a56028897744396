"""Charts as files, with a line that names their source; and the pictures of pages on other sites."""

from functools import partial
from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpResponse
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext
from django.views import View

from .. import charts
from ..charts import card as cards
from ..charts import file, style
from ..charts.png import png
from ..exports.about import address_of, register_name
from ..exports.views import file_name
from ..index import figures
from ..models import Project
from ..published import in_short
from ..published.views import PublishedRecord, PublishedRecords, identity, take_no_parameters
from ..words.phrases import date_in_words, full_name

PNG_WIDTH = 1440  # px
TYPES = {"svg": "image/svg+xml", "png": "image/png"}
CHARTS = {  # in the order of the page
    "by-country": ("bars", partial(charts.bars, by="country")),
    "by-instrument": ("bars", partial(charts.bars, by="instrument")),
    "timeline": ("timeline", charts.timeline),
    "flow": ("flow", charts.flow),
}
FILES = CHARTS | {  # and those of the home page
    "by-theme": ("bars", partial(charts.bars, by="theme")),
    "map": ("map", lambda rows, query: charts.country_map(charts.ranked(figures.groups(rows, "country"), "country"))),
}


def drawn(rows, query):
    """Yield (name, template, chart) of rows of the index, without charts that have not two things to compare."""
    for name, (kind, draw) in CHARTS.items():
        if chart := draw(rows, query=query):
            yield name, f"_pictures/{kind}.html", chart


def as_file(suffix, kind, picture, title, version, page, name):
    """Return the response with a chart in the format ``suffix``, with a line that says where it is from.

    ``version``: of the register; ``page``: the path of the chart's page; ``name``: of the file.
    """
    source = gettext("Source: %(register)s, version %(number)s, %(day)s. %(address)s") % {
        "register": register_name(), "number": version.number,
        "day": date_in_words(version.at.date().isoformat()), "address": identity(f"/{get_language()[:2]}{page}"),
    }  # fmt: skip
    svg = file.svg(kind, picture, title, source)
    headers = {"Content-Disposition": f'inline; filename="{name}"'}
    if suffix == "svg":
        headers["Content-Security-Policy"] = style.policy()
    return HttpResponse(svg if suffix == "svg" else png(svg, PNG_WIDTH), content_type=TYPES[suffix], headers=headers)


class RecordCard(PublishedRecord, View):
    """The picture of a project, country, instrument, agreement or organisation, for sites that show a link to it."""

    def get(self, request, key):
        grouping, document = self.model._meta.model_name, self.record(key)
        if self.model is Project:
            return card(in_short.of_project(document))
        rows = self.filterset.register.projects.having(grouping, [key])
        return card(in_short.of_projects(full_name(document, grouping), figures.totals(rows)))


class ListCard(PublishedRecords, View):
    """The picture of a list of projects."""

    def get(self, request):
        words = capfirst(self.filterset.in_words())
        return card(in_short.of_projects(words, figures.totals(self.rows)))


class RegisterCard(View):
    """The picture of every other page."""

    def get(self, request):
        take_no_parameters(request)
        title = gettext("Who funds migration and border projects in the Eastern Partnership?")
        return card(in_short.of_projects(title, figures.totals(request.register.projects)))


def card(short):
    """Return the response with the picture of an InShort."""
    address = urlsplit(settings.SITE_ADDRESS).netloc
    return HttpResponse(png(cards.svg(short, register_name(), address)), content_type=TYPES["png"])


class ChartFile(PublishedRecords, View):
    """A chart of the projects of the query string."""

    suffix = ""

    def get(self, request, key):
        if key not in FILES:
            raise Http404(gettext("There is no such chart. Available: %(names)s.") % {"names": ", ".join(FILES)})
        kind, draw = FILES[key]
        picture, version = draw(self.rows, query=self.filterset.data), self.filterset.register.version
        if not picture:
            raise Http404(gettext("There is too little data here for a chart."))
        kind = "years" if "columns" in picture else kind
        title, page = capfirst(self.filterset.in_words()), address_of("/projects/pictures/", self.filterset.data)
        name = file_name(key, self.suffix, self.filterset, version)
        return as_file(self.suffix, kind, picture, title, version, page, name)


class FundingFile(PublishedRecord, View):
    """The chart of who funds a project."""

    suffix = ""

    def get(self, request, key):
        project = self.record(key)
        picture, version = charts.funding(project), self.filterset.register.version
        if not picture or len(picture["table"]) < 2:
            raise Http404(gettext("There is too little data here for a chart."))
        page, name = address_of(project["url"], self.filterset.data), f"{key}-funding.{self.suffix}"
        return as_file(self.suffix, "funding", picture, project["title"], version, page, name)
