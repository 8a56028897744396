"""Admin views of likely duplicates, and for merging two records."""

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.http import Http404, HttpResponseRedirect
from django.utils.html import format_html

from projects.models import Project
from projects.quality import duplicates
from projects.quality.merges import MERGE_RULES
from provenance.admin.summary import on_site, typed_reason
from provenance.documents.diff import differences, label, lines
from provenance.models.fields import as_number
from provenance.site.admin_site import address
from provenance.store.log import document_of, newest
from provenance.workflow import merges, permissions, review

SHOWN_PAIRS = 200
CHOICE = "place:"
MERGED = "Merged: {} ({}) is now part of this record, and its address leads here.{}"
GONE = "One of the two is not there any more."
UNRECORDED = "“{}” has no history, as it was not made here. Run record_changes, then merge."


@admin.action(description="Merge the two selected %(verbose_name_plural)s", permissions=["merge"])
def merge_two(record_admin, request, queryset):
    keys = list(queryset.order_by("pk").values_list("pk", flat=True)[:3])
    if len(keys) == 2:
        return HttpResponseRedirect(address(queryset.model, "merge", *keys))
    record_admin.message_user(request, "Select exactly two records to merge.", messages.WARNING)
    return None


def _own(user, model, keys):
    """Return ``{key: record}`` of two; Http404 if one is gone or was never recorded, PermissionDenied if ``user`` may
    not merge one.
    """
    rows = model.objects.in_bulk(keys)
    if len(rows) != 2:
        raise Http404(GONE)
    for row in rows.values():
        permissions.require(user, "merge", row)
        if row.revision_id is None:
            raise Http404(UNRECORDED.format(row))
    return rows


def pairs_alike(record_admin, request):
    """List likely duplicates; POST marks a pair as different."""
    model = record_admin.model
    permissions.require(request.user, "merge")
    if request.method == "POST":
        keys = [request.POST.get(name, "")[:100] for name in ("first", "second")]
        rows = _own(request.user, model, keys)
        duplicates.mark_different(model, *keys, request.user.get_username())
        words = f"Marked as different: {rows[keys[0]]}; {rows[keys[1]]}."
        record_admin.message_user(request, words, messages.SUCCESS)
        return HttpResponseRedirect(address(model, "duplicates"))
    pairs = duplicates.alike_projects() if model is Project else duplicates.alike_organisations()
    shown = pairs[:SHOWN_PAIRS]
    rows = model.objects.in_bulk({key for pair in shown for key in pair.keys})
    return record_admin.page(request, "admin/duplicates.html", {
        "title": f"Possible duplicates among {record_admin.opts.verbose_name_plural}",
        "count": len(pairs),
        "pairs": [(pair, [rows[key] for key in pair.keys]) for pair in shown if set(pair.keys) <= rows.keys()],
    })  # fmt: skip


def merge(record_admin, request, kept, merged):
    """Show two records side by side; POST merges them as chosen."""
    model, kept, merged = record_admin.model, unquote(kept), unquote(merged)
    rows = _own(request.user, model, [kept, merged])
    chosen = {name.removeprefix(CHOICE) for name in request.POST if request.POST[name] == "merged"}

    def do():
        seen = {key: as_number(request.POST.get(f"seen-{side}")) for side, key in (("kept", kept), ("merged", merged))}
        how = {"seen": seen, "reason": typed_reason(request), "take": chosen, "rules": MERGE_RULES[model]}
        merges.merge(request.user, model, kept, merged, **how)
        return format_html(MERGED, rows[merged], merged, on_site(model.objects.get(pk=kept)))

    if request.method == "POST" and (response := record_admin.carry_out(request, do, address(model, "change", kept))):
        return response
    revisions = newest(model, [kept, merged])
    one, other = (document_of(revisions[key]) for key in (kept, merged))
    prepared = MERGE_RULES[model].prepare(one, other)
    parts, united = merges.disagreements(model, *prepared), merges.unite(model, *prepared, (), MERGE_RULES[model])
    return record_admin.page(request, "admin/merge.html", {
        "title": f"Merge two {record_admin.opts.verbose_name_plural}",
        "kept": rows[kept],
        "merged": rows[merged],
        "seen": (revisions[kept].pk, revisions[merged].pk),
        "places": [
            {"name": CHOICE + part.name, "label": label(part.member), "is_taken": part.name in chosen,
             "kept": lines(part.theirs), "merged": lines(part.mine)}
            for part in parts
        ],
        "alone": [(name, new) for name, _old, new in differences(model, one, united | {"claims": one["claims"]})],
        "waiting": review.waiting_on(model, [merged]),
    })  # fmt: skip


ACTIONS = ("delete_selected", "publish", "withdraw", merge_two)
VIEWS = {"duplicates/": ("duplicates", pairs_alike), "<path:kept>/merge/<path:merged>/": ("merge", merge)}
