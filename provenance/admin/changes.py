"""Changes that end in Revisions, or are refused in words with everything typed kept."""

from functools import partial

from django import forms
from django.apps import apps
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import IntegrityError, OperationalError
from django.http import HttpResponseRedirect, QueryDict

from provenance import deciding, recording, refusals
from provenance.turns import turn

from . import reasons, supports
from .editing import EditingMixin, unpack
from .gone import newest_id
from .lists import CarefulAdmin
from .permits import PermitMixin
from .telling import forget_messages

# OperationalError: two transactions that waited for each other, of which one was ended (in_words).
REFUSALS = (ValidationError, IntegrityError, OperationalError)
MEANWHILE = "Somebody else changed this, or what it names, at the same moment. Please look again and save once more."
MOST_AT_ONCE = 10_000


def in_words(error):
    """Return the messages of a refusal: the rule's own, where a rule of the database was broken.

    What else befell the database is raised again: whether something was saved is not known then.
    """
    if isinstance(error, OperationalError) and not refusals.met_another(error):
        raise error
    if isinstance(error, ValidationError):
        return error.messages
    return refusals.broken_rules(error, apps.get_models()) or [MEANWHILE]


class ChangeForm(forms.ModelForm):
    """The form of a record."""

    refusal = None  # why the first try to save it was undone

    reason = forms.CharField(
        label="Why this change", max_length=reasons.LONGEST, required=False, help_text="Kept in the history."
    )
    seen = forms.IntegerField(label="", min_value=0, max_value=2**63 - 1, required=False, widget=forms.HiddenInput)
    seen_by_default = None  # the Revision of the record as it stands

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.initial.setdefault("seen", self.seen_by_default)

    def clean(self):
        super().clean()
        if self.refusal:
            self.add_error(None, ["Nothing was saved.", *self.refusal])


class RecordingAdmin(EditingMixin, PermitMixin, CarefulAdmin):
    """Every change is one transaction that ends in Revisions. Subclasses name their ``fields`` or ``fieldsets``."""

    form = ChangeForm
    delete_confirmation_template = delete_selected_confirmation_template = "admin/record_delete.html"

    def records_of(self, rows):
        """Return ``rows``, records of this kind, as ``{model: keys}``."""
        return {self.model: [row.pk for row in rows]}

    def record(self, request, records, reason="", begun=None):
        """Record ``{model: keys}`` in the name of whoever asks. ``begun``: see ``supports.settle``."""
        for model, keys in records.items():
            supports.settle(model, keys, begun)
            recording.record(model, keys, user_name=request.user.get_username(), reason=reason)

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change, **kwargs)
        form.refusal = getattr(request, "refusal", None)
        form.seen_by_default = self.revision_seen(request, obj) if change else None
        return form

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        """Save; if the record as a whole breaks a rule, undo everything and show the form again."""
        view = partial(super().changeform_view, request, object_id, form_url, extra_context)
        if request.method != "POST":
            return self.filled(request, object_id, view)
        unpack(request)
        try:
            return self.answered(request, object_id, view)
        except REFUSALS as error:
            request.refusal = in_words(error)
            forget_messages(request)
        return self.shown_again(request, object_id, view)

    def delete_view(self, request, object_id, extra_context=None):
        view = partial(super().delete_view, request, object_id, extra_context)
        return self._asking(self._or_message(request, view, QueryDict()) if request.method == "POST" else view())

    def _asking(self, response):
        """Return the response; a page that asks first knows what it was made of (see ``gone.demand_seen``)."""
        about = getattr(response, "context_data", None) or {}
        rows = [about["object"]] if about.get("object") else about.get("queryset")
        if rows:
            records = self.records_of(rows)
            waiting = deciding.waiting_on(self.model, records.get(self.model, ()))
            about |= {"looked": newest_id(records), "waiting": waiting}
        return response

    def response_action(self, request, queryset):
        if request.POST.get("select_across") == "1" and queryset.count() > MOST_AT_ONCE:
            words = f"Choose at most {MOST_AT_ONCE:,} at a time, with a filter or a search. Nothing was changed."
            self.message_user(request, words, messages.ERROR)
            return None
        is_confirmed, asking = "post" in request.POST, request.POST.copy()
        asking.pop("post", None)
        view = partial(super().response_action, request, queryset)
        return self._asking(self._or_message(request, view, asking if is_confirmed else None))

    def save_related(self, request, form, formsets, change):
        """Save the rows inline, and record: the last thing that is done in the transaction."""
        super().save_related(request, form, formsets, change)
        self.finish(request, form, change)
        self._say_amounts_back(request, form, formsets)

    def get_fieldsets(self, request, obj=None):
        """The class's own, and what every record has."""
        last = self.last_fields(request, obj)
        return [*super().get_fieldsets(request, obj), *([("State and history", {"fields": last})] if last else [])]

    def last_fields(self, request, obj=None):
        """The reason, where writing is allowed."""
        may = self.has_change_permission(request, obj) if obj else self.has_add_permission(request)
        return ["reason", "seen"] if may else []

    def revision_seen(self, request, obj):
        """Return the id of the Revision of which the form of ``obj`` is made."""
        if hasattr(request, "seen"):  # what stands on the page is written only to be undone
            return request.seen
        [(model, [key])] = self.records_of([obj]).items()
        return model.objects.filter(pk=key).values_list("revision_id", flat=True).first()

    def _in_turn(self, view):
        with turn():
            return view()

    def _or_message(self, request, view, asking=None):
        """Do it all, or say why nothing of it was done.

        ``asking``: what is sent for the page that asks for a reason, which then comes again with the reason as typed.
        """
        request.typed_reason = getattr(request, "typed_reason", reasons.typed(request))
        try:
            return self._in_turn(view)
        except REFUSALS as error:
            forget_messages(request)
            for words in ["Nothing was changed.", *in_words(error)]:
                self.message_user(request, words, messages.ERROR)
        if asking is None:
            return HttpResponseRedirect(request.get_full_path())
        request.POST = asking
        return self._or_message(request, view)

    def _say_amounts_back(self, request, form, formsets):
        self._say_back(request, form)
        for formset in formsets:
            for row in formset.forms:
                if row not in formset.deleted_forms:
                    self._say_back(request, row, f"{formset.model._meta.verbose_name} {row.instance}, ".capitalize())

    def _say_back(self, request, form, where=""):
        """Say how each amount that was changed on ``form`` has been read."""
        for name in form.changed_data:
            say = getattr(form.fields[name], "said_back", None)
            if words := say and say(form[name].data or ""):
                self.message_user(request, f"{where}{form[name].label}: {words}.")
