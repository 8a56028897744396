"""What is recorded and written in a turn of its own: for tests that change a row, or a document, at a time."""

from projects.models import Project
from projects.quality.merges import MERGE_RULES
from provenance.store import log, writer
from provenance.store.database import register_lock
from provenance.workflow import merges
from provenance.workflow.submission import submit


def record(*arguments, **options):
    """Record, as ``recording.record`` does."""
    with register_lock():
        return log.record(*arguments, **options)


def update(model, key, user_name="tester", reason="", **columns):
    """Change columns of a record, and record it."""
    with register_lock():
        model.objects.filter(pk=key).update(**columns)
        log.record(model, [key], user_name=user_name, reason=reason)


def current(key="nexus", model=Project):
    """Return the document of a record as its rows are now."""
    return writer.current(model, [key])[key]


def write(model, documents, *, user_name, **options):
    """Write documents in the name of a program that may do everything. Returns the number of Revisions."""
    return submit(user_name, model, documents, **options).written


def merge(user, model, kept, merged, take=(), reason="They are one.", seen=None):
    """Merge two records, as a user does on the page that compares them."""
    seen = seen or {key: revision.pk for key, revision in log.newest(model, [kept, merged]).items()}
    merges.merge(user, model, kept, merged, seen=seen, reason=reason, take=take, rules=MERGE_RULES[model])


def in_words(faults):
    """Return ``{key: [what is wrong]}`` of ``{key: Faults}``."""
    return {key: [fault.words for fault in each] for key, each in faults.items()}
