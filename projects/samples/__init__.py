"""Plausible invented projects for tests, measurements and demonstrations, the same for the same seed.

The command refuses a database with real records, unless asked to put them beside these.
"""

from django.core.exceptions import ValidationError
from django.db.models.functions import Length

from projects.models import Project
from provenance.models import Revision, State
from provenance.store import database, log
from provenance.store.database import register_lock
from provenance.workflow.submission import submit

from . import frame
from .generator import Generator

USER_NAME = "make_sample_projects"


def make(count, *, seed=0, beside_others=False, progress=lambda count: None):
    """Add ``count`` sample projects, numbered after the last one, and the records that they refer to: all or nothing.

    ValidationError if the database has other records, unless ``beside_others``. ``progress`` is called with the number
    of projects made since the last call.
    """
    with register_lock():
        if not beside_others:
            _refuse_others()
        keys = Revision.objects.filter(kind=Project._meta.model_name, key__regex=r"^sample-[0-9]{6,18}$")
        last = keys.order_by(Length("key").desc(), "-key").values_list("key", flat=True).first() or "sample-0"
        first = int(last.partition("-")[2]) + 1
        generator = Generator(frame.make(USER_NAME), seed)
        for numbers in log.chunks(range(first, first + count)):
            _add(map(generator.project, numbers), f"invented, seed {seed}")
            progress(len(numbers))
        database.analyze()


def _add(samples, reason):
    """Write projects, given as (state, document)."""
    documents = {State.PUBLISHED: {}, State.DRAFT: {}, State.WITHDRAWN: {}}
    for state, document in samples:
        documents[state][document["slug"]] = document
    withdrawn = documents.pop(State.WITHDRAWN)
    documents[State.PUBLISHED] |= withdrawn
    for state, own_documents in documents.items():
        submit(USER_NAME, Project, own_documents, reason=reason, state=state)
    log.set_state(Project, list(withdrawn), State.WITHDRAWN, user_name=USER_NAME, reason=reason)


def _refuse_others():
    recorded = Revision.objects.exclude(user_name=USER_NAME).order_by("id").values_list("kind", "key")
    unrecorded = (
        (model._meta.model_name, key)
        for model in log.record_models()
        for key in model.objects.filter(revision=None).order_by("pk").values_list("pk", flat=True)[:1]
    )
    if foreign := recorded.first() or next(unrecorded, None):
        raise ValidationError(
            f"This database has real records, such as the {foreign[0]} “{foreign[1]}”, and sample projects are"
            " invented. Use another database, or --beside-others."
        )
