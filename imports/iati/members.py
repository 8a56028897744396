"""The members of a project's document that an activity states, with their claims. Each has its own function."""

import re
from datetime import date
from decimal import Decimal

from projects.iati import code_mappings
from projects.words.sectors import DAC, OWN_VOCABULARIES, Sector, sector_of
from provenance.documents.claims import Status
from provenance.documents.dates import PartialDate
from provenance.documents.declaration import date_member

from . import codes
from .activity import LANGUAGES, SET_ASIDE
from .codes import code
from .texts import ENGLISH, day_of, has_html, listed

MOST_TITLE = 500
MOST_NAME = 200  # characters of the name of a publisher's own sector
EARLIEST, LATEST = "1900", "2100"
TWICE = "Not decided: the activity gives several values."
_SHARE = re.compile(r"\d{1,9}(\.\d{1,20})?")
_CODED = ("activity-status", "recipient-country", "recipient-region", "sector")
_ZERO = re.compile(r"[+-]?(0+\.?0*|\.0+)")


def add(activity, countries, themes):
    """Add the members. ``countries``: names by code; ``themes``: ``{(vocabulary, code): {slug: name}}``."""
    _odd_elements(activity)
    if not activity.updated and (updated := activity.element.get("last-updated-datetime")):
        words = f"its last-updated-datetime, “{updated[:40]}”, is not a date up to today, so it is ignored."
        activity.note(f"Line {activity.line}: {words}")
    if not activity.publisher:
        activity.note("It does not say who reports it: it has no reporting-org with a ref or a name.")
    _title(activity)
    _descriptions(activity)
    _status(activity)
    _dates(activity)
    _countries(activity, countries)
    _sectors(activity, themes)


def _odd_elements(activity):
    """Note elements that are not read as they look: misspelt, repeated or empty ones, and words of 1.0x."""
    coded = [each for tag in _CODED for each in activity[tag]]
    texts = [*activity["title"], *activity["description"], *activity["participating-org"]]
    relations = activity["related-activity"]
    unknown = [each for each in activity.element if each.tag not in codes.ELEMENTS and each.tag[0] != "{"]
    odd = {
        "Not IATI elements, so ignored": unknown,
        "Given more than once; only the first is used": [
            each for tag in ("iati-identifier", "reporting-org") for each in activity[tag][1:]
        ],
        "Without a code, so ignored": [each for each in coded if not each.get("code")],
        "With a share of 0 per cent, which may be wrong": [
            each for each in coded if _ZERO.fullmatch(each.get("percentage"))
        ],
        "With a share that is no percentage from 0 to 100, so read without it": [
            each for each in coded if each.get("percentage") and not _share(each)
        ],
        "Without a ref, so ignored": [each for each in relations if not each.get("ref")],
        "Related to itself, so ignored": [each for each in relations if each.get("ref") == activity.identifier],
        "Of no type of relation, 1 to 5, so ignored": [
            each for each in relations if each.get("ref") and code(each) not in codes.RELATIONS
        ],
        "Without a name and a ref, so ignored": [
            each for each in activity["participating-org"] if not (each.get("ref") or each.in_english())
        ],
        "Texts with markup or entities of HTML, read without it": [
            each for each in texts if has_html("".join(each.itertext()))
        ],
    }
    if any(not each.words for each in activity["title"]):  # version 2
        coded = [each for tag in codes.WORDS for each in (*activity[tag], *activity.inside(tag))]
        odd["Words of version 1 instead of codes, read as their codes"] = list(filter(codes.is_word, coded))
    for label, elements in odd.items():
        if elements:
            named = (f"{each.tag} {each.get('code')}".strip()[:60] + f" (line {each.line})" for each in elements)
            activity.note(f"{label}: {listed(named)}.")


def _decide(activity, member, values):
    """Claim ``{value: element}`` of a member, and return the value; None if there are several and a person decides."""
    if len(values) > 1:
        activity.undecided.add(member)
        lines = listed(f"{value} (line {element.line})" for value, element in values.items())
        name = member.replace("_", " ")
        activity.note(f"The activity gives several values for {name}: {lines}. Somebody has to decide.")
    undecided = {"status": Status.UNDECIDED.value, "set_aside": TWICE} if len(values) > 1 else {}
    for value, element in values.items():
        activity.add(activity.claim(member, value, element) | undecided)
    return None if undecided else next(iter(values), None)


