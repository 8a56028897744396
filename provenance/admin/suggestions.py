"""Sources that visitors suggest: their list, and the page on which they are accepted or declined."""

import re

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path

from provenance.documents.diff import label
from provenance.documents.errors import Refused
from provenance.models import Source, SuggestedSource
from provenance.site.admin_site import address
from provenance.store.log import record_models
from provenance.workflow import permissions, suggestions

from .changelist import CarefulAdmin
from .forms import error_messages


class AcceptForm(forms.ModelForm):
    """What a draft source needs besides what the visitor sent."""

    class Meta:
        model = Source
        fields = ("title", "slug", "publisher", "language")


@admin.register(SuggestedSource)
class SuggestedSourceAdmin(CarefulAdmin):
    list_display = ("at", "__str__", "kind", "key", "field", "outcome", "decided_by", "comment")
    list_filter = ("outcome",)
    search_fields = ("address", "file_name", "words", "key")
    actions = None

    def get_queryset(self, request):
        return super().get_queryset(request).defer("file")

    def get_urls(self):
        view = self.admin_site.admin_view(self.file_view)
        name = f"{self.opts.app_label}_{self.opts.model_name}_file"
        return [path("<path:object_id>/file/", view, name=name), *super().get_urls()]

    def _found(self, request, object_id):
        if not self.has_view_permission(request):
            raise PermissionDenied
        return self.get_object(request, unquote(object_id))

    def file_view(self, request, object_id):
        """Serve the file as it was sent, to be saved: browsers neither show nor run it."""
        suggestion = self._found(request, object_id)
        if suggestion is None or suggestion.file is None:
            raise Http404("There is no file.")
        name = f"suggestion-{suggestion.pk}.bin"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
        return HttpResponse(bytes(suggestion.file), content_type="application/octet-stream", headers=headers)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        suggestion = self._found(request, object_id)
        if suggestion is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        may_decide = permissions.may(request.user, "add") and suggestion.outcome == suggestions.WAITING
        form = AcceptForm(
            request.POST if request.POST.get("decision") == "accept" else None, initial=_first(suggestion)
        )
        if request.method == "POST":
            if not permissions.may(request.user, "add"):
                permissions.refuse(request.user, "add", suggestion, permissions.refusal(request.user, "add"))
            if self._is_decided(request, suggestion, form):
                return HttpResponseRedirect(request.path)
        record, source = _record(suggestion), suggestion.source
        desk = record and source and address(type(record), "change", record.pk, default_source=source.pk)
        return TemplateResponse(request, "admin/suggestion.html", self.admin_site.each_context(request) | {
            "title": f"Suggested source: {suggestion}", "opts": self.opts, "media": self.media,
            "suggestion": suggestion, "may_decide": may_decide, "form": form,
            "comment": request.POST.get("comment", ""),
            "record": record, "about": label(suggestion.field) if suggestion.field else "",
            "record_address": record and address(type(record), "change", record.pk),
            "source_address": source and address(Source, "change", source.pk),
            "desk_address": desk and f"{desk}#desk",
            "file_address": suggestion.file and address(SuggestedSource, "file", str(suggestion.pk)),
        })  # fmt: skip

    def _is_decided(self, request, suggestion, form):
        """Carry out the decision, and return whether it succeeded."""
        comment = request.POST.get("comment", "")[:10_000]
        try:
            if request.POST.get("decision") == "decline":
                suggestions.decline(request.user, suggestion, comment)
                self.message_user(request, "The suggestion was declined.", messages.SUCCESS)
                return True
            if not form.is_valid():
                return False
            values = {name: value or None for name, value in form.cleaned_data.items()}
            source = suggestions.accept(request.user, suggestion, values, comment)
        except (ValidationError, Refused) as error:
            for words in error_messages(error):
                self.message_user(request, words, messages.ERROR)
            return False
        self.message_user(
            request, f"“{source}” was added as a draft. Read it, and add what it states.", messages.SUCCESS
        )
        return True


def _first(suggestion):
    """Return the values with which the form of a suggestion begins."""
    name = suggestion.file_name.rpartition(".")[0] or suggestion.address.partition("//")[2].rstrip("/")
    return {"title": name, "slug": Source.new_key(re.sub(r"[\W_]+", " ", name))}


def _record(suggestion):
    """Return the record that a suggestion is about; None if it names none, or it is gone."""
    model = next((model for model in record_models() if model._meta.model_name == suggestion.kind), None)
    return model and model.objects.filter(pk=suggestion.key).first()
