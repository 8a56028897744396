"""The members of a project's document that an activity states, with their claims. One function a member."""

import re
from dataclasses import dataclass, field
from datetime import date

from projects.documents.sectors import DAC, OWN_VOCABULARIES, Sector, sector_of
from projects.iati import code_mappings
from provenance.documents.claims import Status
from provenance.documents.dates import PartialDate
from provenance.documents.declaration import date_member

from ..items import PlacedFault
from . import money, participants
from .organisations import STATES, Naming
from .texts import LANGUAGES, claim, clean, in_english, line_of, listed, texts
from .versions import WORDS, code

MOST_TITLE = 500
MOST_NAME = 200  # characters of the name of a publisher's own sector
EARLIEST = "1900"
TWICE = "Not decided: the activity gives several values."
LATEST = "2100"
_DATE = re.compile(r"\d{4}-\d\d-\d\d(T.*|(Z|[+-]\d\d:\d\d)?)")
KNOWN = {  # the children of iati-activity, of versions 1.01 to 2.03
    "iati-identifier", "reporting-org", "title", "description", "participating-org", "other-identifier",
    "activity-status", "activity-date", "contact-info", "activity-scope", "recipient-country", "recipient-region",
    "location", "sector", "tag", "country-budget-items", "humanitarian-scope", "policy-marker", "collaboration-type",
    "default-flow-type", "default-finance-type", "default-aid-type", "default-tied-status", "budget",
    "planned-disbursement", "capital-spend", "transaction", "document-link", "related-activity", "legacy-data",
    "conditions", "result", "crs-add", "fss", "activity-website",
}  # fmt: skip
ONCE = ("iati-identifier", "reporting-org")
CODED = {"activity-status": "code", "recipient-country": "code"}
MOST = 100  # notes, and faults, of one activity
MORE = "There is more of this kind in the activity, which is not listed."
STATUSES = {code: status for status, code in code_mappings.STATUSES.items()} | {"3": "completed"}  # 3: finalisation
NOT_STATED = {"5": "cancelled", "6": "suspended"}
DATES = {kind: (member, planned) for (member, planned), kind in code_mappings.DATE_TYPES.items()}
TAGS = {"2": "7", "3": "8", "99": "99"}  # TagVocabulary as SectorVocabulary


@dataclass
class ReferenceData:
    """What the register has: ``countries`` ``{code: name}``, ``themes`` ``{(vocabulary, code): {slug: name}}``.

    ``source``: of the claims; ``organisations``: where they are looked for.
    """

    source: dict
    countries: dict
    themes: dict
    organisations: object


@dataclass
class Extract:
    """What one activity states. ``place`` names it; ``add``: whether organisations that are unknown are added.

    ``naming``: how it names organisations.
    """

    reference: ReferenceData
    place: str
    naming: Naming
    add: bool = True
    members: dict = field(default_factory=dict)
    claims: list = field(default_factory=list)
    notes: list = field(default_factory=list)
    faults: list = field(default_factory=list)
    undecided_members: set = field(default_factory=set)  # stated in several ways
    committed: set = field(default_factory=set)  # keys of organisations of which it states commitments
    parts: dict = field(default_factory=dict)  # contributions and organisations, by what identifies each
    noted: set = field(default_factory=set)  # what was claimed and noted already

    def claim(self, member, text, element, set_aside="", rule=""):
        """Note that ``element`` states ``text``, or means it by a ``rule``; once for the same value."""
        found = claim(member, text, element, self.reference.source, self.place, set_aside, rule)
        if self._is_new((member, found["as_stated"], found["quote"])):
            self.claims.append(found)
        if found["language"] and member in ("title", "summary", "objectives"):
            self.note(f"The file states the {member} in {LANGUAGES[found['language']]}.")

    def undecided(self, member, values):
        """Note that a member is stated in several ways, ``{value: element}``: a person decides which."""
        self.undecided_members.add(member)
        for value, element in values.items():
            self.claim(member, value, element)
            self.claims[-1] |= {"status": Status.UNDECIDED.value, "set_aside": TWICE}
        lines = listed(f"{value} (line {line_of(element)})" for value, element in values.items())
        self.note(f"The activity gives several values for {member.replace('_', ' ')}: {lines}. Somebody has to decide.")

    def note(self, text):
        if self._is_new(text) and len(self.notes) <= MOST:
            self.notes.append(text if len(self.notes) < MOST else MORE)

    def _is_new(self, what):
        is_new = what not in self.noted
        self.noted.add(what)
        return is_new

    def fault(self, element, what, column=""):
        if len(self.faults) <= MOST:
            place = f"{self.place}, line {line_of(element)}"
            self.faults.append(
                PlacedFault(place, column or str(element.tag), what if len(self.faults) < MOST else MORE)
            )


def extract_of(activity, reference, place, add=True, is_part=False):
    """Return what an activity states of a project. ``is_part``: its sums count elsewhere."""
    extract = Extract(reference, place, Naming(activity), add)
    _elements(activity, extract)
    _title(activity, extract)
    _descriptions(activity, extract)
    _status(activity, extract)
    _dates(activity, extract)
    _countries(activity, extract)
    _sectors(activity, extract)
    _themes(activity, extract)
    participants.add(activity, extract)
    money.add(activity, extract, is_part)
    return extract


