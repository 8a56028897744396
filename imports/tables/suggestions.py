"""Which of our headings one that is not known may mean."""

from difflib import SequenceMatcher

from . import flat
from .documents import NOT_FOLLOWING
from .row_groups import IMPORTED

_LIKE, _BESIDE = 0.7, 0.1  # how like it has to be, and how much less than the likest


def near(name, table):
    """Return up to three headings of ``table`` that a plain heading may mean, of those that can be given."""
    likeness = {heading: _likeness(name, heading) for heading in given(table)}
    least = max(_LIKE, max(likeness.values()) - _BESIDE)
    return sorted(
        [heading for heading, like in likeness.items() if like >= least], key=lambda one: (-likeness[one], one)
    )[:3]


def given(table):
    """Return the headings of ``table`` that a file can give: the others follow from them."""
    return NOT_FOLLOWING.get(table.name, set(table.headings)) & set(table.headings) - {"project_count", "modified"}


def offered(name):
    """Return [(heading, what it holds, in words)] of the columns of a table that can be given."""
    columns = {column.heading: column.description for column in IMPORTED[name].columns}
    columns |= _EXTRA_WORDS if name == "projects" else {}
    can_be_given = given(IMPORTED[name]) | (_EXTRA_WORDS.keys() | _FLAT if name == "projects" else set())
    return [
        (heading, f"{heading.replace('_', ' ').capitalize()}: {words}")
        for heading, words in columns.items()
        if heading in can_be_given
    ]


_EXTRA_WORDS = {
    "identifier": "the publisher's own identifier, in any spelling",
    "funder_amount": "what the funder or instrument of the row pays",
    "funder_currency": "its ISO 4217 code",
}
_FLAT = {*flat.ROLES, *flat.PAYING}


def _likeness(name, heading):
    """Return from 0 to 1 how like a name is to a heading, or to it without its first or last word."""
    stem, tail = heading.rpartition("_")[0], heading.partition("_")[2]
    return max(SequenceMatcher(None, name, form).ratio() for form in (heading, stem, tail) if form)
