"""The only way in which a change of a record becomes a Revision.

Code that changes rows holds the register's lock and finishes with ``record``; to delete, it calls ``delete``. Two
chains of digests run over the Revisions of a record: of everything recorded, and of what the public saw. The seal is
one head over all public changes, in the order of versions (docs/verify.md).
"""

import hashlib
import logging
from collections import defaultdict
from functools import cache, partial
from itertools import chain, islice

import orjson
from django.apps import apps
from django.db import transaction
from django.db.models import Exists, Max, OuterRef
from django.utils import timezone

from ..documents import claims
from ..documents.errors import Fault, Refused
from ..models import Record, Revision, Source, State
from ..models.record import as_search_text
from ..models.revision import iso_milliseconds, public_state
from . import database
from .build import as_recorded, existing, from_instance, iso_seconds, names_in, records, upgrade
from .database import register_lock, require_lock
from .editions import set_evidence

logger = logging.getLogger("access")
CHUNK = 500
FAULTS = 20  # listed in one message
LONGEST_REASON = 300
HIDDEN = (State.DRAFT, State.WITHDRAWN)
UNEXPLAINED = "Correct it, or give a reason for publishing it."


def chunks(values, size=CHUNK):
    """Yield lists of at most ``size`` of ``values``."""
    iterator = iter(values)
    while chunk := list(islice(iterator, size)):
        yield chunk


@cache
def record_kinds():
    """Return ``{kind: model}`` of all kinds of record."""
    return {model._meta.model_name: model for model in apps.get_models() if issubclass(model, Record)}


def record_models():
    """Return the models of all kinds of record."""
    return list(record_kinds().values())


def public_models():
    """Return the models of records with public pages."""
    return [model for model in record_models() if model.collection]


def model_of(row):
    """Return the model of the record that ``row``, a Revision or Proposal, is about."""
    return record_kinds()[row.kind]


def document_of(row):
    """Return the document of ``row``, a Revision or Proposal, without ``modified``."""
    document = upgrade(record_kinds()[row.kind], row.document)
    document.pop("modified", None)
    return document


def standing_in(revision):
    """Return the document of a record's newest Revision; None if there is none, or the record was deleted."""
    return document_of(revision) if revision and revision.action != "deleted" else None


def title_of(revision):
    """Return the title or name in ``revision``."""
    document = document_of(revision)
    return document.get("title") or document.get("name") or revision.key


def titles_of(pairs):
    """Return ``{(kind, key): title}`` of records as last recorded, deleted ones too, in two queries for each kind."""
    keys = defaultdict(set)
    for kind, key in pairs:
        keys[kind].add(key)
    newest_revisions = [newest(model, keys[kind]).values() for kind, model in record_kinds().items() if keys[kind]]
    return {(each.kind, each.key): title_of(each) for revisions in newest_revisions for each in revisions}


def newest(model, keys, until=None):
    """Return ``{key: newest Revision}``, deletions included; ``until``: none with a greater id."""
    rows = Revision.objects.filter(kind=model._meta.model_name, key__in=keys)
    if until is not None:
        rows = rows.filter(pk__lte=until)
    ids = rows.order_by().values("key")
    revisions = Revision.objects.in_bulk(ids.annotate(newest=Max("id")).values_list("newest", flat=True))
    return {revision.key: revision for revision in revisions.values()}


def make_revision(model, key, document, state, previous, **fields):
    """Return the unsaved Revision that follows ``previous`` (None for the first).

    ``fields``: ``at``, ``user_name``, ``reason``, and ``action`` for a deletion.
    """
    existed = previous and previous.action != "deleted"
    if "action" not in fields:
        state_changed = existed and previous.state != state and state != State.DRAFT
        fields["action"] = state if state_changed else "changed" if existed else "created"
    was_public = existed and previous.state == State.PUBLISHED
    document = as_recorded(model, document) | {"modified": iso_seconds(fields["at"])}
    revision = Revision(
        kind=model._meta.model_name,
        key=key,
        state=state,
        is_public=bool(was_public or state == State.PUBLISHED),
        document=orjson.dumps(document).decode(),
        sort_key=model.sort_key_of(document),
        previous_digest=previous.digest if previous else "",
        **fields,
    )
    revision.digest = digest_of(revision)
    revision.public_digest = public_digest_of(revision, previous.public_digest if previous else "", document)
    return revision


