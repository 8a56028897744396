"""The units of columns of sums: in their headings, and in lines above or below a table."""

from projects.models.amounts import currency_in, split_unit, unit_of_line

from . import spans
from .cells import shown
from .documents import KINDS


def is_sum(table, ours):
    return KINDS[table.name].get(ours, ours[-6:]) == "amount"  # ours[-6:]: of columns that our files do not have


def unit_of(heading):
    """Return the unit that a heading names, which may be nothing else, or the one above it."""
    for text in reversed(heading.split(spans.ABOVE)):
        if unit := split_unit(text)[1] or split_unit(f"Sum ({text})")[1]:
            return unit
    return ""


def units_in(lines):
    """Return {unit: line} of the ``lines`` beside a table that name a unit of all its sums."""
    return {unit: shown(line) for line in lines if (unit := unit_of_line(line))}


def joined(units):
    """Return {unit: line}, with a factor and a currency in two lines as one unit."""
    if len(units) == 2:
        code, factor = sorted(units, key=lambda unit: currency_in(unit) != unit)
        if currency_in(code) == code and not currency_in(factor):
            return {f"{factor} {code}": f"{units[code]}” and “{units[factor]}"}
    return units
