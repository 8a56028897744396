"""What changed between two documents of a record, in words. Pure: documents in, lines of text out.

Reads any document by its shape, so that it knows of no kind of record in particular.
"""

from decimal import Decimal
from functools import cache

UNSTATED = "not stated"
_VERBATIM = "role_as_stated"  # a source's own words
_NAMING = ("name", "title")
_KEYS = ("code", "slug")
_APART = {*_NAMING, *_KEYS, "number", "currency"}  # said with other members
_DERIVED = {"url", "modified"}  # follow from the key and the time


@cache
def label(member):
    """Return a member's name as people read it: ``start_date`` is ``Start date``."""
    return member.replace("_", " ").capitalize()


def differences(old, new):
    """Return ``[(label, old lines, new lines)]`` of the members that differ; ``old`` may be None.

    Of lists, only the items that one side lacks are given, unless nothing but their order changed.
    """
    old, new = _told(old or {}), _told(new)
    members = [*new, *(member for member in old if member not in new)]
    return [
        (label(member), *_sides(old.get(member), new.get(member)))
        for member in members
        if member not in _DERIVED and (old.get(member) or None) != (new.get(member) or None)
    ]


def _told(document):
    """Return ``document`` with of its claims what is told in words: not how each of them is read."""
    if "claims" not in document:
        return document
    claims = [_said(claim) | {"set_aside": claim.get("set_aside")} for claim in document["claims"]]
    return {**document, "claims": claims}


def judged_anew(old, new):
    """Return (``old``, ``new``, claims): two documents without the claims that were only set aside or adopted again
    between them, and those. They were neither removed nor added.
    """
    old, new = _told(old), _told(new)
    before, now = old.get("claims", []), new.get("claims", [])
    gone = [_said(claim) for claim in before if claim not in now]
    found = [claim for claim in now if claim not in before and _said(claim) in gone]
    judged = [_said(claim) for claim in found]
    before = [claim for claim in before if claim in now or _said(claim) not in judged]
    return old | {"claims": before}, new | {"claims": [claim for claim in now if claim not in found]}, found


def _said(claim):
    return {name: claim.get(name) for name in ("field", "as_stated", "quote", "source", "place")}


def _sides(old, new):
    for with_keys in (False, True):
        before, now = lines(old, with_keys), lines(new, with_keys)
        if before != now:
            break
    if not (isinstance(old, list) and isinstance(new, list)):
        return before, now
    gone, come = [line for line in before if line not in now], [line for line in now if line not in before]
    if not gone and not come:
        return before, now
    return gone or ["–"], come or ["–"]


def lines(value, with_keys=False):
    """Return ``value`` as lines of text, one for each item of a list."""
    items = value if isinstance(value, list) else [value]
    return [in_words(item, with_keys) for item in items] or [UNSTATED]


def in_words(value, with_keys=False):
    """Return one value as a person would write it."""
    if value is None or value == "":
        return UNSTATED
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return _object(value, with_keys)
    return str(value)


def _object(value, with_keys):
    if "precision" in value:
        return _date(value)
    if "quote" in value:
        return _claim(value, with_keys)
    return ", ".join(_parts(value, with_keys)) or UNSTATED


def _claim(claim, with_keys):
    """Say a claim: ``End date: “2013” – “It ends in 2013.” (The paper, page 3)``."""
    where = ", ".join(filter(None, (in_words(claim["source"], with_keys), claim["place"])))
    words = f"{label(claim['field'])}: “{claim['as_stated']}” – “{claim['quote']}” ({where})"
    return f"{words}; set aside: {claim['set_aside']}" if claim["set_aside"] else words


def _date(date):
    return f"{date['value']} (planned)" if date.get("planned") else date["value"]


def in_figures(amount, currency):
    """Return a sum with its thousands apart: ``EUR 2,584,000.00``; None where it is not stated."""
    return None if amount is None else f"{currency} {Decimal(amount):,.2f}"


def _parts(item, with_keys):
    """Yield the words of a member that is an object, its name first."""
    name = next((item[key] for key in _NAMING if item.get(key)), None)
    key = next((item[key] for key in _KEYS if item.get(key)), None)
    if name:
        number = f"{item['number']}. " if "number" in item else ""
        shown = key if with_keys else item.get("code")
        yield f"{number}{name} ({shown})" if shown else f"{number}{name}"
    elif key:
        yield key
    for member, value in item.items():
        if member in _APART:
            continue
        if words := _part(member, value, item, with_keys):
            yield words


def _part(member, value, item, with_keys):
    if member == "amount":
        return in_figures(value, item["currency"]) or "amount not stated"
    if value is None:
        return None
    if isinstance(value, dict):
        return in_words(value, with_keys)
    words = f"“{value}”" if member == _VERBATIM else in_words(value)
    return f"{label(member).lower()}: {words}"
