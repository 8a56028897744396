"""Records that quote a source with a kept text are recorded anew: their claims say whether the quotes stand there."""

from django.db import migrations
from django.utils import timezone

CHUNK = 500
REASON = "Quotes are looked for in the text of their source"
KINDS = (
    ("instruments", "Country"), ("instruments", "Instrument"), ("instruments", "Partnership"),
    ("projects", "Organisation"), ("projects", "Project"),
)  # fmt: skip


def record_anew(apps, schema_editor):
    from provenance.store.database import register_lock

    with_text = apps.get_model("provenance", "Source").objects.exclude(edition="").values("pk")
    claims = apps.get_model("provenance", "Claim").objects.filter(source__in=with_text)
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

    from provenance.documents.claims import is_not_found
    from provenance.store import database
    from provenance.store.build import as_text
    from provenance.store.editions import set_evidence
    from provenance.store.log import document_of, make_revision
    from provenance.store.log import head_after

    model, Revision = live.get_model(rows[0]._meta.label), apps.get_model("provenance", "Revision")
    before = Revision.objects.in_bulk([row.revision_id for row in rows])
    documents = {revision.key: document_of(revision) for revision in before.values()}
    texts = {key: as_text(model, document) for key, document in documents.items()}
    set_evidence(model, documents)
    rows = [row for row in rows if as_text(model, documents[row.pk]) != texts[row.pk]]
    if not rows:
        return
    said = {"at": at, "user_name": "migrate", "reason": REASON}
    made = [make_revision(model, row.pk, documents[row.pk], row.state, before[row.revision_id], **said) for row in rows]
    columns = [column.attname for column in Revision._meta.concrete_fields]
    revisions = [Revision(**{name: getattr(each, name) for name in columns}) for each in made]
    database.set_keys(revisions)
    head = Revision.objects.filter(is_public=True).order_by("id").values_list("head", flat=True).last() or ""
    for each in filter(lambda revision: revision.is_public, revisions):
        head = each.head = head_after(head, each.pk, each.kind, each.key, each.public_digest)
    database.insert(revisions)
    for row, revision in zip(rows, revisions, strict=True):
        row.revision_id, row.modified = revision.pk, at.replace(microsecond=0)
        for claim in filter(is_not_found, documents[row.pk]["claims"]):
            words = {name: claim[name] for name in ("field", "as_stated", "quote")}
            claims.filter(object_id=row.pk, source=claim["source"]["slug"], **words).update(not_found=True)
    database.update(rows, ["revision_id", "modified"])


class Migration(migrations.Migration):
    dependencies = [("projects", "0015_french_names_are_searched"), ("provenance", "0018_claims_not_found")]

    operations = [migrations.RunPython(record_anew, migrations.RunPython.noop, elidable=False)]
