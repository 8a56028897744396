"""The members of a project's document that an activity tells, with their claims. One function a member."""

from dataclasses import dataclass, field
from datetime import date

from projects.iati import code_mappings
from provenance.documents.dates import PartialDate
from provenance.documents.declaration import date_member

from ..items import Fault
from . import money, participants
from .claims import claim
from .organisations import Naming
from .texts import clean, in_english, listed, texts
from .versions import code

MOST_TITLE = 500
MOST = 100  # notes, and faults, of one activity
MORE = "There is more of this kind in the activity, which is not listed."
STATUSES = {code: status for status, code in code_mappings.STATUSES.items()} | {"3": "completed"}  # 3: finalisation
NOT_STATED = {"5": "cancelled", "6": "suspended"}
DATES = {kind: (member, planned) for (member, planned), kind in code_mappings.DATE_TYPES.items()}
TAGS = {"2": "7", "3": "8", "99": "99"}  # TagVocabulary as SectorVocabulary


@dataclass
class Frame:
    """What the register has: ``countries`` ``{code: name}``, ``themes`` ``{(vocabulary, code): {slug: name}}``.

    ``source``: of the claims; ``organisations``: where they are looked for.
    """

    source: dict
    countries: dict
    themes: dict
    organisations: object


@dataclass
class Told:
    """What one activity tells. ``place`` names it; ``add``: whether organisations that are unknown are added.

    ``naming``: how it names organisations.
    """

    frame: Frame
    place: str
    naming: Naming
    add: bool = True
    members: dict = field(default_factory=dict)
    claims: list = field(default_factory=list)
    notes: list = field(default_factory=list)
    faults: list = field(default_factory=list)
    parts: dict = field(default_factory=dict)  # contributions and organisations, by what tells them apart
    said: set = field(default_factory=set)  # what was claimed and noted already

    def claim(self, member, text, element, set_aside=""):
        """Note that ``element`` states ``text``; once for the same value."""
        found = claim(member, text, element, self.frame.source, self.place, set_aside)
        if self._is_new((member, found["as_stated"], found["quote"])):
            self.claims.append(found)

    def note(self, text):
        if self._is_new(text) and len(self.notes) <= MOST:
            self.notes.append(text if len(self.notes) < MOST else MORE)

    def _is_new(self, what):
        is_new = what not in self.said
        self.said.add(what)
        return is_new

    def fault(self, element, what, column=""):
        if len(self.faults) <= MOST:
            place = f"{self.place}, line {element.sourceline}"
            self.faults.append(Fault(place, column or str(element.tag), what if len(self.faults) < MOST else MORE))


def tell(activity, frame, place, add=True, is_part=False):
    """Return what an activity (with the codes of 2.0x) tells of a project. ``is_part``: its sums count elsewhere."""
    told = Told(frame, place, Naming(activity), add)
    _title(activity, told)
    _summary(activity, told)
    _status(activity, told)
    _dates(activity, told)
    _countries(activity, told)
    _themes(activity, told)
    participants.tell(activity, told)
    money.tell(activity, told, is_part)
    return told


def _title(activity, told):
    elements = activity.findall("title")
    title = in_english(elements)
    if not title:
        told.fault(activity, "The activity has no title. Give one with a text.", "title")
        return
    told.claim("title", title, _saying(elements, title))
    told.members["title"] = title if len(title) <= MOST_TITLE else title[: MOST_TITLE - 1].rsplit(" ", 1)[0] + "…"
    if others := sorted({language for language, text in texts(elements) if text != title and language}):
        told.note(f"The title stands in other languages, too: {listed(others)}.")
    if len(title) > MOST_TITLE:
        told.note(f"The title has {len(title)} characters and was shortened.")


def _summary(activity, told):
    """The general description: that of type 1, or of no type."""
    elements = [each for each in activity.findall("description") if _kind(each) == code_mappings.GENERAL]
    text = in_english(elements)
    told.members["summary"] = text or None
    if text:
        told.claim("summary", text, _saying(elements, text))


def _kind(element):
    return clean(element.get("type")) or code_mappings.GENERAL


def _saying(elements, text):
    return next(each for each in elements if any(text == said for _, said in texts([each])))


