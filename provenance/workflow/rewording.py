"""Claims whose sentence reads otherwise in a newer text of their source: what could be recorded now."""

from ..documents.comparison import REWORDED, words_for
from ..documents.dates import dates_in
from ..documents.declaration import Date, Money, date_member, money_member, of_kind
from ..documents.readings import sums_in


def reworded(model, document, source, comparison):
    """Return ``document`` with what a newer text of ``source``, its key, states instead; None if nothing can be read.

    Where only other words of the sentence changed, the claim quotes the new sentence. Where a date or a sum changed,
    the document has the new value and a new claim; the one before stays as an earlier one.
    """
    kinds = {member.name: type(member) for member in of_kind(model, Date, Money)}
    values, claims = {}, []
    for claim in document["claims"]:
        claims.append(claim)
        if claim["source"]["slug"] != source or claim["status"] != "adopted":
            continue
        fate = comparison.fate(claim["quote"], claim["as_stated"])
        words = words_for(claim["as_stated"], claim["quote"], fate.now) if fate.kind == REWORDED else ""
        new = claim | {"as_stated": words, "quote": fate.now, "value": None, "reading": None}
        if words == claim["as_stated"]:
            claims[-1] = new | {"value": claim["value"]}
        elif value := _read(kinds.get(claim["field"]), words, document[claim["field"]]):
            values[claim["field"]] = value
            claims.append(new)
    return None if claims == document["claims"] else document | values | {"claims": claims}


def _read(kind, words, before):
    """Return the date or sum that ``words`` state; None if they state none, or more than one."""
    if kind is Date and len(dates := dates_in(words)) == 1:
        return date_member(dates[0][2], bool(before and before["planned"]))
    if kind is Money and len(sums := sums_in(words)) == 1 and len(sums[0].amounts) == 1:
        currencies = sums[0].currencies or ({before["currency"]} if before else ())
        return money_member(*sums[0].amounts, *currencies) if len(currencies) == 1 else None
    return None
