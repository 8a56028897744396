"""Sources that visitors suggest: their list, and the page on which they are accepted or declined."""

from django import forms
from django.contrib import admin

from provenance.documents.diff import label
from provenance.documents.errors import Refused
from provenance.models import Source, SuggestedSource
from provenance.site.admin_site import address
from provenance.workflow import permissions, review, suggestions

from .base import DecisionAdmin, its_kind, of_row
from .sources import attachment

# What a draft source needs in addition to what the visitor sent
AcceptForm = forms.modelform_factory(Source, fields=("title", "slug", "publisher", "language"))


@of_row
def file_view(suggestion_admin, request, suggestion):
    """Serve the file as it was sent, to be saved."""
    return attachment(bytes(suggestion.file or b""), f"suggestion-{suggestion.pk}.bin")


@admin.register(SuggestedSource)
class SuggestedSourceAdmin(DecisionAdmin):
    list_display = ("at", "__str__", its_kind, "its_record", "its_value", "outcome", "decided_by", "comment")
    list_filter = ("outcome",)
    search_fields = ("address", "file_name", "words", "key")
    template = "admin/suggestion.html"
    views = {"<path:object_id>/file/": ("file", file_view)}

    def get_queryset(self, request):
        return super().get_queryset(request).defer("file")

    @admin.display(description="what it states", ordering="field")
    def its_value(self, suggestion):
        return suggestion.field and label(suggestion.field)

    def decide(self, request, suggestion, comment):
        permissions.require(request.user, "add")
        if request.POST.get("decision") == "decline":
            review.close(request.user, suggestion, SuggestedSource.Outcome.DECLINED, comment, file=None)
            return "The suggestion was declined."
        form = _accept_form(request, suggestion)
        if not form.is_valid():
            return ""
        values = {name: value or None for name, value in form.cleaned_data.items()}
        source = suggestions.accept(request.user, suggestion, values, comment)
        return f"“{source}” was added as a draft. {_proposed(request.user, suggestion)}"

    def context_of(self, request, suggestion):
        record = review.record_of(suggestion)
        return {
            "title": f"Suggested source: {suggestion}", "suggestion": suggestion,
            "may_decide": suggestion.outcome == suggestions.WAITING and permissions.may(request.user, "add"),
            "form": _accept_form(request, suggestion), "about": self.its_value(suggestion),
            "record": record, "record_address": record and address(type(record), "change", record.pk),
        }  # fmt: skip


def _proposed(user, suggestion):
    """Propose the claims that an accepted suggestion makes. Returns a sentence about them."""
    suggestion.refresh_from_db()
    if not (record := review.record_of(suggestion)):
        return "Read it, and add what it states."
    reader = admin.site.get_model_admin(type(record)).reader
    try:
        number = suggestions.propose_claims(user, suggestion, record, reader)
    except Refused as error:
        return f"What it states was not proposed: {error}"
    if not number:
        return "No claims were found in it by rule. Read it yourself."
    what = "1 claim" if number == 1 else f"{number} claims"
    return f"{what} about “{record}” became a proposal, which waits for a decision."


def _accept_form(request, suggestion):
    """Return the form of a suggestion, which begins with what the visitor sent."""
    name = suggestion.file_name.rpartition(".")[0] or suggestion.address.partition("//")[2].rstrip("/")
    initial = {"title": name, "slug": Source.new_key(name)}
    return AcceptForm(request.POST if request.POST.get("decision") == "accept" else None, initial=initial)
