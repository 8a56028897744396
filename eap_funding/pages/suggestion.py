"""“I know a source”: a form for visitors without an account, and the page that shows what became of a suggestion."""

import re

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from projects.models.project import LABELS
from projects.published.views import KINDS, filterset_of, take_no_parameters
from projects.search.filters import Filter, NoFilter
from projects.words.phrases import full_name
from provenance.files import texts
from provenance.models import Source, SuggestedSource
from provenance.store.build import upgrade
from provenance.workflow import suggestions

from ..middleware.request_id import client_of

_RECORD = re.compile(rf"(?:/[a-z]{{2}})?/({'|'.join(KINDS)})/([-\w]{{1,100}})/")


class SubjectFilter(NoFilter):
    """The parameters of the form: what the source is about."""

    record = Filter(forms.CharField, "The page that the source is about.", label=_("Page"), max_length=200)
    member = Filter(forms.CharField, "What the source states.", label=_("Information"), max_length=40)


class SuggestionForm(forms.Form):
    """A suggestion, as a visitor sends it."""

    address = forms.URLField(
        label=_("Web address of the source, or a file"), required=False, max_length=1000, assume_scheme="https",
        error_messages={"invalid": _("This is not a web address. Enter one such as https://example.org/report.pdf.")},
        widget=forms.URLInput({"size": 60, "autocomplete": "off"}),
    )  # fmt: skip
    file = forms.FileField(label=_("File"), required=False, help_text=_("PDF, DOCX, HTML or plain text, up to 10 MB."))
    words = forms.CharField(
        label=_("What does it say, and where? (optional)"), required=False, max_length=5000,
        widget=forms.Textarea({"rows": 5}), help_text=_("For example the page, or the sentence."),
    )  # fmt: skip
    email = forms.EmailField(
        label=_("Your e-mail address, if we may write to you (optional)"), required=False, max_length=254,
        widget=forms.EmailInput({"autocomplete": "email"}), help_text=_("We delete it after 30 days."),
    )  # fmt: skip
    website = forms.CharField(label=_("Leave this empty"), required=False)  # only programs fill it in

    def clean_website(self):
        if self.cleaned_data["website"]:
            raise ValidationError(_("Leave this field empty. It is there to catch programs that fill in forms."))

    def clean_file(self):
        if not (file := self.cleaned_data["file"]):
            return None
        if file.size > suggestions.LARGEST:
            message = _("The file is larger than %(most)s MB. Give its address, or the part that matters.")
            raise ValidationError(message % {"most": suggestions.LARGEST // 2**20})
        data = file.read()
        if not texts.may_hold_text(data):
            raise ValidationError(_("This is not PDF, DOCX, HTML or plain text."))
        return data

    def clean(self):
        cleaned = super().clean()
        if not (cleaned.get("address") or cleaned.get("file") or self.errors):
            self.add_error("address", _("Give the address of the source, or a file."))
        return cleaned


@never_cache
def suggest(request):
    """Show the form, and take what is sent."""
    about, request.errors = about_what(request)
    form, status = SuggestionForm(request.POST or None, request.FILES or None), 400 if request.errors else 200
    if request.method == "POST":
        status = 400
        if getattr(request, "upload_fault", None):
            form.add_error("file", _("The file could not be received. Please try again later."))
        elif form.is_valid():
            try:
                return redirect(f"{request.root}/know/{_received(request, form, about).token}/")
            except suggestions.Full:
                form.add_error(None, _("No more suggestions can be taken today. Please try again tomorrow."))
                status = 429
    context = {"form": form, "about": about, "read_only": settings.READ_ONLY}
    return render(request, "suggest_source.html", context, status=status)


def _received(request, form, about):
    fields, file = form.cleaned_data, request.FILES.get("file")
    return suggestions.receive(
        client_of(request),
        kind=about["kind"], key=about["key"], field=about["member"], words=fields["words"],
        address=fields["address"], email=fields["email"], file=fields["file"],
        file_name=file.name[:200] if file else "",
    )  # fmt: skip


def about_what(request):
    """Return what the source is about, read from the address, and what is wrong there: ``{label: [messages]}``.

    ``{"kind", "key", "member", "title", "url", "label"}``, all empty if it is about the register.
    """
    question = filterset_of(request, SubjectFilter)
    asked, errors = question.without_errors().asked, {}
    if question.data:
        errors = {question.filters[name].label: messages for name, messages in question.form.errors.items()}
    about = dict.fromkeys(("kind", "key", "member", "title", "url", "label"), "")
    if asked["record"]:
        page = _RECORD.fullmatch(asked["record"])
        model = page and KINDS[page[1]]
        text = page and request.register.document(model, page[2])
        if text:
            document, kind = upgrade(model, text), model._meta.model_name
            about |= {"kind": kind, "key": page[2], "title": full_name(document, kind), "url": asked["record"]}
        else:
            errors[question.filters["record"].label] = [gettext("There is no such page in this register.")]
    if asked["member"] and about["kind"] == "project" and asked["member"] in LABELS:
        about |= {"member": asked["member"], "label": LABELS[asked["member"]]}
    elif asked["member"] and not errors:
        errors[question.filters["member"].label] = [gettext("This page has no such information.")]
    return about, errors


@never_cache
def outcome(request, token):
    """Show what became of a suggestion to anybody with its address."""
    take_no_parameters(request)
    suggestion = SuggestedSource.objects.defer("file").select_related("source").filter(token=token).first()
    if suggestion is None:
        raise Http404(gettext("There is no suggestion at this address."))
    source = suggestion.source and request.register.document(Source, suggestion.source_id)
    context = {
        "suggestion": suggestion,
        "source": source and upgrade(Source, source),
        "address": request.build_absolute_uri(request.path),
    }
    response = render(request, "known.html", context)
    response.headers["X-Robots-Tag"] = "noindex"
    return response