def _title(activity):
    titles = [(each.language, text, element) for element in activity["title"] for each, text in element.texts]
    if not titles:
        activity.fault(activity.element, "title", "The activity has no title. Give one with a text.")
        return
    language, title, _element = next((each for each in titles if each[0] == ENGLISH), titles[0])
    if language not in LANGUAGES:
        stated = f" It says “{language[:20]}”, which is no code of ISO 639-1." if language else ""
        activity.note(f"The file does not say in which language the title is.{stated}")
    values = {}
    for other, text, element in titles:
        if other == language:
            values.setdefault(text, element)
    _decide(activity, "title", values)  # a project has to have one: the first of them, until somebody decides
    if others := sorted({each[0] for each in titles} - {each[0] for each in titles if each[1] == title} - {""}):
        activity.note(f"The title is also given in {listed(LANGUAGES.get(each, each) for each in others)}.")
    if len(title) > MOST_TITLE:
        activity.note(f"The title has {len(title)} characters and was shortened.")
        title = title[: MOST_TITLE - 1].rsplit(" ", 1)[0] + "…"
    activity.members["title"] = title


def _descriptions(activity):
    """The first general description (type 1, or none) is the summary, those of type 2 are objectives."""
    summary, objectives, left = {}, {}, []
    for element in activity["description"]:
        if not (text := element.in_english()):
            continue
        kind = code(element) or code_mappings.GENERAL
        if kind == code_mappings.OBJECTIVES:
            objectives.setdefault(text, element)
        elif kind == code_mappings.GENERAL and not summary:
            summary[text] = element
        elif text not in summary:
            left.append(f"type {element.get('type') or 'none'}, line {element.line}")
    activity.members |= {"summary": next(iter(summary), None), "objectives": list(objectives)}
    for member, elements in (("summary", summary), ("objectives", objectives)):
        for text, element in elements.items():
            activity.add(activity.claim(member, text, element))
    if left:
        activity.note(f"Descriptions that are not imported (the original activity keeps them): {listed(left)}.")


def _status(activity):
    activity.members |= {"status": None, "status_as_of": None}
    elements = {status: each for each in activity["activity-status"] if (status := each.get("code"))}
    [status] = elements if len(elements) == 1 else [None]
    if status in codes.NOT_STATED:
        known = f"{status} ({codes.NOT_STATED[status]})"
        activity.note(f"Its status is {known}, which the register does not have: not stated.")
    elif status and status not in codes.STATUSES:
        message = f"“{status[:40]}” is not a status. Use a code of ActivityStatus, 1 to 6."
        activity.fault(elements[status], "activity-status", message)
    elif _decide(activity, "status", elements):
        activity.members["status"] = codes.STATUSES[status]
        if activity.updated:
            activity.members["status_as_of"] = day_of(activity.updated)
            activity.add(activity.claim("status_as_of", activity.updated, activity.element))


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
        is_open = not activity.members[member] and member not in activity.undecided
        if is_open and (value := _decide(activity, member, by_kind[kind])):
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
                claim.update(SET_ASIDE, set_aside=why)


def _date(activity, element):
    """Return the date of an element as precise as it is stated; None if it states none."""
    iso, words = element.get("iso-date"), element.in_english()
    if not iso and words and day_of(words) == words:
        iso = words  # common in 1.0x
    if not iso:
        activity.note(f"Line {element.line}: the date “{words[:40]}” has no iso-date, so it is ignored.")
    elif not (day := day_of(iso)):
        message = f"“{iso[:40]}” is not a date. Write it like 2012-05-31."
        activity.fault(element, "activity-date/iso-date", message)
    else:
        return _less_precise(words, day) or day
    return None


def _less_precise(words, day):
    """Return the year or month of a ``day`` that is all that the words beside it state; "" if they state the day."""
    if day[:4] not in words or words == day:
        return ""
    try:
        value = PartialDate.parse(words).value
    except ValueError:
        return ""
    return value if value != day and day.startswith(value) else ""


def countries_of(activity):
    """Return ``{code: element}`` of the countries of an activity and its transactions."""
    countries = {}
    for element in (*activity["recipient-country"], *activity.inside("recipient-country")):
        if country := element.get("code").upper():
            countries.setdefault(country, element)
    return countries


