"""The form of a record. It edits a document in memory: the version that the user opened.

The submitted form becomes a document too, and is compared with the current version. If others changed the record
meanwhile, or the change is public, a page to confirm comes first and carries the document; confirming submits it.
"""

from functools import partial

import orjson
from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import AdminErrorList
from django.contrib.admin.utils import unquote
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import NON_FIELD_ERRORS, BadRequest, PermissionDenied, ValidationError
from django.http import QueryDict
from django.utils.html import format_html

from provenance.documents import conflicts, errors
from provenance.documents.claims import unsupported
from provenance.documents.declaration import Within, of_kind
from provenance.documents.diff import differences, label, lines
from provenance.models import Claim, Moved, Revision, Source, State
from provenance.models.fields import as_number
from provenance.store import build, log, writer
from provenance.store.editions import contradictions
from provenance.workflow import publication, review, submission

from . import desk
from .inlines import complete, otherwise
from .publication import SHOWN, listed, shown
from .summary import ASKED, attempt, became, done, typed_reason, what_became

TYPED, BACK = "_typed", "_back"  # the form as typed, to go back to it
DOCUMENT, SEEN = "_document", "_seen"  # its document, and the Revision that the user opened
AGREED = "_agreed"  # the Revision with which the versions were compared
MINE = "_mine"  # differences for which mine was chosen, or theirs, with this prefix:
THEIRS = "theirs:"
CONFIRMED = "_confirmed"  # the Revision for which the preview was shown
MARKERS = (TYPED, BACK, DOCUMENT, SEEN, AGREED, MINE, CONFIRMED, SHOWN, "csrfmiddlewaretoken")
AGAIN = "This is what you typed. It is not saved yet."
FILLED = "The form shows the changes that {} proposes. They are not saved yet."
TAKEN = "“{}” was merged into “{}”, and its address redirects there. Choose another key."
GOES_ALONG = "“{}” is deleted with “{}”. To keep it, first move it to another."
UNSUPPORTED = "{}: no source yet for the new value{}."
KEPT = "; the earlier claim is kept"
CONFLICT = 409
VERSIONS = ("Before", "Their version", "Your version")


def unpack(request):
    """Set ``request.POST`` to the form as typed, if sent along, and ``request.typed`` to that form as one text."""
    sent = request.POST
    if TYPED in sent:
        if "%00" in sent[TYPED]:
            raise BadRequest("A NUL character was sent.")
        request.POST = QueryDict(sent[TYPED], mutable=True)
        for name in (BACK, DOCUMENT, SEEN, AGREED, CONFIRMED, SHOWN, "reason"):
            if name in sent:
                request.POST[name] = sent[name]
        # Each conflict has its own group: _mine_1, _mine_2 …
        request.POST.setlist(MINE, [v for name, vs in sent.lists() if name.startswith(MINE) for v in vs if v])
    request.POST = request.POST.copy()
    for name, values in list(request.POST.lists()):  # browsers send \r\n
        request.POST.setlist(name, [value.replace("\r\n", "\n") for value in values])
    desk.fill_in_source(request.POST)
    typed = request.POST.copy()
    for marker in MARKERS:
        typed.pop(marker, None)
    request.typed = typed.urlencode()
    request.typed_reason = typed_reason(request)


class ChangeForm(forms.ModelForm):
    """The form of a record."""

    refusal: list[str] = []  # why the form was not saved
    asked_source = ""  # the source whose text the address asks for

    reason = forms.CharField(
        label="Reason for the change", max_length=log.LONGEST_REASON, required=False, help_text="Kept in the history."
    )
    seen = forms.IntegerField(label="", min_value=0, required=False, widget=forms.HiddenInput)
    default_source = forms.ModelChoiceField(
        Source.objects.all(), required=False, label="Source of new claims",
        widget=AutocompleteSelect(Claim._meta.get_field("source"), admin.site),
    )  # fmt: skip

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.initial.setdefault("seen", self.instance.revision_id)
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


