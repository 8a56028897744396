"""The index of this process: made once, and brought to the newest version before anything is answered."""

import logging
import os
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from threading import RLock, Thread, current_thread

from django.conf import settings
from django.db import connection, connections
from django.db.models import Max

from provenance.models import Revision

from ..capacity import BUILDS, Busy
from . import snapshots
from .documents import BATCH, forget
from .index import Index, Told
from .version import register_version
from .view import View

MOST_PAST = 3  # versions that are kept besides the newest
FEW = 100  # changes that are read in one query, whether or not the same record changed twice
MOST_AT_ONCE = 5000  # changes that a request waits for; more are followed beside, from the version before
MOST_AT_ONCE_BUILT = 50_000  # Revisions of a past version that a request builds itself: some seconds
PATIENCE = 5  # seconds to wait for a past that another builds
REBUILT = "rebuilt"  # a file in INDEX_DIR: when it was written last, everything was to be read anew

logger = logging.getLogger(__name__)


class _Process:
    """What this process holds: its index, the View of the newest version, and Views of past ones."""

    def __init__(self):
        self.lock = RLock()
        self.forget()

    def forget(self):
        self.index = self.view = self.beside = None
        self.has_answered = False  # until it has, it may be as old as the process that it was forked from
        self.past = {}  # {version: Future of a View}, what was asked for last at the end
        self.rebuilt = _rebuilt()
        forget()

    def now(self, version):
        view = self.view
        if view is not None and view.version == version and self.rebuilt == _rebuilt():
            self.has_answered = True
            return view
        with self.lock:
            if self.view is None or self.rebuilt != _rebuilt() or not _stands(self.view.version):
                self.forget()
                self._show(built(version))
            elif version.number > self.view.version.number:
                self._follow(version)
            self.has_answered = True
            return self.view

    def _follow(self, version):
        if self.beside and self.beside.is_alive():
            return  # each answer is whole, of the version before, until that has come
        many = _more_than(MOST_AT_ONCE, self.view.version.number, version.number)
        stale = self.index.dead * 3 > max(self.index.size, BATCH)
        index = Index() if stale else self.index
        takes_long = many or (stale and self.index.size > MOST_AT_ONCE)
        if takes_long and self.has_answered and not connection.in_atomic_block:
            self.beside = Thread(target=self._beside, args=(index, version), name="index", daemon=True)
            self.beside.start()
        else:
            self._show(_followed(index, version))

    def _beside(self, index, version):
        try:
            _followed(index, version)
            with self.lock:
                if self.beside is current_thread():  # else everything was forgotten meanwhile
                    self._show(index)
        except Exception:
            logger.exception("The index could not follow the log; it is tried again with the next request.")
        finally:
            connections.close_all()

    def _show(self, index):
        self.index, self.view = index, View(index)

    def then(self, version):
        with self.lock:
            future = self.past.pop(version, None)
            is_first = future is None or (future.done() and future.exception())
            self.past[version] = future = Future() if is_first else future
            while len(self.past) > MOST_PAST:
                del self.past[next(iter(self.past))]
        if is_first:
            self._build_past(version, future)
        try:
            return future.result(timeout=PATIENCE)
        except NotYet:
            raise Busy from None

    def _build_past(self, version, future):
        """Build a past version: here if that is quick, else beside; at most as many at once as BUILDS has places."""

        def build():
            try:
                with BUILDS.held():
                    future.set_result(View(built(version)))
            except BaseException as error:
                future.set_exception(error)

        if version.number <= MOST_AT_ONCE_BUILT or connection.in_atomic_block:
            build()
        else:
            Thread(target=lambda: (build(), connections.close_all()), name="past", daemon=True).start()


def now(version=None):
    """Return the View of the newest version; ``version``: that, if it was just read.

    After more than MOST_AT_ONCE changes it is that of the version before, until all of them are in; but a process that
    has not answered yet, such as a worker that was started again, follows them first.
    """
    return _here.now(version or register_version())


def then(moment, newest):
    """Return the View of the register as it was at a Moment, or ``newest``, if that is older than what came by then.

    Busy while it takes long to build.
    """
    version = register_version(until=moment.last)
    return newest if version.number >= newest.version.number else _here.then(version)


def reset():
    """Forget everything: what is asked next is built anew."""
    with _here.lock:
        _here.forget()


def warm():
    """Make the index of this process before anything is asked, from its snapshot where there is one that fits."""
    version, index = register_version(), snapshots.load()
    if index is not None and not (index.version.number <= version.number and _stands(index.version)):
        logger.warning("The snapshot of the index is of another register: thrown away.")
        index = None
    is_old = index is None or version.number - index.version.number > MOST_AT_ONCE
    index = built(version) if index is None else _followed(index, version)
    index.changes()
    if is_old:
        snapshots.save(index)
    with _here.lock:
        _here._show(index)


def built(version):
    """Return the Index of a version, made from the log."""
    return _followed(Index(), version)


def rebuild():
    """Have every process on this machine build its index anew, as Revisions were changed by other means."""
    settings.INDEX_DIR.mkdir(parents=True, exist_ok=True)
    snapshots.throw_away()
    (settings.INDEX_DIR / REBUILT).write_text("")


def _rebuilt():
    try:
        return os.stat(f"{settings.INDEX_DIR}/{REBUILT}").st_mtime_ns  # asked with each request
    except OSError:
        return 0


def _followed(index, version):
    index.follow(_told(index.version.number, version.number), version)
    return index


def _stands(version):
    """Whether the log still has the Revision that a version ended with: no other was put in its place."""
    if not version.number:
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT public_digest FROM provenance_revision WHERE id = %s", [version.number])
        return cursor.fetchone() == (version.digest,)


def _between(after, until):
    """Return the public Revisions after one version and up to another."""
    return Revision.objects.public().filter(id__gt=after, id__lte=until).order_by()


def _more_than(number, after, until):
    """Whether more than ``number`` changes lie between: ids have gaps, as what is rolled back used some up too."""
    return until - after > number and _between(after, until)[: number + 1].count() > number


def _told(after, until):
    """Yield the newest public Revision (as Told) of each record after one version and up to another."""
    rows = _between(after, until)
    if until - after <= FEW:
        told = map(Told._make, rows.order_by("id").values_list(*Told._fields))
        yield from sorted({(each.kind, each.key): each for each in told}.values())
        return
    ids = sorted(rows.values("kind", "key").annotate(newest=Max("id")).values_list("newest", flat=True))
    for first in range(0, len(ids), BATCH):
        batch = Revision.objects.filter(pk__in=ids[first : first + BATCH]).order_by("id")
        yield from map(Told._make, batch.values_list(*Told._fields))


_here = _Process()