def _countries(activity, known):
    elements = countries_of(activity)
    activity.members["countries"] = [{"code": each, "name": known[each]} for each in sorted(elements) if each in known]
    for country, element in elements.items():
        if country in known:
            activity.add(activity.claim("countries", element.get("code"), element))
    if others := listed(each for each in elements if each not in known and each in codes.STATES):
        activity.note(f"Countries that the register does not have: {others}.")
    wrong = (each for country, each in elements.items() if country not in codes.STATES)
    if wrong := listed(f"“{each.get('code')[:40]}” (line {each.line})" for each in wrong):
        activity.note(f"Not country codes, so ignored: {wrong}. ISO 3166-1 codes have two letters, such as GE.")
    regions = (*activity["recipient-region"], *activity.inside("recipient-region"))
    if kept := listed(dict.fromkeys(f"region {each.get('code')}" for each in regions if each.get("code"))):
        activity.note(f"Not countries, so the register does not keep them: {kept}.")
    shares = [
        (f"{prefix}{each.get('code').upper()}", _share(each))
        for tag, prefix in (("recipient-country", ""), ("recipient-region", "region "))
        for each in activity[tag]
        if each.get("code")
    ]
    odd = _odd_sum([share for _place, share in shares])
    if odd or (len(shares) > 1 and any(share for _place, share in shares)):
        words = listed(f"{place} {share or 'not stated'}" for place, share in shares)
        activity.note(f"Shares of the countries in per cent, which the register does not keep: {words}.{odd}")


def _share(element):
    """Return the percentage of an element; "" if it states none from 0 to 100."""
    share = element.get("percentage")
    return share if _SHARE.fullmatch(share) and Decimal(share) <= 100 else ""


def _odd_sum(shares):
    """Return a sentence on shares that are stated and are not 100 per cent together; "" if there is nothing to say."""
    if not shares or not all(shares):
        return ""
    total = sum(map(Decimal, shares))
    return "" if abs(total - 100) <= 1 else f" Together they are {total}."


def _sectors(activity, themes):
    """The sectors of the activity, else those of its transactions; and the themes of all of these and of its tags."""
    own, inside = activity["sector"], activity.inside("sector")
    coded = [element for element in (*own, *inside) if element.get("code")]
    sectors = {element: sector for element in coded if (sector := _sector(activity, element))}
    shares = {}
    for element in own:
        shares.setdefault(code(element) or DAC, []).append(_share(element))
    for vocabulary, stated in shares.items():
        if odd := _odd_sum(stated):
            activity.note(f"Shares of the sectors of vocabulary {vocabulary}: {listed(stated)}.{odd}")
    by_line = {}
    for element in filter(sectors.get, own or inside):
        if (line := str(sectors[element])) in by_line and own:
            activity.note(f"Line {element.line}: the sector “{line[:60]}” is given again, and kept once.")
        by_line.setdefault(line, element)
    activity.members["sectors"] = list(by_line)
    for element in by_line.values():
        activity.add(activity.claim("sectors", element.get("code"), element))
    pairs = [*((sector.vocabulary, sector.code) for sector in sectors.values()), *tags_of(activity)]
    names = {slug: name for pair in pairs for slug, name in themes.get(pair, {}).items()}
    activity.members["themes"] = [{"slug": slug, "name": names[slug]} for slug in sorted(names)]


def _sector(activity, element):
    """Return the Sector of an element, in a transaction without its share, which is of another sum.

    None, with a note, if it is none.
    """
    name = uri = None
    if (vocabulary := code(element) or DAC) in OWN_VOCABULARIES:
        name = element.in_english()[:MOST_NAME] or None
        uri = element.get("vocabulary-uri")
        uri = uri if re.fullmatch(r"[^\s<>]{1,300}", uri) else None
    share = _share(element) if element.getparent() is activity.element else ""
    line = str(Sector(vocabulary, element.get("code"), share or None, name, uri))
    if not (sector := sector_of(line)):
        why = "Its vocabulary or code is wrong."
        activity.note(f"Line {element.line}: the sector “{line[:60]}” is ignored. {why}")
    return sector


def tags_of(activity):
    """Yield (vocabulary, code) of the tags of an activity that are of a vocabulary of sectors."""
    for element in activity["tag"]:
        if vocabulary := codes.TAGS.get(element.get("vocabulary")):
            yield vocabulary, element.get("code")
