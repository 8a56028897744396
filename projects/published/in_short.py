"""A page in a few words, for links that people share: its title, its money, its places and a sentence."""

from dataclasses import dataclass

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from provenance.documents.claims import is_adopted

from ..index.figures import by_coverage
from ..words.phrases import countries_in_words, coverage_in_words, not_added_in_words, projects_in_words, sum_in_words
from .statements import LANGUAGE


@dataclass(frozen=True)
class InShort:
    """``figure``: a sum; empty if none is known, as ``measure`` then says. ``quote``: the words of a source."""

    title: str
    figure: str
    measure: str
    places: str = ""
    summary: str = ""
    quote: str = ""
    language: str = LANGUAGE

    @property
    def money(self):
        return f"{self.figure} {self.measure}" if self.figure else self.measure

    @property
    def headline(self):
        return f"{self.title} – {self.money}" if self.title and self.figure else self.title

    @property
    def description(self):
        """The money first, because other sites cut what is long."""
        return " ".join(f"{part.rstrip('.')}." for part in (self.money, self.places, self.summary) if part)


def of_project(project):
    """Return a project's document in short."""
    budget = project["budget"]
    wanted = "budget" if budget else "summary"
    claims = (each for each in project["claims"] if each["field"] == wanted and is_adopted(each))
    claim = next(claims, {"quote": "", "language": ""})
    return InShort(
        title=project["title"],
        figure=sum_in_words(budget),
        measure=pgettext("after a sum", "total budget") if budget else _("No budget published"),
        places=countries_in_words(project),
        summary=capfirst(project["summary"] or ""),
        quote=claim["quote"],
        language=claim["language"] or LANGUAGE,
    )


def of_projects(title, total):
    """Return projects in short. ``total``: their figure (``figures.totals``), of which the commonest sum is named."""
    figure, measure = next(_sums(total))
    return InShort(title, figure, measure if figure else capfirst(measure))


def money_of(total):
    """Return all sums of a figure in words, each with the number of projects for which it is known."""
    return _("; ").join(f"{figure} {measure}".strip() for figure, measure in _sums(total))


def _sums(total):
    """Yield (sum, what it is) of a figure, starting with the one known for most projects."""
    number = total["projects"]
    if not number:
        yield "", _("no projects")
    elif not total["amounts"]:
        none, left_out = f"{_('no budget published')} ({projects_in_words(number)})", total.get("counted_in_parent")
        yield "", not_added_in_words(left_out) if left_out else none
    for known_sum in by_coverage(total):
        known = {"known": coverage_in_words(known_sum["stated_for"], number)}
        yield sum_in_words(known_sum), _("in total budgets (%(known)s)") % known