class Change:
    """A record's ``row`` in memory, the ``document`` to record of it, and ``previous``, its newest Revision, or None.

    ``standing``: the document of ``previous``; None if there is none, or the record was deleted.
    """

    def __init__(self, key, row, document, previous=None):
        self.key, self.row, self.document = key, row, document
        self.follow(previous)

    def follow(self, previous):
        """Set the Revision that this change follows."""
        self.previous, self.standing = previous, standing_in(previous)

    @property
    def is_due(self):
        """Whether document or state differ from the newest Revision."""
        return self.document != self.standing or self.row.state != self.previous.state

    @property
    def is_seen_elsewhere(self):
        """Whether other records show, or are found by, something that changes, or may no longer name this one."""
        if not self.standing:
            return False
        is_hidden = self.previous.state == State.PUBLISHED != self.row.state
        return is_hidden or any(self.standing.get(name) != self.document[name] for name in self.row.shown_elsewhere)

    def contradictions(self):
        """Return sentences about sources that the record would newly contradict in public."""
        if self.row.state != State.PUBLISHED:
            return []
        was_public = self.previous and self.previous.state == State.PUBLISHED
        return claims.contradictions(self.document, self.standing if was_public else None)


def record(model, keys, *, user_name, reason="", at=None):
    """Record the rows ``keys`` of ``model``: one Revision for each that changed.

    Records that show a changed name, or are found by it, are recorded again. Refused if a record breaks a rule; the
    caller must then roll back. ``at``: now, unless set. Returns the number of Revisions.
    """
    require_lock()
    fields = {"at": at or _now(), "user_name": user_name, "reason": reason}
    return sum(_record_rows(model, chunk, fields, bool(reason)) for chunk in chunks(keys))


def _record_rows(model, keys, fields, is_explained):
    rows, before = records(model, keys), newest(model, keys)
    documents = {key: from_instance(row) for key, row in rows.items()}
    set_evidence(model, documents)
    _settle(rows, documents)
    if faults := list(model.faults_of_rows(keys)):
        raise Refused(faults[:FAULTS])
    changes = [Change(key, rows[key], documents[key], before.get(key)) for key in keys if key in rows]
    return append_changes(model, changes, fields, is_explained)


def append_changes(model, changes, fields, is_explained, *, save=None, own_fields=None, trial=None):
    """Append a Revision for each Change that is due. Returns the number of Revisions.

    Records that show a changed name, or are found by it, are recorded again. Refused if a record breaks a rule, or
    publicly contradicts its source and is not explained; the caller must then roll back. ``save(changes, names)``
    writes rows, with the columns ``names`` that follow from the Revisions; by default, these alone. ``trial``: a dict
    that receives ``{key: document}`` of what changed; no Revision is made, and the caller must roll back.
    ``own_fields``: ``{key: fields of its Revision alone}``, such as ``at`` and ``id``, for imports of dumps.
    """
    fields, documents = {"at": _now()} | fields, {change.key: change.document for change in changes}
    if faults := list(faults_beside(model, documents, {change.key: change.row.state for change in changes})):
        raise Refused(faults[:FAULTS])
    due = [change for change in changes if change.is_due]
    unexplained = [
        Fault(change.key, f"{words} {UNEXPLAINED}")
        for change in (() if is_explained else due)
        for words in change.contradictions()
    ]
    if unexplained:
        raise Refused(unexplained[:FAULTS])
    if trial is None:
        _append(model, changes, due, fields, own_fields or {}, save)
    else:
        trial |= {change.key: change.document for change in due}
        save(due, [])
    count, renamed = len(due), [change.key for change in due if change.is_seen_elsewhere]
    words = f"{model._meta.verbose_name} changed: {', '.join(renamed)}"[:LONGEST_REASON]
    for other, lookup in shown_by(model) if renamed else ():
        naming = other.objects.filter(**{f"{lookup}__in": renamed}).order_by("pk").values_list("pk", flat=True)
        for chunk in chunks(list(naming.distinct())):
            count += _record_rows(other, chunk, fields | {"reason": words}, is_explained or model is not Source)
    return count


