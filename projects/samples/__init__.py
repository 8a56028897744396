"""Sample projects for tests, benchmarks and trying out: plausible, invented, the same for the same seed.

They are written in bulk, and what is written is what ``recording.record`` would have written. Only the
times are invented too: a project's follows from its number, so that two runs give the same Revisions.
"""

import gc
import multiprocessing
import os
import sys
from collections import deque
from concurrent.futures import ProcessPoolExecutor

from django.db.models.functions import Length

from projects.models import Project
from provenance import bulk, recording
from provenance.models import Revision
from provenance.turns import turn

from . import frame
from .rows import TABLES, Batch, Writer

USER_NAME = "make_sample_projects"
CHUNK = 500
_WORTH_IT = 2000  # from so many projects on, helpers and making indexes anew pay for themselves
_MOST_HELPERS = 4


class NotOurs(Exception):
    """The database holds records that were not made here."""


def make(count, *, seed=0, beside_others=False, progress=lambda made: None):
    """Add ``count`` sample projects, numbered after the last, and what they name.

    All or nothing, in one transaction: half a run would leave projects without their parts, and the
    tables without the indexes that are made anew at its end. NotOurs, if the database holds other
    records and not ``beside_others``. ``progress`` is told how many more were made, now and then.
    """
    with turn():
        if not beside_others:
            _refuse_others()
        first = _last_number() + 1
        writer = Writer(frame.make(USER_NAME), seed, USER_NAME)
        with _quickly(count):
            for batch, packed in _packed(writer, range(first, first + count)):
                for name, (model, columns) in TABLES.items():
                    bulk.write(model, columns, packed[name])
                progress(len(batch.numbers))
        bulk.measure()


def _refuse_others():
    recorded = Revision.objects.exclude(user_name=USER_NAME).order_by("id").values_list("kind", "key")
    unrecorded = (
        (model._meta.model_name, key)
        for model in recording.record_models()
        for key in model.objects.filter(revision=None).order_by("pk").values_list("pk", flat=True)[:1]
    )
    if found := recorded.first() or next(unrecorded, None):
        raise NotOurs(
            f"This database holds what was not made here, such as the {found[0]} “{found[1]}”, and sample"
            " projects are invented. Use another database, or say --beside-others."
        )


def _last_number():
    """Return the number of the last sample project that there ever was; 0 if there was none."""
    recorded = Revision.objects.filter(kind=Project._meta.model_name)
    return max(_highest(recorded, "key"), _highest(Project.objects, "slug"))


def _highest(rows, name):
    ours = rows.filter(**{f"{name}__regex": r"^sample-[0-9]{6,18}$"}).order_by(Length(name).desc(), f"-{name}")
    key = ours.values_list(name, flat=True).first()
    return int(key.partition("-")[2]) if key else 0


def _quickly(count):
    """Load many into tables without indexes, unless they hold more than is to come."""
    big = count >= max(_WORTH_IT, Project.objects.count())
    return bulk.without_indexes([model for model, _ in TABLES.values()] if big else [])


def _packed(writer, numbers):
    """Yield (batch, its packed rows), made a few ahead by helper processes where there are many."""
    batches = (Batch.of(numbers[at : at + CHUNK]) for at in range(0, len(numbers), CHUNK))
    helpers = _helpers(len(numbers))
    if not helpers:
        yield from ((batch, writer.packed(batch)) for batch in batches)
        return
    waiting, fork = deque(), multiprocessing.get_context("fork")
    with ProcessPoolExecutor(helpers, fork, _become_helper, (writer,)) as pool:
        for batch in batches:
            waiting.append((batch, pool.submit(_help, batch)))
            if len(waiting) > helpers + 1:
                batch, packed = waiting.popleft()
                yield batch, packed.result()
        yield from ((batch, packed.result()) for batch, packed in waiting)


def _helpers(count):
    """Return how many processes to use beside this one: those that Linux can fork cheaply, and one a core."""
    return min(len(os.sched_getaffinity(0)), _MOST_HELPERS) if sys.platform == "linux" and count >= _WORTH_IT else 0


def _become_helper(writer):
    """Get ready to pack, in a process that does nothing else."""
    global _writer
    _writer = writer
    gc.disable()  # nothing here refers to itself


def _help(batch):
    return _writer.packed(batch)
