"""Claims whose sentence is reworded in a newer text of their source: what could be recorded now."""

from difflib import SequenceMatcher

from ..documents.claims import bare
from ..documents.comparison import LIKE, REWORDED, words_for
from ..documents.declaration import Amount, Date, Items, Lines, Money, One, Text, When, date_member
from ..documents.readings import OTHERWISE, reading


class Unread(ValueError):
    """What the new words state cannot be read without guessing."""


def reworded(reader, document, source, comparison):
    """Return ``document`` with what a newer text of ``source``, its key, states instead; None if nothing can be read.

    Where the new words state the same, the claim has them. Where a date, a sum or a name changed, the document has the
    new value and a new claim; the one before stays as an earlier one. ``reader``: a Reader for records of its kind.
    """
    values, claims = {}, []
    for claim in document["claims"]:
        claims.append(claim)
        if claim["source"]["slug"] != source or claim["status"] != "adopted":
            continue
        fate = comparison.fate(claim["quote"], claim["as_stated"])
        words = words_for(claim["as_stated"], claim["quote"], fate.now) if fate.kind == REWORDED else ""
        new = claim | {"as_stated": words, "quote": fate.now, "value": None, "reading": None}
        try:
            value = _new_value(reader, document, values, claim, words)
        except Unread:
            continue
        if value == values.get(claim["field"], document[claim["field"]]):
            claims[-1] = new | {"value": claim["value"]}
        else:
            values[claim["field"]] = value
            claims.append(new)
    return None if claims == document["claims"] else document | values | {"claims": claims}


def _new_value(reader, document, values, claim, words):
    """Return the value of a claim's member as ``words``, which replaced those of the claim, state it.

    ``values``: what other claims changed already.
    """
    field, old = claim["field"], values.get(claim["field"], document[claim["field"]])
    if words == claim["as_stated"]:
        return old
    if not words or old in (None, []):
        raise Unread
    before, now, member = reader.beside(claim["as_stated"]), reader.beside(words), reader.members[field]
    if not isinstance(old, list):
        new = _read(member, reader.model, old, before, now)
    else:
        places = [at for at, item in enumerate(document[field]) if bare(item) in (claim["value"] or ())]
        if len(places) != 1:
            raise Unread
        [at] = places
        new = [*old[:at], _read(member, reader.model, old[at], before, now), *old[at + 1 :]]
    is_other = reading(claim | {"as_stated": words, "quote": words}, document | {field: new}) == OTHERWISE
    if is_other or (isinstance(new, list) and len({str(bare(item)) for item in new}) < len(new)):
        raise Unread
    return new


def _read(member, model, old, before, now):
    """Return the value, or an item of a list, in ``now`` (a Reader) that replaced ``old`` in ``before``."""
    if isinstance(member, Items):
        return _read_part(member.part(model), old, before, now)
    if isinstance(member, Money):
        return _only("sum", *(_with_currency(each, old) for each in (before, now))) or old
    if isinstance(member, Date | When):
        date = _only("date", before, now)
        return (date_member(date, old["planned"]) if isinstance(member, Date) else member.out(date)) if date else old
    if isinstance(member, One):
        return _only(before.kind_of(member, model), before, now) or old
    if before.choices(member):
        codes, new_codes = (each.read(member.name, 0, len(each.text)) for each in (before, now))
        return old if codes == new_codes else _single(new_codes)
    new = _text(old, before, now) if isinstance(member, Text | Lines) else old
    if member.is_name and SequenceMatcher(None, old, new).ratio() < LIKE:
        raise Unread  # the sentence names another record, and does not rename this one
    return new


def _read_part(part, old, before, now):
    """Return a part of a record, such as a contribution, with what of it is stated otherwise."""
    new = dict(old)
    for member in part.members:
        if isinstance(member, Amount):
            new |= _only("sum", *(_with_currency(each, old) for each in (before, now))) or {}
        elif isinstance(member, One):
            named = _only(before.kind_of(member, part), before, now)
            new |= (named if member.inline else {member.name: named}) if named else {}
        elif isinstance(member, Text) and old[member.name] and not _is_code(part, member):
            new[member.name] = _text(old[member.name], before, now)
    return new


def _is_code(part, member):
    """Whether a text is a code, of one of the column's choices or of a currency, which no source spells."""
    return member.name == "currency" or bool(part._meta.get_field(member.name).choices)


def _text(old, before, now):
    words = " ".join(before.text.split())
    return _single([words_for(old, words, now.text)]) if old in words else old


def _only(sort, before, now):
    """Return the only thing of a sort in ``now``; None if it has the same of them as ``before``."""
    values = now.values(sort)
    return None if values == before.values(sort) else _single(values)


def _single(values):
    if len(values) != 1 or not values[0]:
        raise Unread
    return values[0]


def _with_currency(reader, old):
    """Return a Reader in which sums have a currency, that of ``old`` if the words name none."""
    return reader if reader.values("sum") or not old["currency"] else reader.beside(f"{old['currency']} {reader.text}")
