"""Groups by amount as bars on one scale, with a torn piece for each project whose amount is not known."""

from decimal import Decimal

from django.utils.text import capfirst

from ..index.figures import currencies
from ..words.phrases import coverage_in_words, sum_in_words, value_in_words
from .scale import percent, plain, sum_in

MOST_PIECES = 3  # torn pieces drawn; one piece stands for more
PIECE = Decimal("0.17")  # width of a piece, as a share of the narrowest bar; its length has no meaning


def ranked(groups, by, most=None, pieces=False, own=None, shared=(), currency=""):
    """Return ``groups`` of ``figures.groups`` as rows, the largest amount first; only the first ``most``.

    ``shared``: groups of only the projects that are in several countries, for the words ``shared``. ``own``: the key of
    a group that is added to these rows, and has ``is_own``. ``pieces``: leave room beside the bars for their torn
    pieces. Amounts are in ``currency``, by default that known for most projects; ``others``: the number of others.
    """
    currency = currency or next(iter(currencies(groups)), "")
    names = {group["key"]: capfirst(plain(value_in_words(by, group["key"], group["label"]))) for group in groups}

    def place(group):
        sum_ = sum_in(currency, group)
        return -sum_["amount"] if sum_ else 1, -group["projects"], names[group["key"]]

    ordered = sorted(groups, key=place)
    shown = ordered[:most] + [group for group in ordered[most:] if group["key"] == own and most]
    parts = {group["key"]: sum_in(currency, group) for group in shared}
    rows = [
        _row(group, names[group["key"]], currency, parts.get(group["key"])) | {"is_own": group["key"] == own}
        for group in shown
    ]
    largest = max((row["amount"] or 0 for row in rows), default=0)
    shares = [(row, (row["amount"] or 0) / largest if largest else Decimal(0)) for row in rows]
    room = [(1 - PIECE * len(row["pieces"])) / share for row, share in shares if share and pieces]
    scale = min([Decimal(1), *room])
    for row, share in shares:
        row["width"] = percent(share * scale * 100)
    return rows


def _row(group, name, currency, shared):
    own = sum_in(currency, group)
    others, known_for = len(group["amounts"]) - bool(own), own["stated_for"] if own else 0
    known = sum(sum_["stated_for"] for sum_ in group["amounts"]) + group.get("counted_in_parent", 0)
    unknown = max(0, group["projects"] - known)
    return {
        "key": group["key"],
        "name": name,
        "projects": group["projects"],
        "known": known_for,
        "amount": own and own["amount"],
        "currency": currency,
        "words": sum_in_words(own),
        "coverage": "" if others and not own else coverage_in_words(known_for, group["projects"]),
        "others": others,
        "shared": sum_in_words(shared),
        "pieces": range(unknown if unknown <= MOST_PIECES else 1),
    }
