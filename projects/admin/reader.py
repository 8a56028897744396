"""What a text in English states of a project, by rules: an offer each, which a person takes or leaves.

A rule is a regular expression over the shape of a sentence (see ``provenance.admin.reader``). Its group ``words``, or
all of it, is what may state the member.
"""

import re
from functools import cached_property

from instruments.models import Country, Instrument, Partnership
from projects.models import Organisation, Participation
from projects.models.organisation import EUROPEAN_UNION
from provenance.admin.reader import Reader
from provenance.documents.declaration import shown_members
from provenance.documents.folding import fold
from provenance.documents.passages import LONGEST_SENTENCE

LEAD, IMPLEMENTER, PARTNER = Participation.Role.LEAD, Participation.Role.IMPLEMENTER, Participation.Role.PARTNER
ROLES = {
    LEAD: r"(?:led|headed|coordinated|co-ordinated|managed) by",
    IMPLEMENTER: r"(?:implemented|carried out|executed|delivered|run) by",
    PARTNER: r"in (?:close )?(?:co-?operation|partnership|collaboration) with|together with|with the support of",
}
_CAPITAL = r"(?:[A-Z]|<thing>)(?:[\w’'-]|<thing>)*"
_LITTLE = r"(?:and|to|at|with|(?:of|for|in|on|under|in the framework of)(?: the)?)"
NAME = rf"{_CAPITAL}(?:(?: |, on | {_LITTLE} ){_CAPITAL})*"
BODY = r"(?:<organisation>|<country>|[A-Z][\w’'-]*(?:(?: (?:of|for|and|the|on))* [A-Z][\w’'-]*)*)"
_WORK = r"(?:Project|Programme|Initiative|Facility|Assignment)"
_SHORT = r"[A-Z][A-Z\d-]+"
_NO_NAME = r"(?!(?:The|It|This|That|These|Those|They|There|We|Such|Both|All)\b)"
PAYER = "(?:<instrument>|<organisation>)"
_IS = r"(?:is|was|are|were|has|have|will|aims|aimed|lasted|ran|runs|started|supports|supported|helps|helped)"
_PAYS = r"(?:co-?)?(?:funding|financing)"
_RANGE = r"(?:from|between) <date> (?:to|until|till|and|through) "
_WAS = r"(?:lasted|ran|was implemented|was carried out|took place)"
_ENDED = r"(?:ended|finished|was completed|closed|concluded|expired)"
_WILL = r"(?:planned|scheduled|expected|due|will) (?:\w+ ){0,4}"

RULES = (
    ("title", rf"so-called (?P<words>{NAME})"),
    ("title", rf"[Tt]he (?P<words>{NAME})(?: \({_SHORT}\))? (?:project|programme|initiative)\b"),
    ("title", rf"\b(?:project|programme|initiative) “?(?P<words>{NAME})"),
    ("title", rf"^The (?P<words>{NAME})(?: \({_SHORT}\))? {_IS}\b"),
    ("title", rf"^{_NO_NAME}(?P<words>{_SHORT}|{_CAPITAL}(?: {_CAPITAL})+)(?: \({_SHORT}\))? {_IS}\b"),
    ("title", rf"[Tt]he (?P<words>(?:{_CAPITAL}(?: | {_LITTLE} ))+{_WORK})\b"),
    ("acronym", rf"{NAME} \((?P<words>{_SHORT})\)"),
    ("acronym", rf"\b(?:project|programme|initiative) (?P<words>{_SHORT}), "),
    ("partnerships", r"<partnership>"),
    ("partnerships", r"(?:the )?(?:[A-Z]\w+ )+between (?:the )?<organisation> and <country>"),
    ("partnerships", r"<organisation>-<country> [Aa]greements?, in particular [^.;]+"),
    ("status", r"\b(?:[Cc]urrently|[Oo]ngoing)\b"),
    ("status", r"(?:has|have) been (?:implemented|running|active|funded|carried out|under way) since <date>"),
    ("status", rf"{_WAS} {_RANGE}<date>"),
    ("status", rf"{_ENDED} (?:in|on|at the end of) <date>"),
    ("status", r"(?:planned|scheduled|expected|due) to (?:be )?(?:\w+ed|start|begin|run|last)\b"),
    ("start_date", rf"(?P<words>{_WILL}(?:from|between|in|on) <date>)"),
    ("start_date", r"(?:from|between) (?P<words><date>) (?:to|until|till|and|through) <date>"),
    ("start_date", r"(?:started|starts|began|begins|was launched|opened|commenced) (?:in|on) (?P<words><date>)"),
    ("start_date", r"since <date>"),
    ("end_date", rf"(?P<words>{_WILL}{_RANGE}<date>)"),
    ("end_date", rf"(?P<words>{_WILL}(?:until|till|up to) (?:the end of )?<date>)"),
    ("end_date", rf"{_RANGE}(?P<words><date>)"),
    ("end_date", rf"(?:{_ENDED}|ends|finishes) (?:in|on|at the end of) (?P<words><date>)"),
    ("end_date", r"(?:until|till|up to) (?:the end of )?(?P<words><date>)"),
    ("budget", rf"(?<!including )(?<!of which )<sum>(?! (?:from|under|by) (?:the )?{PAYER})"),
    (
        "contributions",
        rf"(?:[Cc]o-?)?(?:[Ff]unded|[Ff]inanced)(?: by (?:the )?{BODY})?(?: \(<sum>\))?"
        r"(?:,? (?:under|from|through|within|by) (?:the )?<instrument>)?(?: (?:for|with) (?:a total of )?<sum>)?",
    ),
    (
        "contributions",
        rf"(?:[Cc]o-?)?(?:[Ff]unded|[Ff]inanced) by [^.;]*?,? and (?P<words>(?:the )?{BODY})(?! (?:is|was|are|will)\b)",
    ),
    ("contributions", rf"(?:[Tt]he )?<organisation> (?:is|was|are|has been) (?:currently )?{_PAYS}"),
    (
        "contributions",
        rf"(?:[Tt]he )?<instrument> (?:is|was|has been) (?:currently )?{_PAYS}"
        r"(?:[^.;]{0,200}? (?:with|for) (?:an? )?(?:total )?(?:budget of )?<sum>(?: budget)?)?",
    ),
    ("contributions", rf"<sum> (?:from|under|by) (?:the )?{PAYER}"),
    ("contributions", r"(?:[Tt]he )?<organisation> (?:contribut|provid|pay|grant|giv)(?:e|es|ed|s) <sum>"),
    ("components", r"Component \d+: [^,;)]+"),
)
_AIM = re.compile(
    r"(?:aim(?:s|ed|ing)? (?:at|to)|(?:objective|aim|goal|purpose)s? (?:is|was|of|are)(?: to)?|focus(?:es|ed)? on"
    r"|seeks to|intend(?:s|ed) to|designed to) (?P<words>.+?)(?= in line with|[.;]?$)"
)
_AIMS_END = re.compile(r", as well as |, and (?=\w+ing\b)|, (?=\w+ing\b)")  # where one of several aims ends
_AND = re.compile(r",? ?(?:and )?")
_BY = re.compile(r"^[^,]* by (?=\w+ing\b)")
_ONGOING, _PLANNED = re.compile(r"curren|ongoing|since"), re.compile(r"plan|schedul|expect|due")


