"""The page to publish records: what becomes public, as readers will see it, and what has no source yet."""

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse

from provenance.documents.claims import contradictions, unsupported
from provenance.models import Revision, State
from provenance.site.admin_site import address
from provenance.store.log import document_of
from provenance.workflow import permissions, publication

from .summary import attempt, deeds, typed_reason

SHOWN = "publish"  # the items shown (see ``publication.item``)
LISTED = 500  # records listed of each kind


def shown(request):
    """Return the set of items that the confirmed page showed."""
    return set(request.POST.get(SHOWN, "").split())


def publish_one(record_admin, request, object_id):
    """Show what becomes public with one record, and publish it."""
    model, record = record_admin.model, record_admin.get_object(request, unquote(object_id))
    if record is None:
        return record_admin._get_obj_does_not_exist_redirect(request, record_admin.opts, object_id)
    return publish_page(request, record_admin.opts, {model: [record.pk]}, address(model, "change", record.pk))


def publish_page(request, opts, records, back, title="Publish this?", chosen=()):
    """Show what becomes public with ``{model: keys}``; once confirmed, publish it and redirect to ``back``.

    Everybody who may see drafts sees the page; those who may not publish see why, and no button. ``opts``: of the model
    whose page it is. ``chosen``: further (name, value) pairs for the form.
    """
    permissions.require(request.user, "view")
    refused = []
    if SHOWN in request.POST:
        published, refused = attempt(
            lambda: publication.publish(request.user, records, shown(request), typed_reason(request))
        )
        if not refused:
            _report_published(request, records, published)
            return HttpResponseRedirect(back)
        refused = ["Nothing was published.", *refused]
    plan = publication.plan(request.user, records)
    title = title if plan.records() else "Already published"
    context = {
        "title": title, "opts": opts, "publication": listed(plan), "refused": refused, "back": back,
        "chosen": chosen, "typed_reason": typed_reason(request),
    }  # fmt: skip
    response = _as_readers_see_it(request, plan, context)
    if response is None:
        context |= admin.site.each_context(request)
        response = TemplateResponse(request, "admin/record_publish.html", context)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def listed(plan):
    """Return a Plan as templates show it."""
    rows = [row for records in plan.records().values() for row in list(records.values())[:LISTED]]
    revisions = Revision.objects.in_bulk([row.revision_id for row in rows])
    documents = {row: document_of(revisions[row.revision_id]) for row in rows if row.revision_id in revisions}
    count = len(plan.items())
    return {
        "needs_reason": any(map(contradictions, documents.values())),
        "shown": " ".join(sorted(plan.items())),
        "count": count,
        "label": f"Publish all {count} records" if count > 1 else "Publish",
        "asked": [_group(model, rows, documents) for model, rows in plan.asked.items()],
        "along": [_group(model, rows, documents) for model, rows in plan.along.items()],
        "obstacles": [(address(type(row), "change", row.pk), row, words) for row, words in plan.obstacles[:LISTED]],
    }


def _group(model, rows, documents):
    listed = list(rows.values())[:LISTED]
    return {
        "kind": model._meta.verbose_name if len(rows) == 1 else model._meta.verbose_name_plural,
        "count": len(rows),
        "more": len(rows) - len(listed),
        "records": [
            {
                "record": row,
                "address": address(model, "change", row.pk),
                "look": address(model, "publish", row.pk) if row.get_absolute_url() else "",
                "no_source": [label for label, _ in unsupported(model, None, documents.get(row, {}))],
                "otherwise": contradictions(documents.get(row, {})),
            }
            for row in listed
        ],
    }


def _as_readers_see_it(request, plan, context):
    """Return the public page of a single record, with the form on top; None for several records."""
    rows = [row for rows in plan.asked.values() for row in rows.values()]
    if len(rows) != 1 or not rows[0].revision or not rows[0].get_absolute_url():
        return None
    return admin.site.public_page(request, type(rows[0]), rows[0].revision.document, context)


def _report_published(request, records, published):
    """Add messages about what was published, what with it, and what already was."""
    groups = published.asked, published.along
    asked, along = ([row for rows in group.values() for row in rows.values()] for group in groups)
    for row in (*asked, *along):
        row.state = State.PUBLISHED
    before = [(model, set(keys) - published.asked.get(model, {}).keys()) for model, keys in records.items()]
    already = [row for model, keys in before for row in model.objects.filter(pk__in=keys).order_by("pk")]
    messages.success(request, deeds({"Published": asked, "Published with it": along, "Already published": already}))
