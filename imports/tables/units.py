"""The units of sums: in their headings, in lines above or below a table, and in the cells of their currencies."""

from collections import defaultdict

from projects.models.amounts import currency_in, parse_sum, split_unit, unit_in, unit_of_line, with_units

from . import spans
from .cells import is_none, shown, text_at, unreadable, worded

WAY_OF = "the sum in {} counts, as its heading says"  # of several in a row


def unit_of(heading):
    """Return the unit that a heading names or is, else that of the heading above it; "" if there is none."""
    for text in reversed(heading.split(spans.ABOVE)):
        if unit := split_unit(text)[1] or unit_in(text):
            return unit
    return ""


def are_same(heading, unit):
    """Whether a heading names no other unit than ``unit``."""
    other = unit_of(heading)
    return not other or other == unit or parse_sum(f"1 {other}") == parse_sum(f"1 {unit}")


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


def completed(listing, cells):
    """Return what makes a Row of ``cells``, with what each sum lacks of a unit; a currency loses its factor: EUR of k€.

    That is {our heading: text}, {our heading of a sum: what ``with_units`` takes beside its cell}, and {our heading:
    ways to choose one of several sums}.
    """
    given = {ours: cells[at] if at < len(cells) else "" for at, ours in listing.columns.items()}
    planned = [listing.columns[at] for at in listing.planned if at in listing.columns]
    row = given | {f"{ours}_planned": "true" for ours in planned if not is_none(given[ours])}
    stated, sums, ways = {}, defaultdict(list), defaultdict(list)
    shared = given.get("budget_currency", "").strip()
    for at, unit in listing.units.items():
        text, ours = text_at(cells, at), listing.columns.get(at)
        if not ours or not text or unreadable(text):
            continue
        currency = ours.replace("amount", "currency")
        code = beside = given.get(currency, "").strip() or ("" if unit or worded([text]) else shared)
        if currency_in(code) != code and (beside := unit_of_line(code) or unit_in(code)) and currency in given:
            row[currency] = currency_in(code) or code
        ways[ours].append(WAY_OF.format(unit))
        is_own = listing.at.get(currency) in listing.of_some
        stated[ours] = (unit, beside, listing.theirs.get(currency, ""), listing.of_all, is_own)
        sums[ours].append(with_units(text, *stated[ours]) if any(map(str.isdecimal, text)) else text)
    row |= {ours: " / ".join(texts) for ours, texts in sums.items()}
    several = {ours: ways for ours, ways in ways.items() if len(ways) > 1}
    return row, {ours: each for ours, each in stated.items() if ours not in several}, several
