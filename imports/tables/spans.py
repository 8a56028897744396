"""Cells that stand for several: headings of two rows, and merged cells below the headings."""

import re
from itertools import groupby

from projects.models.amounts import split_unit

from .cells import count_filled, text_at
from .words import words
from .workbook import letters

_DITTO = frozenset(words.ditto)
ABOVE = " › "  # between a heading of several columns and one of them


def joined_headings(sheet, number, cells, known):
    """Return (numbers of the first and the last row of headings, headings); ``cells`` are those in row ``number``.

    ``Amount`` above ``EUR`` and ``USD`` makes ``Amount (EUR)`` and ``Amount (USD)``; other pairs get the sign ABOVE.
    ``known``: a function that returns which headings of projects are in a row of texts.
    """
    rows, first = dict(sheet.rows), number
    if number - 1 in rows and (joined := _joined(sheet.merged, number - 1, rows[number - 1], cells, known)):
        cells, first = joined, number - 1
    while number + 1 in rows and (joined := _joined(sheet.merged, number, cells, rows[number + 1], known)):
        cells, number = joined, number + 1
    return first, number, _spread(sheet.merged, number, cells)


def _joined(merged, number, above, below, known):
    """Return the headings of the rows ``number`` and the next; None if one of them has none."""
    wide = max(len(above), len(below))
    above, below = ([*row, *[""] * (wide - len(row))] for row in (above, below))
    groups, is_merged = _groups(merged, number, above)
    if _complete(above, below, known):
        groups = {}
    elif not _are_headings(above, below, groups, is_merged):
        return None
    pairs = zip((groups.get(at, text) for at, text in enumerate(above)), below, strict=True)
    return [_join(group.strip(), text.strip()) for group, text in pairs]


def _spread(merged, number, cells):
    """Return headings with one for each column below a merged heading that has none of its own: ``Budget › D``."""
    wide = max([len(cells), *(right + 1 for top, _left, _bottom, right in merged if top == number)])
    cells = [*cells, *[""] * (wide - len(cells))]
    groups, is_merged = _groups(merged, number, cells)
    covered = {at: f"{text}{ABOVE}{letters(at + 1)}" for at, text in groups.items()} if is_merged else {}
    return [text or covered.get(at, "") for at, text in enumerate(cells)]


def _groups(merged, number, above):
    """Return ({place: heading of several columns}, whether they are merged) of the row with that number."""
    merges = [one for one in merged if one[0] <= number <= one[2] and one[1] < one[3] and above[one[1] : one[1] + 1]]
    spans = [range(left, min(right + 1, len(above))) for _top, left, _bottom, right in merges if above[left].strip()]
    if not spans:  # a heading is above the columns to its right that have none
        starts = [at for at, text in enumerate(above) if text.strip()]
        ends = [*starts[1:], len(above)]
        spans = [range(start, end) for start, end in zip(starts, ends, strict=False) if end > start + 1]
    return {at: above[span[0]] for span in spans for at in span}, bool(merges)


def _complete(above, below, known):
    """Whether all cells of the row ``below`` are headings of columns that have none, and new beside those ``above``.

    A row of one cell ``above`` is the title of the table.
    """
    filled = [at for at, text in enumerate(below) if text.strip()]
    if count_filled(above) < 2 or not known(above) or any(above[at].strip() for at in filled):
        return False
    return all(known([below[at]]) - known(above) for at in filled)


def _are_headings(above, below, groups, is_merged):
    """Whether the row ``below`` has the headings of the single columns of ``groups``, and not the first data."""
    filled = [at for at, text in enumerate(below) if text.strip()]
    grouped = [at for at in filled if at in groups]
    units = [at for at in filled if above[at] and _is_unit(above[at], below[at])]
    if any(units) and all(at in units or re.fullmatch(r"\s*\(\D+\)\s*", below[at]) for at in filled):
        return True  # units of what is above, such as (EUR) and (year)
    filled = [at for at in filled if at in groups or at not in units]
    if any(at not in groups and above[at].strip() for at in filled) or len(grouped) < 2:
        return False
    if is_merged:  # but for a title above the whole table
        return len(set(filter(str.strip, above))) > 1 or grouped != filled
    is_whole = all(len([*places]) > 1 for _group, places in groupby(grouped, groups.get))
    has_words = all(re.fullmatch(r"[^\d]*[^\W\d][^\d]*", below[at]) for at in filled)
    has_single = any(text.strip() and at not in groups for at, text in enumerate(above))
    return grouped == filled and is_whole and has_words and has_single


def _join(group, text):
    if not group or not text or text in (group, split_unit(group)[1]):
        return group or text
    return _with_unit(group, text) or f"{group}{ABOVE}{text}"


def _is_unit(heading, text):
    return split_unit(heading)[1] in ("", text.strip()) and _with_unit(heading, text)


def _with_unit(heading, text):
    """Return a heading with a unit in brackets; "" if ``text`` is none."""
    text = text.strip()
    with_unit = f"{heading} {text if text.startswith('(') else f'({text})'}"
    return with_unit if split_unit(with_unit)[1] else ""


def repeat(listing):
    """Give each cell that only says that it repeats the one above, as ″ and -do- do, the value of that, and say so."""
    above = ()
    for number, cells in listing.listed:
        for at in listing.columns:
            text = text_at(above, at)
            if text and text_at(cells, at).strip(" .-–—").casefold() in _DITTO:
                cells[at] = text
                listing.filled.append(f"{letters(at + 1)}{number} “{text[:60]}”")
        above = cells


def fill(listing, guesses):
    """Give each of vertically merged cells below the headings the value of the first, and say so.

    Rows with one title are lines of one project. Rows in which a value would be a guess are refused: in the columns
    ``guesses``, unless they are lines of one project, or if cells are merged across columns that are read. A row of
    nothing else is the heading of a group.
    """
    rows, title = dict(listing.sheet.rows), listing.at.get("title")
    for top, left, bottom, right in sorted(listing.sheet.merged, key=lambda merged: merged[1] != title):
        read, first = [at for at in range(left, right + 1) if at in listing.columns], rows.get(top, [])
        text = text_at(first, left)
        if top <= listing.number or not text or not read:
            continue
        cells, numbers = f"{letters(left + 1)}{top}:{letters(right + 1)}{bottom}", range(top, bottom + 1)
        is_of_one = len({listing.lines.get(number, number) for number in numbers}) == 1
        if left < right and top == bottom and count_filled(first) == 1:
            listing.notes[top] = text
        elif read != [left] or (left in guesses and not is_of_one):
            message = f"The cells {cells} are merged. Give each its own value."
            for number in numbers:
                listing.wrong.setdefault(number, []).append((listing.columns[read[0]], message, {}))
        else:
            if left == title:
                listing.lines |= dict.fromkeys(numbers, top)
            for number in numbers:
                if number in rows:
                    rows[number] += [""] * (left + 1 - len(rows[number]))
                    rows[number][left] = text
            listing.filled.append(f"{cells} “{text[:60]}”{', a project of several rows' * (left == title)}")