class EditMixin:
    """The part of RecordAdmin that edits records."""

    form = ChangeForm
    keeps_typed = True  # when the session ends: the form holds no secrets

    # -- The form --

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        """Show the form or the page to confirm; save, or explain in the form why not. Holds the register's lock."""
        request.is_form, request.is_typed, request.is_gone, request.refusal = True, True, False, []
        view = partial(super().changeform_view, request, object_id, form_url, extra_context)
        if request.method != "POST":
            return view()
        unpack(request)
        if "_saveasnew" in request.POST:
            raise BadRequest("“Save as new” is not available. Add a new record instead.")
        if desk.is_asked(request.POST):
            desk.add_claims(self, request, is_new=not object_id)
            request.refusal = [desk.ADDED]
            return view()
        response, refused = attempt(lambda: self._sent(request, object_id, view))
        if refused:
            request.refusal = refused
            return view()
        return response

    def _sent(self, request, object_id, view):
        if BACK in request.POST:
            request.refusal = [AGAIN]
        elif DOCUMENT in request.POST and (row := object_id and super().get_object(request, unquote(object_id))):
            return self._confirmed(request, row)
        response = view()
        response.status_code = CONFLICT if request.is_gone else response.status_code
        return response

    def get_object(self, request, object_id, from_field=None):
        """Return a record; for the form, built from the version that the user opened.

        A deleted record is only returned for a submitted form; ``request.refusal`` then says what happened to it.
        """
        row = super().get_object(request, object_id, from_field)
        if not getattr(request, "is_form", False):
            return row
        is_sent = request.method == "POST"
        last = row.revision if row else is_sent and log.newest(self.model, [object_id]).get(object_id)
        if not last:
            return None
        seen = is_sent and _revision(self.model, object_id, as_number(request.POST.get("seen")))
        record = build.to_instance(self.model, self._filled(request, object_id, log.document_of(seen or last)))
        record._state.adding, record.revision, record.state = row is None, last, last.state
        if row is None:
            request.is_gone, request.refusal = True, [what_became(self.model, last)]
        return record

    def _filled(self, request, key, document):
        """Return ``document``, with ``?proposal=`` including the changes of that proposal."""
        proposal = review.proposal_on(self.model, key, request.GET.get("proposal"), waiting=request.method != "POST")
        if not proposal or not review.may_decide(request.user, proposal):
            return document
        if request.method != "POST":
            self.message_user(request, FILLED.format(proposal.user_name))
        return review.apply_to(proposal, document)

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change, **kwargs)
        form.refusal = request.refusal
        form.asked_source = request.GET.get(desk.DEFAULT, "")
        return form

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        """Show no errors if the user only went back to the form, or asked for claims. Add the text of the source."""
        form, formsets = context["adminform"].form, [inline.formset for inline in context["inline_admin_formsets"]]
        if request.refusal == [AGAIN]:
            form.errors.pop(NON_FIELD_ERRORS, None)
            self.message_user(request, AGAIN)
        elif request.refusal == [desk.ADDED]:
            for filled in [form, *(row for formset in formsets for row in formset.forms)]:
                filled.errors.clear()
            context["is_unsaved"] = True
        context["errors"] = AdminErrorList(form, formsets)
        may_write = self.has_change_permission(request, obj) if obj else self.has_add_permission(request)
        if may_write and not context["is_popup"] and any(formset.model is Claim for formset in formsets):
            context["desk"] = desk.panel(self, request, form, formsets)
            for value in desk.unsupported(form, formsets):
                value.help_text = format_html('{} <strong class="no-source">no source yet</strong>', value.help_text)
        return super().render_change_form(request, context, add, change, form_url, obj)

    # -- Saving --

    def save_model(self, request, obj, form, change):
        """Rows are written when the document is submitted."""

    def save_related(self, request, form, formsets, change):
        """Submit the document of the form, or prepare the page to confirm."""
        mine, lost = document_entered(form, formsets)
        request.look = None
        if change:
            request.look = self._submit_or_preview(request, form.instance, form.cleaned_data["seen"], mine)
        else:
            self._add(request, form.instance, mine)
        for words in amounts_as_read(form, formsets):
            self.message_user(request, words)
        for words in lost:
            self.message_user(request, words, messages.WARNING)

    def _confirmed(self, request, record):
        """Respond to a confirmed page."""
        if not self.has_change_permission(request, record):
            raise PermissionDenied
        seen = request.POST.get(SEEN, "")
        try:
            mine = orjson.loads(request.POST[DOCUMENT])
            build.check_shape(self.model, mine)
            mine, seen = build.upgrade(self.model, mine), int(seen)
        except (ValueError, TypeError) as error:
            raise BadRequest("The confirmed document is invalid.") from error
        request.look = self._submit_or_preview(request, record, seen, mine)
        return self.response_change(request, record)

    def _submit_or_preview(self, request, record, seen, mine):
        """Submit ``mine``, based on the Revision ``seen``, or return the page to confirm first."""
        model, theirs, newest = self.model, log.document_of(record.revision), record.revision_id
        if seen != newest:
            base = (revision := _revision(model, record.pk, seen)) and log.document_of(revision)
            parts, chosen = conflicts.differences(model, base, theirs, mine), request.POST.getlist(MINE)
            if request.POST.get(AGREED) != str(newest) or undecided(parts, chosen):
                return self._conflict_page(request, record, seen, mine, parts)
            mine = conflicts.merge(model, base, theirs, mine, chosen)
        pk, proposal = request.GET.get("proposal"), None
        if pk is not None:
            proposal = review.proposal_to_settle(request.user, pk, model, record.pk)
        proposes = not self.permits(request, "change", record)
        is_public = record.state == State.PUBLISHED
        with_it = publication.plan_named(None if proposes else request.user, model, [mine] if is_public else [])
        is_seen = request.POST.get(CONFIRMED) == str(newest) and with_it.items() <= shown(request)
        is_agreed = (is_seen and request.typed_reason) or not (is_public or proposes)
        if not is_agreed and differences(model, theirs, mine):
            self._require_sound(request, record, theirs, mine)
            return self._preview_page(request, record, theirs, mine, proposes, with_it)
        with_it.require(request.user, shown(request))
        options = {"reason": request.typed_reason, "bases": {record.pk: newest}, "publish": shown(request)}
        outcome = submission.submit(request.user, model, {record.pk: mine}, **options)
        if proposal:
            review.settle_proposal(request.user, proposal, is_written=outcome.written)
        request.words = became(request.user, model.objects.get(pk=record.pk), outcome, "changed")
        for words in () if proposes else without_source(model, theirs, mine):
            self.message_user(request, words, messages.WARNING)
        return None

    def _require_sound(self, request, record, theirs, mine):
        """Refused if ``mine`` breaks a rule, before a page is shown that could not be confirmed."""
        key, faults_by_key = record.pk, {}
        faults = writer.check(self.model, {key: mine}, {key: theirs}, hidden=[State.WITHDRAWN])
        submission.keys_in_territory(request.user, self.model, {key: mine}, faults_by_key)
        if faults := [*faults, *faults_by_key.get(key, ())]:
            raise errors.Refused(faults)

    def _add(self, request, record, mine):
        if moved := Moved.objects.filter(kind=self.opts.model_name, key=record.pk).first():
            raise ValidationError(TAKEN.format(record.pk, moved.new_key))
        submission.submit(request.user, self.model, {record.pk: mine}, reason=request.typed_reason)
        request.words = done(self.model.objects.get(pk=record.pk), "added as a draft")

    def construct_change_message(self, request, *args, **options):
        """Return nothing: Revisions replace Django's own log."""
        return []

    log_addition = log_change = log_deletions = construct_change_message

    def response_add(self, request, obj, post_url_continue=None):
        request.instead = request.words
        return super().response_add(request, self.model.objects.get(pk=obj.pk), post_url_continue)

    def response_change(self, request, obj):
        if request.look:
            return request.look
        request.instead = request.words
        return super().response_change(request, self.model.objects.get(pk=obj.pk))

    # -- Pages to confirm --

    def _conflict_page(self, request, record, seen, mine, parts):
        since = Revision.objects.of(self.model, record.pk).filter(id__gt=seen or 0).defer("document")
        is_second = request.POST.get(AGREED) == str(record.revision_id)
        chosen = request.POST.getlist(MINE) if is_second else []
        missing = dict.fromkeys(label(part.member) for part in undecided(parts, chosen))
        context = {
            "refused": f"Choose a version of: {', '.join(missing)}." if is_second else "",
            "title": "Somebody else changed this record",
            "since": since[:5],
            "headings": VERSIONS,
            "places": [place(part, VERSIONS) | {"choice": _choice(part, chosen)} for part in parts],
            "has_conflict": any(part.is_conflict for part in parts),
            "marker": AGREED,
            "newest": record.revision_id,
            "chosen": [(DOCUMENT, orjson.dumps(mine).decode()), (SEEN, seen or 0)],
        }
        return self.page(request, "admin/record_conflict.html", context)

    def _preview_page(self, request, record, theirs, mine, proposes, with_it):
        title = "Check your proposal" if proposes else "Check your change"
        chosen = [(DOCUMENT, orjson.dumps(mine).decode()), (SEEN, record.revision_id)]
        refused = ASKED if CONFIRMED in request.POST and not request.typed_reason else ""
        more = {"title": title, "publication": listed(with_it), "refused": refused, "chosen": chosen}
        return self.preview_page(request, record.revision, theirs, mine, {"proposes": proposes, **more})

    def preview_page(self, request, newest, before, after, context):
        """Return the page to confirm that a record, whose last Revision is ``newest``, becomes ``after``.

        ``before``: its document; None if it was deleted.
        """
        is_renamed = before and any(before.get(name) != after.get(name) for name in self.model.shown_elsewhere)
        return self.page(request, "admin/record_preview.html", {
            "headings": ("Now", "New"),
            "places": [
                {"label": member, "cells": [("Now", old), ("New", new)]}
                for member, old, new in differences(self.model, before, after)
            ],
            "naming": count_naming(self.model, newest.key) if is_renamed else 0,
            "unsupported": without_source(self.model, before, after),
            "is_gone": before is None, "is_published": before is not None and newest.state == State.PUBLISHED,
            "marker": CONFIRMED, "newest": newest.pk, **context,
        })  # fmt: skip


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
            if container := next((row for row in around if any(row is deleted_row for deleted_row in deleted)), None):
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


def undecided(parts, chosen):
    """Return the conflicts among ``parts`` for which ``chosen`` has neither side."""
    return [part for part in parts if part.is_conflict and not _choice(part, chosen)]


def _choice(part, chosen):
    return next((name for name in (part.name, THEIRS + part.name) if name in chosen), "")


def place(part, headings=()):
    """Return a Difference as a template shows it; ``headings``: of its three versions."""
    versions = {name: lines(getattr(part, name)) for name in ("base", "theirs", "mine")}
    for name in versions:
        if part.item is not None and getattr(part, name) is None:
            versions[name] = ["–"]
    cells = list(zip(headings, versions.values(), strict=False))
    return {"label": label(part.member), "name": part.name, "is_conflict": part.is_conflict, "cells": cells, **versions}


def count_naming(model, key):
    """Return how many other published records show the name of the record ``key``."""
    return sum(
        rows.filter(state=State.PUBLISHED).order_by().values("pk").distinct().count()
        for _, _, rows in log.naming_rows(model, [key])
    )


def _revision(model, key, number):
    """Return the Revision ``number`` of the record ``key``, or None."""
    return Revision.objects.of(model, key).filter(pk=number).first()
