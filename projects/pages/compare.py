"""Countries, instruments, agreements or organisations side by side."""

from collections import Counter
from decimal import Decimal
from urllib.parse import urlencode

from django.shortcuts import render
from django.views import View

from provenance.models import Source
from provenance.store.build import upgrade

from ..charts.scale import percent
from ..index import figures
from ..models import Project
from ..models.organisation import EUROPEAN_UNION
from ..published.statements import LABELS
from ..published.views import KINDS, PublishedProjects
from ..search.facets import Value, address, narrowing
from ..search.filters import BadQuery, ProjectFilter
from .projects import about, contribution_figure
from .records import HEADINGS

COMPARED = {kind.grouping: name for name, kind in KINDS.items() if kind.grouping and kind.model is not Source}


class Comparison(PublishedProjects, View):
    """Compares the values of the first of COMPARED that has two or more; the other parameters narrow them all."""

    def get(self, request):
        filterset = self.filterset
        try:
            by = next((name for name in COMPARED if len(filterset.asked[name] or ()) > 1), None)
        except BadQuery as bad:
            return render(request, "projects/compare.html", {"errors": bad.errors}, status=400)
        context = about(filterset) | {"by": by, "label": by and HEADINGS[COMPARED[by]], "only": self.only(by)}
        context |= self.compared(by) if by else {"choices": [*self.choices()]}
        return render(request, "projects/compare.html", context)

    def only(self, by):
        """Return (what the other parameters narrow all columns to, in words, the address without them), or None."""
        asked = self.filterset.data.copy()
        compared = asked.pop(by, [])
        filterset = ProjectFilter(asked, self.filterset.view)
        return (filterset.in_words(), urlencode([(by, key) for key in compared])) if narrowing(filterset) else None

    def choices(self):
        """Return ``[(parameter, heading, Values)]`` of what has projects."""
        view, asked = self.filterset.view, self.filterset.asked
        for name, collection in COMPARED.items():
            counts = figures.counts(view.projects, name)
            picked = asked[name] or {}
            yield name, HEADINGS[collection], [Value(key, *found, key in picked) for key, found in counts.items()]

    def compared(self, by):
        """Return the figures of each value of the parameter ``by``, in the order asked for, and what is missing."""
        rows = {key: self.rows_of(by, key) for key in self.filterset.asked[by]}
        found = _with_bars([self.figures_of(by, key, each) for key, each in rows.items()])
        gaps = zip(*map(figures.gaps, rows.values()), strict=True)
        return {
            "compared": found,
            "gaps": [(LABELS[of_one[0]["member"]], list(zip(found, of_one, strict=True))) for of_one in gaps],
        }

    def rows_of(self, by, key):
        every = self.filterset.narrowed(without=[by])
        if by == "organisation":
            return every.with_organisations([key], self.filterset.asked["role"] or ())
        return every.having(by, [key])

    def figures_of(self, by, key, rows):
        """Return the figures of the projects ``rows`` of one value."""
        view = self.filterset.view
        own = {"instrument": ("giving", [key]), "organisation": ("funder", [key])}.get(by)
        others = [name for name in view.numbered("organisations") if name != EUROPEAN_UNION]
        largest = rows.in_order("-budget").documents(slice(1))
        return {
            "code": key if by in ("country", "instrument") else "",
            "name": view.name(by, key),
            "page": KINDS[COMPARED[by]].model.path_of(key),
            "address": address(self.filterset, **{by: key}),
            "total": figures.totals(rows),
            "shared": figures.totals(rows.in_several_countries()),
            "given": own and _given(rows, *own),
            "eu": _given(rows, "funder", [EUROPEAN_UNION]),
            "others": _given(rows, "funder", others),
            "largest": next((upgrade(Project, text) for text in largest), None),
        }


def _given(rows, by, keys):
    """Return the figure of contributions from ``keys`` (funders or, ``giving``, instruments) to those they fund."""
    of = {"funder" if by == "funder" else "instrument": keys}
    return contribution_figure(figures.totals(rows.having(by, keys), of))


def _with_bars(compared):
    """Add to each total that is stated in the currency of most projects a ``bar``: its share of the largest."""
    sums = [{each["currency"]: each for each in row["total"]["amounts"]} for row in compared]
    known = Counter()
    for of_row in sums:
        known.update({code: each["stated_for"] for code, each in of_row.items()})
    currency = min(known, key=lambda code: (-known[code], code), default=None)
    amounts = [Decimal(of_row[currency]["amount"]) if currency in of_row else None for of_row in sums]
    largest = max(filter(None, amounts), default=None)
    for row, amount in zip(compared, amounts, strict=True):
        row["bar"] = percent(amount * 100 / largest) if amount and largest else None
    return compared