def _title(activity, extract):
    elements = activity.findall("title")
    title = in_english(elements)
    if not title:
        extract.fault(activity, "The activity has no title. Give one with a text.", "title")
        return
    language_of_title = next(language for language, text in texts(elements) if text == title)
    same = {text: _saying(elements, text) for language, text in texts(elements) if language == language_of_title}
    if len(same) > 1:  # a project has to have a title: the first of them, until somebody decides
        extract.undecided("title", same)
    else:
        extract.claim("title", title, same[title])
    extract.members["title"] = title if len(title) <= MOST_TITLE else title[: MOST_TITLE - 1].rsplit(" ", 1)[0] + "…"
    own, others = (
        {language for language, text in texts(elements) if (text == title) is is_own} for is_own in (True, False)
    )
    if others := sorted(others - own - {""}):
        extract.note(f"The title is also given in other languages: {listed(others)}.")
    if len(title) > MOST_TITLE:
        extract.note(f"The title has {len(title)} characters and was shortened.")


def _descriptions(activity, extract):
    """The first general description (type 1, or none) is the summary, those of type 2 are objectives."""
    kinds = {}
    for element in activity.findall("description"):
        if text := in_english([element]):
            kinds.setdefault(code(element) or code_mappings.GENERAL, {}).setdefault(text, element)
    (summary, element), *more = kinds.pop(code_mappings.GENERAL, {}).items() or [(None, None)]
    extract.members["summary"] = summary
    if summary:
        extract.claim("summary", summary, element)
    extract.members["objectives"] = list(kinds.get(code_mappings.OBJECTIVES, ()))
    for text, each in kinds.pop(code_mappings.OBJECTIVES, {}).items():
        extract.claim("objectives", text, each)
    left = [each for texts_of in (dict(more), *kinds.values()) for each in texts_of.values()]
    if left:
        where = listed(f"type {each.get('type') or 'none'}, line {line_of(each)}" for each in left)
        extract.note(f"Descriptions that are not imported (the original activity keeps them): {where}.")


def _elements(activity, extract):
    """Note what is read otherwise than it looks: misspelt elements, what stands twice or is empty, words of 1.0x."""
    tags = [each for each in activity if isinstance(each.tag, str) and "{" not in each.tag]
    _note_elements("Not IATI elements, so ignored", (each for each in tags if each.tag not in KNOWN), extract)
    twice = (each for tag in ONCE for each in activity.findall(tag)[1:])
    _note_elements("Given more than once; only the first is used", twice, extract)
    empty = (each for each in tags if each.tag in CODED and not clean(each.get(CODED[each.tag])))
    _note_elements("Without a code, so ignored", empty, extract)
    if activity.find("title/narrative") is not None:  # version 2
        words = (each for each in activity.iter(*WORDS) if code(each) != (each.get(WORDS[each.tag][0]) or "").strip())
        _note_elements("Words of version 1 instead of codes, read as their codes", words, extract)


def _note_elements(what, elements, extract):
    if found := listed(f"{each.tag[:40]} (line {line_of(each)})" for each in elements):
        extract.note(f"{what}: {found}.")


def _saying(elements, text):
    return next(each for each in elements if any(text == stated for _, stated in texts([each])))


def _status(activity, extract):
    extract.members |= {"status": None, "status_as_of": None}
    elements = {clean(each.get("code")): each for each in activity.findall("activity-status")}
    if len(elements) > 1:
        extract.undecided("status", elements)
        return
    stated, element = next(iter(elements.items()), ("", None))
    if stated in NOT_STATED:
        extract.note(f"Its status is {stated} ({NOT_STATED[stated]}), which the register does not have: not stated.")
    elif stated and stated not in STATUSES:
        extract.fault(element, f"“{stated[:40]}” is not a status. Use a code of ActivityStatus, 1 to 6.")
    elif stated:
        extract.members["status"] = STATUSES[stated]
        extract.claim("status", stated, element)
        _status_as_of(activity, extract)


def _status_as_of(activity, extract):
    stamp = clean(activity.get("last-updated-datetime"))
    if stamp and (day := _day(stamp)):
        extract.members["status_as_of"] = day
        extract.claim("status_as_of", stamp, activity)


def _dates(activity, extract):
    """The actual date before the planned one; a narrative that is a year or a month makes it no more than that."""
    extract.members |= {"start_date": None, "end_date": None}
    stated = {}
    for element in activity.findall("activity-date"):
        kind = code(element)
        if kind not in DATES:
            extract.fault(element, f"“{kind[:40]}” is not a type of date. Use a code of ActivityDateType, 1 to 4.")
        elif value := _date(element, extract):
            stated.setdefault(kind, {}).setdefault(value, element)
    for kind in sorted(stated, key=lambda kind: DATES[kind][1]):  # actual ones first
        _date_member(stated[kind], *DATES[kind], extract)
    start, end = extract.members["start_date"], extract.members["end_date"]
    if start and end and end["latest"] < start["earliest"]:
        _contradicting(start["value"], end["value"], extract)


