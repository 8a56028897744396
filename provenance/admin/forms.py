"""The form of a record: what was typed, the document that it becomes, and differences as templates show them."""

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.core import signing
from django.core.exceptions import BadRequest
from django.http import QueryDict
from django.utils.html import format_html

from provenance.documents.claims import unsupported
from provenance.documents.declaration import Within, of_kind
from provenance.documents.diff import label, lines
from provenance.models import Claim, Source
from provenance.store import build, log
from provenance.store.editions import contradictions

from .inlines import complete, otherwise

TYPED, BACK = "_typed", "_back"  # the form as typed, to go back to it
AGREED = "_agreed"  # the Revision with which the versions were compared
DOCUMENT = "_document"  # what a page to confirm showed: its document, and the Revision that it changes, signed
MINE = "_mine"  # begins the name of each conflict: the difference, if mine was chosen, or theirs, with this prefix:
THEIRS = "theirs:"
CONFIRMED = "_confirmed"  # the Revision for which the preview was shown
AGAIN = "This is what you typed. It is not saved yet."
GOES_ALONG = "“{}” is deleted with “{}”. To keep it, first move it to another."
UNSUPPORTED = "{}: no source yet for the new value{}."
KEPT = "; the earlier claim is kept"


def unpack(request):
    """Set ``request.POST`` to the form as typed, with what a page to confirm asks for, and ``request.typed`` to that
    form as one text."""
    sent = request.POST
    request.POST = QueryDict(sent.get(TYPED), mutable=True)
    if "%00" in sent.get(TYPED, ""):
        raise BadRequest("A NUL character was sent.")
    request.POST.update(sent)
    for name, values in list(request.POST.lists()):  # browsers send \r\n
        request.POST.setlist(name, [value.replace("\r\n", "\n") for value in values])
    for name, total in request.POST.items():
        most = len(request.POST)  # each row has a field at least; showing thousands of empty ones would take a minute
        if name.endswith("-TOTAL_FORMS") and total.isdecimal() and (len(total) > len(str(most)) or int(total) > most):
            raise BadRequest("The form has fewer rows than it says. Reload the page and enter it again.")
    request.typed = sent.get(TYPED) or request.POST.urlencode()


def sides_chosen(request, conflicts):
    """Return ``{name of a conflict: its name if mine was chosen; with THEIRS before it, theirs}``."""
    sent = {value for name, value in request.POST.items() if name.startswith(MINE)}
    return {part.name: side for part in conflicts for side in (part.name, THEIRS + part.name) if side in sent}


def sign(record, seen, document):
    """Return the hidden field of a page to confirm that ``record``, seen at that Revision, becomes ``document``."""
    return DOCUMENT, signing.dumps([seen, document], salt=f"{record._meta.label} {record.pk}", compress=True)


def signed(request, model, key):
    """Return ``[seen, document]`` as a page to confirm showed them for the record ``key``; None if there was none."""
    try:
        return signing.loads(request.POST.get(DOCUMENT, ""), salt=f"{model._meta.label} {key}")
    except signing.BadSignature:
        return None


class ChangeForm(forms.ModelForm):
    """The form of a record. ``refusal``: why it was not saved; ``asked_source``: whose text the address asks for."""

    reason = forms.CharField(
        label="Reason (optional)", max_length=log.LONGEST_REASON, required=False, help_text="Kept in the history."
    )
    seen = forms.IntegerField(label="", min_value=0, required=False, widget=forms.HiddenInput)
    default_source = forms.ModelChoiceField(
        Source.objects.all(), required=False, label="Source of new claims",
        widget=AutocompleteSelect(Claim._meta.get_field("source"), admin.site),
    )  # fmt: skip

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.initial["seen"] = self.instance.revision_id
        claims = getattr(self.instance, "_prefetched_objects_cache", {}).get("claims") or ()
        self.initial["default_source"] = self.asked_source or next((each.source_id for each in claims), "")
        for member in self.instance.members:
            field = self.field_of(member)
            for words in otherwise(self.instance, member.name) if field else ():
                field.help_text = format_html('{} <strong class="otherwise">{}</strong>', field.help_text, words)

    def field_of(self, member):
        """Return the bound field of a member, the first one of several; None if the form has none."""
        names = (member.name, *member.lookups(type(self.instance)))
        return next((self[name] for name in names if name in self.fields), None)

    def clean(self):
        super().clean()
        complete(self)
        if self.refusal:
            self.add_error(None, ["Nothing was saved.", *self.refusal])


def document_entered(form, formsets):
    """Return (document of a valid form and its formsets, messages about rows deleted with others).

    The form's record in memory is changed.
    """
    record, messages = form.instance, []
    lists = {
        column.name: list(form.cleaned_data[column.name])
        for column in record._meta.many_to_many
        if column.name in form.cleaned_data
    }
    deleted = [each.instance for formset in formsets for each in formset.deleted_forms]
    for formset in formsets:
        lists[formset.relation] = rows = []
        for row in formset.rows():
            around = [getattr(row, member.name) for member in of_kind(formset.model, Within)]
            if container := next((each for each in around if each in deleted), None):
                messages.append(GOES_ALONG.format(row, container))
            else:
                rows.append(row)
    prefetched = getattr(record, "_prefetched_objects_cache", {})
    record._prefetched_objects_cache = prefetched | lists
    return build.from_instance(record), messages


def amounts_as_read(form, formsets):
    """Yield a message for each changed amount, showing how it was read."""
    rows = [(row, formset) for formset in formsets for row in formset.forms if row not in formset.deleted_forms]
    for filled, formset in [(form, None), *rows]:
        where = f"{formset.model._meta.verbose_name} {filled.instance}, ".capitalize() if formset else ""
        for name in filled.changed_data:
            echo = getattr(filled.fields[name], "read_back", None)
            if words := echo and echo(filled[name].data or ""):
                yield f"{where}{filled[name].label}: {words}."


def without_source(model, old, new):
    """Return a sentence for each new value without a supporting claim, and for each claim that differs from it."""
    members = [UNSUPPORTED.format(label, KEPT if is_kept else "") for label, is_kept in unsupported(model, old, new)]
    return members + contradictions(model, new)


def place(part, headings=()):
    """Return a Difference as a template shows it; ``headings``: of its three versions."""
    values = {"base": part.base, "theirs": part.theirs, "mine": part.mine}
    is_item = part.item is not None
    versions = {name: ["–"] if is_item and value is None else lines(value) for name, value in values.items()}
    cells = list(zip(headings, versions.values(), strict=False))
    return {"label": label(part.member), "name": part.name, "is_conflict": part.is_conflict, "cells": cells, **versions}
