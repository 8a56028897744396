"""The reverse: our own IATI back into the members of documents, as far as IATI holds them.

What is read may come from anywhere: no entity is resolved, nothing is fetched, a DOCTYPE is refused, and no
more than one activity is held at a time.
"""

import re
from io import BytesIO

from lxml import etree

from projects.safe_xml import BARE
from provenance.dates import PartialDate
from provenance.members import date_member

from . import readings
from .elements import committed, instruments
from .text import for_xml

_MEMBERS = {kind: (member, planned) for (member, planned), kind in readings.DATE_TYPES.items()}
_STATUSES = {code: status for status, code in readings.STATUSES.items()}


class NotIati(Exception):
    """The bytes are not a file as ``writing.iati_file`` writes it; says what is amiss."""


def read_iati(file):
    """Yield, for each activity of a binary file (or bytes), what ``held`` keeps of its document. NotIati."""
    file = BytesIO(file) if isinstance(file, bytes) else file
    try:
        for event, element in etree.iterparse(file, events=("start", "end"), **BARE):
            if event == "start" and element.getparent() is None:
                _refuse_others(element)
            elif event == "end" and element.tag == "iati-activity":
                yield _document(element)
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]
    except etree.XMLSyntaxError as error:
        raise NotIati(f"This is not well-formed XML: {error.msg}") from None
    except (KeyError, ValueError, AttributeError, IndexError, TypeError) as error:
        raise NotIati(f"An activity is not as this register writes it: {error}") from None


def _refuse_others(root):
    if root.getroottree().docinfo.internalDTD is not None:
        raise NotIati("It has a DOCTYPE, which IATI has no use for and which is refused.")
    if root.tag != "iati-activities" or root.get("version") != readings.VERSION:
        raise NotIati(f"Its root is not <iati-activities version=“{readings.VERSION}”>.")


def held(document):
    """Return what IATI holds of a document for which there is no reason to be left out.

    Organisations have their names alone, contributions are those that became transactions, and sentences and
    index words are left out.
    """
    members = (
        "url", "title", "acronym", "summary", "countries", "status", "start_date", "end_date", "budget",
        "unattributed", "components", "objectives", "modified",
    )  # fmt: skip
    parts = document["contributions"]
    return _cleaned({
        "slug": document["slug"],
        **{member: document[member] for member in members},
        "partnerships": [{"slug": each["slug"], "name": each["name"]} for each in document["partnerships"]],
        "instruments": [{"code": code, "name": name} for code, name in instruments(document).items()],
        "funders": list({part["funder"]["slug"]: part["funder"]["name"] for part in parts}.values()),
        "contributions": [{**part, "funder": {"name": part["funder"]["name"]}} for part in committed(document)],
        "organisations": [
            {name: member[name] for name in ("name", "role", "role_as_stated", "component")}
            for member in document["organisations"]
        ],
        "part_of": document.get("part_of", {}).get("slug"),
    })  # fmt: skip


def _cleaned(value):
    """Return ``value`` with all text as XML holds it."""
    if isinstance(value, dict):
        return {name: _cleaned(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_cleaned(each) for each in value]
    return for_xml(value) if isinstance(value, str) else value


def _document(activity):
    agreements, named = _tags(activity)
    organisations, funders = _organisations(activity)
    reporter = activity.find("reporting-org").get("ref")
    return {
        "slug": activity.findtext("iati-identifier").removeprefix(f"{reporter}-"),
        "url": re.sub("^[a-z]+://[^/]*", "", activity.get("linked-data-uri")),
        "title": activity.findtext("title/narrative"),
        "summary": next(iter(_described(activity, readings.GENERAL)), None),
        "objectives": _described(activity, readings.OBJECTIVES),
        **readings.members_of(_described(activity, readings.OTHER)),
        "countries": _countries(activity),
        "status": _STATUSES[activity.find("activity-status").get("code")],
        **_dates(activity),
        "partnerships": [{"slug": code, "name": name} for code, name in agreements],
        "instruments": [{"code": code, "name": name} for code, name in named],
        "funders": funders,
        "contributions": [_contribution(transaction, named) for transaction in activity.findall("transaction")],
        "organisations": organisations,
        "part_of": next(iter(_wholes(activity, reporter)), None),
        "modified": activity.get("last-updated-datetime"),
    }


def _wholes(activity, reporter):
    named = [each for each in activity.findall("related-activity") if each.get("type") == readings.PARENT]
    return [each.get("ref").removeprefix(f"{reporter}-") for each in named]


def _narratives(element):
    return [narrative.text or "" for narrative in element.findall("narrative")]


def _described(activity, kind):
    return [_narratives(each)[0] for each in activity.findall("description") if each.get("type") == kind]


def _countries(activity):
    if (country := activity.find("recipient-country")) is not None:
        return [{"code": country.get("code"), "name": _narratives(country)[0]}]
    region = activity.find("recipient-region")
    codes = zip(region.get("code").split("-"), _narratives(region), strict=True)
    return [{"code": code, "name": name} for code, name in codes]


def _dates(activity):
    found = {"start_date": None, "end_date": None}
    for date in activity.findall("activity-date"):
        member, planned = _MEMBERS[date.get("type")]
        found[member] = date_member(PartialDate(_narratives(date)[0]), planned)
    return found


def _tags(activity):
    """Return (agreements, instruments), each ``[(code, name)]``."""
    found = {"partnerships": [], "instruments": []}
    for tag in activity.findall("tag"):
        collection = tag.get("vocabulary-uri").rstrip("/").split("/")[-2]
        found[collection].append((tag.get("code"), _narratives(tag)[0]))
    return found["partnerships"], found["instruments"]


def _organisations(activity):
    """Return (organisations with their roles, names of funders)."""
    parts = [(part.get("role"), *_narratives(part)) for part in activity.findall("participating-org")]
    members = [{"name": name, **readings.role_of(said[0])} for role, name, *said in parts if role != readings.FUNDING]
    return members, [name for role, name, *_ in parts if role == readings.FUNDING]


def _contribution(transaction, named):
    said = _narratives(transaction.find("description"))
    instruments = ({"code": code, "name": name} for code, name in named)
    value = transaction.find("value")
    return {
        "funder": {"name": transaction.findtext("provider-org/narrative")},
        "instrument": next((each for each in instruments if readings.under(each) in said), None),
        "amount": value.text,
        "currency": value.get("currency"),
    }
