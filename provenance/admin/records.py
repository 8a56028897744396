"""The admin of records. Their form edits a document in memory: the version that the user opened.

The submitted form becomes a document too, and is compared with the current version. If others changed the record
meanwhile, or the change is public, a page to confirm comes first. It carries the document, which confirming submits,
and the form, to go back to.
"""

from functools import partial
from itertools import chain

from django.contrib import admin, messages
from django.contrib.admin.helpers import AdminErrorList
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ORDER_VAR
from django.core.exceptions import NON_FIELD_ERRORS, BadRequest, PermissionDenied, ValidationError
from django.http import HttpResponseRedirect
from django.utils.html import format_html

from provenance.documents import conflicts, errors
from provenance.documents.declaration import One, of_kind
from provenance.documents.diff import differences, label
from provenance.documents.folding import fold
from provenance.models import Claim, Moved, Revision, State
from provenance.models.fields import as_number
from provenance.site.admin_site import address
from provenance.store import build, log, writer
from provenance.workflow import permissions, publication, review, submission
from provenance.workflow.reader import Reader

from . import desk, forms
from .base import OF_RECORDS, CarefulAdmin, SourceFilter, of_row
from .history import history, restore
from .inlines import ClaimInline
from .publication import listed, publish_page, remove_page, shown
from .summary import ASKED, attempt, became, done, moment, public_address, typed_reason, what_became

MOST_AT_ONCE = 10_000
FILLED = "The form shows the changes that {} proposes. They are not saved yet."
TAKEN = "“{}” was merged into “{}”, and its address redirects there. Choose another key."
CONFLICT = 409
VERSIONS = ("Before", "Their version", "Your version")


@of_row
def publish_one(record_admin, request, record):
    """Show what becomes public with one record, and publish it."""
    back = address(record_admin.model, "change", record.pk)
    return publish_page(record_admin, request, {record_admin.model: [record.pk]}, back)


