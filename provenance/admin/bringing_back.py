"""A Revision brought back: what a record said then becomes a new Revision, its parts and claims too."""

from functools import partial

from django.contrib import admin, messages
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponseRedirect, QueryDict
from django.urls import path, reverse
from django.utils.formats import date_format

from provenance import changing, recording, submitting
from provenance.differences import differences
from provenance.models import Revision, State

from . import reasons, supports
from .editing import CONFIRMED, naming

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
        view = partial(self._asked, request, found)
        return self._or_message(request, view, QueryDict()) if request.method == "POST" else view()

    def _asked(self, request, revision):
        return self._brought_back(request, revision) if CONFIRMED in request.POST else self._before(request, revision)

    def _before(self, request, revision):
        """Return the page that shows what would change, or why it cannot be."""
        key, now = revision.key, recording.newest(self.model, [revision.key])[revision.key]
        faults, is_gone = {}, now.action == "deleted"
        with changing.undone():
            recording.take_turn()
            changing.write(self.model, {key: document_of(self.model, revision, now)}, user_name="", faults=faults)
            after = recording.build(self.model, [] if faults else [key])
        if faults:
            for words in ["This cannot be brought back as it is.", *faults[key]]:
                self.message_user(request, words, messages.ERROR)
            return HttpResponseRedirect(self._history_of(key))
        before = None if is_gone else recording.stated(now.document)
        record = self.get_object(request, key)
        return self.look_page(request, "admin/record_preview.html", {
            "title": f"Bring back what was said on {date_format(revision.at, 'DATETIME_FORMAT')}",
            "changes": differences(before, after[key]),
            "naming": naming(self.model, key) if not is_gone else 0,
            "unsupported": supports.in_words(self.model, before, after[key]),
            "proposes": bool(record) and not self.permits(request, "change", record),
            "is_published": not is_gone and now.state == State.PUBLISHED,
            "asks_reason": True, "marker": CONFIRMED, "newest": now.pk, "back": self._history_of(key),
        })  # fmt: skip

    def _brought_back(self, request, revision):
        key = revision.key
        now = recording.newest(self.model, [key])[key]
        if request.POST.get(CONFIRMED) != str(now.pk):
            raise ValidationError(MOVED)
        reason = reasons.demanded(request)
        document = {key: document_of(self.model, revision, now)}
        outcome = submitting.submit(request.user, self.model, document, reason=reason)
        words = "Brought back." if outcome.written else "Nothing is different from what stands, or waits already."
        self.message_user(request, "Proposed." if outcome.proposed else words, messages.SUCCESS)
        return HttpResponseRedirect(self._history_of(key))

    def _history_of(self, key):
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_history", args=[quote(key)])


def document_of(model, revision, now):
    """Return the document of ``revision``; members that documents have since then as they stand ``now``."""
    old, new = recording.stated(revision.document), recording.stated(now.document)
    since = {member: value for member, value in new.items() if member not in model.optional}
    return since | {member: value for member, value in old.items() if member in new or member in model.optional}
