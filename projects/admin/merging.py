"""Pages of the admin for records that look alike, and for merging two that are one."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.http import Http404, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.html import format_html

from projects import duplicates
from projects.merging import WAYS
from projects.models import Project
from provenance import access, changing, deciding, merging
from provenance.admin.telling import on_site
from provenance.differences import in_words, label
from provenance.recording import newest, stated

from .first_page import address_of

REFUSALS = (merging.CannotMerge, changing.Refused, ValidationError, IntegrityError)
SHOWN_PAIRS = 200
CHOICE = "place:"
MERGED = "Merged: {} ({}) is now part of this record, and its address leads here.{}"


@dataclass
class Place:
    """A place in which two records state something else, as the page shows it."""

    name: str
    label: str
    kept: Any
    merged: Any
    is_taken: bool


class MergingMixin(admin.ModelAdmin):
    """Adds pages of pairs that look alike, to merge or to mark as different."""

    actions = ("publish", "withdraw", "merge_two")

    def has_merge_permission(self, request, obj=None):
        return access.may(request.user, "merge", obj)

    @admin.action(description="Merge the two selected %(verbose_name_plural)s", permissions=["merge"])
    def merge_two(self, request, queryset):
        keys = list(queryset.order_by("pk").values_list("pk", flat=True)[:3])
        if len(keys) == 2:
            return HttpResponseRedirect(address_of(self.model, "merge", *keys))
        self.message_user(request, "Select exactly two to merge.", messages.WARNING)
        return None

    def get_urls(self):
        opts = self.opts
        name = f"{opts.app_label}_{opts.model_name}"
        wrap = self.admin_site.admin_view
        return [
            path("duplicates/", wrap(self.duplicates_view), name=f"{name}_duplicates"),
            path("<path:kept>/merge/<path:merged>/", wrap(self.merge_view), name=f"{name}_merge"),
            *super().get_urls(),
        ]

    def duplicates_view(self, request):
        """List the pairs; mark one as different."""
        access.demand(request.user, "merge")
        if request.method == "POST":
            return self._mark(request)
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "POST"])
        is_project = self.model is Project
        pairs = duplicates.alike_projects() if is_project else duplicates.alike_organisations()
        shown = pairs[:SHOWN_PAIRS]
        names = self.model.objects.in_bulk({key for pair in shown for key in pair.keys})
        context = {
            "title": f"{str(self.opts.verbose_name_plural).capitalize()} that look alike",
            "count": len(pairs),
            "pairs": [self._shown(pair, names) for pair in shown if set(pair.keys) <= names.keys()],
        }
        return self._page(request, "admin/duplicates.html", context)

    def _shown(self, pair, names):
        sides = [(names[key], address_of(self.model, "change", key)) for key in pair.keys]
        return {"pair": pair, "sides": sides, "merge": address_of(self.model, "merge", *pair.keys)}

    def _mark(self, request):
        keys = [request.POST.get(name, "")[:100].replace("\0", "") for name in ("first", "second")]
        rows = self.model.objects.in_bulk(keys)
        if len(rows) != 2:
            raise Http404("One of the two is not there any more.")
        for row in rows.values():
            access.demand(request.user, "merge", row)
        duplicates.mark_different(self.model, *keys, request.user.get_username())
        self.message_user(request, f"Marked as different: {rows[keys[0]]}; {rows[keys[1]]}.", messages.SUCCESS)
        return HttpResponseRedirect(address_of(self.model, "duplicates"))

    def merge_view(self, request, kept, merged):
        """Show two records side by side, and merge them as chosen."""
        kept, merged = unquote(kept), unquote(merged)
        rows = self.model.objects.in_bulk([key for key in (kept, merged) if "\0" not in key])
        if len(rows) != 2:
            raise Http404("One of the two is not there any more.")
        for row in rows.values():
            access.demand(request.user, "merge", row)
        chosen = {name.removeprefix(CHOICE) for name in request.POST if request.POST[name] == "merged"}
        refused = ()
        if request.method == "POST":
            refused = self._merge(request, kept, merged, chosen)
            if not refused:
                words = format_html(MERGED, rows[merged], merged, on_site(self.model.objects.get(pk=kept)))
                self.message_user(request, words, messages.SUCCESS)
                return HttpResponseRedirect(address_of(self.model, "change", kept))
        context = self._side_by_side(rows, kept, merged, chosen) | {
            "refused": refused,
            "reason": request.POST.get("reason", "")[: merging.LONGEST_REASON],
        }
        return self._page(request, "admin/merge.html", context)

    def _merge(self, request, kept, merged, chosen):
        """Merge; returns what is wrong, nothing if it was done."""
        reason = request.POST.get("reason", "").strip()[: merging.LONGEST_REASON]
        if not reason:
            return ["Say why they are one: it is kept in the history of both."]
        seen = {key: _number(request.POST.get(f"seen-{side}")) for side, key in (("kept", kept), ("merged", merged))}
        do = partial(merging.merge, request.user, self.model, kept, merged, seen=seen, reason=reason)
        try:
            do(take=chosen, way=WAYS[self.model])
        except REFUSALS as error:
            return ["Nothing was merged.", *_in_words(error)]
        return []

    def _side_by_side(self, rows, kept, merged, chosen):
        told = newest(self.model, [kept, merged])
        documents = {key: stated(revision.document) for key, revision in told.items()}
        if len(documents) != 2:
            raise Http404("One of the two was never recorded.")
        one, other = documents[kept], documents[merged]
        parts = merging.conflicts(self.model, *WAYS[self.model].prepare(one, other))
        return {
            "title": f"Merge two {self.opts.verbose_name_plural}",
            "kept": rows[kept],
            "merged": rows[merged],
            "seen": (told[kept].pk, told[merged].pk),
            "places": [
                Place(
                    CHOICE + part.name, label(part.member), _lines(part.theirs), _lines(part.mine), part.name in chosen
                )
                for part in parts
            ],
            "alone": _only_in(one, other, parts),
            "waiting": deciding.waiting_on(self.model, [merged]),
            "other_way": address_of(self.model, "merge", merged, kept),
        }

    def _page(self, request, template, context):
        request.current_app = self.admin_site.name
        return TemplateResponse(
            request, template, {**self.admin_site.each_context(request), "opts": self.opts, **context}
        )


def _only_in(kept, merged, parts):
    """Return ``[(label, lines)]`` of what only the merged record tells, and the kept one will tell."""
    decided = {part.member for part in parts if part.item is None}
    found = []
    for member, value in merged.items():
        if member in decided or member in ("url", "slug", "unattributed", "claims") or not value:
            continue
        there = kept.get(member)
        items = [item for item in value if item not in (there or [])] if isinstance(value, list) else [value]
        if items and value != there:
            found.append((label(member), [in_words(item) for item in items]))
    return found


def _lines(value):
    return [in_words(item) for item in value] if isinstance(value, list) else [in_words(value)]


def _number(text):
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None


def _in_words(error):
    if isinstance(error, changing.Refused):
        return [words for faults in error.faults.values() for words in faults]
    return error.messages if isinstance(error, ValidationError) else [str(error)]