def _status(activity, told):
    told.members |= {"status": None, "status_as_of": None}
    element = activity.find("activity-status")
    stated = clean(element.get("code")) if element is not None else ""
    if stated in NOT_STATED:
        told.note(f"Its status is {stated}, {NOT_STATED[stated]}, for which the register has no word: not stated.")
    elif stated and stated not in STATUSES:
        told.fault(element, f"“{stated[:40]}” is no status. Give a code of ActivityStatus, 1 to 6.")
    elif stated:
        told.members["status"] = STATUSES[stated]
        told.claim("status", stated, element)
        _status_as_of(activity, told)


def _status_as_of(activity, told):
    stamp = clean(activity.get("last-updated-datetime"))
    if stamp and (day := _day(stamp)):
        told.members["status_as_of"] = day
        told.claim("status_as_of", stamp, activity)


def _dates(activity, told):
    """The actual date before the planned one; a narrative that is a year or a month makes it no more than that."""
    told.members |= {"start_date": None, "end_date": None}
    stated = {}
    for element in activity.findall("activity-date"):
        kind = code(element)
        if kind not in DATES:
            told.fault(element, f"“{kind[:40]}” is no type of date. Give a code of ActivityDateType, 1 to 4.")
        elif value := _date(element, told):
            stated.setdefault(kind, {}).setdefault(value, element)
    for kind in sorted(stated, key=lambda kind: DATES[kind][1]):  # actual ones first
        _date_member(stated[kind], *DATES[kind], told)
    start, end = told.members["start_date"], told.members["end_date"]
    if start and end and end["latest"] < start["earliest"]:
        _contradicting(start["value"], end["value"], told)


def _contradicting(start, end, told):
    """An end before the start: the file states both, and the register neither."""
    why = f"Not stated: the file has the end, {end}, before the start, {start}."
    told.note(why)
    told.members |= {"start_date": None, "end_date": None}
    for each in told.claims:
        if each["field"] in ("start_date", "end_date"):
            each["set_aside"] = why


def _date_member(values, member, planned, told):
    if told.members[member]:
        return
    if len(values) > 1:
        told.note(f"The {member.replace('_', ' ')} is stated as {listed(values)}: not stated here.")
        return
    [(value, element)] = values.items()
    told.members[member] = date_member(PartialDate(value), planned)
    told.claim(member, value, element)


def _date(element, told):
    """Return the date of an element as precise as it is stated; None if it states none."""
    iso, said = clean(element.get("iso-date")), in_english([element])
    if not iso and _day(said) == said:
        iso = said  # in 1.0x many write it so
    if not iso:
        if said:
            told.note(f"The date “{said[:40]}” has no iso-date: not read.")
        return None
    if not (day := _day(iso)):
        told.fault(element, f"“{iso[:40]}” is not a day. Give it as 2012-05-31.", "activity-date/iso-date")
        return None
    return said if len(said) in (4, 7) and day.startswith(said) and said[:4].isdigit() else day


def _day(iso):
    try:
        return date.fromisoformat(iso[:10]).isoformat() if len(iso) >= 10 else None
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


def _countries(activity, told):
    known, found = told.frame.countries, countries_of(activity)
    told.members["countries"] = [{"code": each, "name": known[each]} for each in sorted(found) if each in known]
    for country, element in found.items():
        if country in known:
            told.claim("countries", clean(element.get("code")), element)
    if others := [each for each in found if each not in known]:
        told.note(f"Countries that the register does not have: {listed(others)}.")
    shares = [(country, clean(element.get("percentage"))) for country, element in found.items()]
    if len(found) > 1 and any(share for _, share in shares):
        said = listed(f"{country} {share or 'not stated'}" for country, share in shares)
        told.note(f"Shares of the countries in per cent, for which the register has no place: {said}.")


def sectors_of(activity):
    """Yield (vocabulary, code) of the sectors of an activity and its transactions, then of its tags."""
    for path in ("sector", "transaction/sector"):
        for element in activity.findall(path):
            yield code(element) or code_mappings.DAC, clean(element.get("code"))
    for element in activity.findall("tag"):
        if vocabulary := TAGS.get(clean(element.get("vocabulary"))):
            yield vocabulary, clean(element.get("code"))


def _themes(activity, told):
    found = {}
    for sector in sectors_of(activity):
        found |= told.frame.themes.get(sector, {})
    told.members["themes"] = [{"slug": slug, "name": found[slug]} for slug in sorted(found)]
