"""What a text states about a project or an organisation, by rules. Each statement is an offer to a person.

Rules are in English, and in French for dates, sums and states (see ``provenance.workflow.reader``).
"""

import re
from functools import cached_property
from itertools import chain

from instruments.models import Country, Instrument, Partnership
from projects.models import Organisation, Participation
from projects.models.organisation import EUROPEAN_UNION
from provenance.documents.declaration import shown_members
from provenance.documents.folding import fold
from provenance.workflow.reader import CAPITAL, LITTLE, NAME, SHORT, Reader

ROLES = {role: words.replace(", ", "|") for role, words in Participation.words_of_choices.items()} | {
    Participation.Role.PARTNER: r"in (?:close )?(?:co-?operation|partnership|collaboration) with|together with"
    r"|with the support of|en (?:coopération|partenariat|collaboration) avec",
}
THE = r"(?:(?:the|la|le|les) |l['’])?"
BODY = r"(?:<organisation>|<country>|[A-Z][\w’'-]*(?:(?: (?:of|for|and|the|on))* [A-Z][\w’'-]*)*)"
_WORK = r"(?:Project|Programme|Initiative|Facility|Assignment)"
_PAID = r"(?:[Cc]o-?)?(?:[Ff]unded by|[Ff]inanced by|[Ff]inancée? par)"
_NO_NAME = r"(?!(?:The|It|This|That|These|Those|They|There|We|Such|Both|All)\b)"
PAYER = "(?:<instrument>|<organisation>)"
_UNDER = rf"(?:,? (?:under|from|through|within|au titre de|dans le cadre de) {THE}<instrument>)?"
_IS = r"(?:is|was|are|were|has|have|will|aims|aimed|lasted|ran|runs|started|supports|supported|helps|helped)"
_PAYS = r"(?:co-?)?(?:funding|financing)"
_RANGE = r"(?:from|between|du|de|entre) <date> (?:to|until|till|and|through|au|à|et) "
_WAS = r"(?:lasted|ran|was implemented|was carried out|took place|a duré|s['’]est déroulée?)"
_STARTED = r"(?:started|starts|began|begins|was launched|opened|commenced|a débuté|débute|a commencé|a été lancée?)"
_ENDED = r"(?:ended|finished|was completed|closed|concluded|expired|a pris fin|s['’]est achevée?|s['’]est terminée?)"
_ON = r"(?:in|on|at the end of|en|le|fin)"
_UNTIL = r"(?:until|till|up to|jusqu['’](?:en|au|à))"
_WILL = r"(?:planned|scheduled|expected|due|will) (?:\w+ ){0,4}"
_WILL_END = rf"{_WILL}(?:end|finish|close|conclude|expire|completed) (?:{_ON}|by) "

