"""Restoring an earlier version of a record, or a record that was deleted or merged into another."""

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format

from ..models import Moved, Revision, State
from ..store import log
from ..store.writer import check
from . import merges, permissions, submission
from .review import MOVED

NOT_YOURS = "It was merged into “{into}”. Only users who may merge these records may restore it."
TAKEN = "“{key}” was deleted, and a new record has used this key since {when}. Delete the new one first."


class Restoration:
    """What restoring ``revision`` by ``user`` means. ``before``: the document that it replaces; None: it is gone.

    ``now``: the newest Revision of the record. ``merged_into``: the key of the record that it was merged into, or None.
    ``state``: in which a deleted record may come back; None: as a draft only.
    """

    def __init__(self, user, model, revision):
        self.user, self.model, self.revision, self.key = user, model, revision, revision.key
        self.now = log.newest(model, [self.key])[self.key]
        self.is_gone = self.now.action == "deleted"
        self.before = log.standing_in(self.now)
        self.documents = {self.key: log.document_of(revision)}
        self.merged_into = merges.redirected_keys(model, [self.key]).get(self.key)
        state = State(self.now.state)
        self.state = state if self.is_gone and state != State.DRAFT and permissions.may_add(user, state) else None

    def preview(self):
        """Return (the document that it restores, sentences why it cannot)."""
        standing, faults = {} if self.is_gone else {self.key: self.before}, {}
        after = check(self.model, self.documents, standing, faults)
        return after.get(self.key), self._hindrances() or [fault.words for each in faults.values() for fault in each]

    def carry_out(self, seen, reason, as_it_was):
        """Restore it. Returns the Outcome and the state of a record that was gone. ``seen``: id of the Revision seen.

        ValidationError if the record changed since, or something prevents it.
        """
        if seen != str(self.now.pk):
            raise ValidationError(MOVED)
        if hindrances := self._hindrances():
            raise ValidationError(hindrances)
        state = self.state if as_it_was and self.state else State.DRAFT
        outcome = submission.submit(self.user, self.model, self.documents, reason=reason, state=state)
        if outcome.written:
            Moved.objects.filter(kind=self.model._meta.model_name, key=self.key).delete()
        return outcome, state

    def _hindrances(self):
        """Return what prevents it, whatever its content: a new record under its key, or a redirect."""
        if new_record := not self.is_gone and _taken_again(self.revision):
            when = date_format(timezone.localtime(new_record.at), "DATETIME_FORMAT")
            return [TAKEN.format(key=self.key, when=when)]
        target = self.model.objects.filter(pk=self.merged_into).first() if self.merged_into else None
        if self.merged_into and not permissions.may(self.user, "merge", target):
            permissions.log_refusal(self.user, "merge", target)
            return [NOT_YOURS.format(into=self.merged_into)]
        return []


def _taken_again(revision):
    """Return the first Revision of a later record under the same key, or None."""
    revisions = Revision.objects.filter(kind=revision.kind, key=revision.key)
    deletion = revisions.filter(id__gte=revision.pk, action="deleted").first()
    restart = deletion and revisions.filter(id__gt=deletion.pk).last()
    if not restart:
        return None
    before = map(log.document_of, revisions.filter(id__lt=deletion.pk))
    return None if log.document_of(restart) in before else restart  # a restored record is the same record
