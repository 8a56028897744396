"""Sources that visitors suggest: received, and accepted as draft sources with their text."""

import secrets
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.crypto import salted_hmac

from ..documents.claims import Status, claim_identity, items_of, settle_claims
from ..documents.declaration import name_members
from ..documents.readings import OTHERWISE
from ..files import texts
from ..models import Source, SuggestedSource
from ..store import editions, writer
from ..store.build import blank
from ..store.database import register_lock
from . import permissions
from .review import close
from .submission import submit

LARGEST = 10 * 2**20  # bytes of a file
A_DAY, FROM_ONE = timedelta(days=1), 10  # at most so many suggestions a day from one sender
MOST_WAITING = 200
EMAIL_KEPT = timedelta(days=30)
READ = "Claims that rules read in what a visitor sent"
UNDECIDED = "Suggested by a visitor. The register’s value was not changed."
WAITING = SuggestedSource.Outcome.WAITING


class Full(Exception):
    """No suggestion is taken now: too many wait, or too many came from one sender."""


def receive(client, **values):
    """Keep a suggestion from ``client``, an address of the network. Returns it. Full if too many came before."""
    now = timezone.now()
    sender = salted_hmac("suggestion", client).hexdigest()[:32]  # says nothing of the address without our key
    rows = SuggestedSource.objects.order_by()
    is_full = rows.filter(outcome=WAITING).count() >= MOST_WAITING
    if is_full or rows.filter(sender=sender, at__gt=now - A_DAY).count() >= FROM_ONE:
        raise Full
    return rows.create(token=secrets.token_urlsafe(32), at=now, sender=sender, **values)


def text_of(suggestion):
    """Return the text in its file, "" without one. ValidationError if it cannot be read; may take half a minute."""
    return texts.text_of(bytes(suggestion.file)) if suggestion.file else ""


def accept(user, suggestion, text, document, comment=""):
    """Make a draft source of a suggestion; its ``text``, read from its file, becomes that of it. Returns the Source.

    ``document``: slug, title, publisher and language of the source. ValidationError or Refused, and nothing written,
    if the user may not add it, or the key is taken.
    """
    permissions.require(user, "add")
    today, key = timezone.localdate(), document["slug"]
    with register_lock():
        if Source.objects.filter(pk=key).exists():
            raise ValidationError(f"There is a source “{key}” already. Choose another key.")
        document = blank(Source, key) | {"address": suggestion.address or None, **document}
        submit(user, Source, {key: document}, reason="Suggested by a visitor.")
        if text:
            digest = editions.keep(key, bytes(suggestion.file), text, today, user)
            read = {"edition": digest, "read_date": today.isoformat()}
            submit(user, Source, {key: document | read}, reason="The text that a visitor sent.")
        close(user, suggestion, SuggestedSource.Outcome.ACCEPTED, comment, source_id=key, file=None)
    return Source.objects.get(pk=key)


def propose_claims(user, suggestion, record, reader_class):
    """Propose, for the ``record`` that an accepted suggestion is about, the claims that rules read in what was sent.

    Each that the record's values do not bear out is undecided, so that no value changes. Returns how many there are;
    Refused if ``user`` may not propose them.
    """
    model = type(record)
    document = writer.current(model, [record.pk])[record.pk]
    known = set(map(claim_identity, document["claims"]))
    claims = {claim_identity(claim): claim for claim in _claims(suggestion, record, reader_class)}
    added = [claim for identity, claim in claims.items() if identity not in known]
    if not added:
        return 0
    settled = settle_claims(document | {"claims": [*document["claims"], *added]})
    for claim in settled["claims"][-len(added) :]:
        if claim["reading"] == OTHERWISE or not items_of(document, claim["field"]):
            claim |= {"status": Status.UNDECIDED.value, "value": None, "set_aside": UNDECIDED}
    submit(user, model, {record.pk: settled}, reason=READ, as_proposal=True)
    return len(added)


def _claims(suggestion, record, reader_class):
    """Yield what a suggestion states of ``record``: in passages of its text that name it, and in the visitor's words.

    Only of the member that it is about, if it is about one.
    """
    model, source = type(record), suggestion.source
    names = {name: getattr(record, name) for name in name_members(model)}
    for edition in source.editions.all():
        reader = reader_class(model, edition.text, names)
        own = [passage for passage in reader.passages() if reader.names_own(passage.sentences)]
        yield from _wanted(suggestion, reader, [offer for passage in own for offer in passage.offers])
    reader = reader_class(model, suggestion.words, names)
    yield from _wanted(suggestion, reader, [offer for each in reader.sentences for offer in reader.offers(each)])


def _wanted(suggestion, reader, offers):
    """Return those of the Offers of a Reader that can be read, as claims of a document."""
    source = {"slug": suggestion.source.pk, "title": suggestion.source.title}
    wanted = [offer for offer in offers if offer.items and suggestion.field in ("", offer.member)]
    return [reader.claim(offer) | {"source": source} for offer in wanted]


def tidy():
    """Delete e-mail addresses after EMAIL_KEPT and digests of senders after a day. Returns how many of each."""
    now, rows = timezone.now(), SuggestedSource.objects.order_by()
    emails = rows.filter(at__lt=now - EMAIL_KEPT).exclude(email="").update(email="")
    return emails, rows.filter(at__lt=now - A_DAY).exclude(sender="").update(sender="")
