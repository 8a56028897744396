"""Documents by revision id. A Revision never changes, so those of the pages asked for lately are kept."""

import json
import sys
from collections import OrderedDict
from itertools import islice
from threading import Lock

from django.db import connection

from . import prepared

MOST_BYTES = 14 * 2**20  # kept in a process
BATCH = 2000  # documents read at once
PAGE = 100  # more at once are a file, which would push out what pages show
_OF_IDS = "SELECT id, CAST(document AS BLOB) FROM provenance_revision WHERE id IN (SELECT value FROM json_each(%s))"


class _Kept:
    """Documents by id, at most MOST_BYTES. What lay unused longest goes."""

    def __init__(self):
        self._documents, self._bytes, self._lock = OrderedDict(), 0, Lock()

    def among(self, ids):
        """Return ``{id: document}`` of those that are here."""
        with self._lock:
            found = {pk: self._documents[pk] for pk in ids if pk in self._documents}
            for pk in found:
                self._documents.move_to_end(pk)
        return found

    def add(self, documents):
        with self._lock:
            for pk, document in documents.items():
                self._bytes += 0 if pk in self._documents else sys.getsizeof(document)
                self._documents[pk] = document
            while self._bytes > MOST_BYTES:
                _, dropped = self._documents.popitem(last=False)
                self._bytes -= sys.getsizeof(dropped)


_kept = _Kept()


def forget():
    """Keep nothing of what was read before: the log was replaced, and its ids may mean other Revisions now."""
    global _kept
    _kept = _Kept()


def documents_by_id(ids):
    """Return the documents of Revisions, JSON as bytes, in the order of ``ids``: one query for each BATCH not kept.

    LookupError if there is no such Revision: the log was replaced.
    """
    kept, ids = _kept, list(map(int, ids))
    found = kept.among(ids)
    missing = iter([pk for pk in dict.fromkeys(ids) if pk not in found])
    while batch := list(islice(missing, BATCH)):
        found |= _read(batch)
    if len(ids) <= PAGE:
        kept.add(found)
    return [found[pk] for pk in ids]


def _read(ids):
    """Return ``{id: document}`` of at most BATCH ids, in one query."""
    if connection.vendor == "postgresql":
        rows = prepared.rows("documents", "SELECT id, document FROM provenance_revision WHERE id = ANY($1)", ids)
    else:  # SQLite takes few single values
        with connection.cursor() as cursor:
            cursor.execute(_OF_IDS, [json.dumps(ids)])
            rows = cursor.fetchall()
    return dict(rows)
