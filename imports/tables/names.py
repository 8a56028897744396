"""The records that a file names, as documents show them: many asked for at once, an unknown one refused by name."""

import difflib
from functools import cached_property

from instruments.models import Country, Instrument, Partnership
from projects.models import Theme
from provenance.documents.declaration import shown_members
from provenance.documents.folding import fold
from provenance.models import Source
from provenance.store.log import record_models
from provenance.workflow.merges import redirected_keys

from .cells import Wrong

FACES = {model: shown_members(model) for model in record_models()}
_FRAME = (Country, Instrument, Partnership, Theme)  # few: read whole
_CHUNK = 500


class Names:
    """What is known of the records that a file names."""

    def __init__(self, source):
        self.known = {model: {} for model in FACES}
        self.known[Source][source["slug"]] = {"slug": source["slug"], "title": source["title"]}
        self.asked = {model: set() for model in FACES}
        self.all, self.refused = {}, {}
        for model in _FRAME:
            self._read(model, model.objects.all())

    def load(self, model, keys):
        """Read those of ``keys`` that were not asked for yet."""
        new = sorted({key for key in keys if "\0" not in key and len(key) <= 100} - self.asked[model])
        self.asked[model].update(new)
        for at in range(0, len(new), _CHUNK):
            self._read(model, model.objects.filter(pk__in=new[at : at + _CHUNK]))
        self._follow(model, [key for key in new if key not in self.known[model]])

    def _follow(self, model, gone):
        """Let a key whose record was merged into another lead to that one."""
        if moved := redirected_keys(model, gone) if gone else {}:
            self._read(model, model.objects.filter(pk__in=moved.values()))
            known = self.known[model]
            known.update({key: known[new_key] for key, new_key in moved.items() if new_key in known})

    @cached_property
    def kinds(self):
        """{code of an instrument: its kind}."""
        return dict(Instrument.objects.values_list("code", "kind"))

    def add(self, model, document):
        """Let a record be known that the file brings itself."""
        if model in FACES:
            face = {name: document[name] for name in FACES[model]}
            self.known[model][face[FACES[model][0]]] = face

    def face(self, model, key, heading):
        """Return the members by which a document shows the record ``key``. Wrong if there is none."""
        if found := self.known[model].get(key):
            return dict(found)
        if (model, key) not in self.refused:
            self.refused[model, key] = self._refusal(model, key)
        raise Wrong(heading, self.refused[model, key])

    def _refusal(self, model, key):
        if model not in self.all:
            self.all[model] = sorted({*model.objects.values_list("pk", flat=True)[:100_000], *self.known[model]})
        folded, wanted = {fold(name): name for name in self.all[model]}, fold(key)
        near = difflib.get_close_matches(wanted[:100], list(folded), 3, 0.6) if len(folded) < 5000 else []
        near = near or ([wanted] if wanted in folded else [])
        right = f" Did you mean {' or '.join(f'“{folded[name]}”' for name in near)}?" if near else ""
        return f"The register has no {model._meta.verbose_name} “{key[:100]}”.{right}"

    def _read(self, model, rows):
        names = FACES[model]
        for values in rows.values_list(*names):
            self.known[model][values[0]] = dict(zip(names, values, strict=True))
