"""The members of a project's document that an activity states, with their claims. One function a member."""

import re
from datetime import date

from projects.documents.sectors import DAC, OWN_VOCABULARIES, Sector, sector_of
from projects.iati import code_mappings
from provenance.documents.claims import Status
from provenance.documents.dates import PartialDate
from provenance.documents.declaration import date_member

from . import codes
from .codes import code
from .texts import clean, in_english, listed, texts

MOST_TITLE = 500
MOST_NAME = 200  # characters of the name of a publisher's own sector
EARLIEST, LATEST = "1900", "2100"
TWICE = "Not decided: the activity gives several values."
_DATE = re.compile(r"\d{4}-\d\d-\d\d(T.*|(Z|[+-]\d\d:\d\d)?)")
_ZERO = re.compile(r"[+-]?(0+\.?0*|\.0+)")


def add(elements, countries, themes):
    """Add what ``elements`` state. ``countries``: names by code; ``themes``: ``{(vocabulary, code): {slug: name}}``."""
    activity = elements.activity
    _odd_elements(elements, activity)
    _title(elements, activity)
    _descriptions(elements, activity)
    _status(elements, activity)
    _dates(elements, activity)
    _countries(elements, activity, countries)
    _sectors(elements, activity)
    found = {slug: name for sector in sectors_of(elements) for slug, name in themes.get(sector, {}).items()}
    activity.members["themes"] = [{"slug": slug, "name": found[slug]} for slug in sorted(found)]


def _odd_elements(elements, activity):
    """Note what is read otherwise than it looks: misspelt elements, what stands twice or is empty, words of 1.0x."""
    coded, misspelt = [*elements["activity-status"], *elements["recipient-country"]], elements.tags - codes.ELEMENTS
    twice = [*elements["iati-identifier"][1:], *elements["reporting-org"][1:]]
    odd = {
        "Not IATI elements, so ignored": elements.of_tags(tag for tag in misspelt if tag[0] != "{"),
        "Given more than once; only the first is used": twice,
        "Without a code, so ignored": [each for each in coded if not clean(each.get("code"))],
    }
    if any(each.find("narrative") is not None for each in elements["title"]):  # version 2
        words = filter(codes.is_word, elements.element.iter(*codes.WORDS))
        odd["Words of version 1 instead of codes, read as their codes"] = list(words)
    for what, some in odd.items():
        if some:
            activity.note(f"{what}: {listed(f'{each.tag[:40]} (line {elements.line(each)})' for each in some)}.")


def _undecided(elements, activity, member, values):
    """Claim ``{value: element}``, of which a person decides: a member is stated in several ways."""
    activity.undecided.add(member)
    for value, element in values.items():
        undecided = {"status": Status.UNDECIDED.value, "set_aside": TWICE}
        activity.add(elements.statement(member, value, element)._replace(**undecided))
    lines = listed(f"{value} (line {elements.line(element)})" for value, element in values.items())
    activity.note(f"The activity gives several values for {member.replace('_', ' ')}: {lines}. Somebody has to decide.")


def _title(elements, activity):
    stated = [(*pair, each) for each in elements["title"] for pair in texts(each)]
    title = in_english([pair[:2] for pair in stated])
    if not title:
        activity.fault(activity.line, "title", "The activity has no title. Give one with a text.")
        return
    language_of_title = next(language for language, text, _ in stated if text == title)
    same = {}
    for language, text, element in stated:
        if language == language_of_title:
            same.setdefault(text, element)
    if len(same) > 1:  # a project has to have a title: the first of them, until somebody decides
        _undecided(elements, activity, "title", same)
    else:
        elements.state("title", title, same[title])
    activity.members["title"] = title if len(title) <= MOST_TITLE else title[: MOST_TITLE - 1].rsplit(" ", 1)[0] + "…"
    own, all_of_them = {language for language, text, _ in stated if text == title}, {pair[0] for pair in stated}
    if others := sorted(all_of_them - own - {""}):
        activity.note(f"The title is also given in other languages: {listed(others)}.")
    if len(title) > MOST_TITLE:
        activity.note(f"The title has {len(title)} characters and was shortened.")


def _descriptions(elements, activity):
    """The first general description (type 1, or none) is the summary, those of type 2 are objectives."""
    kinds = {}
    for element in elements["description"]:
        if text := in_english(texts(element)):
            kinds.setdefault(code(element) or code_mappings.GENERAL, {}).setdefault(text, element)
    (summary, element), *left = kinds.pop(code_mappings.GENERAL, {}).items() or [(None, None)]
    objectives = kinds.pop(code_mappings.OBJECTIVES, {})
    activity.members |= {"summary": summary, "objectives": list(objectives)}
    if summary:
        elements.state("summary", summary, element)
    for text, each in objectives.items():
        elements.state("objectives", text, each)
    left = [each for _, each in left] + [each for others in kinds.values() for each in others.values()]
    if left:
        where = listed(f"type {each.get('type') or 'none'}, line {elements.line(each)}" for each in left)
        activity.note(f"Descriptions that are not imported (the original activity keeps them): {where}.")


def _status(elements, activity):
    activity.members |= {"status": None, "status_as_of": None}
    stated = {status: each for each in elements["activity-status"] if (status := clean(each.get("code")))}
    if len(stated) > 1:
        _undecided(elements, activity, "status", stated)
        return
    for status, element in stated.items():
        if status in codes.NOT_STATED:
            known = f"{status} ({codes.NOT_STATED[status]})"
            activity.note(f"Its status is {known}, which the register does not have: not stated.")
        elif status not in codes.STATUSES:
            what = f"“{status[:40]}” is not a status. Use a code of ActivityStatus, 1 to 6."
            activity.fault(elements.line(element), element.tag, what)
        else:
            activity.members["status"] = codes.STATUSES[status]
            elements.state("status", status, element)
            if day := _day(activity.updated):
                activity.members["status_as_of"] = day
                elements.state("status_as_of", activity.updated, elements.element)


