"""Documents by revision id. A Revision never changes, so recently shown ones are cached."""

import sys
from collections import OrderedDict
from itertools import islice
from threading import Lock

from provenance.store.database import reading

from . import prepared

MOST_BYTES = 14 * 2**20  # cached in each process
BATCH = 2000  # documents per query
PAGE = 100  # larger requests are files, which are not cached
_DOCUMENTS = "SELECT id, {document} FROM provenance_revision WHERE id {among}"


class _DocumentCache(OrderedDict):
    """Documents by id, least recently used first, at most MOST_BYTES."""

    def __init__(self):
        super().__init__()
        self._bytes, self._lock = 0, Lock()

    def get_many(self, ids):
        """Return ``{id: document}`` of the cached ones."""
        with self._lock:
            cached = {pk: self[pk] for pk in ids if pk in self}
            for pk in cached:
                self.move_to_end(pk)
        return cached

    def add(self, documents):
        with self._lock:
            for pk, document in documents.items():
                self._bytes += 0 if pk in self else sys.getsizeof(document)
                self[pk] = document
            while self._bytes > MOST_BYTES:
                self._bytes -= sys.getsizeof(self.popitem(last=False)[1])


cache = _DocumentCache()


def clear_cache():
    """Drop all documents, because the log was replaced and its ids may now belong to other Revisions."""
    global cache
    cache = _DocumentCache()


def documents_by_id(ids):
    """Return the documents of Revisions, JSON as bytes, in the order of ``ids``, in one query per BATCH.

    LookupError if a Revision is missing, because the log was replaced.
    """
    kept = cache
    documents, new = kept.get_many(ids), {}
    missing = iter([pk for pk in dict.fromkeys(ids) if pk not in documents])
    while batch := list(islice(missing, BATCH)):
        new |= _read(batch)
    if new and len(ids) <= PAGE:
        kept.add(new)
    documents |= new
    return [documents[pk] for pk in ids]


def _read(ids):
    """Return ``{id: document}`` of at most BATCH ids, in one query."""
    return dict(prepared.rows(reading(), "documents", _DOCUMENTS, ids))
