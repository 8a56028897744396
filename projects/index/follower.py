"""The index of this process: built once, then updated before each answer."""

import logging
import os
import time
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from threading import RLock, Thread, current_thread

from django.conf import settings
from django.db import connections

from provenance.models import Revision
from provenance.store.database import reading

from ..capacity import BUILDS, Busy
from . import snapshots
from .documents import BATCH, clear_cache
from .index import Index
from .register import Register
from .version import newest_of_each, news, register_version

MOST_PAST = 3  # past versions kept
MOST_AT_ONCE = 5000  # changes that a request waits for; more are read in a thread
MOST_AT_ONCE_BUILT = 50_000  # Revisions of a past version that a request reads itself, in a few seconds
PATIENCE = 5  # seconds to wait for a past version that another thread builds
PAUSE = 0.01  # seconds between two looks at the next, in which other threads get their turn
REBUILT = "rebuilt"  # a file in INDEX_DIR; indexes older than it are built again

logger = logging.getLogger(__name__)


class _Replaced(Exception):
    """The log no longer has the version of the index, because a restore replaced it."""


class _Process:
    """The index of this process, with Views of the newest version and of a few past ones."""

    def __init__(self):
        self.lock = RLock()
        self.reset()

    def reset(self):
        """Drop the index. The next request builds it again."""
        with self.lock:
            self.index = self.register = self.catching_up = None
            self.has_answered = False  # if not, it may be as old as the process it was forked from
            self.past = {}  # {version: Future of a Register}, least recently used first
            self.rebuilt, self.look_at = _rebuilt(), 0.0
            clear_cache()

    def current_register(self, revisions=None):
        """Return the Register of the newest version (that of ``revisions``, if the caller has just read the ``news``).

        After more than MOST_AT_ONCE changes, return the Register before them until a thread has read them all. A
        process that has not answered yet, such as a restarted worker, reads them first.
        """
        register = self.register
        revisions = revisions or news(register and register.version.number)
        version = revisions[0].version
        if register is not None and register.version == version and not self._was_rebuilt():
            self.has_answered = True
            return register
        with self.lock:
            try:
                if self.register is None or self.rebuilt != _rebuilt():
                    raise _Replaced
                self._follow(version, revisions)
            except _Replaced:
                self.reset()
                self._replace(build(version))
            self.has_answered = True
            return self.register

    def _was_rebuilt(self):
        """Whether ``rebuild`` ran since the index was built, as of at most PAUSE seconds ago."""
        now = time.monotonic()
        if now < self.look_at:
            return False
        self.look_at = now + PAUSE
        return self.rebuilt != _rebuilt()

    def _follow(self, version, revisions):
        shown = self.register.version
        is_known = any(each.version == shown for each in revisions)
        if not is_known and not _is_in_log(shown):
            raise _Replaced
        newer = [each for each in revisions if each.id > shown.number]
        if not newer or (self.catching_up and self.catching_up.is_alive()):
            return  # while a thread catches up, answers show the previous version
        number = len(newer) if is_known else _between(shown.number, version.number).count()
        stale = self.index.dead * 3 > max(self.index.size, BATCH)
        index = Index() if stale else self.index
        takes_long = number > MOST_AT_ONCE or (stale and self.index.size > MOST_AT_ONCE)
        if takes_long and self.has_answered and not reading().in_atomic_block:
            self.catching_up = Thread(target=self._catch_up, args=(index, version), name="index", daemon=True)
            self.catching_up.start()
        elif is_known and not stale:
            index.follow(sorted({(each.kind, each.key): each for each in reversed(newer)}.values()), version)
            self._replace(index)
        else:
            self._replace(_advance(index, version))

    def _catch_up(self, index, version):
        try:
            _advance(index, version)
            with self.lock:
                if self.catching_up is current_thread():  # else reset() was called in the meantime
                    self._replace(index)
        except Exception:
            logger.exception("The index could not be updated. The next request tries again.")
        finally:
            connections.close_all()

    def _replace(self, index):
        self.index, self.register = index, Register(index)

    def past_register(self, version, newest):
        """Return the Register of a past Version; ``newest`` if nothing changed since. Busy if it takes long."""
        if version.number >= newest.version.number:
            return newest
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
        """Build a past version: at once if that is quick, else in a thread. BUILDS limits how many run."""

        def run():
            try:
                with BUILDS.held():
                    future.set_result(Register(build(version)))
            except BaseException as error:
                future.set_exception(error)

        if version.number <= MOST_AT_ONCE_BUILT or reading().in_atomic_block:
            run()
        else:
            Thread(target=lambda: (run(), connections.close_all()), name="past", daemon=True).start()


def newest_shown():
    """Return the newest Register that this process answered from, None before the first answer."""
    return _process.register


def warm():
    """Build the index before the first request, from a snapshot if one matches."""
    version, index = register_version(), snapshots.load()
    if index is not None and not (index.version.number <= version.number and _is_in_log(index.version)):
        logger.warning("The index snapshot belongs to another register and was ignored.")
        index = None
    is_old = index is None or version.number - index.version.number > MOST_AT_ONCE
    index = build(version) if index is None else _advance(index, version)
    index.changes()
    if is_old:
        snapshots.save(index)
    with _process.lock:
        _process._replace(index)


def build(version):
    """Return the Index of a version, built from the log."""
    return _advance(Index(), version)


def rebuild():
    """Make every process on this machine rebuild its index, after Revisions were changed outside this program."""
    settings.INDEX_DIR.mkdir(parents=True, exist_ok=True)
    snapshots.delete()
    (settings.INDEX_DIR / REBUILT).write_text("")
    _process.look_at = 0.0


def _rebuilt():
    try:
        return os.stat(f"{settings.INDEX_DIR}/{REBUILT}").st_mtime_ns  # str, not Path: this runs on every request
    except OSError:
        return 0


def _advance(index, version):
    index.follow(newest_of_each(_between(index.version.number, version.number)), version)
    return index


def _is_in_log(version):
    """Whether the log still has the last Revision of ``version``: a restore may have replaced it."""
    return not version.number or Revision.objects.filter(pk=version.number, head=version.head).exists()


def _between(after, until):
    """Return the public Revisions after one version, up to another."""
    return Revision.objects.public().filter(id__gt=after, id__lte=until)


_process = _Process()
current_register, past_register, reset = _process.current_register, _process.past_register, _process.reset
