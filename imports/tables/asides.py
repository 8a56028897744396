"""Rows of a list that are no records: totals, numbers of the columns, and notes below it."""

import re
from contextlib import suppress

from instruments.models import Country
from projects.models.amounts import parse_sum
from provenance.documents.folding import fold

from .cells import count_filled, is_none, text_at, worded
from .headings import proposal
from .words import words

TOTAL = re.compile(
    rf"(?:grand |overall |amount |sub ?|sous |промежуточный )?(?:{'|'.join(map(fold, words.totals))})\b(?P<of>.*)"
)
_NOTES = frozenset(map(fold, words.notes))


def adds_up(cells, title):
    """Whether a row only adds up others: it begins with “Total”, or with “Total EU” and has only amounts and “EU”.

    It begins with its first words, or with those in the column ``title``.
    """
    with_words = [at for at, cell in enumerate(cells) if worded([cell])]
    for at in [*with_words[:1], *({title} & {*with_words})]:
        if total := TOTAL.fullmatch(fold(cells[at])):
            others = [each for each in cells[:at] + cells[at + 1 :] if each.strip()]
            return total["of"] in ("", ":", " general", " eur", " usd") or all(
                re.search(r"[0-9]", each) or fold(each) == total["of"].strip() for each in others
            )
    return False


def totals(listing):
    """Return the numbers of rows of a title and sums that add up all rows above, or those since the last such row; and
    of those below the last total, such as “of which EU”.

    The rows above state more than that: in a list of titles and sums, a project may cost what two others do.
    """
    sums = {at for at, ours in listing.columns.items() if ours.endswith("_amount")}
    found, above, since, title = [], [], 0, listing.at.get("title", 0)
    below, totals = None, {number for number, cells in listing.below if adds_up(cells, title)}
    for number, cells in listing.below:
        filled = {at for at, cell in enumerate(cells) if cell.strip()}
        if number in totals:
            below = [] if above else None
        elif number in listing.skipped or number in listing.notes:
            continue
        elif filled - sums - {title}:
            above.append(cells)
            below = None
        elif stated := filled & sums:
            parts = [part for part in (above, above[since:]) if len(part) > 1]
            if any(all(_added([cells], at) == _added(part, at) for at in stated) for part in parts):
                found.append(number)
                since = len(above)
            elif below is None:
                break
            else:
                below.append(number)
    return found + (below or [])


def _added(rows, at):
    """Return the sum of a column; None if a cell is no sum."""
    with suppress(ValueError):
        return sum(parse_sum(text)[0] for cells in rows if not is_none(text := text_at(cells, at)))


def numbers(cells, least):
    """Whether a row only numbers the columns, of which ``least`` have a heading: 1, 2, 3 …"""
    texts = [cell.strip(" .()[]") for cell in cells if cell.strip()]
    return len(texts) >= max(least, 2) and texts == [str(number) for number in range(1, len(texts) + 1)]


def groups(listing):
    """Return {number: text} of the rows of one cell in a column that is not read: they are headings of groups."""
    return {
        number: "".join(cells).strip()
        for number, cells in listing.listed
        if count_filled(cells) == 1 and not any(text_at(cells, at) for at in listing.columns)
    }


def countries(listing, names):
    """Return {number of a row: (country, where it stands)} of rows that state none: it names their sheet, stands alone
    in a row above, or in a line such as “Country: Georgia” above the headings. A total or any other row of one cell
    ends it. Rows of a country above others are notes.

    To the right of the title and below another cell it may be a further line, and is none.
    """
    sheet, title, found, heads, filled = listing.sheet, listing.at.get("title", 0), {}, {}, set()
    now = of_sheet = (sheet.title, f"sheet {sheet.title}") if names.knows(Country, sheet.title) else None
    for number, cells in sheet.rows:
        own = {at for at, cell in enumerate(cells) if cell.strip()}
        text = "".join(cells).strip(" :")
        head, name = (part.strip() for part in text.rpartition(":")[::2])
        if len(own) == 1 and not own & filled and names.knows(Country, text):
            heads[number], now = text, (text, sheet.place(number))
        elif number < listing.number and proposal(head) == "country_codes" and names.knows(Country, name):
            now = of_sheet = (name, sheet.place(number))
        elif len(own) == 1 or (now and adds_up(cells, title)):
            now = of_sheet
        elif number > listing.number:
            filled |= {at for at in own if at > title}
            if now and not text_at(cells, listing.at.get("country_codes", len(cells))):
                found[number] = now
    listing.notes |= {number: text for number, text in heads.items() if found and number > listing.number}
    return found


def notes_below(listing):
    """Return {number: text} of the rows below a list that are notes: sentences without signs between cells, and rows of
    one cell that begin like a note, or stand apart, and what follows them.
    """
    least, tail, notes = listing.least, [], {}
    is_trimmed = any(1 < len(cells) < least and not cells[1].startswith(" ") for _number, cells in listing.below)
    for number, cells in reversed(listing.below):
        is_sentence = listing.sheet.is_even and len(cells) < least and all(one.startswith(" ") for one in cells[1:])
        is_sentence = is_sentence and not listing.is_spaced and (len(cells) > 1 or not is_trimmed)
        if count_filled(cells) > 1 and not is_sentence:
            break
        text = ",".join(cells).strip(",").strip()
        first, *others = fold(text).split()
        is_note = (is_sentence and others) or text.startswith(("*", "(*")) or first.strip(":.") in _NOTES
        tail.append((number, text, is_note))
    else:
        return {}
    above = number
    for number, text, is_note in reversed(tail):
        if notes or is_note or number > above + 1:
            notes[number] = text
        above = number
    return notes