def _dates(elements, activity):
    """The actual date before the planned one; a narrative that is a year or a month makes it no more than that."""
    activity.members |= {"start_date": None, "end_date": None}
    stated = {}
    for element in elements["activity-date"]:
        if (kind := code(element)) not in codes.DATES:
            what = f"“{kind[:40]}” is not a type of date. Use a code of ActivityDateType, 1 to 4."
            activity.fault(elements.line(element), element.tag, what)
        elif value := _date(element, elements, activity):
            stated.setdefault(kind, {}).setdefault(value, element)
    for kind in sorted(stated, key=lambda kind: codes.DATES[kind][1]):  # actual ones first
        member, planned = codes.DATES[kind]
        if not activity.members[member]:
            _date_member(elements, activity, member, planned, stated[kind])
    start, end = activity.members["start_date"], activity.members["end_date"]
    if start and end and end["latest"] < start["earliest"]:
        why = f"Not stated: in the file the end ({end['value']}) is before the start ({start['value']})."
        activity.note(why)
        activity.members |= {"start_date": None, "end_date": None}
        activity.statements = [
            each._replace(set_aside=why) if each.member in ("start_date", "end_date") else each
            for each in activity.statements
        ]


def _date_member(elements, activity, member, planned, values):
    if len(values) > 1:
        _undecided(elements, activity, member, values)
        return
    [(value, element)] = values.items()
    if not EARLIEST < value <= (LATEST if planned else date.today().isoformat()):
        activity.note(
            f"The {member.replace('_', ' ')} is {value}, {'planned' if planned else 'actual'}. Is that right?"
        )
    activity.members[member] = date_member(PartialDate(value), planned)
    elements.state(member, value, element)


def _date(element, elements, activity):
    """Return the date of an element as precise as it is stated; None if it states none."""
    iso, words = clean(element.get("iso-date")), in_english(texts(element))
    if not iso and _day(words) == words:
        iso = words  # in 1.0x many write it so
    if not iso:
        activity.note(f"Line {elements.line(element)}: the date “{words[:40]}” has no iso-date, so it is ignored.")
    elif not (day := _day(iso)):
        what = f"“{iso[:40]}” is not a date. Write it like 2012-05-31."
        activity.fault(elements.line(element), "activity-date/iso-date", what)
    else:
        return words if len(words) in (4, 7) and day.startswith(words) and words[:4].isdigit() else day
    return None


def _day(iso):
    """Return the day of an xsd:date or xsd:dateTime; None if it is neither."""
    try:
        return date.fromisoformat(iso[:10]).isoformat() if _DATE.fullmatch(iso) else None
    except ValueError:
        return None


def countries_of(elements):
    """Return ``{code: element}`` of the countries of an activity and its transactions."""
    found = {}
    for element in (*elements["recipient-country"], *elements.inside("recipient-country")):
        if country := clean(element.get("code")).upper():
            found.setdefault(country, element)
    return found


def _countries(elements, activity, known):
    found = countries_of(elements)
    activity.members["countries"] = [{"code": each, "name": known[each]} for each in sorted(found) if each in known]
    for country, element in found.items():
        if country in known:
            elements.state("countries", clean(element.get("code")), element)
    if others := [each for each in found if each not in known and each in codes.STATES]:
        activity.note(f"Countries that the register does not have: {listed(others)}.")
    wrong = [each for country, each in found.items() if country not in codes.STATES]
    if wrong:
        wrong = listed(f"“{clean(each.get('code'))[:40]}” (line {elements.line(each)})" for each in wrong)
        activity.note(f"Not country codes, so ignored: {wrong}. ISO 3166-1 codes have two letters, such as GE.")
    shares = {country: clean(element.get("percentage")) for country, element in found.items()}
    if none := [country for country, share in shares.items() if _ZERO.fullmatch(share)]:
        activity.note(f"Countries with a share of 0 per cent: {listed(none)}. Is that right?")
    if len(found) > 1 and any(shares.values()):
        stated = listed(f"{country} {share or 'not stated'}" for country, share in shares.items())
        activity.note(f"Shares of the countries in per cent, which the register does not keep: {stated}.")


def _sectors(elements, activity):
    """The sectors of the activity; where it has none, those of its transactions, whose shares are of other sums."""
    own, found = elements["sector"], {}
    for element in own or elements.inside("sector"):
        name = uri = None
        if (vocabulary := code(element) or DAC) in OWN_VOCABULARIES:
            name = in_english(texts(element))[:MOST_NAME] or None
            uri = clean(element.get("vocabulary-uri"))
            uri = uri if re.fullmatch(r"[^\s<>]{1,300}", uri) else None
        share = clean(element.get("percentage")) if own else None
        line = str(Sector(vocabulary, clean(element.get("code")), share or None, name, uri))
        if sector_of(line):
            found.setdefault(line, element)
        else:
            activity.note(
                f"Line {elements.line(element)}: the sector “{line[:60]}” is ignored."
                " Its vocabulary, code or share is wrong."
            )
    activity.members["sectors"] = list(found)
    for element in found.values():
        elements.state("sectors", clean(element.get("code")), element)


def sectors_of(elements):
    """Yield (vocabulary, code) of the sectors of an activity and its transactions, then of its tags."""
    for element in (*elements["sector"], *elements.inside("sector")):
        yield code(element) or DAC, clean(element.get("code"))
    for element in elements["tag"]:
        if vocabulary := codes.TAGS.get(clean(element.get("vocabulary"))):
            yield vocabulary, clean(element.get("code"))
