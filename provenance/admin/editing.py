"""Between a form that was sent and its saving: what others did meanwhile, what readers will see, who may save.

A form is saved and recorded in a transaction, so that all rules have spoken; where a person has to look first, that
is undone and a page is shown ``Instead``. All that was typed travels along in one hidden value.
"""

from functools import partial

from django.contrib import messages
from django.contrib.admin.helpers import AdminErrorList
from django.contrib.admin.utils import unquote
from django.core.exceptions import NON_FIELD_ERRORS, BadRequest, ValidationError
from django.db import transaction
from django.http import QueryDict
from django.template.response import TemplateResponse

from provenance import changing, deciding, publishing, reconciling, recording, submitting
from provenance.differences import differences, label, lines
from provenance.models import Revision, State
from provenance.turns import turn

from . import reasons, supports
from .gone import CONFLICT, GoneMixin
from .laying_out import lay_out
from .publishing import SHOWN, publication, shown
from .telling import became, forget_messages

TYPED, BACK = "_typed", "_back"
AGREED = "_agreed"  # the versions were compared: with this Revision
MINE = "_mine"  # places of which mine was chosen; or theirs, where that stands before
THEIRS = "theirs:"
CONFIRMED = "_confirmed"  # the preview was seen: of a change of this Revision
MARKERS = (TYPED, BACK, AGREED, MINE, CONFIRMED, SHOWN, "csrfmiddlewaretoken")
AGAIN = "This is what you typed. Nothing is saved yet: save it, or change it."


class Instead(Exception):
    """What was saved is to be undone; then ``answer`` is called and makes the response."""

    def __init__(self, answer):
        self.answer = answer
        super().__init__()


def unpack(request):
    """Make ``request.POST`` the form as it was typed, if it came along; ``request.typed`` is that form as one text."""
    sent = request.POST
    if TYPED in sent:
        if "%00" in sent[TYPED]:
            raise BadRequest("A NUL character was sent.")
        request.POST = QueryDict(sent[TYPED], mutable=True)
        for name in (BACK, AGREED, CONFIRMED, SHOWN, "reason"):
            if name in sent:
                request.POST[name] = sent[name]
        # Each conflict is a group of its own: _mine_1, _mine_2 …
        request.POST.setlist(MINE, [v for name, vs in sent.lists() if name.startswith(MINE) for v in vs if v])
    request.POST = request.POST.copy()
    for name, values in list(request.POST.lists()):  # browsers end lines by two characters, documents by one
        request.POST.setlist(name, [value.replace("\r\n", "\n") for value in values])
    typed = request.POST.copy()
    for marker in MARKERS:
        typed.pop(marker, None)
    request.typed = typed.urlencode()
    request.typed_reason = reasons.typed(request)


