"""The differences between two documents, as lines of text.

Documents are read by their shape, so this works for every kind of record; models only give labels.
"""

from collections.abc import Callable
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from django.apps import apps

from .declaration import as_list

UNSTATED = "not stated"
_VERBATIM = "role_as_stated"  # quoted from a source
_NAMING = ("name", "title")
_KEYS = ("code", "slug")
_APART = {*_NAMING, *_KEYS, "number", "currency"}  # shown with other members
_DERIVED = {"url", "modified"}  # follow from key and time


def format_amount(amount, currency):
    """Return an amount with thousands separators, such as ``EUR 2,584,000.00``; None if it is not stated."""
    return None if amount is None else f"{currency} {Decimal(amount):,.2f}"


class Words(NamedTuple):
    """How values are said, by default as recorded.

    ``name``: of an object that has one; ``code``: beside a name; ``labelled``: of two texts; ``reason``: why a claim is
    not adopted; ``quoted``: of words of a source; ``place``: of a claim in its source.
    """

    term: Callable = str
    date: Callable = str
    amount: Callable = format_amount
    name: Callable = lambda item: next((item[key] for key in _NAMING if item.get(key)), None)
    labelled: Callable = "{}: {}".format
    reason: Callable = str
    code: Callable = str
    quoted: Callable = "“{}”".format
    place: Callable = str


AS_RECORDED = Words()


@cache
def label(member, model=None):
    """Return a member's name as people read it: as ``model`` declares it (None: any that does), else ``As stated``."""
    models = [model] if model else [each for each in apps.get_models() if hasattr(each, "claimable")]
    declared = (each.label for kind in models for each in kind.members if each.name == member and each.label)
    return next(declared, member.replace("_", " ").capitalize())


def differences(model, old, new, words=AS_RECORDED):
    """Return ``[(label, old lines, new lines)]`` of the members that differ in two documents; ``old`` may be None.

    A list gives only the items that the other side lacks, or all of them if only their order changed.
    """
    old, new, differing = _shown_claims(old or {}), _shown_claims(new), []
    for member in [*new, *(member for member in old if member not in new)]:
        before, now = old.get(member), new.get(member)
        if member in _DERIVED or (before or None) == (now or None):
            continue
        old_lines, new_lines = lines(before, words=words), lines(now, words=words)
        if old_lines == new_lines:
            old_lines, new_lines = lines(before, with_keys=True, words=words), lines(now, with_keys=True, words=words)
        removed = [line for line in old_lines if line not in new_lines]
        added = [line for line in new_lines if line not in old_lines]
        if isinstance(before, list) and isinstance(now, list) and (removed or added):
            old_lines, new_lines = removed or ["–"], added or ["–"]
        differing.append((label(member, model), old_lines, new_lines))
    return differing


def _shown_claims(document):
    """Return ``document`` with only the parts of its claims that are shown."""
    if "claims" not in document:
        return document
    claims = [_claim_parts(claim) | {"set_aside": claim.get("set_aside")} for claim in document["claims"]]
    return {**document, "claims": claims}


def without_readopted(old, new):
    """Return (``old``, ``new``, claims): both documents without the claims whose adoption alone changed, and those."""
    old, new = _shown_claims(old), _shown_claims(new)
    old_claims, new_claims = old.get("claims", []), new.get("claims", [])
    removed = [_claim_parts(claim) for claim in old_claims if claim not in new_claims]
    readopted = [claim for claim in new_claims if claim not in old_claims and _claim_parts(claim) in removed]
    shared = [_claim_parts(claim) for claim in readopted]
    old_claims = [claim for claim in old_claims if claim in new_claims or _claim_parts(claim) not in shared]
    return (
        old | {"claims": old_claims},
        new | {"claims": [claim for claim in new_claims if claim not in readopted]},
        readopted,
    )


def _claim_parts(claim):
    return {name: claim.get(name) for name in ("field", "as_stated", "quote", "source", "place")}


def lines(value, with_keys=False, words=AS_RECORDED):
    """Return ``value`` as lines of text, one per item of a list."""
    return [describe(item, with_keys, words) for item in as_list(value)] or [UNSTATED]


def describe(value, with_keys=False, words=AS_RECORDED):
    """Return one value as text, in Words; UNSTATED stays as it is."""
    if value is None or value == "":
        return UNSTATED
    if isinstance(value, bool):
        return words.term("yes" if value else "no")
    if not isinstance(value, dict):
        return words.term(str(value))
    if "precision" in value:
        date = words.date(value["value"])
        return f"{date} ({words.term('planned')})" if value.get("planned") else date
    if "quote" in value:  # as ``End date: “2013” – “It ends in 2013.” (The paper, page 3)``
        where = ", ".join(filter(None, (describe(value["source"], with_keys), words.place(value["place"] or ""))))
        stated = f"{words.quoted(value['as_stated'])} – {words.quoted(value['quote'])} ({where})"
        text = words.labelled(words.term(label(value["field"])), stated)
        aside = value["set_aside"]
        return f"{text}; {words.labelled(words.term('set aside'), words.reason(aside))}" if aside else text
    return ", ".join(_parts(value, with_keys, words)) or UNSTATED


def _parts(item, with_keys, words):
    """Yield the texts of a member that is an object, its name first."""
    name = words.name(item)
    key = next((item[key] for key in _KEYS if item.get(key)), None)
    if name:
        number = f"{item['number']}. " if "number" in item else ""
        shown = key if with_keys else item.get("code")
        yield f"{number}{name} ({words.code(shown)})" if shown else f"{number}{name}"
    elif key:
        yield key
    for member, value in item.items():
        if member == "amount":
            currency = item["currency"]
            yield words.term("amount not stated") if value is None else words.amount(value, currency)
        elif isinstance(value, dict):
            yield describe(value, with_keys, words)
        elif value is not None and member not in _APART:
            text = words.quoted(value) if member == _VERBATIM else describe(value, words=words)
            yield words.labelled(words.term(label(member)).lower(), text)
