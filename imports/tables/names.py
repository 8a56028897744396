"""The records that a file names, by key or any name, as documents show them: an unknown one is refused, or asked."""

import difflib
from collections import defaultdict
from functools import cached_property

from django.utils import translation
from django.utils.translation import gettext, pgettext

from instruments.models import Country, Instrument, Partnership
from projects.documents.phrases import record_name
from projects.models import Organisation, Theme
from provenance.documents.declaration import name_members, shown_members
from provenance.documents.folding import fold
from provenance.documents.readings import codes_of_countries
from provenance.models import Source, State
from provenance.store.log import record_models
from provenance.workflow.merges import redirected_keys

from .cells import Wrong
from .questions import LEAVE_OUT, NEW, answered

FACES = {model: shown_members(model) for model in record_models()}
_FRAME = (Country, Instrument, Partnership, Theme)  # few: read whole
_CHUNK, _MOST = 500, 100_000  # records that are asked for at once; those whose names are read
_FEW, _LIKE = 300, 0.87  # names that one is compared with; how like it they have to be, of 1


class Names:
    """What is known of the records that a file names."""

    def __init__(self, source, answers=None):
        self.source, self.answers, self.new = source, answers or {}, {}
        self.known = {model: {} for model in FACES}
        self.known[Source][source["slug"]] = {"slug": source["slug"], "title": source["title"]}
        self.asked = {model: set() for model in FACES}
        self.all, self.refused, self.ends, self.given = {}, {}, {}, defaultdict(set)
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

    def face(self, model, text, heading):
        """Return the members by which a document shows the record of a key or name. Wrong if not exactly one has it."""
        answer = answered(self.answers, heading, text)
        if answer == LEAVE_OUT or (answer == NEW and model is Organisation):
            return self._new(text) if answer else None
        text = answer
        if faces := self.known[model].get(text):
            return dict(faces)
        if (model, text) not in self.refused:
            keys = self.called(model, text)
            self.load(model, keys)
            faces = [self.known[model][key] for key in sorted(keys) if key in self.known[model]]
            if len(faces) == 1:
                return dict(faces[0])
            self.refused[model, text] = self._refusal(model, text, sorted(keys))
        what, choices = self.refused[model, text]
        raise Wrong(heading, what, text, choices)

    def knows(self, model, text):
        """Whether ``text`` is the key or name of exactly one record."""
        return text in self.known[model] or len(self.called(model, text)) == 1

    def called(self, model, text):
        """Return the keys of the records that have ``text`` for a key, name, acronym or alias, in any language."""
        return self._called(model).get(fold(text), ())

    def shown(self, model, key):
        """Return the name of a record."""
        self.load(model, {key})
        return self.known[model].get(key, {}).get(FACES[model][1], key)

    def free_key(self, model, name):
        """Return a key made of a name, which no record has, nor any that this file adds."""
        key = model.new_key(name, self.given[model])
        self.given[model].add(key)
        return key

    def alike(self, model, name, acronym, made):
        """Return at most three keys of records that look like one of a name, an acronym, or a key made of its name."""
        self.load(model, {made})
        keys = {made} & self.known[model].keys() | set(self.called(model, acronym) if acronym else ())
        if model not in self.ends:
            self.ends[model] = ends = defaultdict(set)
            for other in self._called(model):
                ends[other[:4]].add(other)
                ends[other[-6:]].add(other)
        # Acronyms with figures are series of their publishers, and each like the next.
        for folded in filter(None, (fold(name), fold(acronym) if acronym.isalpha() else "")):
            near = self.ends[model].get(folded[:4], set()) | self.ends[model].get(folded[-6:], set())
            if len(near) < _FEW:
                for other in difflib.get_close_matches(folded, sorted(near), 3, _LIKE):
                    keys |= self._called(model)[other]
        return sorted(keys)[:3]

    def _called(self, model):
        """Return {key, name, acronym or alias, folded: keys}, in English and French; of countries, in all languages."""
        if model not in self.all:
            keys_of, key = defaultdict(set), FACES[model][0]
            own = [
                name for name in dict.fromkeys([*FACES[model], *name_members(model)]) if name not in ("kind", "country")
            ]
            rows = model.objects.exclude(state=State.WITHDRAWN) if hasattr(model, "state") else model.objects
            with translation.override("fr"):
                for values in rows.values_list(*own)[:_MOST]:
                    for text in filter(None, values):
                        for name in text.splitlines():
                            keys_of[fold(name)].add(values[own.index(key)])
                            if model in (*_FRAME, Organisation):
                                official = record_name(model._meta.model_name, name)
                                for french in (gettext(name), pgettext("abbreviation", name), official):
                                    keys_of[fold(french)].add(values[own.index(key)])
            if model is Country:
                for name, code in codes_of_countries().items():
                    if code in self.known[model]:
                        keys_of[name].add(code)
            self.all[model] = keys_of
        return self.all[model]

    def _new(self, name):
        """Return the face of a new organisation of that name."""
        if name not in self.new:
            slug = self.free_key(Organisation, name)
            self.add(Organisation, {"slug": slug, "name": name})
            self.new[name] = slug
        return dict(self.known[Organisation][self.new[name]])

    def _refusal(self, model, text, keys):
        """Return (what is wrong, [(answer, label)] of what may be meant)."""
        named, options = self._called(model), model._meta
        number = f"several {options.verbose_name_plural}" if keys else f"no {options.verbose_name}"
        near = difflib.get_close_matches(fold(text)[:100], list(named), 3, 0.6) if len(named) < 20_000 else []
        keys = keys or list(dict.fromkeys(key for name in near for key in sorted(named[name])))[:3]
        self.load(model, keys)
        known = self.known[model]
        if not keys and model in _FRAME:
            keys = sorted(known)
        choices = [(key, f"{next((known[key][each] for each in FACES[model][1:2]), key)} ({key})") for key in keys]
        meant = " or ".join(f"“{label}”" for _key, label in choices)
        right = f" Did you mean {meant}?" if near else ""
        if model is Organisation:
            choices.append((NEW, f"a new organisation “{text[:60]}”"))
        return f"The register has {number} “{text[:100]}”.{right}", choices

    def _read(self, model, rows):
        names = FACES[model]
        for values in rows.values_list(*names):
            self.known[model][values[0]] = dict(zip(names, values, strict=True))