RULES = (
    ("title", rf"so-called (?P<words>{NAME})"),
    ("title", rf"[Tt]he (?P<words>{NAME})(?: \({SHORT}\))? (?:project|programme|initiative)\b"),
    ("title", rf"\b(?:project|programme|initiative|projet) (?:“|« ?)?(?P<words>{NAME})"),
    ("title", rf"^The (?P<words>{NAME})(?: \({SHORT}\))? {_IS}\b"),
    ("title", rf"^{_NO_NAME}(?P<words>{SHORT}|{CAPITAL}(?: {CAPITAL})+)(?: \({SHORT}\))? {_IS}\b"),
    ("title", rf"[Tt]he (?P<words>(?:{CAPITAL}(?: | {LITTLE} ))+{_WORK})\b"),
    ("acronym", rf"{NAME} \((?P<words>{SHORT})\)"),
    ("acronym", rf"\b(?:project|programme|initiative) (?P<words>{SHORT}), "),
    ("partnerships", r"<partnership>"),
    ("partnerships", r"(?:the )?(?:[A-Z]\w+ )+between (?:the )?<organisation> and <country>"),
    ("partnerships", r"<organisation>-<country> [Aa]greements?, in particular [^.;]+"),
    ("status", r"\b(?:[Cc]urrently|[Oo]ngoing|[Aa]ctuellement|en cours)\b"),
    ("status", r"(?:has|have) been (?:implemented|running|active|funded|carried out|under way) since <date>"),
    ("status", rf"{_WAS} {_RANGE}<date>"),
    ("status", rf"{_ENDED} {_ON} <date>"),
    ("status", r"(?:planned|scheduled|expected|due) to (?:be )?(?:\w+ed|start|begin|run|last)\b"),
    ("start_date", rf"(?P<words>(?!{_WILL_END}){_WILL}(?:from|between|in|on) <date>)"),
    ("start_date", rf"{_RANGE.replace('<date>', '(?P<words><date>)')}<date>"),
    ("start_date", rf"{_STARTED} {_ON} (?P<words><date>)"),
    ("start_date", r"(?:since|depuis) <date>"),
    ("end_date", rf"(?P<words>{_WILL}{_RANGE}<date>)"),
    ("end_date", rf"(?P<words>{_WILL}{_UNTIL} (?:the end of )?<date>)"),
    ("end_date", rf"(?P<words>{_WILL_END}<date>)"),
    ("end_date", rf"{_RANGE}(?P<words><date>)"),
    ("end_date", rf"(?:{_ENDED}|ends|finishes) {_ON} (?P<words><date>)"),
    ("end_date", rf"{_UNTIL} (?:the end of |la fin de )?(?P<words><date>)"),
    ("budget", rf"(?<!including )(?<!of which )(?<!dont )<sum>(?! (?:from|under|by|de) {THE}{PAYER})"),
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
    ("contributions", rf"<sum> (?:from|under|by|de) {THE}{PAYER}{_UNDER}"),
    (
        "contributions",
        rf"(?:[Cc]o)?[Ff]inancée?(?: par {THE}{BODY})?(?: (?:au titre|dans le cadre) de {THE}<instrument>)?"
        r"(?: (?:à hauteur|pour un montant) (?:de |d['’])<sum>)?",
    ),
    ("contributions", rf"(?:[Tt]he )?<organisation> (?:contribut|provid|pay|grant|giv)(?:e|es|ed|s) <sum>{_UNDER}"),
    ("components", r"Component \d+: [^,;)]+"),
)
_AIM = re.compile(
    r"(?:aim(?:s|ed|ing)? (?:at|to)|(?:objective|aim|goal|purpose)s? (?:is|was|of|are)(?: to)?|focus(?:es|ed)? on"
    r"|seeks to|intend(?:s|ed) to|designed to) (?P<words>.+?)(?= in line with|[.;]?$)"
)
_AIMS_END = re.compile(r", as well as |, and (?=\w+ing\b)|, (?=\w+ing\b)")  # where one of several aims ends
COUNTRY = r"(?<!\w-)(?<!<thing>-)(?:\b(?:in|with|for|en|au|avec|pour) )?(?P<name><country>)(?!['’-]\w)"
_AND = re.compile(r",? ?(?:and |et )?")
_BY = re.compile(r"^[^,]* by (?=\w+ing\b)")
_ONGOING = re.compile(r"curren|ongoing|since|actuel|en cours|depuis")
_PLANNED = re.compile(r"plan|schedul|expect|due\b")


class ProjectReader(Reader):
    kinds = {"country": Country, "organisation": Organisation, "instrument": Instrument, "partnership": Partnership}
    rules = RULES

    # -- Offers --

    def offers(self, sentence, is_heading=False):
        offers = super().offers(sentence, is_heading)
        return [each for each in offers if not _is_within(each, offers)]

    def statements(self, shape, is_heading):
        for match in self.pattern(COUNTRY).finditer(shape):
            yield "countries", match.start("name") if is_heading else match.start(), match.end()
        payer = self.pattern(rf"<sum>|<instrument>|<organisation>|(?:by|par) {THE}{BODY}|^{THE}{BODY}")
        needed = {"title": re.compile("[A-Za-z]"), "contributions": payer}  # a title is more than another thing's name
        for member, start, end in super().statements(shape, is_heading):
            if member not in needed or needed[member].search(shape[start:end]):
                yield member, start, end
        if is_heading:
            return
        for verb in ROLES.values():
            for match in self.pattern(rf"(?:{verb}) {THE}{BODY}(?:,? (?:and |et )?{THE}{BODY})*").finditer(shape):
                start = match.start()  # of the first body with its verb
                for body in self.pattern(rf"{THE}{BODY}").finditer(shape, *match.span()):
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
        return [{**body.values["organisation"], "role": role.value, "role_as_stated": verb, "component": None}]


class OrganisationReader(Reader):
    rules = (
        ("name", rf"(?:{'|'.join([*ROLES.values(), _PAID])}) {THE}(?P<words>{BODY})"),
        ("name", rf"{_PAID} [^.;]*?,? and {THE}(?P<words>{BODY})"),
        ("name", rf"(?P<words>{NAME}) \({SHORT}\)"),
        ("acronym", rf"{NAME} \((?P<words>{SHORT})\)"),
        ("country", r"\b(?:in|of|en|au) (?P<words><country>)"),
        ("identifier", r"\b[A-Z]{2}-[A-Z]{2,6}-[A-Z\d-]*[A-Z\d]\b"),
    )


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
