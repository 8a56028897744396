"""What a text states about a project or an organisation, by rules. Each statement is an offer to a person.

Rules are in English, and in French for dates, sums and states (see ``provenance.workflow.reader``).
"""

import re
from functools import cached_property
from itertools import chain
from pathlib import Path

from instruments.models import Country, Instrument, Partnership
from projects.models import Organisation
from projects.models.organisation import EUROPEAN_UNION
from provenance.documents.declaration import shown_members
from provenance.documents.folding import WORDS, fold
from provenance.workflow.reader import PARTS as COMMON
from provenance.workflow.reader import Reader, rules_in

ROLES = {role: "|".join(verbs) for role, verbs in WORDS["role"].items()}
RULES, PARTS = rules_in(Path(__file__).with_suffix(".toml"), **COMMON, ROLE="|".join(ROLES.values()))
_AIM = re.compile(PARTS["AIM"])
_AIMS_END = re.compile(PARTS["AIMS_END"])  # where one of several aims ends
_AND = re.compile(r",? ?(?:and |et )?")
_BY = re.compile(r"^[^,]* by (?=\w+ing\b)")
_ONGOING = re.compile(r"curren|ongoing|since|actuel|en cours|depuis")
_PLANNED = re.compile(r"plan|schedul|expect|due\b")


class ProjectReader(Reader):
    kinds = {"country": Country, "organisation": Organisation, "instrument": Instrument, "partnership": Partnership}
    rules = RULES["project"]

    # -- Offers --

    def offers(self, sentence, is_heading=False):
        offers = super().offers(sentence, is_heading)
        return [each for each in offers if not _is_within(each, offers)]

    def statements(self, shape, is_heading):
        for match in self.pattern(PARTS["COUNTRY"]).finditer(shape):
            yield "countries", match.start("name") if is_heading else match.start(), match.end()
        # A title is more than another thing's name.
        needed = {"title": re.compile("[A-Za-z]"), "contributions": self.pattern(PARTS["ANY_PAYER"])}
        for member, start, end in super().statements(shape, is_heading):
            if member not in needed or needed[member].search(shape[start:end]):
                yield member, start, end
        if is_heading:
            return
        for verb in ROLES.values():
            for match in self.pattern(f"(?:{verb}) {PARTS['BODIES']}").finditer(shape):
                start = match.start()  # of the first body with its verb
                for body in self.pattern(PARTS["ONE_BODY"]).finditer(shape, *match.span()):
                    yield "organisations", start, body.end()
                    start = _AND.match(shape, body.end()).end()
        for start, end in _aims(shape):
            yield "objectives", start, end
        for match in _AIM.finditer(shape):
            yield "summary", *match.span("words")

    # -- Reading --

    def read(self, member, start, end):
        words, things = self.text[start:end], self.things(start, end)
        if member == "status":
            plain = fold(words)
            code = "planned" if _PLANNED.search(plain) else "ongoing" if _ONGOING.search(plain) else "completed"
            return super().read(member, start, end) or [code]
        if member == "partnerships":
            return super().read(member, start, end) or self._agreements(words)
        if member == "components":
            match = re.search(r"(\d+)\W+(.+)", words, re.DOTALL)
            return [{"number": int(match[1]), "title": " ".join(match[2].split())}] if match else []
        if member == "contributions":
            return self._contribution({kind: each.values[kind] for each in things for kind in each.values})
        if member == "organisations":
            return self._participation(start, words, things)
        return super().read(member, start, end)

    def _agreements(self, words):
        """Return the agreements all of whose words are in ``words``: “the Mobility Partnership between EU and …”."""
        stems = _stems(words)
        records = chain.from_iterable(self.names.values())
        agreements = [reference for kind, reference, _name in records if kind == "partnership"]
        return [agreement for agreement in agreements if stems >= _stems(agreement["name"])]

    def _contribution(self, values):
        instrument, amount = values.get("instrument"), values.get("sum") or {"amount": None, "currency": None}
        funder = values.get("organisation")
        if instrument and not funder and instrument["code"] in self.eu_instruments:
            funder = self.european_union
        return [{"funder": funder, "instrument": instrument, **amount}] if funder else []

    @cached_property
    def eu_instruments(self):
        return set(Instrument.objects.filter(kind=Instrument.Kind.EU).values_list("pk", flat=True))

    @cached_property
    def european_union(self):
        return Organisation.objects.filter(pk=EUROPEAN_UNION).values(*shown_members(Organisation)).first()

    def _participation(self, start, words, things):
        """Return the part of the first body in ``words``; its verb may come before them, as in “led by A and B”."""
        body = next((each for each in things if "organisation" in each.values), None)
        if body is None:
            return []
        before = re.sub(r"\s", " ", self.text[max(0, start - 300) : body.start])
        verbs = [(match.end(), role, match[0]) for role, verb in ROLES.items() for match in re.finditer(verb, before)]
        if not verbs:
            return []
        _end, role, verb = max(verbs)
        return [{**body.values["organisation"], "role": role, "role_as_stated": verb, "component": None}]


class OrganisationReader(Reader):
    rules = RULES["organisation"]


def _stems(words):
    return {word.removesuffix("s") for word in re.findall(r"[^\W_]+", fold(words))}


def _is_within(date, offers):
    """Whether an offer is of a date, and another one of the same member has more of the words around it."""
    return date.member.endswith("_date") and any(
        each.member == date.member and each.start <= date.start <= date.end <= each.end and each is not date
        for each in offers
    )


def _aims(shape):
    """Yield the span of each aim of a sentence: all of what follows its verb, and each of several."""
    for match in _AIM.finditer(shape):
        start, end = match.span("words")
        inner = _BY.match(shape[start:end])
        inner_start = start + inner.end() if inner else start
        ends = [(each.start(), each.end()) for each in _AIMS_END.finditer(shape, inner_start, end)]
        yield start, end
        if ends:
            starts = [inner_start, *(after for _before, after in ends)]
            yield from zip(starts, [*(before for before, _after in ends), end], strict=True)
