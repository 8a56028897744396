"""Checks that tables, documents and digests agree, and so finds changes that were not recorded."""

import hashlib

import orjson
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db.models import Exists, F, OuterRef

from ..documents.errors import quoted
from ..models import AuditEntry, Claim, Edition, Revision
from . import audit, log
from .build import as_recorded, build_documents
from .database import snapshot
from .editions import set_evidence


def register_digest():
    """Return ``sha256:…`` of the newest Revision of every record: kind, key, state and document, without its time.

    It depends on the content alone. Only one chunk of records is in memory at a time.
    """
    content = hashlib.sha256()
    for model in sorted(log.record_models(), key=_kind):
        for keys in log.chunks(model.objects.order_by("pk").values_list("pk", flat=True)):
            for key, revision in sorted(log.newest(model, keys).items()):
                fields = [revision.kind, key, revision.state, as_recorded(model, log.document_of(revision))]
                content.update(orjson.dumps(fields, option=orjson.OPT_SORT_KEYS) + b"\n")
    return f"sha256:{content.hexdigest()}"


def check_register(old="", version=None, audit_head=(None, "")):
    """Yield each discrepancy of the whole register as a line, all from one snapshot, read chunk by chunk.

    ``old``: the beginning of a head that was printed earlier, and its ``version`` (None if that is not known).
    ``audit_head``: likewise (number of entries, digest) of the audit log.
    """
    with snapshot():
        for model in sorted(log.record_models(), key=_kind):
            for keys in log.chunks(_stream(model.objects.order_by("pk").values_list("pk", flat=True))):
                yield from _check_records(model, keys)
        yield from _check_chains()
        yield from _check_gone()
        yield from _check_heads(old, version)
        yield from _check_claims()
        yield from audit.findings(*audit_head)
        yield from _check_texts()


def _check_records(model, keys):
    """Compare a chunk of rows with their newest Revisions."""
    documents, faults = _rebuild(model, keys)
    for fault in [*log.faults_beside(model, documents, log.states_of(model, keys)), *model.faults_of_rows(keys)]:
        faults.setdefault(fault.key, []).append(fault.words)
    newest, words = log.newest(model, keys), model.other_words(documents)
    for row in model.objects.filter(pk__in=keys).order_by("pk").values():
        key = row[model._meta.pk.name]
        differing = _compare(model, row, documents.get(key), newest.get(key), words.get(key, ()))
        yield from (f"{_kind(model)} {key}: {finding}" for finding in [*faults.get(key, ()), *differing])


def _check_chains():
    """Check each Revision's digests and predecessor."""
    models, before = log.record_kinds(), None
    for revision in _stream(Revision.objects.order_by("kind", "key", "id")):
        follows = before and (before.kind, before.key) == (revision.kind, revision.key)
        yield from _check_link(revision, before if follows else None, models)
        before = revision


def _check_heads(old, version):
    """Compare the stored heads with those that follow from the public changes, and these with the old head."""
    before = head = ""  # as stored; as it follows from all changes
    seen = not old
    columns = ("head", "id", "kind", "key", "public_digest")
    for stored, *change in _stream(Revision.objects.public().order_by("id").values_list(*columns)):
        follows = log.head_after(before, *change)
        head = follows if before == head else log.head_after(head, *change)
        if stored != follows:
            yield (
                f"version {change[0]}: its seal does not follow from the one before it. A change before it was"
                " removed, altered or moved."
            )
        seen = seen or (version in (None, change[0]) and head.startswith(old))
        before = stored
    if not seen:
        of = "no version" if version is None else f"not version {version}"
        yield (
            f"seal {old}: {of} of this register has it. A change up to it was removed, altered or moved, or this is an"
            " older copy of the register."
        )


def _kind(model):
    return model._meta.model_name


def _stream(rows):
    return rows.iterator(chunk_size=log.CHUNK)


def _rebuild(model, keys):
    """Return ``{key: document}`` built from the tables, and ``{key: [faults]}``."""
    try:
        documents, faults = build_documents(model, keys), {}
    except Exception:  # find the record that cannot be built
        documents, faults = {}, {}
        for key in keys:
            try:
                documents |= build_documents(model, [key])
            except Exception as error:
                faults[key] = [_reason(error)]
    set_evidence(model, documents)
    return documents, faults


