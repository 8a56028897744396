"""What the index holds of one project, read from its document. Pure."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

import orjson

from provenance.documents.claims import NO_EVIDENCE, Status, is_adopted, is_not_found
from provenance.documents.folding import foldings
from provenance.documents.readings import OTHERWISE
from provenance.store.build import upgrade

from ..models import Project
from ..models.project import GAPS, what_is_stated
from ..words.search_text import own_texts
from ..words.sectors import sectors_given

LATE = 2**31 - 1  # later than any day, for an end that is not stated
NOT_STATED = "not-stated"
ROLES = ("lead", "implementer", "partner")


class ContributionFacts(NamedTuple):
    """A contribution. Not stated: ``cents`` -1, ``currency`` "", ``instrument`` None."""

    funder: str
    instrument: str | None
    cents: int
    currency: str


class Facts(NamedTuple):
    """One project. ``keys`` are by parameter, days are ordinals. Not stated: start 0, end LATE, ``cents`` -1.

    ``left``: what contributions leave of ``cents``, never below zero; -1 where it is not known.
    """

    keys: dict[str, Iterable[str]]
    words: set[str]
    start: tuple[int, int]
    end: tuple[int, int]
    cents: int
    currency: str
    left: int
    contributions: list[ContributionFacts]
    whole: str | None


def read(text):
    """Parse a project's document, upgrading it only if its facts need that."""
    document = orjson.loads(text)
    if all(claim.get("status") for claim in document["claims"]):
        return document
    return upgrade(Project, document)  # recorded before claims had a status


def facts_of(document):
    """Return the Facts of a project's document."""
    parts = [
        ContributionFacts(part["funder"]["slug"], part["instrument"] and part["instrument"]["code"], *_money(part))
        for part in document["contributions"]
    ]
    keys, whole, money = _keys(document, parts), document.get("part_of"), _money(document["budget"])
    keys |= {"finding": list(_findings(document, parts, *money)), "currency": [money[1]] if money[1] else []}
    return Facts(
        keys, words_of(own_texts(document)),
        _days(document["start_date"], 0), _days(document["end_date"], LATE),
        *money, _left(parts, *money), parts, whole and whole["slug"],
    )  # fmt: skip


def _keys(document, parts):
    """Return the keys of a project by parameter; a role is one, whose keys are of organisations."""
    members = [(member["role"], member["slug"]) for member in document["organisations"]]
    roles = {role: {slug for of, slug in members if of == role} for role in ROLES}
    roles["funder"] = {part.funder for part in parts}
    dates = {"start": document["start_date"], "end": document["end_date"]}
    whole, known = document.get("part_of"), what_is_stated(document)
    return {
        "country": [member["code"] for member in document["countries"]],
        "partnership": [member["slug"] for member in document["partnerships"]],
        "theme": [member["slug"] for member in document["themes"]],
        "instrument": list({part.instrument for part in parts if part.instrument}),
        "giving": list({part.instrument for part in parts if part.instrument and part.cents >= 0}),
        "organisation": set().union(*roles.values()),
        **roles,
        "status": [document["status"] or NOT_STATED],
        "year": [dates["start"]["earliest"][:4]] if dates["start"] else [],
        "part_of": [whole["slug"]] if whole else [],
        "sector": [sector.code for sector in sectors_given(document)],
        "source": sources_of(document),
        "not_stated": [name for name in GAPS if not known[name]],
        "planned": [name for name, day in dates.items() if day and day["planned"]],
    }


def _money(member):
    """Return (cents, currency) of a member with an amount, (-1, "") if it is not stated."""
    return (_cents(member["amount"]), member["currency"]) if member and member["amount"] is not None else (-1, "")


def _left(parts, cents, currency):
    """Return what ``parts`` leave of a total; -1 if there is none, or one of them is in another currency."""
    known = [part for part in parts if part.cents >= 0]
    if cents < 0 or any(part.currency != currency for part in known):
        return -1
    return max(0, cents - sum(part.cents for part in known))


def _days(member, unknown):
    """Return the first and the last day that a member may mean, as ordinals."""
    return (_day(member["earliest"]), _day(member["latest"])) if member else (unknown, unknown)


def sources_of(document):
    """Return the slugs of the sources that the claims of a document name, each once."""
    return list(dict.fromkeys(claim["source"]["slug"] for claim in document.get("claims", ())))


def _findings(document, parts, cents, currency):
    """Yield the names of the quality rules that a document breaks on its own."""
    adopted, others = set(), set()
    for claim in document["claims"]:
        if is_adopted(claim):
            adopted.add(claim["field"])
            if claim["reading"] == OTHERWISE:
                others.add("reads-otherwise")
            if is_not_found(claim):
                others.add("quote-not-found")
            if (claim.get("evidence") or NO_EVIDENCE)["verdict"] == NO_EVIDENCE["verdict"]:
                others.add("quote-not-checked")
        elif claim["status"] == Status.UNDECIDED:
            others.add("undecided")
    yield from others
    if any(document.get(name) for name in set(Project.claimable) - adopted):
        yield "no-source"
    if cents >= 0 and sum(part.cents for part in parts if part.currency == currency) > cents:
        yield "parts-above-total"


@lru_cache(10_000)
def _day(text):
    return date.fromisoformat(text).toordinal()


@lru_cache(10_000)
def _cents(text):
    return int(Decimal(text) * 100)


def words_of(texts):
    """Return the set of all words of ``texts``, in both foldings (see ``provenance/documents/folding.py``)."""
    return set(chain.from_iterable(map(_folded, set(" ".join(dict.fromkeys(texts)).split()))))


@lru_cache(20_000)
def _folded(word):
    return [part for folded in foldings(word) for part in folded.split()]