class RecordAdmin(CarefulAdmin):
    """The base of the admin of every kind of record. Subclasses name ``fields`` or ``fieldsets``."""

    list_display = ("__str__", "pk", "state", "modified")
    list_filter = ("state",)
    search_fields = ("search_text__contains", "pk")
    actions = ("delete_selected", "publish", "withdraw")
    needs = OF_RECORDS
    form = forms.ChangeForm
    keeps_typed = True  # when the session ends: the form holds no secrets
    inlines = (ClaimInline,)
    reader = Reader  # of texts of sources
    change_form_template = "admin/record_change_form.html"
    change_list_template = "admin/record_change_list.html"
    views = {
        "<path:object_id>/history/": ("history", history),
        "<path:object_id>/history/<int:number>/": ("restore", restore),
        "<path:object_id>/publish/": ("publish", publish_one),
    }

    def _get_obj_does_not_exist_redirect(self, request, opts, object_id):
        """For a deleted or merged record, show what happened to it with its history."""
        last = log.newest(self.model, [unquote(object_id)]).get(unquote(object_id))
        if last is None:
            return super()._get_obj_does_not_exist_redirect(request, opts, object_id)
        self.message_user(request, what_became(self.model, last), messages.WARNING)
        return HttpResponseRedirect(address(self.model, "history", last.key))

    def get_list_filter(self, request):
        return [*super().get_list_filter(request), SourceFilter]

    def get_search_results(self, request, queryset, search_term):
        """As Django's, with the nearest records first, unless the user sorts them."""
        queryset, may_repeat = super().get_search_results(request, queryset, fold(search_term))
        is_sorted = not search_term.strip() or ORDER_VAR in request.GET
        return queryset if is_sorted else queryset.nearest_first(search_term), may_repeat

    def may_write(self, request, record):
        """Whether the user may change ``record``, or propose to; None: add, or restore, one."""
        return self.has_change_permission(request, record) if record else self.has_add_permission(request)

    def proposes(self, request, record):
        """Whether the user may propose a change of ``record`` but not make it."""
        return self.permits(request, "propose", record) and not self.permits(request, "change", record)

    # -- The form --

    def get_readonly_fields(self, request, obj=None):
        """Keys never change; states change by publishing and withdrawing."""
        fixed = [self.opts.pk.name] if obj else []
        return [*super().get_readonly_fields(request, obj), *fixed, "state", "last_change"]

    def get_autocomplete_fields(self, request):
        return [member.name for member in of_kind(self.model, One)]

    def get_prepopulated_fields(self, request, obj=None):
        """A new slug is made of the name; codes, such as “MD”, have to be entered."""
        return {"slug": self.model.shown_elsewhere[1:2]} if self.opts.pk.name == "slug" and not obj else {}

    def get_fieldsets(self, request, obj=None):
        """Add state, last change and, if the user may write, the reason."""
        last = ["state", *(["last_change"] if obj else [])]
        last += ["reason", "seen"] if self.may_write(request, obj) else []
        return [*super().get_fieldsets(request, obj), ("State and history", {"fields": last})]

    @admin.display(description="last change")
    def last_change(self, record):
        revision = record.revision
        return revision and f"{moment(revision)}: {revision.action} by {revision.user_name}"

    def get_view_on_site_url(self, obj=None):
        """Return the public path, if there is a public page."""
        return (obj and public_address(obj)) or None

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        """Show the form or the page to confirm; save, or explain in the form why not. Holds the register's lock."""
        request.is_form, request.is_gone, request.refusal, request.look = True, False, [], None
        view = partial(super().changeform_view, request, object_id, form_url, extra_context)
        if request.method != "POST":
            return view()
        forms.unpack(request)
        if "_saveasnew" in request.POST:
            raise BadRequest("“Save as new” is not available. Add a new record instead.")
        if forms.BACK in request.POST:
            request.refusal = [forms.AGAIN]
        elif desk.is_asked(request.POST):
            desk.add_claims(self, request, is_new=not object_id)
            request.refusal = [desk.ADDED]
        do = partial(self._confirm, request, object_id, view)
        response, refused = (view(), []) if request.refusal else attempt(do)
        if refused:
            request.refusal = refused
            response = view()
        response.status_code = CONFLICT if request.is_gone else response.status_code
        return response

    def _confirm(self, request, object_id, view):
        """Submit the document of a page to confirm; without one, what ``view`` makes of the form."""
        key = unquote(object_id or "")
        kept = forms.signed(request, self.model, key)
        if not kept or not (record := super().get_object(request, key)):
            desk.fill_in_source(request.POST)
            return view()
        request.look = self._submit_or_preview(request, record, *kept)
        return self.response_change(request, record)

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
        seen = is_sent and self.version(object_id, as_number(request.POST.get("seen")))
        record = build.to_instance(self.model, self._filled(request, object_id, log.document_of(seen or last)))
        record._state.adding, record.revision, record.state = row is None, last, last.state
        if row is None:
            request.is_gone, request.refusal = True, [what_became(self.model, last)]
        return record

    def version(self, key, number):
        """Return the Revision with that number of the record ``key``; None if it is no such one."""
        return Revision.objects.of(self.model, key).filter(pk=number).first()

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
        """Add what the templates ask for, such as waiting proposals and the text of the source.

        Show no errors if the user only went back to the form, or asked for claims.
        """
        form, formsets = context["adminform"].form, [inline.formset for inline in context["inline_admin_formsets"]]
        if request.refusal == [forms.AGAIN]:
            form.errors.pop(NON_FIELD_ERRORS, None)
            self.message_user(request, forms.AGAIN)
        elif request.refusal == [desk.ADDED]:
            for filled in [form, *(row for formset in formsets for row in formset.forms)]:
                filled.errors.clear()
            context["is_unsaved"] = True
        may_write = self.may_write(request, obj)
        is_refused = obj and not may_write and permissions.may(request.user, "propose")
        if may_write and not context["is_popup"] and any(formset.model is Claim for formset in formsets):
            context["desk"] = desk.panel(self, request, form, formsets)
            for value in desk.unsupported(form, formsets):
                value.help_text = format_html('{} <strong class="no-source">no source yet</strong>', value.help_text)
        context |= {
            "errors": AdminErrorList(form, formsets),
            "waiting": list(review.waiting_on(self.model, [obj.pk])) if obj else (),
            "proposes": bool(obj) and self.proposes(request, obj),
            "may_publish": self.has_publish_permission(request, obj),
            "why_read_only": self.why_refused(request, "change", obj) if is_refused else "",
        }
        return super().render_change_form(request, context, add, change, form_url, obj)

    # -- Saving --

    def save_model(self, request, obj, form, change):
        """Rows are written when the document is submitted."""

    def save_related(self, request, form, formsets, change):
        """Submit the document of the form, or prepare the page to confirm."""
        record, (mine, lost) = form.instance, forms.document_entered(form, formsets)
        if change:
            request.look = self._submit_or_preview(request, record, form.cleaned_data["seen"], mine)
        else:
            if moved := Moved.objects.filter(kind=self.opts.model_name, key=record.pk).first():
                raise ValidationError(TAKEN.format(record.pk, moved.new_key))
            submission.submit(request.user, self.model, {record.pk: mine}, reason=typed_reason(request))
            request.instead = done(record, "added as a draft")
        for words in forms.amounts_as_read(form, formsets):
            messages.info(request, words)
        for words in lost:
            messages.warning(request, words)

    def _submit_or_preview(self, request, record, seen, mine):
        """Submit ``mine``, based on the Revision ``seen``, or return the page to confirm first."""
        model, key, theirs, newest = self.model, record.pk, log.document_of(record.revision), record.revision_id
        if seen != newest:
            base = (revision := self.version(key, seen)) and log.document_of(revision)
            parts = conflicts.differences(model, base, theirs, mine)
            torn = [part for part in parts if part.is_conflict]
            chosen = forms.sides_chosen(request, torn) if request.POST.get(forms.AGREED) == str(newest) else None
            if chosen is None or len(chosen) < len(torn):
                return self._conflict_page(request, record, seen, mine, parts, chosen)
            mine = conflicts.merge(model, base, theirs, mine, chosen.values())
        proposal, reason = None, typed_reason(request)
        if "proposal" in request.GET:
            proposal = review.proposal_to_settle(request.user, request.GET["proposal"], model, key)
        proposes, is_public = not self.permits(request, "change", record), record.state == State.PUBLISHED
        is_seen, with_it = request.POST.get(forms.CONFIRMED) == str(newest), publication.Plan()
        if is_public and (shown(request) or not is_seen):
            with_it = publication.plan_named(None if proposes else request.user, model, [mine])
            is_seen = is_seen and with_it.items() <= shown(request)
        is_agreed = (is_seen and reason) or not (is_public or proposes)
        if not is_agreed and differences(model, theirs, mine):
            faults = {}  # a page that could not be confirmed is not shown
            writer.check(model, {key: mine}, {key: theirs}, faults, hidden=[State.WITHDRAWN])
            submission.in_territory(request.user, model, {key: mine}, faults)
            if faults:
                raise errors.Refused(chain(*faults.values()))
            return self.preview_page(request, record.revision, theirs, mine, {
                "title": "Check your proposal" if proposes else "Check your change", "proposes": proposes,
                "publication": listed(with_it),
                "refused": ASKED if forms.CONFIRMED in request.POST and not reason else "",
                "chosen": [forms.sign(record, newest, mine)],
            })  # fmt: skip
        outcome = submission.submit(request.user, model, {key: mine}, reason=reason, publish=shown(request))
        if proposal:
            if not outcome.written:
                raise ValidationError(review.UNCHANGED)
            review.close(request.user, proposal, proposal.Outcome.ACCEPTED, "Accepted with changes.")
        request.instead = became(request.user, model.objects.get(pk=key), outcome, "changed")
        for words in () if proposes else forms.without_source(model, theirs, mine):
            messages.warning(request, words)
        return None

    def construct_change_message(self, request, *args, **options):
        """Return nothing: Revisions replace Django's own log."""
        return []

    log_addition = log_change = log_deletions = construct_change_message

    def response_change(self, request, obj):
        return request.look or super().response_change(request, obj)

    def response_post_save_change(self, request, obj):
        """Redirect to the page to publish, if “Save and publish” was chosen."""
        if "_publish" in request.POST and obj.state != State.PUBLISHED:
            return HttpResponseRedirect(address(self.model, "publish", obj.pk))
        return super().response_post_save_change(request, obj)

    response_post_save_add = response_post_save_change

    # -- Pages to confirm --

    def _conflict_page(self, request, record, seen, mine, parts, chosen):
        """Return the page to choose versions on. ``chosen``: those chosen so far; None before the first choice."""
        since = Revision.objects.of(self.model, record.pk).filter(id__gt=seen or 0).defer("document")
        torn = [part for part in parts if part.is_conflict]
        missing = dict.fromkeys(label(part.member) for part in torn if part.name not in (chosen or ()))
        return self.page(request, "admin/record_conflict.html", {
            "refused": "" if chosen is None else f"Choose a version of: {', '.join(missing)}.",
            "title": "Somebody else changed this record",
            "since": since[:5],
            "headings": VERSIONS,
            "places": [forms.place(part, VERSIONS) | {"choice": (chosen or {}).get(part.name)} for part in parts],
            "has_conflict": bool(torn),
            "marker": forms.AGREED, "newest": record.revision_id, "chosen": [forms.sign(record, seen, mine)],
        })  # fmt: skip

    def preview_page(self, request, newest, before, after, context):
        """Return the page to confirm that a record, whose last Revision is ``newest``, becomes ``after``.

        ``before``: its document; None if it was deleted.
        """
        is_renamed = before and any(before.get(name) != after.get(name) for name in self.model.shown_elsewhere)
        naming = [rows.filter(state=State.PUBLISHED) for _, _, rows in log.naming_rows(self.model, [newest.key])]
        return self.page(request, "admin/record_preview.html", {
            "step": {"changes": differences(self.model, before, after), "is_first": before is None},
            "naming": sum(rows.order_by().values("pk").distinct().count() for rows in naming) if is_renamed else 0,
            "unsupported": forms.without_source(self.model, before, after),
            "is_published": before is not None and newest.state == State.PUBLISHED,
            "marker": forms.CONFIRMED, "newest": newest.pk, **context,
        })  # fmt: skip

    # -- Actions --

    def response_action(self, request, queryset):
        if request.POST.get("select_across") == "1" and queryset.count() > MOST_AT_ONCE:
            words = f"Choose at most {MOST_AT_ONCE:,} at a time, using a filter or a search. Nothing was changed."
            self.message_user(request, words, messages.ERROR)
            return None
        return super().response_action(request, queryset)

    @admin.action(description="Publish selected %(verbose_name_plural)s", permissions=["publish"])
    def publish(self, request, queryset):
        """Show what becomes public with all selected records, then publish all or none."""
        keys = list(queryset.order_by("pk").values_list("pk", flat=True))
        return publish_page(self, request, {self.model: keys}, request.get_full_path())

    @admin.action(description="Withdraw selected %(verbose_name_plural)s", permissions=["withdraw"])
    def withdraw(self, request, queryset):
        """Ask for a reason, then withdraw all selected records or none."""
        return remove_page(self, request, "withdraw", list(queryset.order_by("pk")), request.get_full_path())

    @admin.action(description="Delete selected %(verbose_name_plural)s", permissions=["delete"])
    def delete_selected(self, request, queryset):
        """As ``withdraw``, in the place of Django's own."""
        return remove_page(self, request, "delete", list(queryset.order_by("pk")), request.get_full_path())

    @of_row
    def delete_view(self, request, record, extra_context=None):
        if not self.has_delete_permission(request, record):
            raise PermissionDenied
        return remove_page(self, request, "delete", [record], address(self.model))