def _reason(error):
    return " ".join(error.messages) if isinstance(error, ValidationError) else f"{type(error).__name__}: {error}"


def _compare(model, row, document, revision, other_words):
    """Yield how a row and its built document differ from its newest Revision."""
    if revision is None:
        yield "was never recorded: it has no Revision"
        return
    if revision.action == "deleted":
        yield f"is here, but Revision {revision.pk} says that {revision.user_name} deleted it"
        return
    if row["state"] != revision.state:
        yield f"state: {revision.state} → {row['state']}"
    try:
        recorded = log.document_of(revision)
        columns = log.recorded_columns(model, revision, recorded, other_words)
    except Exception as error:
        yield f"Revision {revision.pk} holds no document that can be read: {_reason(error)}"
        return
    if document is not None:
        yield from _differences(recorded, document)
    yield from _differences(columns, {name: row[name] for name in columns})


def _differences(recorded, now):
    """Yield ``member: recorded → now`` for all members that differ."""
    for member in recorded | now:
        old, new = recorded.get(member), now.get(member)
        if isinstance(old, list) and isinstance(new, list) and old != new:
            old, new = [item for item in old if item not in new], [item for item in new if item not in old]
            if not old and not new:
                yield f"{member}: in another order, or not as often"
                continue
        if old != new:
            yield f"{member}: {_shown(old)} → {_shown(new)}"


def _shown(value):
    if value is None:
        return "not stated"
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return quoted(" ".join(text.split()))


def _check_link(revision, before, models):
    name = f"{revision.kind} {revision.key}: Revision {revision.pk}"
    if revision.previous_digest != (before.digest if before else ""):
        place = f"the digest of Revision {before.pk}, the one before it" if before else "empty, as of a first one"
        yield f"{name}: previous_digest is not {place}"
    if revision.digest != log.digest_of(revision):
        yield f"{name} was changed after it was recorded: its digest is not that of what it says"
    try:
        document = orjson.loads(revision.document)
        public_digest = log.public_digest_of(revision, before.public_digest if before else "", document)
        sort_key = models[revision.kind].sort_key_of(document) if revision.kind in models else revision.sort_key
    except Exception as error:
        yield f"{name} holds no document that can be read: {_reason(error)}"
        return
    if revision.public_digest != public_digest:
        yield f"{name}: its public_digest is not that of what the public was told"
    yield from (
        f"{name}: {difference}" for difference in _differences({"sort_key": sort_key}, {"sort_key": revision.sort_key})
    )


def _check_gone():
    for kind in Revision.objects.order_by("kind").values_list("kind", flat=True).distinct():
        for key in log.unrecorded_deletions(kind).values_list("key", flat=True):
            yield f"{kind} {key}: is gone, but no Revision says who deleted it"


def _check_texts():
    """Yield texts that are not what was kept, by their file's digest or the audit log, and withdrawals not shown."""
    entries = AuditEntry.objects.filter(deed__startswith=audit.KEPT).order_by("-id")
    noted = dict(entries.values_list("about", "deed"))  # the first on each text
    for pk in Edition.objects.filter(withdrawn="").order_by("pk").values_list("pk", flat=True):
        edition = Edition.objects.get(pk=pk)
        if hashlib.sha256(bytes(edition.file or b"")).hexdigest() != edition.digest:
            yield f"source {edition}: its file was changed after it was kept: its digest is not that of the file"
        elif noted.get(f"edition {pk}") != audit.kept(edition):
            yield f"source {edition}: its text was changed after it was kept: it is not the one in the audit log"
    withdrawn = Edition.objects.exclude(withdrawn="").defer("file").order_by("pk")
    for edition in withdrawn.filter(source__edition=F("digest"), source__text_withdrawn=""):
        yield f"source {edition}: its text was withdrawn, but the source does not say so"


def _check_claims():
    """Yield the claims on records that do not exist; no foreign key prevents them."""
    for model in log.record_models():
        content_type = ContentType.objects.get_for_model(model)
        orphans = Claim.objects.filter(~Exists(model.objects.filter(pk=OuterRef("object_id"))))
        for claim in _stream(orphans.filter(content_type=content_type)):
            yield f"claim {claim.pk}: is about {_kind(model)} {claim.object_id}, which is not here"