def _append(model, changes, due, fields, own_fields, save):
    """Append the Revisions of the Changes that are ``due``; set and save the columns that follow from the newest."""
    newest_of = {change.key: change.previous for change in changes} | {
        change.key: make_revision(
            model, change.key, change.document, change.row.state, change.previous,
            **fields | own_fields.get(change.key, {}),
        )
        for change in due
    }  # fmt: skip
    append([newest_of[change.key] for change in due])
    words, outdated = model.other_words({change.key: change.document for change in changes}), []
    for change in changes:
        columns = recorded_columns(model, newest_of[change.key], change.document, words.get(change.key, ()))
        if any(getattr(change.row, name) != value for name, value in columns.items()):
            vars(change.row).update(columns)
            outdated.append(change)
    if save:
        save(outdated, list(columns))
    elif outdated:
        database.update([change.row for change in outdated], list(columns))


def set_state(model, keys, state, *, user_name, reason=""):
    """Publish or withdraw the records ``keys``, and record it. Returns the number of Revisions."""
    with register_lock():
        model.objects.filter(pk__in=keys).update(state=state)
        line = f"{state}: kind=%s records=%d", model._meta.model_name, len(keys)
        transaction.on_commit(partial(logger.info, *line))  # not of a preview, or of what was refused
        return record(model, keys, user_name=user_name, reason=reason)


def delete(model, keys, *, user_name, reason=""):
    """Delete the records ``keys`` with their parts; their Revisions stay, and a last one records the deletion.

    Refused if another record names one of them.
    """
    keys = list(keys)
    with register_lock():
        for other, lookup, naming in naming_rows(model, keys):
            for name, key in naming.values_list("pk", lookup)[:1]:
                words = f"“{key}” cannot be deleted: the {other._meta.verbose_name} “{name}” names it."
                raise Refused([Fault(key, words)])
        model.objects.filter(pk__in=keys).delete()
        record_missing(model, keys, user_name=user_name, reason=reason)


def record_missing(model, keys=None, *, user_name, reason=""):
    """Record the deletion of rows that were deleted without a Revision, of ``keys`` or all. Returns how many."""
    require_lock()
    last = unrecorded_deletions(model._meta.model_name)
    last = last if keys is None else last.filter(key__in=keys)
    fields = {"at": _now(), "user_name": user_name, "reason": reason, "action": "deleted"}
    deletions = [make_revision(model, each.key, document_of(each), each.state, each, **fields) for each in last]
    append(deletions)
    return len(deletions)


def unrecorded_deletions(kind):
    """Return the newest Revisions of the records of a kind that are gone, though no Revision says so."""
    last = Revision.objects.filter(kind=kind).newest_of_each()
    if model := record_kinds().get(kind):
        last = last.filter(~Exists(model.objects.filter(pk=OuterRef("key"))))
    return last.exclude(action="deleted").order_by("key")


def faults_beside(model, documents, states, hidden=HIDDEN):
    """Yield the Faults of built documents beside other records, such as naming one that is not public.

    A published record names only published ones, so that drafts never show on public pages. ``states``: by key.
    """
    names = {key: names_in(model, documents[key]) for key in documents if states[key] == State.PUBLISHED}
    named = existing(chain.from_iterable(names.values()))
    for key, own_names in names.items():
        for other, name in own_names:
            record = named[other].get(name)
            state = states[name] if other is model and name in states else record and record.state
            if state in hidden:
                kind = other._meta.verbose_name
                words = f"“{key}” is published and names the {kind} “{name}”, which is {state}."
                yield Fault(key, f"{words} Publish the {kind} first, or take it out of “{key}”.")
    yield from model.faults_in(documents)


def states_of(model, keys):
    """Return ``{key: state}`` of the records ``keys`` that exist."""
    return dict(model.objects.filter(pk__in=keys).values_list("pk", "state"))


