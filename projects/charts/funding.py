"""Bar chart of the funding of one project."""

from decimal import Decimal

from babel.numbers import format_percent
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ..words.phrases import NOT_KNOWN, amount_in_words, full_name, instrument_code, locale, record_name, sum_in_words
from .scale import REST, link, mark, plain, spans, style

BAR, BOX, GAP = 36, 34, 6  # heights in px
LEAST = Decimal("0.001")  # of the total, the smallest share that is told


def funding(document):
    """Return the chart of a project's document; None if it has no budget and no funder.

    ``segments`` is empty without a total, because shares of an unknown total cannot be shown.
    """
    budget, contributions = document["budget"], document["contributions"]
    if not budget and not contributions:
        return None
    rows = [_row(part, budget) for part in contributions]
    if rest := document["unattributed"]:
        rows.append({
            "name": _("Funder not known"), "words": sum_in_words(rest),
            "amount": Decimal(rest["amount"]), "is_drawn": True, "style": REST,
        })  # fmt: skip
    segments = _segments([row for row in rows if row["is_drawn"]], budget)
    unstated = [row for row in rows if row["amount"] is None]
    box_y = BAR + GAP if segments else 0
    words = ngettext(
        "No amount published (%(n)s contribution)", "No amount published (%(n)s contributions)", len(unstated)
    )
    return {
        "title": _("Who funds the %(total)s") % {"total": sum_in_words(budget)}
        if budget
        else _("Known funders (no total budget published)"),
        "legend": [*_legend(segments, unstated)],
        "segments": segments,
        "unstated": unstated,
        "unstated_words": words % {"n": len(unstated)},
        "box_y": box_y,
        "height": box_y + BOX if unstated else BAR,
        "table": rows,
        "notes": list(_notes(document, rows)),
    }


def _row(part, budget):
    instrument, amount = part["instrument"], part["amount"]
    funder = plain(record_name("organisation", part["funder"]["name"]))
    under = _("%(funder)s, through %(instrument)s")
    return {
        "name": under % {"funder": funder, "instrument": instrument_code(instrument["code"])} if instrument else funder,
        "funder": funder,
        "funder_query": link(None, organisation=part["funder"]["slug"], role="funder"),
        "instrument": instrument and plain(full_name(instrument, "instrument")),
        "instrument_query": instrument and link(None, instrument=instrument["code"]),
        "words": NOT_KNOWN if amount is None else amount_in_words(amount, part["currency"]),
        "amount": None if amount is None else Decimal(amount),
        "is_drawn": bool(budget) and part["currency"] == budget["currency"],
    }


def _legend(segments, unstated):
    """Yield a mark for each funder, with its amount."""
    words = _("%(name)s: %(amount)s")
    for row in segments:
        yield mark(
            words % {"name": row["name"], "amount": f"{row['words']} ({row['share']})"}, f"segment fill-{row['style']}"
        )
    for row in unstated:
        yield mark(words % {"name": row["name"], "amount": _("amount not known")}, "torn")


def _segments(rows, budget):
    """Set the place of each row on the bar, and its share."""
    whole = Decimal(budget["amount"]) if budget else 0
    for number, (row, (x, width)) in enumerate(zip(rows, spans([row["amount"] for row in rows], whole), strict=True)):
        row |= {"x": x, "width": width, "share": _share(row["amount"] / whole) if whole else ""}
        row.setdefault("style", style(number))
    return rows


def _share(share):
    """Return a share of 1 in words, to a tenth of a percent; nothing that is stated rounds to zero."""
    rounded = round(share, 3) or (LEAST if share else 0)
    words = format_percent(rounded, decimal_quantization=False, locale=locale())
    return _("less than %(share)s") % {"share": words} if share < rounded == LEAST else words


def _notes(document, rows):
    budget, unstated = document["budget"], any(row["amount"] is None for row in rows)
    for row in rows:
        if budget and row["amount"] is not None and not row["is_drawn"]:
            words = _(
                "%(name)s also contributes %(sum)s. The bar leaves this out, because the total is in another currency."
            )
            yield words % {"name": row["name"], "sum": row["words"]}
    if not budget:
        yield _("No source gives the total, so the chart cannot show shares of it.")
    elif document["unattributed"] and unstated:
        yield _("Contributions without an amount may be part of the remainder.")
