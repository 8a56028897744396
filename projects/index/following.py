"""The index of this process: made once, brought to the newest version before anything is answered."""

from threading import RLock

from django.db.models import Max

from provenance.models import Revision

from ..keeping import register_version
from ..places import BUILDS
from .documents import BATCH, forget
from .index import Index, Told
from .view import View

MOST_PAST = 3  # versions that are kept besides the newest
_lock = RLock()
_index, _view, _past = None, None, {}


def now(version=None):
    """Return the View of the newest version. ``version``: that, if it was just read."""
    global _index, _view
    version = version or register_version()
    view = _view
    if view is not None and view.version == version:
        return view
    with _lock:
        if _view is not None and _stands(_view.version):
            if version.number <= _view.version.number:
                return _view
            _index.follow(_told(_view.version.number, version.number), version)
            if _index.dead * 3 > max(_index.size, BATCH):
                _index = built(version)
        else:
            forget()
            _past.clear()
            _index = built(version)
        _view = View(_index)
        return _view


def then(moment):
    """Return the View of the register as it was at a Moment. Busy if it, or another, is being built for long."""
    version = register_version(until=moment.last)
    current = now()
    if current.version == version:
        return current
    with _lock:
        if view := _past.pop(version, None):
            _past[version] = view  # the last that was asked for
            return view
    with BUILDS.held():  # and not the lock: meanwhile others read what is now
        view = _past.get(version) or View(built(version))
    with _lock:
        _past[version] = view
        while len(_past) > MOST_PAST:
            del _past[next(iter(_past))]
    return view


def reset():
    """Forget everything: what is asked next is built anew."""
    global _index, _view
    with _lock:
        _index = _view = None
        _past.clear()
        forget()


def built(version):
    """Return the Index of a version, made from the log."""
    index = Index()
    index.follow(_told(0, version.number), version)
    return index


def _stands(version):
    """Whether the log still has the Revision that a version ended with: no other was put in its place."""
    if not version.number:
        return True
    digests = Revision.objects.filter(pk=version.number).values_list("public_digest", flat=True)
    return digests.first() == version.digest


def _told(after, until):
    """Yield the newest public Revision (as Told) of each record after one version and up to another."""
    rows = Revision.objects.public().filter(id__gt=after, id__lte=until).order_by()
    ids = sorted(rows.values("kind", "key").annotate(newest=Max("id")).values_list("newest", flat=True))
    for first in range(0, len(ids), BATCH):
        batch = Revision.objects.filter(pk__in=ids[first : first + BATCH]).order_by("id")
        yield from map(Told._make, batch.values_list(*Told._fields))
