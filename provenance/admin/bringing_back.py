"""A Revision brought back: what a record said then becomes a new Revision, its parts and claims too."""

from functools import partial

from django.contrib import admin, messages
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponseRedirect, QueryDict
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html

from provenance import access, changing, merging, recording, submitting
from provenance.differences import differences
from provenance.models import Revision, State

from . import reasons, supports
from .editing import CONFIRMED, naming
from .telling import became, link

AS_IT_WAS = "as_it_was"
NOT_YOURS = "It was merged into “{into}”, and its address leads there: only who may merge the two may bring it back."
MERGED = "It was merged into {into}. Once it is back, its address leads to it again; “{into}” stays as it is."
TAKEN = "“{key}” was deleted, and is another record since {when}. Delete that one first, or add this one anew."
MOVED = "The record was changed since you opened this page. Please look again."
NO_SUCH = "“{key}” has no revision {number}."


class BringBackMixin(admin.ModelAdmin):
    """A page for each Revision of a record: what bringing it back would change."""

    def get_urls(self):
        name = f"{self.opts.app_label}_{self.opts.model_name}_bring_back"
        view = self.admin_site.admin_view(self.bring_back_view)
        return [path("<path:object_id>/history/<int:revision>/", view, name=name), *super().get_urls()]

    def may_bring_back(self, request, record):
        """Whether whoever asks may write, or propose, what ``record`` (None: a deleted one) said before."""
        return self.has_change_permission(request, record) if record else self.has_add_permission(request)

    def bring_back_view(self, request, object_id, revision):
        key = unquote(object_id)
        if not self.may_bring_back(request, self.get_object(request, key)):
            raise PermissionDenied
        known = Revision.objects.of(self.model, key)
        found = known.filter(pk=revision).first() if revision < 2**63 else None
        if found is None:
            self.message_user(request, NO_SUCH.format(key=key, number=revision), messages.WARNING)
            return HttpResponseRedirect(self._history_of(key))
        request.as_it_was = AS_IT_WAS in request.POST
        view = partial(self._asked, request, found)
        return self._or_message(request, view, QueryDict()) if request.method == "POST" else view()

    def _asked(self, request, revision):
        return self._brought_back(request, revision) if CONFIRMED in request.POST else self._before(request, revision)

    def _before(self, request, revision):
        """Return the page that shows what would change, or why it cannot be."""
        key, now = revision.key, recording.newest(self.model, [revision.key])[revision.key]
        is_gone, into = now.action == "deleted", merging.keys_of_moved(self.model, [key]).get(key)
        faults, after = self._tried(revision, now)
        if faults := self._hindrances(request, revision, now) or faults:
            for words in ["This cannot be brought back as it is.", *faults]:
                self.message_user(request, words, messages.ERROR)
            return HttpResponseRedirect(self._history_of(key))
        before = None if is_gone else recording.stated(now.document)
        record = self.get_object(request, key)
        return self.look_page(request, "admin/record_preview.html", {
            "title": f"Bring back what was said on {date_format(revision.at, 'DATETIME_FORMAT')}",
            "changes": differences(before, after),
            "naming": naming(self.model, key) if not is_gone else 0,
            "unsupported": supports.in_words(self.model, before, after),
            "proposes": bool(record) and self.proposes(request, record),
            "is_gone": is_gone, "is_published": not is_gone and now.state == State.PUBLISHED,
            "merged": into and format_html(MERGED, into=link(self.model, "change", into, into)),
            "as_it_was": now.state if self._may_be_as_it_was(request, now) else "",
            "asks_reason": True, "marker": CONFIRMED, "newest": now.pk, "back": self._history_of(key),
        })  # fmt: skip

    def _brought_back(self, request, revision):
        key = revision.key
        now = recording.newest(self.model, [key])[key]
        if request.POST.get(CONFIRMED) != str(now.pk):
            raise ValidationError(MOVED)
        reason = reasons.demanded(request)
        if faults := self._hindrances(request, revision, now):
            raise ValidationError(faults)
        state = State(now.state) if request.as_it_was and self._may_be_as_it_was(request, now) else State.DRAFT
        document = {key: document_of(self.model, revision, now)}
        outcome = submitting.submit(request.user, self.model, document, reason=reason, state=state)
        if outcome.written:
            merging.forget_move(self.model, key)
        words = f"brought back as it was, {state}" if state != State.DRAFT else "brought back as a draft"
        words = words if now.action == "deleted" else "brought back to what it said"
        words = became(request.user, self.model.objects.get(pk=key), outcome, words)
        self.message_user(request, words, messages.SUCCESS)
        return HttpResponseRedirect(self._history_of(key))

    def _tried(self, revision, now):
        """Return what is wrong with the document of ``revision`` as of ``now``, and what the record would say."""
        faults, key = {}, revision.key
        with changing.undone():
            recording.take_turn()
            changing.write(self.model, {key: document_of(self.model, revision, now)}, user_name="", faults=faults)
            return faults.get(key, []), recording.build(self.model, [key]).get(key)

    def _hindrances(self, request, revision, now):
        """Return in words what else stands against bringing back ``revision``: another record, or a redirect."""
        key = revision.key
        if begun := now.action != "deleted" and taken_again(revision):
            when = date_format(timezone.localtime(begun.at), "DATETIME_FORMAT")
            return [TAKEN.format(key=key, when=when)]
        into = merging.keys_of_moved(self.model, [key]).get(key)
        kept = self.model.objects.filter(pk=into).first() if into else None
        if into and not access.may(request.user, "merge", kept):
            access.note(request.user, "merge", kept)
            return [NOT_YOURS.format(into=into)]
        return []

    def _may_be_as_it_was(self, request, now):
        """Whether a record that is deleted may come back in the state that it had then, which is no draft."""
        return now.action == "deleted" and now.state != State.DRAFT and access.may_add(request.user, State(now.state))

    def _history_of(self, key):
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_history", args=[quote(key)])


def taken_again(revision):
    """Return the Revision with which another record began under the key of ``revision`` after that; None: none did."""
    known = Revision.objects.filter(kind=revision.kind, key=revision.key)
    gone = known.filter(id__gte=revision.pk, action="deleted").first()
    begun = gone and known.filter(id__gt=gone.pk).last()
    if not begun:
        return None
    before = (recording.stated(text) for text in known.filter(id__lt=gone.pk).values_list("document", flat=True))
    return None if recording.stated(begun.document) in before else begun  # what was brought back is the same record


def document_of(model, revision, now):
    """Return the document of ``revision``; members that documents have since then as they stand ``now``."""
    old, new = recording.stated(revision.document), recording.stated(now.document)
    since = {member: value for member, value in new.items() if member not in model.optional}
    return since | {member: value for member, value in old.items() if member in new or member in model.optional}
