"""The pages of projects: list, charts, facets and gaps."""

from itertools import islice

from django.http import Http404
from django.shortcuts import render
from django.utils.translation import gettext
from django.views import View

from provenance.documents.folding import fold

from ..iati.reasons import any_in_iati
from ..index import figures
from ..models import Project
from ..published.past import Past
from ..published.views import LenientPage, PublishedRecords, crumbs, take_no_parameters
from ..quality import rules as quality
from ..search.facets import (
    LINKED,
    WITH_PAGE,
    address,
    corrected,
    facets,
    linked_values,
    loosened,
    narrowing,
    tags,
    without_dates,
    years,
)
from ..search.filters import NOT_NARROWING, ONLY_WITH, ValuesFilter
from ..words.phrases import contributed_in_words, country_name
from . import pictures
from .completions import records_called

SHOWN_RECORDS = 4  # beside the field of a search
SHOWN_FOUND = 50  # projects under each data check


class ProjectList(LenientPage, PublishedRecords, View):
    """The list of projects.

    If no filter is left without those that are not valid, no list is shown, so that nobody takes all projects for the
    filtered ones.
    """

    template_name = "projects/project_list.html"

    def get(self, request):
        filterset, errors = self.filterset, request.errors
        rows = self.rows_listed(filterset) if is_narrowed(filterset, errors) else {"is_withheld": True}
        form = self.question.form
        context = {"facets": facets(filterset, errors), "form": form, "fields": form.fields, "errors": errors}
        return render(request, self.template_name, about(filterset) | rows | context)

    def rows_listed(self, filterset):
        """Return the context of the projects and their figures. Http404 past the last page."""
        rows, asked, contributing = self.rows, filterset.asked, filterset.contributing
        total = figures.totals(rows)
        page, window = filterset.window(total["projects"])
        meant = [] if total["projects"] else corrected(filterset)
        contributions = contributing and figures.contributions_from(rows, contributing)
        return {
            "total": total,
            "contributions": contributions and contributions | {"projects": total["projects"]},
            "contributed": contributing and contributed_in_words(contributing),
            "projects": rows.read(window),
            "page_obj": page,
            "tags": tags(filterset),
            "undated": without_dates(filterset),
            "loosened": [] if total["projects"] or meant else loosened(filterset),
            "meant": meant,
            "records": [*islice(records_called(filterset.register, asked["q"]), SHOWN_RECORDS)],
            "in_iati": any_in_iati(rows),
        }


def is_narrowed(filterset, errors):
    """Whether a filter is left without the parameters with ``errors``, or none of these is one."""
    return bool(narrowing(filterset)) or errors.keys() <= {*NOT_NARROWING}


class ProjectPictures(LenientPage, PublishedRecords, View):
    """Charts of the projects of the query string; none where no filter is left, as in the list."""

    template_name = "projects/pictures.html"

    def get(self, request):
        if is_narrowed(self.filterset, request.errors):
            more = {
                "total": figures.totals(self.rows),
                "tags": tags(self.filterset),
                "pictures": pictures.drawn(self.rows, self.filterset.data),
            }
        else:
            more = {"is_withheld": True}
        return render(request, self.template_name, about(self.filterset) | {"crumbs": crumbs(Project)} | more)


class FacetValues(LenientPage, PublishedRecords, View):
    """All values of one facet."""

    filterset_class = ValuesFilter

    def get(self, request, name):
        if name not in WITH_PAGE:
            raise Http404(gettext("There is no list of values for “%(name)s”.") % {"name": name[:40]})
        filterset = self.filterset
        if name == "year":
            values, label = years(filterset), gettext("Year active")
        else:
            values, _more = linked_values(filterset, name, called=filterset.asked["called"])
            label = filterset.form[name].label
        page, window = filterset.window(len(values))
        for value in values[window]:
            if name != "year":
                pair = [(name, value.key)]
                value.address = address(filterset, **{"drop" if value.is_picked else "add": pair}, page_size=None)
            elif value.is_picked:
                value.address = address(filterset, **dict.fromkeys((*ONLY_WITH["certainty"], "certainty")))
        others = [other for other in filterset.data if other not in ("called", "page")]
        context = about(filterset) | {
            "crumbs": crumbs(Project),
            "name": name,
            "is_record": name in LINKED,
            "label": label,
            "values": values[window],
            "page_obj": page,
            "hidden": [(other, text) for other in others for text in filterset.data.getlist(other)],
        }
        return render(request, "projects/values.html", context)


def about(filterset):
    """Return the context that every page about the projects of a ProjectFilter has."""
    moment = filterset.asked["as_of"]
    return {
        "filter": filterset,
        "words": filterset.in_words(),
        "past": Past(moment) if moment else None,
        "list_address": address(filterset),
        "file_address": address(filterset, page_size=None),
        "today_address": address(filterset, as_of=None),
    }


class Gaps(View):
    """Missing information: the number of projects by field and country; and the data checks."""

    def get(self, request):
        take_no_parameters(request)
        projects, changed = request.register.projects, request.register_version.at
        gaps = []
        for rule in (rule for rule in quality.RULES if rule.query):
            lacking = quality.found_among(projects, rule, None)
            gaps.append((rule, lacking.count(), figures.numbers(lacking, "country")))
        countries = [
            {"code": code, "name": country_name(code, projects.register.name("country", code)), "projects": number}
            | {"gaps": [(rule, numbers.get(code, 0)) for rule, _count, numbers in gaps]}
            for code, number in figures.numbers(projects, "country").items()
        ]
        rules = [rule for rule in quality.RULES if rule.is_for_readers and not rule.query] if changed else []
        findings = ((rule, quality.found_among(projects, rule, changed.date())) for rule in rules)
        context = {
            "total": projects.count(),
            "countries": sorted(countries, key=lambda country: fold(country["name"])),
            "gaps": gaps,
            "unchecked": projects.having("finding", ["quote-not-checked"]).count(),
            "findings": [(rule, rows.count(), rows.read(slice(SHOWN_FOUND))) for rule, rows in findings],
            "day": changed and changed.date().isoformat(),
        }
        return render(request, "projects/gaps.html", context)
