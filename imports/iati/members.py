"""The members of a project's document that an activity states, with their claims. Each has its own function."""

import re
from datetime import date

from projects.documents.sectors import DAC, OWN_VOCABULARIES, Sector, sector_of
from projects.iati import code_mappings
from provenance.documents.claims import Status
from provenance.documents.dates import PartialDate
from provenance.documents.declaration import date_member

from . import codes
from .codes import code
from .texts import ENGLISH, clean, in_english, listed, texts

MOST_TITLE = 500
MOST_NAME = 200  # characters of the name of a publisher's own sector
EARLIEST, LATEST = "1900", "2100"
TWICE = "Not decided: the activity gives several values."
_DATE = re.compile(r"\d{4}-\d\d-\d\d(T.*|(Z|[+-]\d\d:\d\d)?)")
_PARTIAL = re.compile(r"\d{4}(-\d\d)?")
_ZERO = re.compile(r"[+-]?(0+\.?0*|\.0+)")


def add(activity, countries, themes):
    """Add the members. ``countries``: names by code; ``themes``: ``{(vocabulary, code): {slug: name}}``."""
    _odd_elements(activity)
    _title(activity)
    _descriptions(activity)
    _status(activity)
    _dates(activity)
    _countries(activity, countries)
    _sectors(activity)
    names = {slug: name for sector in sectors_of(activity) for slug, name in themes.get(sector, {}).items()}
    activity.members["themes"] = [{"slug": slug, "name": names[slug]} for slug in sorted(names)]


def _odd_elements(activity):
    """Note elements that are not read as they look: misspelt, repeated or empty ones, and words of 1.0x."""
    coded = [*activity["activity-status"], *activity["recipient-country"]]
    odd = {
        "Not IATI elements, so ignored": (
            each for each in activity.element if each.tag not in codes.ELEMENTS and each.tag[0] != "{"
        ),
        "Given more than once; only the first is used": (
            each for tag in ("iati-identifier", "reporting-org") for each in activity[tag][1:]
        ),
        "Without a code, so ignored": (each for each in coded if not clean(each.get("code"))),
    }
    if any(each.find("narrative") is not None for each in activity["title"]):  # version 2
        words = filter(codes.is_word, activity.element.iter(*codes.WORDS))
        odd["Words of version 1 instead of codes, read as their codes"] = words
    for label, elements in odd.items():
        if named := listed(f"{each.tag[:40]} (line {activity.line(each)})" for each in elements):
            activity.note(f"{label}: {named}.")


def _decide(activity, member, values):
    """Claim ``{value: element}`` of a member, and return the value; None if there are several and a person decides."""
    if len(values) > 1:
        activity.undecided.add(member)
        lines = listed(f"{value} (line {activity.line(element)})" for value, element in values.items())
        name = member.replace("_", " ")
        activity.note(f"The activity gives several values for {name}: {lines}. Somebody has to decide.")
    undecided = {"status": Status.UNDECIDED.value, "set_aside": TWICE} if len(values) > 1 else {}
    for value, element in values.items():
        activity.add(activity.claim(member, value, element) | undecided)
    return None if undecided else next(iter(values), None)


def _title(activity):
    titles = [(*pair, each) for each in activity["title"] for pair in texts(each)]
    if not titles:
        activity.fault(activity.element, "title", "The activity has no title. Give one with a text.")
        return
    language, title, _element = next((each for each in titles if each[0] == ENGLISH), titles[0])
    values = {}
    for other, text, element in titles:
        if other == language:
            values.setdefault(text, element)
    _decide(activity, "title", values)  # a project has to have one: the first of them, until somebody decides
    if others := sorted({each[0] for each in titles} - {each[0] for each in titles if each[1] == title} - {""}):
        activity.note(f"The title is also given in other languages: {listed(others)}.")
    if len(title) > MOST_TITLE:
        activity.note(f"The title has {len(title)} characters and was shortened.")
        title = title[: MOST_TITLE - 1].rsplit(" ", 1)[0] + "…"
    activity.members["title"] = title


def _descriptions(activity):
    """The first general description (type 1, or none) is the summary, those of type 2 are objectives."""
    summary, objectives, left = {}, {}, []
    for element in activity["description"]:
        if not (text := in_english(element)):
            continue
        kind = code(element) or code_mappings.GENERAL
        if kind == code_mappings.OBJECTIVES:
            objectives.setdefault(text, element)
        elif kind == code_mappings.GENERAL and not summary:
            summary[text] = element
        elif text not in summary:
            left.append(f"type {element.get('type') or 'none'}, line {activity.line(element)}")
    activity.members |= {"summary": next(iter(summary), None), "objectives": list(objectives)}
    for member, elements in (("summary", summary), ("objectives", objectives)):
        for text, element in elements.items():
            activity.state(member, text, element)
    if left:
        activity.note(f"Descriptions that are not imported (the original activity keeps them): {listed(left)}.")


def _status(activity):
    activity.members |= {"status": None, "status_as_of": None}
    elements = {status: each for each in activity["activity-status"] if (status := clean(each.get("code")))}
    [status] = elements if len(elements) == 1 else [None]
    if status in codes.NOT_STATED:
        known = f"{status} ({codes.NOT_STATED[status]})"
        activity.note(f"Its status is {known}, which the register does not have: not stated.")
    elif status and status not in codes.STATUSES:
        message = f"“{status[:40]}” is not a status. Use a code of ActivityStatus, 1 to 6."
        activity.fault(elements[status], "activity-status", message)
    elif _decide(activity, "status", elements):
        activity.members["status"] = codes.STATUSES[status]
        if day := _day(activity.updated):
            activity.members["status_as_of"] = day
            activity.state("status_as_of", activity.updated, activity.element)


