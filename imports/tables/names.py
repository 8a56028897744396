"""The records that a file names, by key or any name, as documents show them. Unknown names are refused or asked."""

import difflib
import re
from collections import defaultdict
from functools import cache, cached_property
from itertools import islice

from babel.core import get_global
from django.db.models import Count

from instruments.models import Country, Instrument, Partnership
from projects.models import Organisation, Project, Theme
from projects.words.phrases import either
from provenance.documents.declaration import shown_members
from provenance.documents.folding import fold
from provenance.documents.names import KnownNames, is_misspelt, other_names
from provenance.documents.readings import codes_of_countries
from provenance.models import Source, State
from provenance.store.log import chunks, record_models
from provenance.workflow.merges import redirected_keys

from ..answers import LEAVE_OUT, NEW
from .cells import Wrong
from .parts import ROLES
from .questions import answered
from .words import words

SHOWN_MEMBERS = {model: shown_members(model) for model in record_models()}
_FRAME = (Country, Instrument, Partnership, Theme)  # few, so all are read, and offered
_MOST = 100_000  # records whose names are read
_MOST_PAYERS = 10
# columns, of which an answer about a name, in any spelling, holds for all
_OF_BODIES = ("funder_slugs", *reversed(ROLES))
_MOST_ALIKE = 20_000  # names that an unknown one is compared with
_ABBREVIATED = re.compile(r"(.+?) \(([A-Z]{2,})\)")
_WITH_KEY = re.compile(r"([^()]+) \(([^()]+)\)")
_CAPITALISED = re.compile(r"\b[A-Z][A-Za-z]{2,}\b")


