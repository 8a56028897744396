"""Claims get the value that they support, and every record with claims is recorded anew, once: its claims say whether
they stand and how they read. No Revision of before changes.
"""

import orjson
from django.db import migrations
from django.utils import timezone

CHUNK = 500
REASON = "Claims say whether they stand and how they read"
KINDS = (
    ("instruments", "Country"), ("instruments", "Instrument"), ("instruments", "Partnership"),
    ("projects", "Organisation"), ("projects", "Project"),
)  # fmt: skip
EARLIER, UNDECIDED = "States the earlier value: ", "Not decided"  # read here for the last time
WORDS = ("field", "as_stated", "quote", "source")


def record_anew(apps, schema_editor):
    from provenance.store.database import register_lock

    Revision = apps.get_model("provenance", "Revision")
    if not Revision.objects.exists():
        return  # a new register: nothing here has to be known
    now = timezone.now()
    with register_lock():
        _upgrade(apps.get_model("provenance", "Proposal").objects.filter(outcome="waiting"), "base_id", Revision)
        _upgrade(apps.get_model("projects", "ImportItem").objects.exclude(document=""), "base", Revision)
        for app, name in KINDS:
            rows, last = apps.get_model(app, name).objects.filter(revision__isnull=False).order_by("pk"), ""
            while chunk := list(rows.filter(pk__gt=last).only("pk", "state", "revision_id")[:CHUNK]):
                _record(apps, chunk, Revision, now.replace(microsecond=now.microsecond // 1000 * 1000))
                last = chunk[-1].pk


def _record(apps, rows, Revision, at):
    """Record ``rows`` of one kind as their newest Revisions have them, with what follows for their claims."""
    from provenance.store import database
    from provenance.store.log import make_revision

    live = _live(type(rows[0]))
    before = Revision.objects.in_bulk([row.revision_id for row in rows])
    documents = {}
    for revision in before.values():
        document = orjson.loads(revision.document)
        document.pop("modified")
        if document["claims"] and "status" not in document["claims"][0]:
            documents[revision.key] = _told(document, revision, Revision)
    said = {"at": at, "user_name": "migrate", "reason": REASON}
    rows = {row.pk: row for row in rows if row.pk in documents}
    columns = [column.attname for column in Revision._meta.concrete_fields]
    made = (
        make_revision(live, key, documents[key], row.state, before[row.revision_id], **said)
        for key, row in rows.items()
    )
    revisions = [Revision(**{name: getattr(each, name) for name in columns}) for each in made]
    if not revisions:
        return
    database.insert(revisions)
    for revision in revisions:
        vars(rows[revision.key]).update(revision_id=revision.pk, modified=at.replace(microsecond=0))
    database.update(list(rows.values()), ["revision_id", "modified"])
    _fill(apps, live, documents)


def _live(model):
    """Return the model of today: what it makes of documents needs no column."""
    from django.apps import apps

    return apps.get_model(model._meta.label)


def _fill(apps, live, documents):
    """Write the columns of the claims of ``documents`` that follow from them."""
    from provenance.documents import claims
    from provenance.store import database

    Claim, ContentType = apps.get_model("provenance", "Claim"), apps.get_model("contenttypes", "ContentType")
    kind = ContentType.objects.get(app_label=live._meta.app_label, model=live._meta.model_name)
    told = {
        (key, claim["field"], claim["as_stated"], claim["quote"], claim["source"]["slug"]): claims.columns(claim)
        for key, document in documents.items()
        for claim in document["claims"]
    }
    changed = []
    rows = Claim.objects.filter(content_type=kind, object_id__in=documents, value="")
    for row in rows.only("object_id", "field", "as_stated", "quote", "source_id"):
        if columns := told.get((row.object_id, row.field, row.as_stated, row.quote, row.source_id)):
            vars(row).update(columns)
            changed.append(row)
    if changed:
        database.update(changed, ["status", "value", "set_aside"])


def _upgrade(rows, base, Revision):
    """Let the documents of ``rows``, which wait to be written, say how claims stand."""
    from provenance.store.build import as_text
    from provenance.store.log import model_of

    for row in rows.filter(document__contains='"set_aside"').iterator(chunk_size=CHUNK):
        document = orjson.loads(row.document)
        last = Revision.objects.filter(pk=getattr(row, base)).first()
        if "claims" in document and last:
            row.document = as_text(model_of(last), _told(document, last, Revision))
            row.save(update_fields=["document"])


def _told(document, last, Revision):
    """Return ``document`` with what its claims say from now on. ``last``: the record's newest Revision."""
    from provenance.documents.claims import settle_claims

    claims = [_claim(claim, last, Revision) for claim in document["claims"]]
    return settle_claims({**document, "claims": claims})


def _claim(claim, last, Revision):
    why = claim.get("set_aside", "")
    if why.startswith(UNDECIDED):
        return claim | {"status": "undecided"}
    value = _value_before(claim, last, Revision) if why.startswith(EARLIER) else None
    if value:
        return claim | {"status": "earlier", "value": value}
    return claim


def _value_before(claim, last, Revision):
    """Return the value that a claim supported when it stood adopted for the last time: what its reason names of it."""
    from provenance.documents.claims import bare, settle_claims
    from provenance.documents.diff import describe

    known = Revision.objects.filter(kind=last.kind, key=last.key, id__lte=last.pk).order_by("-id")
    for text in known.values_list("document", flat=True).iterator(chunk_size=20):
        document = orjson.loads(text)
        for stood in settle_claims(document).get("claims", []):
            if [stood[name] for name in WORDS] == [claim[name] for name in WORDS] and not stood["set_aside"]:
                value = document[claim["field"]]
                items = value if isinstance(value, list) else [value]
                return [bare(item) for item in items if describe(item) in claim["set_aside"]] or stood.get("value")
    return None


class Migration(migrations.Migration):
    dependencies = [
        ("instruments", "0003_found_by_search_text"),
        ("projects", "0008_names_tell_from_other_words"),
        ("provenance", "0010_reasons_of_claims"),
    ]

    operations = [migrations.RunPython(record_anew, migrations.RunPython.noop, elidable=False)]
