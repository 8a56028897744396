"""Texts of sources: kept, checked, compared, taken into use, withdrawn, and what a newer one proposes."""

from collections import Counter
from difflib import SequenceMatcher

from django.core.exceptions import ValidationError

from ..documents.claims import Status, bare
from ..documents.comparison import GONE, KINDS, LIKE, MOVED, REWORDED, STILL, Comparison, words_for
from ..documents.declaration import Amount, Date, Items, Lines, Money, One, Text, When, date_member
from ..documents.errors import Refused
from ..documents.passages import nearest, overlooked
from ..documents.quotes import NOT_FOUND, VERBATIM, find_quote
from ..documents.readings import OTHERWISE, reading
from ..models import Claim
from ..store import editions, log
from ..store.database import register_lock
from . import permissions
from .submission import submit

MOST_SHOWN = 200  # claims, or sentences, on one page
IN_USE = "This is the text in use, read on {}. Give a later day if it was read again."
WITHDRAWN_BEFORE = "This text was withdrawn already."
SAME = "Read again: the text is the same."


def keep(user, source, data, text, day, reason):
    """Keep ``text``, read from ``data`` on ``day``. Returns its Edition, whether that is new, and an Outcome or None.

    The first text of a source is used at once; a newer one waits until somebody has compared it. The text in use, read
    again, gives the source its later day.
    """
    outcome = None
    with register_lock():
        source.refresh_from_db()
        document = log.document_of(source.revision)
        last = editions.of_source(source.pk).first()
        digest = editions.keep(source.pk, data, text, day, user)
        edition = editions.of_source(source.pk).get(digest=digest)
        if not document["edition"]:
            outcome = use(user, source, edition, reason)
        elif digest == document["edition"]:
            if (document["read_date"] or "") >= day.isoformat():
                raise ValidationError(IN_USE.format(document["read_date"]))
            outcome = _submit(user, source, SAME, {"read_date": day.isoformat()})
    return edition, last is None or edition.pk > last.pk, outcome


def use(user, source, edition, reason):
    """Submit ``source`` with ``edition`` as its text: written, or proposed. Returns the Outcome."""
    with register_lock():
        _read_anew(source, edition)
        changes = {"edition": edition.digest, "read_date": edition.read_date.isoformat(), "text_withdrawn": None}
        return _submit(user, source, reason, changes)


def _read_anew(source, edition):
    """Read both again, with the lock held; ValidationError if the text was withdrawn meanwhile."""
    source.refresh_from_db()
    edition.refresh_from_db()
    if edition.withdrawn:
        raise ValidationError(WITHDRAWN_BEFORE)


def _submit(user, source, reason, changes):
    document = log.document_of(source.revision) | changes
    bases = {source.pk: source.revision_id}
    return submit(user, type(source), {source.pk: document}, reason=reason, bases=bases)


def withdraw(user, source, edition, reason):
    """Delete text and file. It takes the right to change the source: a deletion cannot wait for a publisher."""
    with register_lock():
        _read_anew(source, edition)
        if not permissions.may(user, "change", source):
            raise ValidationError(permissions.refusal(user, "change", source))
        editions.withdraw(edition, reason, user.get_username())
        if log.document_of(source.revision)["edition"] == edition.digest:
            _submit(user, source, reason, {"text_withdrawn": reason})


def propose(user, source, edition, base, readers):
    """Propose, record by record, what the reworded sentences of ``edition`` state, compared with ``base``.

    ``readers``: {model: Reader}. Returns the number of records whose new words can be read, the number of new
    proposals, and messages about what was refused.
    """
    comparison, reason = Comparison(base.text, edition.text), f"Newer text of {source}"[: log.LONGEST_REASON]
    readable, proposed, refused = 0, 0, []
    with register_lock():
        for model, reader in readers.items():
            rows = model.objects.citing(source.pk).select_related("revision")
            changing, proposing = (permissions.allowed(user, action, rows) for action in ("change", "propose"))
            for row in {row.pk: row for row in [*changing, *proposing]}.values():
                if document := reworded(reader, log.document_of(row.revision), source.pk, comparison):
                    readable += 1
                    try:
                        outcome = submit(user, model, {row.pk: document}, reason=reason, as_proposal=True)
                        proposed += len(outcome.proposed)
                    except Refused as error:
                        refused.append(f"{row}: {' '.join(error.messages)}")
    return readable, proposed, refused


def checked(document):
    """Return how many claims on a source's document were looked for in its text, which were not found (``missing``,
    each with the sentence nearest to it ``now``), and what no claim uses (``overlooked``).
    """
    rows = Claim.objects.filter(source_id=document["slug"]).order_by("pk")
    claims = list(rows.values("content_type_id", "object_id", "field", "as_stated", "quote"))
    text = editions.newest_text(document)
    verdicts = [find_quote(claim["quote"], claim["as_stated"], text).verdict for claim in claims]
    missing = [claim for claim, verdict in zip(claims, verdicts, strict=True) if verdict == NOT_FOUND]
    unused = overlooked(text, claims) if text else []
    return {
        "overlooked": [
            {"number": sentence.number, "words": words, "sentence": text[sentence.start : sentence.end]}
            for sentence, words in unused[:MOST_SHOWN]
        ],
        "more_overlooked": len(unused) - MOST_SHOWN,
        "claim_count": len(claims), "verbatim": verdicts.count(VERBATIM), "more_missing": len(missing) - MOST_SHOWN,
        "missing": [claim | {"now": nearest(claim["quote"], text)} for claim in missing[:MOST_SHOWN]],
    }  # fmt: skip


def compared(document, edition, base):
    """Return what became of the claims on a source's document in an edition, compared with ``base``: numbers, and those
    that are not still there (``work``). Empty if nothing can be compared.
    """
    if base is None or edition.withdrawn:
        return {}
    comparison = Comparison(base.text, edition.text)
    rows = Claim.objects.filter(source_id=document["slug"]).exclude(status=Status.EARLIER).order_by("pk")
    claims = list(rows.values("content_type_id", "object_id", "field", "as_stated", "quote"))
    fates = {
        pair: comparison.fate(*pair)
        for pair in dict.fromkeys((claim["quote"], claim["as_stated"]) for claim in claims)
    }  # fmt: skip
    rows = [claim | fates[claim["quote"], claim["as_stated"]]._asdict() for claim in claims]
    counts = Counter(row["kind"] for row in rows)
    work = sorted((row for row in rows if row["kind"] != STILL), key=lambda row: KINDS.index(row["kind"]), reverse=True)
    days = editions.days_seen(document, {row["quote"] for row in work[:MOST_SHOWN]})
    return {
        "counts": [(kind, counts[kind]) for kind in KINDS], "standing": counts[STILL] + counts[MOVED],
        "reworded": counts[REWORDED], "left": counts[REWORDED] + counts[GONE], "more": len(work) - MOST_SHOWN,
        "work": [row | {"days": days.get(row["quote"])} for row in work[:MOST_SHOWN]],
    }  # fmt: skip


# -- What reworded sentences state --


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
        elif isinstance(member, Text) and old[member.name]:
            is_code = member.name == "currency" or part._meta.get_field(member.name).choices  # no source spells codes
            new[member.name] = old[member.name] if is_code else _text(old[member.name], before, now)
    return new


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
