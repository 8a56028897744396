"""Sample projects for tests, benchmarks and trying out: plausible, invented, the same for the same seed."""

from django.db.models.functions import Length

from projects.models import Project
from provenance.models import Revision, State
from provenance.store import bulk, log
from provenance.store.lock import register_lock
from provenance.workflow.submission import submit

from . import frame
from .generator import Inventor

USER_NAME = "make_sample_projects"


class NotOurs(Exception):
    """The database holds records that were not made here."""


def make(count, *, seed=0, beside_others=False, progress=lambda made: None):
    """Add ``count`` sample projects, numbered after the last, and what they name: all or nothing.

    NotOurs, if the database holds other records and not ``beside_others``. ``progress`` is told how many more were
    made, now and then. A chunk of projects is held at a time.
    """
    with register_lock():
        if not beside_others:
            _refuse_others()
        first = _last_number() + 1
        inventor = Inventor(frame.make(USER_NAME), seed)
        for numbers in log.chunks(range(first, first + count)):
            _add(map(inventor.project, numbers), f"invented, seed {seed}")
            progress(len(numbers))
        bulk.analyze()


def _add(samples, reason):
    """Write projects, given as (state, document)."""
    documents = {State.PUBLISHED: {}, State.DRAFT: {}, State.WITHDRAWN: {}}
    for state, document in samples:
        documents[state][document["slug"]] = document
    gone = documents.pop(State.WITHDRAWN)
    documents[State.PUBLISHED] |= gone
    for state, some in documents.items():
        submit(USER_NAME, Project, some, reason=reason, state=state)
    log.set_state(Project, list(gone), State.WITHDRAWN, user_name=USER_NAME, reason=reason)


def _refuse_others():
    recorded = Revision.objects.exclude(user_name=USER_NAME).order_by("id").values_list("kind", "key")
    unrecorded = (
        (model._meta.model_name, key)
        for model in log.record_models()
        for key in model.objects.filter(revision=None).order_by("pk").values_list("pk", flat=True)[:1]
    )
    if found := recorded.first() or next(unrecorded, None):
        raise NotOurs(
            f"This database holds what was not made here, such as the {found[0]} “{found[1]}”, and sample"
            " projects are invented. Use another database, or say --beside-others."
        )


def _last_number():
    """Return the number of the last sample project that there ever was; 0 if there was none."""
    keys = Revision.objects.filter(kind=Project._meta.model_name, key__regex=r"^sample-[0-9]{6,18}$")
    key = keys.order_by(Length("key").desc(), "-key").values_list("key", flat=True).first()
    return int(key.partition("-")[2]) if key else 0