class EditingMixin(GoneMixin):
    """What RecordingAdmin does with a form that was sent."""

    keeps_typed = True  # through a session that ended: nothing secret is typed here
    guarded = True  # only a test that shows what happens without says False

    def answered(self, request, object_id, view):
        """Return the answer to a form that was sent: of ``view``, which saves it, or a page to look at first."""
        if BACK in request.POST:
            request.refusal = [AGAIN]
            return self.shown_again(request, object_id, view)
        sent = request.POST
        try:
            return self._in_turn(partial(self._saved, request, object_id, view))
        except Instead as instead:
            forget_messages(request)
            return instead.answer()
        finally:
            request.POST = sent

    def _saved(self, request, object_id, view):
        """Return the answer of ``view``; where that is the form again, refused, what was laid out for it is undone."""
        if self.last_of(request, object_id):
            raise Instead(partial(self.shown_again, request, object_id, view))
        response = self._view_of(request, object_id, view)
        if "adminform" in (getattr(response, "context_data", None) or {}):
            response.render()
            transaction.set_rollback(True)
        return response

    def shown_again(self, request, object_id, view):
        """Return the form as it was typed, with what stands in ``request.refusal``. Nothing is saved."""
        with changing.undone():
            last = self.last_of(request, object_id)
            view = self.put_back(request, last, view) if last else view
            response = self._view_of(request, object_id, view)
            if request.refusal == [AGAIN] and "adminform" in (getattr(response, "context_data", None) or {}):
                self._without_fault(request, response.context_data)
            response = response.render() if hasattr(response, "render") else response
            response.status_code = CONFLICT if last else response.status_code
            return response

    def _without_fault(self, request, shown):
        """Make a form that was only refused to be shown again tell of that, and of no error."""
        shown["adminform"].form.errors.pop(NON_FIELD_ERRORS, None)
        formsets = [inline.formset for inline in shown["inline_admin_formsets"]]
        shown["errors"] = AdminErrorList(shown["adminform"].form, formsets)
        self.message_user(request, AGAIN)

    def filled(self, request, object_id, view):
        """Return the form of a record; with ``?proposal=`` filled with what that proposes."""
        proposal = deciding.waiting(request.GET.get("proposal"))
        mine = proposal and object_id and (proposal.kind, proposal.key) == (self.opts.model_name, unquote(object_id))
        record = mine and self.get_object(request, proposal.key)
        if not record or not deciding.may_decide(request.user, proposal):
            return view()
        self.message_user(request, f"Filled with what {proposal.user_name} proposes. Nothing is saved yet.")
        request.seen = record.revision_id
        self.foresee(request, [record], self.needs["change"])  # of it as it stands, not as proposed
        with changing.undone():
            deciding.try_out(proposal)
            return view().render()

    def _view_of(self, request, object_id, view):
        self._lay_out(request, object_id)
        return view()

    def _lay_out(self, request, object_id):
        """Where the record has moved on, rows stand again as the form knows them."""
        record = self.get_object(request, unquote(object_id)) if object_id and self.inlines else None
        moved = record and request.POST.get("seen") != str(record.revision_id)
        if record and ((moved and self.guarded) or "proposal" in request.GET):
            request.POST = lay_out(self, request, record)

    def finish(self, request, form, change):
        """Record what was saved, or show a page to look at first."""
        records = self.records_of([form.instance])
        [(model, [key])] = records.items()
        reason = form.cleaned_data.get("reason", "")
        before = recording.newest(model, [key]).get(key)
        is_new = before is None or before.action == "deleted"
        proposes = not is_new and not self.permits(request, "change", form.instance)
        proposal = deciding.taken_up(request.user, request.GET.get("proposal"), model, key)
        is_public = not is_new and before.state == State.PUBLISHED
        documents = recording.build(model, [key]).values() if is_public else ()
        with_it = publishing.planned(None if proposes else request.user, model, documents)
        with_it.publish(user_name=request.user.get_username(), reason=reason)
        self.record(request, records, reason, self._begun(form, proposal, before))
        self.demand_own(request, records)
        after = recording.newest(model, [key])[key]
        request.done = after.action if is_new or after.pk != before.pk else ""
        if not is_new:
            if after.pk != before.pk or proposes:
                self._look_first(request, form, model, (before, after), proposes, change, with_it)
            deciding.settle(request.user, proposal, is_written=after.pk != before.pk)

    def _begun(self, form, proposal, before):
        """Return ``{key: document}`` of a form that began with what ``proposal`` says; empty without one."""
        seen = proposal and _document(recording.model_of(proposal), before.key, form.cleaned_data.get("seen"))
        return {before.key: deciding.over(proposal, seen)} if seen else {}

    def _look_first(self, request, form, model, revisions, proposes, change, with_it):
        before, after = revisions
        theirs, document = recording.stated(before), recording.stated(after)
        seen = form.cleaned_data.get("seen")
        is_stale = self.guarded and change and seen != before.pk
        if is_stale:
            base = _document(model, before.key, seen)
            parts = reconciling.differences(model, base, theirs, document)
            if request.POST.get(AGREED) != str(before.pk) or undecided(parts, request.POST.getlist(MINE)):
                raise Instead(partial(self._conflict_page, request, before, seen, parts))
            document = reconciling.merge(model, base, theirs, document, request.POST.getlist(MINE))
        is_seen = request.POST.get(CONFIRMED) == str(before.pk) and with_it.items() <= shown(request)
        changes = differences(theirs, document) if before.state == State.PUBLISHED or proposes else []
        reason = form.cleaned_data.get("reason", "")
        if changes and not (is_seen and reason):
            look = partial(self._preview_page, request, model, before, document, changes, proposes, with_it)
            raise Instead(look)
        with_it.demand(request.user, shown(request))
        if is_stale or proposes:
            raise Instead(partial(self._submit, request, model, before, document, reason))
        for words in supports.in_words(model, theirs, document):
            self.message_user(request, words, messages.WARNING)

    @turn()
    def _submit(self, request, model, before, document, reason):
        key = before.key
        if not model.objects.filter(pk=key).exists():
            raise ValidationError(f"“{key}” was deleted at the same moment.")
        proposal = deciding.taken_up(request.user, request.GET.get("proposal"), model, key)
        said = {"reason": reason, "bases": {key: before.pk}, "publish": shown(request)}
        outcome = submitting.submit(request.user, model, {key: document}, **said)
        deciding.settle(request.user, proposal, is_written=outcome.written)
        record = model.objects.get(pk=key)
        self.message_user(request, became(request.user, record, outcome, "changed"), messages.SUCCESS)
        return self.response_post_save_change(request, record)

    def _conflict_page(self, request, before, seen, parts):
        since = Revision.objects.filter(kind=before.kind, key=before.key, id__gt=seen or 0).defer("document")
        is_second = request.POST.get(AGREED) == str(before.pk)
        chosen = request.POST.getlist(MINE) if is_second else []
        missing = dict.fromkeys(label(part.member) for part in undecided(parts, chosen))
        context = {
            "refused": f"Choose whose it shall be: {', '.join(missing)}." if is_second else "",
            "title": "Somebody else changed this meanwhile",
            "since": since[:5],
            "places": [place(part) | {"choice": _choice(part, chosen)} for part in parts],
            "has_conflict": any(part.is_conflict for part in parts),
            "marker": AGREED,
            "newest": before.pk,
        }
        return self.look_page(request, "admin/record_conflict.html", context)

    def _preview_page(self, request, model, before, document, changes, proposes, with_it):
        theirs = recording.stated(before)
        renamed = any(theirs.get(name) != document.get(name) for name in model.face)
        context = {
            "title": "What you propose" if proposes else "What changes for readers",
            "changes": changes,
            "naming": naming(model, before.key) if renamed else 0,
            "unsupported": supports.in_words(model, theirs, document),
            "proposes": proposes,
            "publication": publication(with_it),
            "is_published": before.state == State.PUBLISHED,
            "asks_reason": True,
            "refused": reasons.ASKED if CONFIRMED in request.POST and not request.typed_reason else "",
            "marker": CONFIRMED,
            "newest": before.pk,
            "chosen": [(AGREED, value) for value in request.POST.getlist(AGREED)]
            + [(MINE, value) for value in request.POST.getlist(MINE)],
        }
        return self.look_page(request, "admin/record_preview.html", context)

    def look_page(self, request, template, context):
        """Return a page to look at before anything is saved."""
        own = {"opts": self.opts, "typed": getattr(request, "typed", ""), "action": request.get_full_path()}
        return TemplateResponse(request, template, self.admin_site.each_context(request) | own | context)


def undecided(parts, chosen):
    """Return the Differences among ``parts`` that both sides changed, and of which ``chosen`` takes neither."""
    return [part for part in parts if part.is_conflict and not _choice(part, chosen)]


def _choice(part, chosen):
    return next((name for name in (part.name, THEIRS + part.name) if name in chosen), "")


def place(part):
    """Return a Difference as a page shows it."""
    versions = {name: lines(getattr(part, name)) for name in ("base", "theirs", "mine")}
    for name in versions:
        if part.item is not None and getattr(part, name) is None:
            versions[name] = ["–"]
    return {"label": label(part.member), "name": part.name, "is_conflict": part.is_conflict, **versions}


def naming(model, key):
    """Return how many other published records show the name of the record ``key``."""
    return sum(
        rows.filter(state=State.PUBLISHED).order_by().values("pk").distinct().count()
        for _, _, rows in recording.naming_rows(model, [key])
    )


def _document(model, key, revision):
    """Return the document of the Revision that a form was made of; None if it is none of the record's."""
    found = Revision.objects.of(model, key).filter(pk=revision).first() if revision else None
    return found and recording.stated(found)
