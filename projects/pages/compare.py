"""Countries, instruments, agreements or organisations side by side."""

from urllib.parse import urlencode

from django.http import QueryDict
from django.shortcuts import render
from django.views import View

from provenance.models import Source

from ..charts import ranked
from ..index import figures
from ..models import Project
from ..models.project import LABELS
from ..published.views import KINDS, LenientPage, PublishedRecords
from ..search.facets import Value, address, narrowing
from ..search.filters import ProjectFilter
from ..words.phrases import value_in_words
from .projects import about

COMPARED = {model._meta.model_name: model for model in KINDS.values() if model not in (Project, Source)}


class ProjectComparison(LenientPage, PublishedRecords, View):
    """Compares the values of the first of COMPARED that has two or more; the other parameters narrow them all."""

    def get(self, request):
        filterset = self.filterset
        by = next((name for name in COMPARED if len(filterset.asked[name] or ()) > 1), None)
        context = (
            self.compared(by) if by else {"choices": [*self.choices()], "picked": self.picked(), "fields": COMPARED}
        )
        return render(request, "projects/compare.html", about(filterset) | {"by": by} | context)

    def choices(self):
        """Yield (parameter, heading, Values of what has projects, errors)."""
        register, asked = self.filterset.register, self.filterset.asked
        for name, model in COMPARED.items():
            picked, numbers = asked[name] or {}, figures.numbers(register.projects, name)
            records = [record for record in register.by_name_shown(name) if record.key in numbers]
            values = [Value(each.key, each.name, numbers[each.key], each.key in picked) for each in records]
            yield name, model.heading, values, self.request.errors.get(name)

    def picked(self):
        """Return the names of the chosen values if they are too few to compare."""
        register, asked = self.filterset.register, self.filterset.asked
        return [value_in_words(name, key, register.name(name, key)) for name in COMPARED for key in asked[name] or ()]

    def compared(self, by):
        """Return the figures of each value of the parameter ``by``, in the order asked for, and what is missing.

        ``only``: what the other parameters and the roles narrow all columns to, in words, and the address without them;
        None if there are none. ``currencies``: that of each row of sums; "" if none is known.
        """
        filterset = self.filterset
        keys, others = filterset.asked[by], address(filterset, **{by: None}).removeprefix("?")
        without = ProjectFilter(QueryDict(others), filterset.register)
        every, roles = filterset.narrowed(without=[by]), filterset.asked["role"] or ()
        rows = {
            key: every.with_organisations([key], roles) if by == "organisation" else every.having(by, [key])
            for key in keys
        }
        totals = [
            figures.totals(each) | {"key": key, "label": filterset.register.name(by, key)} for key, each in rows.items()
        ]
        currency = figures.main_currency(*totals)
        bars = {row["key"]: row for row in ranked(totals, by, pieces=True, currency=currency)}
        columns = [self.column(by, total, rows[total["key"]], bars[total["key"]]) for total in totals]
        narrowed = filterset if roles and by == "organisation" else without
        return {
            "label": COMPARED[by].heading,
            "only": (narrowed.in_words(), urlencode([(by, key) for key in keys]))
            if narrowed is filterset or narrowing(without)
            else None,
            "compared": columns,
            "currencies": {
                name: figures.main_currency(*(column["sums"][name] for column in columns))
                for name in columns[0]["sums"]
            },
            "is_in_one_currency": len({each["currency"] for total in totals for each in total["amounts"]}) < 2,
            "gaps": [
                (member, LABELS[member], [(column, column["gaps"][member]) for column in columns])
                for member in columns[0]["gaps"]
            ],
        }

    def column(self, by, total, rows, bar):
        """Return the figures of one value, whose projects are ``rows``; ``bar``: of ``ranked``."""
        key, largest = total["key"], figures.in_currency(rows, bar["currency"]).in_order("-budget").read(slice(1))
        return {
            "key": key,
            "code": key if by in ("country", "instrument") else "",
            "name": total["label"],
            "page": COMPARED[by].path_of(key),
            "address": address(self.filterset, **{by: key}),
            "total": total,
            "bar": bar,
            "sums": {
                "total": total,
                "shared": figures.totals(rows.in_several_countries()),
                "contributions": figures.funding(rows, by, key)["own"],
                **figures.funding(rows),
            },
            "largest": next(iter(largest), None),
            "gaps": figures.gaps(rows),
        }