class Names:
    """The records that a file may name."""

    def __init__(self, source, answers, *, publishes=False):
        self.source, self.answers, self.new, self._publishes = source, answers, {}, publishes
        # (model, key) of those of ``known`` that are not public, and do not become so with the file
        self.hidden = set()
        self.known = {model: {} for model in SHOWN_MEMBERS}  # {key: reference}
        self.parted = set()  # our headings of columns with semicolons between names
        self.found = {}  # {(model, our heading, text of a cell): references}, of cells that name several records
        self.known[Source][source["slug"]] = {"slug": source["slug"], "title": source["title"]}
        self._asked = {model: set() for model in SHOWN_MEMBERS}
        self._all, self._index, self._given = {}, {}, defaultdict(set)
        self._refusal = cache(self._refusal)  # of names that rows repeat
        self.free_key = cache(self.free_key)  # rows of one new name are one record
        for model in _FRAME:
            self._read(model, model.objects.all())

    def load(self, model, keys):
        """Read those of ``keys`` that are not read yet; a merged one leads to the one that was kept."""
        new = sorted({key for key in keys if len(key) <= 100} - self._asked[model])
        self._asked[model].update(new)
        for chunk in chunks(new):
            self._read(model, model.objects.filter(pk__in=chunk))
        known = self.known[model]
        gone = [key for key in new if key not in known]
        if moved := redirected_keys(model, gone) if gone else {}:
            self._read(model, model.objects.filter(pk__in=moved.values()))
            known.update({key: known[new_key] for key, new_key in moved.items() if new_key in known})

    def _read(self, model, rows):
        for *values, state in rows.values_list(*SHOWN_MEMBERS[model], "state"):
            self.known[model][values[0]] = dict(zip(SHOWN_MEMBERS[model], values, strict=True))
            self.hidden |= {(model, values[0])} if state != State.PUBLISHED else set()

    def add(self, model, shown):
        """Add a record of the file, by what documents show of it, to those that can be named."""
        if (key := shown[SHOWN_MEMBERS[model][0]]) not in self.known[model]:
            self.known[model][key] = shown
            self.hidden |= set() if self._publishes else {(model, key)}

    @cached_property
    def kinds(self):
        """{code of an instrument: its kind}."""
        return dict(Instrument.objects.values_list("code", "kind"))

    def reference(self, model, text, heading, *, is_needed=False):
        """Return a reference to the record of a key or name, as documents show it; None if it is to be left out.

        Wrong if not exactly one has it; ``is_needed``: then leaving it out is no answer.
        """
        answer = answered(self.answers, heading, text)
        if answer == text and model is Organisation and not self.knows(model, text):
            meant = {fold(theirs): (at, theirs) for at in _OF_BODIES for theirs in self.answers.get(at, ())}
            answer = self.answers.meaning(*meant[fold(text)]) if fold(text) in meant else text
        if answer == LEAVE_OUT:
            return None
        name = self._new(text) if answer == NEW and model is Organisation else answer
        keys = self._there(model, name)
        if len(keys) == 1:
            return dict(self.known[model][keys[0]])
        message, choices = self._refusal(model, name, tuple(keys))
        new = [(NEW, "a new organisation")] if model is Organisation else []
        raise Wrong(heading, message, text, [*choices, *new], is_needed=is_needed, is_body=model is Organisation)

    def _new(self, name):
        """Return the key of a new organisation, or its name if an earlier file may have added it."""
        folded = fold(name)
        if self.knows(Organisation, name):
            return name
        if folded not in self.new:
            self.new[folded] = {"slug": self.free_key(Organisation, name), "name": " ".join(name.split())}
            self.add(Organisation, self.new[folded])
        return self.new[folded]["slug"]

    def _there(self, model, name):
        """Return the keys of the records with this key or name."""
        if name in self.known[model]:
            return [name]
        keys = self.called(model, name)
        self.load(model, keys)
        return [key for key in sorted(keys) if key in self.known[model]]

    @cached_property
    def countries(self):
        """{key of a project: {code of a country: its name}}."""
        countries = defaultdict(dict)
        links = Project.countries.through.objects.order_by("country")
        for project, code, name in links.values_list("project", "country", "country__name"):
            countries[project][code] = name
        return countries

    @cached_property
    def payers(self):
        """[(key, name)] of the organisations that pay for most projects, offered where a sum has no funder."""
        payers = Organisation.objects.exclude(state=State.WITHDRAWN).annotate(number=Count("contributions"))
        return list(payers.filter(number__gt=0).order_by("-number", "pk").values_list("pk", "name")[:_MOST_PAYERS])

    def knows(self, model, text):
        """Whether ``text`` is the key or name of exactly one record."""
        return text in self.known[model] or len(self.called(model, text)) == 1

    def shown(self, model, key):
        """Return the name of a record."""
        self.load(model, {key})
        return self.known[model].get(key, {}).get(SHOWN_MEMBERS[model][1], key)

    def meant(self, answer):
        """Return the name of the record whose key is an answer; any other answer as it is."""
        key = answer.removeprefix("=")
        return next((self.shown(model, key) for model in self.known if key in self.known[model]), answer)

    def free_key(self, model, name):
        """Return a key made of a name that no record has, including those that this file adds."""
        key = model.new_key(name, self._given[model])
        self._given[model].add(key)
        return key

    def called(self, model, text):
        """Return the keys of the records of which ``text`` is the key or a name in any language, or ``name (key)``."""
        called = self.by_name(model)
        keys = called.get(fold(text), ())
        if not keys and (match := _WITH_KEY.fullmatch(text)):
            keys = set.intersection(*(set(called.get(fold(part), ())) for part in match.groups()))
        return keys

    def by_name(self, model):
        """Return {key or name, folded: keys}, in English and French; of countries, in all languages."""
        if model not in self._all:
            keys_of = self._all[model] = defaultdict(set)
            records = model.objects.exclude(state=State.WITHDRAWN)
            for key, names in islice(records.called(), _MOST):
                for form in (form for name in (key, *names) for form in _forms(model, name)):
                    keys_of[fold(form)].add(key)
            if model is Country:  # in all languages, as republics too, and by ISO's three letters
                for letters, [code, *_others] in get_global("territory_aliases").items():
                    if code in self.known[model]:
                        keys_of[letters.lower()].add(code)
                for name, code in codes_of_countries().items():
                    for form in ("{}", *words.republics) if code in self.known[model] else ():
                        keys_of[form.format(name)].add(code)
        return self._all[model]

    def alike(self, model, name, short, key):
        """Return at most three keys of records that look like one with this name, short name, or key."""
        if model not in self._index:
            self._index[model] = KnownNames()
            for known in self.by_name(model):
                self._index[model].add(known)
        self.load(model, {key})
        keys = {key} & self.known[model].keys() | set(self.called(model, short) if short else ())
        for word in _CAPITALISED.findall(name or "") if model is Project else ():  # “Nexus project”
            keys |= set(self.called(model, word))
        # Short names with figures are numbered series of a publisher, so that each resembles the next.
        for folded in filter(None, (fold(name), fold(short) if short.isalpha() else "")):
            for near in self._index[model].near(folded):
                if is_misspelt(folded, near):
                    keys |= self.by_name(model)[near]
        return sorted(keys)[:3]

    def _refusal(self, model, text, keys):
        """Return (message, [(answer, label)] of possible meanings) if several ``keys``, or none, have a name."""
        named, options, known = self.by_name(model), model._meta, self.known[model]
        number = f"several {options.verbose_name_plural}" if keys else f"no {options.verbose_name}"
        is_state = model is Organisation and fold(text) in codes_of_countries()  # not another one, misspelt
        keys = keys or sorted(self.called(model, name_alone(text)))
        if not keys and len(named) < _MOST_ALIKE and not is_state:
            near = difflib.get_close_matches(fold(text)[:100], list(named), 3, 0.6)
            keys = list(dict.fromkeys(key for name in near for key in sorted(named[name])))[:3]
        self.load(model, keys)
        labels = {key: f"{self.shown(model, key)} ({key})" for key in keys}
        right = f" Did you mean {either(f'“{label}”' for label in labels.values())}?" if labels else ""
        if not keys and model in _FRAME:
            labels = {key: f"{self.shown(model, key)} ({key})" for key in sorted(known)}
        if model is Source:
            labels |= {self.source["slug"]: f"this file, {self.source['title']}"}
        return f"The register has {number} “{text[:100]}”.{right}", labels.items()


def name_alone(text):
    """Return a name without what follows it: ``ICMPD (lead)``, ``EU: 80%``."""
    return re.split(r"\s*[(:]", text, maxsplit=1)[0]


def _forms(model, name):
    """Yield the forms of a name, in all languages: ``Office international (OI)``, ``OI``."""
    yield name
    codes = codes_of_countries()
    if model is Organisation and (code := codes.get(fold(name))):  # a state that pays
        yield from (each for each in codes if codes[each] == code)
    for form in (name, *other_names(name)) if model in (*_FRAME, Organisation) else ():
        yield form
        if match := _ABBREVIATED.fullmatch(form):
            yield from match.groups()