def _contradicting(start, end, extract):
    """An end before the start: the file states both, and the register neither."""
    why = f"Not stated: in the file the end ({end}) is before the start ({start})."
    extract.note(why)
    extract.members |= {"start_date": None, "end_date": None}
    for each in extract.claims:
        if each["field"] in ("start_date", "end_date"):
            each["set_aside"] = why


def _date_member(values, member, planned, extract):
    if extract.members[member]:
        return
    if len(values) > 1:
        extract.undecided(member, values)
        return
    [(value, element)] = values.items()
    if not EARLIEST < value <= (LATEST if planned else date.today().isoformat()):
        extract.note(f"The {member.replace('_', ' ')} is {value}, {'planned' if planned else 'actual'}. Is that right?")
    extract.members[member] = date_member(PartialDate(value), planned)
    extract.claim(member, value, element)


def _date(element, extract):
    """Return the date of an element as precise as it is stated; None if it states none."""
    iso, words = clean(element.get("iso-date")), in_english([element])
    if not iso and _day(words) == words:
        iso = words  # in 1.0x many write it so
    if not iso:
        extract.note(f"Line {line_of(element)}: the date “{words[:40]}” has no iso-date, so it is ignored.")
        return None
    if not (day := _day(iso)):
        extract.fault(element, f"“{iso[:40]}” is not a date. Write it like 2012-05-31.", "activity-date/iso-date")
        return None
    return words if len(words) in (4, 7) and day.startswith(words) and words[:4].isdigit() else day


def _day(iso):
    """Return the day of an xsd:date or xsd:dateTime; None if it is neither."""
    try:
        return date.fromisoformat(iso[:10]).isoformat() if _DATE.fullmatch(iso) else None
    except ValueError:
        return None


def countries_of(activity):
    """Return ``{code: element}`` of the countries of an activity and its transactions."""
    found = {}
    for path in ("recipient-country", "transaction/recipient-country"):
        for element in activity.findall(path):
            if country := clean(element.get("code")).upper():
                found.setdefault(country, element)
    return found


def _countries(activity, extract):
    known, found = extract.reference.countries, countries_of(activity)
    extract.members["countries"] = [{"code": each, "name": known[each]} for each in sorted(found) if each in known]
    for country, element in found.items():
        if country in known:
            extract.claim("countries", clean(element.get("code")), element)
    if others := [each for each in found if each not in known and each in STATES]:
        extract.note(f"Countries that the register does not have: {listed(others)}.")
    wrong = [
        f"“{clean(each.get('code'))[:40]}” (line {line_of(each)})"
        for country, each in found.items()
        if country not in STATES
    ]
    if wrong:
        extract.note(f"Not country codes, so ignored: {listed(wrong)}. ISO 3166-1 codes have two letters, such as GE.")
    if none := [each for each in found if re.fullmatch(r"[+-]?(0+\.?0*|\.0+)", clean(found[each].get("percentage")))]:
        extract.note(f"Countries with a share of 0 per cent: {listed(none)}. Is that right?")
    shares = [(country, clean(element.get("percentage"))) for country, element in found.items()]
    if len(found) > 1 and any(share for _, share in shares):
        listed_shares = listed(f"{country} {share or 'not stated'}" for country, share in shares)
        extract.note(f"Shares of the countries in per cent, which the register does not keep: {listed_shares}.")


def _sectors(activity, extract):
    """The sectors of the activity; where it has none, those of its transactions, whose shares are of other sums."""
    own, found = activity.findall("sector"), {}
    for element in own or activity.findall("transaction/sector"):
        vocabulary = code(element) or DAC
        name = in_english([element])[:MOST_NAME] if vocabulary in OWN_VOCABULARIES else None
        share = clean(element.get("percentage")) if own else None
        uri = clean(element.get("vocabulary-uri")) if vocabulary in OWN_VOCABULARIES else ""
        uri = uri if re.fullmatch(r"[^\s<>]{1,300}", uri) else None
        line = str(Sector(vocabulary, clean(element.get("code")), share or None, name or None, uri))
        if sector_of(line):
            found.setdefault(line, element)
        else:
            extract.note(
                f"Line {line_of(element)}: the sector “{line[:60]}” is ignored. Its vocabulary, code or share is wrong."
            )
    extract.members["sectors"] = list(found)
    for element in found.values():
        extract.claim("sectors", clean(element.get("code")), element)


def sectors_of(activity):
    """Yield (vocabulary, code) of the sectors of an activity and its transactions, then of its tags."""
    for path in ("sector", "transaction/sector"):
        for element in activity.findall(path):
            yield code(element) or DAC, clean(element.get("code"))
    for element in activity.findall("tag"):
        if vocabulary := TAGS.get(clean(element.get("vocabulary"))):
            yield vocabulary, clean(element.get("code"))


def _themes(activity, extract):
    found = {}
    for sector in sectors_of(activity):
        found |= extract.reference.themes.get(sector, {})
    extract.members["themes"] = [{"slug": slug, "name": found[slug]} for slug in sorted(found)]
