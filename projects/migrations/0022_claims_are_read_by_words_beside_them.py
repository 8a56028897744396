"""Records whose claims read differently by the rules of this version are recorded anew. No earlier Revision changes.

Once, for the rules of this version and those of 0018, 0020 and 0021.
"""

from django.db import migrations
from django.utils import timezone

CHUNK = 500
REASON = "Claims are read by what the words beside dates, bodies and parts say of them"
KINDS = (
    ("instruments", "Country"), ("instruments", "Instrument"), ("instruments", "Partnership"),
    ("projects", "Organisation"), ("projects", "Project"),
)  # fmt: skip


def record_anew(apps, schema_editor):
    from provenance.store.database import register_lock

    claims = apps.get_model("provenance", "Claim").objects
    if not claims.exists():
        return
    now = timezone.now()
    with register_lock():
        for app, name in KINDS:
            kind = apps.get_model("contenttypes", "ContentType").objects.filter(app_label=app, model=name.lower())
            of_kind = claims.filter(content_type__in=kind)
            rows, last = apps.get_model(app, name).objects.filter(pk__in=of_kind.values("object_id")).order_by("pk"), ""
            rows = rows.filter(revision__isnull=False)
            while chunk := list(rows.filter(pk__gt=last).only("pk", "state", "revision_id")[:CHUNK]):
                _record(apps, chunk, of_kind, now.replace(microsecond=now.microsecond // 1000 * 1000))
                last = chunk[-1].pk


def _record(apps, rows, claims, at):
    from django.apps import apps as live

    from provenance.documents.claims import COLUMNS, columns, settle_claims
    from provenance.store import database
    from provenance.store.build import as_text
    from provenance.store.log import document_of, head_after, make_revision

    model, Revision = live.get_model(rows[0]._meta.label), apps.get_model("provenance", "Revision")
    before = Revision.objects.in_bulk([row.revision_id for row in rows])
    old = {revision.key: document_of(revision) for revision in before.values()}
    documents = {key: settle_claims(document) for key, document in old.items()}
    rows = [row for row in rows if as_text(model, documents[row.pk]) != as_text(model, old[row.pk])]
    if not rows:
        return
    said = {"at": at, "user_name": "migrate", "reason": REASON}
    made = [make_revision(model, row.pk, documents[row.pk], row.state, before[row.revision_id], **said) for row in rows]
    names = [column.attname for column in Revision._meta.concrete_fields]
    revisions = [Revision(**{name: getattr(each, name) for name in names}) for each in made]
    database.set_keys(revisions)
    head = Revision.objects.filter(is_public=True).order_by("id").values_list("head", flat=True).last() or ""
    for each in filter(lambda revision: revision.is_public, revisions):
        head = each.head = head_after(head, each.pk, each.kind, each.key, each.public_digest)
    database.insert(revisions)
    for row, revision in zip(rows, revisions, strict=True):
        row.revision_id, row.modified = revision.pk, at.replace(microsecond=0)
    database.update(rows, ["revision_id", "modified"])
    settled = {
        (row.pk, claim["source"]["slug"], claim["field"], claim["as_stated"], claim["quote"]): columns(claim)
        for row in rows
        for claim in documents[row.pk]["claims"]
    }
    changed = []
    for claim in claims.filter(object_id__in=[row.pk for row in rows]):
        values = settled.get((claim.object_id, claim.source_id, claim.field, claim.as_stated, claim.quote), {})
        if any(getattr(claim, name) != value for name, value in values.items()):
            vars(claim).update(values)
            changed.append(claim)
    if changed:
        database.update(changed, COLUMNS)


class Migration(migrations.Migration):
    dependencies = [("projects", "0021_claims_with_other_units_are_read_anew")]

    operations = [migrations.RunPython(record_anew, migrations.RunPython.noop, elidable=False)]