def naming_rows(model, keys):
    """Yield (other model, lookup, queryset of its rows that name a record in ``keys`` and are not among them)."""
    for other, lookup in shown_by(model):
        own = keys if other is model else ()
        yield other, lookup, other.objects.filter(**{f"{lookup}__in": keys}).exclude(pk__in=own)


@cache
def shown_by(model):
    """Return ``[(other model, lookup)]`` of the documents that name records of ``model``."""
    label = model._meta.label_lower
    return [(other, lookup) for other in record_models() for name, lookup in other.names if name == label]


def _now():
    """The current time in whole milliseconds: JSON dumps keep no more, and digests must survive one."""
    now = timezone.now()
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def _settle(rows, documents):
    """Update the columns of claims that follow from documents: status, value, reason and what is wrong."""
    changed = []
    for key, row in rows.items():
        for claim, stated in zip(row.claims.all(), documents[key].get("claims", ()), strict=False):
            columns = claims.columns(stated)
            if any(getattr(claim, name) != value for name, value in columns.items()):
                vars(claim).update(columns)
                changed.append(claim)
    if changed:
        database.update(changed, claims.COLUMNS)


def recorded_columns(model, revision, document, other_words):
    """Return the columns of a record's row that follow from its newest Revision and the ``document`` of that."""
    words = [*model.words_of(document), *other_words]
    return {
        "revision_id": revision.pk,
        "modified": revision.at.replace(microsecond=0),
        "sort_key": model.sort_key_of(document),
        "search_text": as_search_text(model.names_of(document), words),
    }


# -- Digests and seal --


def digest_of(revision):
    """Return the SHA-256 of a Revision's content and of the previous digest."""
    content = [
        revision.previous_digest, revision.kind, revision.key, revision.action, revision.state,
        revision.is_public, revision.user_name, revision.at.isoformat(), revision.reason, revision.document,
    ]  # fmt: skip
    return hashlib.sha256(orjson.dumps(content)).hexdigest()


def public_digest_of(revision, previous, document):
    """Return the head of the record's public chain after ``revision``, in hexadecimal.

    ``previous``: the head before it, "" at first; ``document``: the Revision's, parsed. A Revision that changes nothing
    for the public keeps the head. The head is the SHA-256 of the canonical JSON (RFC 8785, no floats) of six public
    values, so anybody can compute it: see docs/verify.md.
    """
    if not revision.is_public:
        return previous
    state = public_state(revision.action, revision.state)
    content = {
        "previous": previous,
        "kind": revision.kind,
        "key": revision.key,
        "state": state,
        "at": iso_milliseconds(revision.at),
        "document": document if state == "published" else None,
    }
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()


def head_after(head, version, kind, key, digest):
    """Return the head after a public change, in hexadecimal; ``head``: the one before it, "" at first."""
    return hashlib.sha256(orjson.dumps([head, version, kind, key, digest])).hexdigest()


def append(revisions):
    """Insert new Revisions, each public one with its head. Those that have ids get their heads from ``seal``."""
    if not revisions:
        return
    if revisions[0].pk is None:
        database.set_keys(revisions)
        newest = Revision.objects.public().order_by("-id").values_list("head", flat=True).first()
        _set_heads(revisions, seal() if newest == "" else newest or "")
    database.insert(revisions)


def seal():
    """Set the heads from the first public Revision without one on, and return the newest.

    Such Revisions come from a dump, in another order, or from an older release.
    """
    public = Revision.objects.public().order_by("id")
    first = public.filter(head="").values_list("id", flat=True).first()
    if first is None:
        return public.values_list("head", flat=True).last() or ""
    head = public.filter(id__lt=first).values_list("head", flat=True).last() or ""
    rows = public.filter(id__gte=first).only("kind", "key", "is_public", "public_digest", "head")
    while chunk := list(rows[:CHUNK]):
        head = _set_heads(chunk, head)
        database.update(chunk, ["head"])
        rows = rows.filter(id__gt=chunk[-1].pk)
    return head


def _set_heads(revisions, head):
    """Set the heads of ``revisions``, which follow ``head`` in the order of ids, and return the last."""
    for revision in revisions:
        if revision.is_public:
            head = revision.head = head_after(head, revision.pk, revision.kind, revision.key, revision.public_digest)
    return head