def _dates(activity):
    """The actual date, else the planned one; only as precise as a narrative that is a year or a month."""
    activity.members |= {"start_date": None, "end_date": None}
    by_kind = {}
    for element in activity["activity-date"]:
        if (kind := code(element)) not in codes.DATES:
            message = f"“{kind[:40]}” is not a type of date. Use a code of ActivityDateType, 1 to 4."
            activity.fault(element, element.tag, message)
        elif value := _date(activity, element):
            by_kind.setdefault(kind, {}).setdefault(value, element)
    for kind in sorted(by_kind, key=lambda kind: codes.DATES[kind][1]):  # actual ones first
        member, planned = codes.DATES[kind]
        if not activity.members[member] and (value := _decide(activity, member, by_kind[kind])):
            activity.members[member] = date_member(PartialDate(value), planned)
            if not EARLIEST < value <= (LATEST if planned else date.today().isoformat()):
                name, how = member.replace("_", " "), "planned" if planned else "actual"
                activity.note(f"The {name} is {value}, {how}. Is that right?")
    start, end = activity.members["start_date"], activity.members["end_date"]
    if start and end and end["latest"] < start["earliest"]:
        why = f"Not stated: in the file the end ({end['value']}) is before the start ({start['value']})."
        activity.note(why)
        activity.members |= {"start_date": None, "end_date": None}
        for claim in activity.claims:
            if claim["field"] in ("start_date", "end_date"):
                claim["set_aside"] = why


def _date(activity, element):
    """Return the date of an element as precise as it is stated; None if it states none."""
    iso, words = clean(element.get("iso-date")), in_english(element)
    if not iso and _day(words) == words:
        iso = words  # common in 1.0x
    if not iso:
        activity.note(f"Line {activity.line(element)}: the date “{words[:40]}” has no iso-date, so it is ignored.")
    elif not (day := _day(iso)):
        message = f"“{iso[:40]}” is not a date. Write it like 2012-05-31."
        activity.fault(element, "activity-date/iso-date", message)
    else:
        return words if _PARTIAL.fullmatch(words) and day.startswith(words) else day
    return None


def _day(iso):
    """Return the day of an xsd:date or xsd:dateTime; None if it is neither."""
    try:
        return date.fromisoformat(iso[:10]).isoformat() if _DATE.fullmatch(iso) else None
    except ValueError:
        return None


def countries_of(activity):
    """Return ``{code: element}`` of the countries of an activity and its transactions."""
    countries = {}
    for element in (*activity["recipient-country"], *activity.inside("recipient-country")):
        if country := clean(element.get("code")).upper():
            countries.setdefault(country, element)
    return countries


def _countries(activity, known):
    elements = countries_of(activity)
    activity.members["countries"] = [{"code": each, "name": known[each]} for each in sorted(elements) if each in known]
    for country, element in elements.items():
        if country in known:
            activity.state("countries", clean(element.get("code")), element)
    if others := listed(each for each in elements if each not in known and each in codes.STATES):
        activity.note(f"Countries that the register does not have: {others}.")
    wrong = (each for country, each in elements.items() if country not in codes.STATES)
    if wrong := listed(f"“{clean(each.get('code'))[:40]}” (line {activity.line(each)})" for each in wrong):
        activity.note(f"Not country codes, so ignored: {wrong}. ISO 3166-1 codes have two letters, such as GE.")
    shares = {country: clean(element.get("percentage")) for country, element in elements.items()}
    if none := listed(country for country, share in shares.items() if _ZERO.fullmatch(share)):
        activity.note(f"Countries with a share of 0 per cent: {none}. Is that right?")
    if len(elements) > 1 and any(shares.values()):
        shares_in_words = listed(f"{country} {share or 'not stated'}" for country, share in shares.items())
        activity.note(f"Shares of the countries in per cent, which the register does not keep: {shares_in_words}.")


def _sectors(activity):
    """The sectors of the activity, else those of its transactions, without shares, which are of other sums."""
    own, by_line = activity["sector"], {}
    for element in own or activity.inside("sector"):
        name = uri = None
        if (vocabulary := code(element) or DAC) in OWN_VOCABULARIES:
            name = in_english(element)[:MOST_NAME] or None
            uri = clean(element.get("vocabulary-uri"))
            uri = uri if re.fullmatch(r"[^\s<>]{1,300}", uri) else None
        share = clean(element.get("percentage")) if own else None
        line = str(Sector(vocabulary, clean(element.get("code")), share or None, name, uri))
        if sector_of(line):
            by_line.setdefault(line, element)
        else:
            activity.note(
                f"Line {activity.line(element)}: the sector “{line[:60]}” is ignored."
                " Its vocabulary, code or share is wrong."
            )
    activity.members["sectors"] = list(by_line)
    for element in by_line.values():
        activity.state("sectors", clean(element.get("code")), element)


def sectors_of(activity):
    """Yield (vocabulary, code) of the sectors of an activity and its transactions, then of its tags."""
    for element in (*activity["sector"], *activity.inside("sector")):
        yield code(element) or DAC, clean(element.get("code"))
    for element in activity["tag"]:
        if vocabulary := codes.TAGS.get(clean(element.get("vocabulary"))):
            yield vocabulary, clean(element.get("code"))
