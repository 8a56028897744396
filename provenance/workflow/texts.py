"""Texts of sources: kept, checked, compared, taken into use, withdrawn, and what a newer one proposes."""

from collections import Counter

from django.core.exceptions import ValidationError

from ..documents.claims import Status
from ..documents.comparison import GONE, KINDS, MOVED, REWORDED, STILL, Comparison
from ..documents.errors import Refused
from ..documents.passages import nearest, overlooked
from ..documents.quotes import NOT_FOUND, VERBATIM, find_quote
from ..models import Claim, Edition
from ..store import editions, log
from ..store.database import register_lock
from . import permissions
from .rewording import reworded
from .submission import submit

MOST_SHOWN = 200  # claims, or sentences, on one page
IN_USE = "This is the text in use, read on {}. Give a later day if it was read again."
SAME = "Read again: the text is the same."


def keep(user, source, data, text, day, reason):
    """Keep ``text``, read from ``data`` on ``day``. Returns its Edition, whether that is new, and an Outcome or None.

    The first text of a source is used at once; a newer one waits until somebody has compared it. The text in use, read
    again, gives the source its later day.
    """
    document, outcome = log.document_of(source.revision), None
    with register_lock():
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
    day, withdrawn = edition.read_date.isoformat(), edition.withdrawn or None
    return _submit(user, source, reason, {"edition": edition.digest, "read_date": day, "text_withdrawn": withdrawn})


def _submit(user, source, reason, changes):
    document = log.document_of(source.revision) | changes
    bases = {source.pk: source.revision_id}
    return submit(user, type(source), {source.pk: document}, reason=reason, bases=bases)


def withdraw(user, source, edition, reason):
    """Delete text and file. It takes the right to change the source: a deletion cannot wait for a publisher."""
    if not permissions.may(user, "change", source):
        raise ValidationError(permissions.refusal(user, "change", source))
    with register_lock():
        editions.withdraw(edition, reason, user.get_username())
        if log.document_of(source.revision)["edition"] == edition.digest:
            use(user, source, Edition.objects.get(pk=edition.pk), reason)


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
    comparison, claims = Comparison(base.text, edition.text), _claims(document)
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


def _claims(document):
    """Return the values of the rows of a source's claims, but not of those of earlier values."""
    rows = Claim.objects.filter(source_id=document["slug"]).exclude(status=Status.EARLIER).order_by("pk")
    return list(rows.values("content_type_id", "object_id", "field", "as_stated", "quote"))
