"""What is recorded and written in a turn of its own: for tests that change a row, or a document, at a time."""

from projects.models import Project
from provenance.store import log, writer
from provenance.store.database import register_lock
from provenance.workflow.submission import submit


def record(*arguments, **options):
    """Record, as ``recording.record`` does."""
    with register_lock():
        return log.record(*arguments, **options)


def current(key="nexus", model=Project):
    """Return the document of a record as its rows are now."""
    return writer.current(model, [key])[key]


def write(model, documents, *, user_name, **options):
    """Write documents in the name of a program that may do everything. Returns the number of Revisions."""
    return submit(user_name, model, documents, **options).written


def in_words(faults):
    """Return ``{key: [what is wrong]}`` of ``{key: Faults}``."""
    return {key: [fault.words for fault in each] for key, each in faults.items()}
