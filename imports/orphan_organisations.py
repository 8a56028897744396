"""New organisations that an IATI file names only in activities that are refused: they are not added."""

import re

from imports.models import Import, ImportItem
from projects.models import Organisation
from provenance.store.log import chunks

_NAMED = re.compile(r'"slug":"([^"]+)"')
_KIND = Organisation._meta.model_name


class Unnamed:
    """What is found of the items of one import, chunk by chunk."""

    def __init__(self):
        self._new, self._named = set(), set()

    def look(self, rows):
        """Take note of unsaved ImportItems: which organisations are new, and which the others name."""
        for row in rows:
            if row.kind == _KIND and row.verdict == ImportItem.Verdict.NEW:
                self._new.add(row.key)
            elif row.document and row.kind != _KIND:
                self._named.update(_NAMED.findall(row.document))

    def drop(self, batch):
        """Delete the items of new organisations that nothing written names."""
        gone = sorted(self._new - self._named) if batch.kind == Import.Kind.IATI else []
        for keys in chunks(gone):
            batch.items.filter(kind=_KIND, key__in=keys).delete()
