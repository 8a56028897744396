"""Countries, instruments, agreements or organisations side by side."""

from urllib.parse import urlencode

from django.shortcuts import render
from django.views import View

from provenance.models import Source

from ..charts import ranked
from ..documents.phrases import value_in_words
from ..index import figures
from ..published.statements import LABELS
from ..published.views import KINDS, LenientPage, PublishedProjects
from ..search.facets import Value, address, narrowing
from ..search.filters import ProjectFilter
from .projects import about

COMPARED = {kind.grouping: name for name, kind in KINDS.items() if kind.grouping and kind.model is not Source}


class ProjectComparison(LenientPage, PublishedProjects, View):
    """Compares the values of the first of COMPARED that has two or more; the other parameters narrow them all."""

    def get(self, request):
        filterset = self.filterset
        by = next((name for name in COMPARED if len(filterset.asked[name] or ()) > 1), None)
        context = about(filterset) | {"by": by, "label": by and KINDS[COMPARED[by]].heading, "only": self.only(by)}
        if by:
            context |= self.compared(by)
        else:
            context |= {"choices": [*self.choices()], "picked": self.picked(), "fields": COMPARED}
        return render(request, "projects/compare.html", context)

    def only(self, by):
        """Return (what the other parameters narrow all columns to, in words, the address without them), or None."""
        asked = self.filterset.data.copy()
        compared = asked.pop(by, [])
        filterset = ProjectFilter(asked, self.filterset.register)
        return (filterset.in_words(), urlencode([(by, key) for key in compared])) if narrowing(filterset) else None

    def choices(self):
        """Return ``[(parameter, heading, Values)]`` of what has projects."""
        register, asked = self.filterset.register, self.filterset.asked
        for name, collection in COMPARED.items():
            picked, numbers = asked[name] or {}, sorted(figures.numbers(register.projects, name).items())
            values = [Value(key, register.name(name, key), number, key in picked) for key, number in numbers]
            yield name, KINDS[collection].heading, values

    def picked(self):
        """Return the names of the chosen values if they are too few to compare."""
        register, asked = self.filterset.register, self.filterset.asked
        return [value_in_words(name, key, register.name(name, key)) for name in COMPARED for key in asked[name] or ()]

    def compared(self, by):
        """Return the figures of each value of the parameter ``by``, in the order asked for, and what is missing.

        ``currency``: that of the amounts compared; "" if none is known.
        """
        rows = {key: self.rows_of(by, key) for key in self.filterset.asked[by]}
        name_of, totals = self.filterset.register.name, {key: figures.totals(each) for key, each in rows.items()}
        groups = [total | {"key": key, "label": name_of(by, key)} for key, total in totals.items()]
        bars = {row["key"]: row for row in ranked(groups, by, pieces=True)}
        currency = bars[groups[0]["key"]]["currency"]
        columns = [self.figures_of(by, group, rows[group["key"]], bars[group["key"]]) for group in groups]
        gaps = [figures.gaps(each) for each in rows.values()]
        return {
            "compared": columns,
            "currency": currency,
            "is_in_one_currency": len({each["currency"] for total in totals.values() for each in total["amounts"]}) < 2,
            "gaps": [
                (member, LABELS[member], [(each, gap[member]) for each, gap in zip(columns, gaps, strict=True)])
                for member in gaps[0]
            ],
        }

    def rows_of(self, by, key):
        every = self.filterset.narrowed(without=[by])
        if by == "organisation":
            return every.with_organisations([key], self.filterset.asked["role"] or ())
        return every.having(by, [key])

    def figures_of(self, by, group, rows, bar):
        """Return the figures of the projects ``rows`` of one value; ``group``: their totals; ``bar``: of ``ranked``."""
        key = group["key"]
        largest = figures.in_currency(rows, bar["currency"]).in_order("-budget").read(slice(1))
        return {
            "key": key,
            "code": key if by in ("country", "instrument") else "",
            "name": group["label"],
            "page": KINDS[COMPARED[by]].model.path_of(key),
            "address": address(self.filterset, **{by: key}),
            "total": group,
            "bar": bar,
            "shared": figures.totals(rows.in_several_countries()),
            "contributions": figures.funding(rows, by, key)["own"],
            "funding": figures.funding(rows),
            "largest": next(iter(largest), None),
        }