class ProjectReader(Reader):
    kinds = {"country": Country, "organisation": Organisation, "instrument": Instrument, "partnership": Partnership}

    @cached_property
    def rules(self):
        return [(member, self.pattern(rule)) for member, rule in RULES]

    @cached_property
    def roles(self):
        following = rf"(?:,? (?:and )?(?:the )?{BODY})*"
        return [(role, self.pattern(rf"(?:{verb}) (?:the )?{BODY}{following}")) for role, verb in ROLES.items()]

    # -- Offers --

    def offers(self, sentence, is_heading=False):
        if sentence.end - sentence.start > LONGEST_SENTENCE:
            return []
        shape, spans = self.shape(sentence.start, sentence.end)
        found = {}

        def add(member, start, end):
            """Offer the words that stand for a part of the shape."""
            span = spans[start][0], spans[end - 1][1]
            if (member, *span) not in found:
                found[(member, *span)] = self.offer(member, *span, sentence)

        for match in self.countries.finditer(shape):
            add("countries", match.start("name") if is_heading else match.start(), match.end())
        for member, pattern in self.rules if not is_heading else ():
            for match in pattern.finditer(shape):
                start, end = match.span("words") if "words" in pattern.groupindex else match.span()
                if self._says_enough(member, shape[start:end]):
                    add(member, start, end)
        for _role, pattern in self.roles if not is_heading else ():
            for match in pattern.finditer(shape):
                for start, end in self._bodies(shape, *match.span()):
                    add("organisations", start, end)
        for start, end in _aims(shape) if not is_heading else ():
            add("objectives", start, end)
        for match in _AIM.finditer(shape) if not is_heading else ():
            add("summary", *match.span("words"))
        return sorted((each for each in found.values() if not _is_within(each, found.values())), key=_place)

    @cached_property
    def countries(self):
        return self.pattern(r"(?<!\w-)(?<!<thing>-)(?:\b(?:in|with|for) )?(?P<name><country>)(?!['’-]\w)")

    def _says_enough(self, member, shape):
        """Whether the shape of words has what its member needs: a title is more than the name of something else."""
        if member == "title":
            return bool(re.search(r"[A-Za-z]", shape))
        return member != "contributions" or bool(self.payer.search(shape))

    @cached_property
    def payer(self):
        return self.pattern(rf"<sum>|<instrument>|<organisation>|by (?:the )?{BODY}|^(?:the )?{BODY}")

    def _bodies(self, shape, start, end):
        """Yield the span of each body in a list such as “led by A, B and C”: of the first with its verb."""
        for match in self.body.finditer(shape, start, end):
            yield start, match.end()
            start = _AND.match(shape, match.end()).end()

    @cached_property
    def body(self):
        return self.pattern(rf"(?:the )?{BODY}")

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
            found = re.search(r"(\d+)\W+(.+)", words, re.DOTALL)
            return [{"number": int(found[1]), "title": " ".join(found[2].split())}] if found else []
        if member == "contributions":
            return self._contribution({kind: each.values[kind] for each in things for kind in each.values})
        if member == "organisations":
            return self._participation(start, words, things)
        return super().read(member, start, end)

    def _agreements(self, words):
        """Return the agreements whose name has its words in ``words``: “the Mobility Partnership between EU and …”."""
        said = _stems(words)
        named = [face for faces in self.names.values() for kind, face, _name in faces if kind == "partnership"]
        return [face for face in named if said >= _stems(face["name"])]

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
        """Return the part of the first body in ``words``; its verb may stand before them, as in “led by A and B”."""
        body = next((each for each in things if "organisation" in each.values), None)
        if body is None:
            return []
        before = re.sub(r"\s", " ", self.text[max(0, start - 300) : body.start])
        verbs = [(match.end(), role, match[0]) for role, verb in ROLES.items() for match in re.finditer(verb, before)]
        if not verbs:
            return []
        _end, role, verb = max(verbs)
        return [{**body.values["organisation"], "role": role.value, "role_as_stated": verb, "component": None}]


def _stems(words):
    return {word.removesuffix("s") for word in re.findall(r"[^\W_]+", fold(words))}


def _place(offer):
    return offer.start, offer.end


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
