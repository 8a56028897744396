"""Which claims support the value that a document states. Documents in and out; the database is asked for one thing, by
what other names what a document names is called, where words seem to read otherwise.

A claim is adopted for a value: the item or items of its member that it states. Where that value stands no longer, the
claim is an earlier one. It is adopted again once the value is back, and for a new value that it states itself.
"""

from functools import cache, lru_cache

import orjson
from django.apps import apps
from django.db.models import TextChoices

from .declaration import calling, face_of
from .diff import label, lines
from .readings import CALLED, OTHERWISE, OURS, adds_up, reading, reads, tells

EARLIER = "States the earlier value: {value}"
LONGEST = 300  # characters of an earlier value that are told


class Status(TextChoices):
    ADOPTED = "adopted", "adopted"
    EARLIER = "earlier", "states an earlier value"
    SET_ASIDE = "set-aside", "set aside"
    UNDECIDED = "undecided", "not decided"


REFUSED = (Status.SET_ASIDE, Status.UNDECIDED)  # somebody chose that, and said why


def status_of(claim):
    """Return the status of a claim. The first documents had none: what was not adopted said why."""
    return claim.get("status") or (Status.SET_ASIDE.value if claim.get("set_aside") else Status.ADOPTED.value)


def is_adopted(claim):
    return status_of(claim) == Status.ADOPTED


def words_of(claim):
    """Return what tells a claim apart: what it says, and who."""
    return claim["field"], claim["source"]["slug"], claim["as_stated"], claim["quote"]


def items_of(document, member):
    """Return the value of a member as a list of items, without the names of records: those change elsewhere."""
    value = document.get(member)
    return bare(value) if isinstance(value, list) else [] if value in (None, "") else [bare(value)]


def bare(value):
    """Return a value without the names of the records that it names, its members in the order of their names."""
    if isinstance(value, list):
        return [bare(item) for item in value]
    if not isinstance(value, dict):
        return value
    follows = {"name", "title", "kind"} if "slug" in value or "code" in value else ()
    return {name: bare(value[name]) for name in sorted(value) if name not in follows}


def settled(document):
    """Return ``document`` with what follows for its claims from the values that it states: how they stand and read."""
    if not document.get("claims"):
        return document
    names = {claim["field"] for claim in document["claims"]}
    found = {member: items_of(document, member) for member in names}
    values = {member: orjson.dumps(document.get(member)) for member in names}
    made = {**document, "claims": [_settled(claim, document, found[claim["field"]]) for claim in document["claims"]]}
    for claim in made["claims"]:
        claim["reading"] = _reading(claim, made, values)
    if contrary := [claim for claim in made["claims"] if is_contrary(claim)]:
        named = _with_names({claim["field"]: document.get(claim["field"]) for claim in contrary})
        for claim in contrary if named else ():
            claim["reading"] = reading(claim, made | named)
    return made


def _reading(claim, document, values):
    member = claim["field"]
    found = _reading_alone(member, claim["as_stated"], claim["quote"], values[member])
    return OURS if found == OTHERWISE and adds_up(claim, document) else found


def _with_names(values):
    """Return ``values`` in which each record that they name has all its names; None where that tells no more."""
    keys = _keys_in(values)
    rows = [model.objects.filter(pk__in=keys) for model in _of_many_names() if keys]
    names = dict(named for found in rows for named in found.called())
    return _called(values, names) if names else None


def _keys_in(value):
    """Return the slugs of all records that a value names."""
    if isinstance(value, list):
        return {key for item in value for key in _keys_in(item)}
    if not isinstance(value, dict):
        return set()
    return ({value["slug"]} if value.get("slug") else set()) | _keys_in(list(value.values()))


def _called(value, names):
    if isinstance(value, list):
        return [_called(item, names) for item in value]
    if not isinstance(value, dict):
        return value
    made = {name: _called(part, names) for name, part in value.items()}
    return made | ({CALLED: names[value["slug"]]} if value.get("slug") in names else {})


@cache
def _of_many_names():
    """Return the kinds of record that have other names than those by which documents show them."""
    kinds = [model for model in apps.get_models() if hasattr(model, "claimable")]
    return [model for model in kinds if {*calling(model)} - {*face_of(model)}]


@lru_cache(maxsize=10_000)
def _reading_alone(member, as_stated, quote, value):
    claim = {"field": member, "as_stated": as_stated, "quote": quote}
    return reading(claim, {member: orjson.loads(value), "claims": []})


def _settled(claim, document, items):
    """Return a claim with its members in the order of documents. ``items``: of its member, without names."""
    status, value, reason = status_of(claim), None, claim.get("set_aside")
    if status in (Status.ADOPTED, Status.EARLIER):
        status, value = _judged(claim, document, items)
        reason = None if status == Status.ADOPTED else _why(value)
    made = {name: claim[name] for name in ("field", "as_stated", "quote", "source")}
    said = {"set_aside": reason, "place": claim.get("place"), "status": status, "value": value}
    return made | {name: part or None for name, part in said.items()} | {"reading": None}


def _judged(claim, document, items):
    """Return the status of a claim that nobody refused, and the value that it supports or did."""
    value = claim.get("value") or _best(claim, document, items)
    if not _stands(value, items):
        if not (now := _stating(reads, claim, document, items)):
            return Status.EARLIER.value, value
        value = now
    return Status.ADOPTED.value, value


def _stands(value, items):
    """Whether a document with ``items`` states ``value``; where one has more than the other, it still does."""
    return all(item in items for item in value) or (bool(items) and all(item in value for item in items))


def _best(claim, document, items):
    """Return those of ``items`` that a claim states: that it reads whole, else tells of; all, where it names none."""
    if len(items) < 2:
        return items
    return _stating(reads, claim, document, items) or _stating(tells, claim, document, items) or items


def _stating(states, claim, document, items):
    """Return those of ``items`` of which ``states(text, item with its names)`` is true."""
    value = document.get(claim["field"])
    named = value if isinstance(value, list) else [value]
    return [item for item, whole in zip(items, named, strict=False) if states(claim["as_stated"], whole)]


def _why(value):
    try:
        words = "; ".join(lines([_named_first(item) for item in value]))
    except (ArithmeticError, LookupError, TypeError):  # a value of somebody's document that no member has
        words = _as_text(value)
    return EARLIER.format(value=words if len(words) <= LONGEST else words[:LONGEST] + "…")


def _named_first(item):
    """Return an item in the order in which it is said: first the records that it names."""
    if not isinstance(item, dict):
        return item
    return {name: item[name] for name in sorted(item, key=lambda name: not isinstance(item[name], dict))}


def columns(claim):
    """Return the columns of a claim's row that follow from one that is settled: its status, and what goes with it."""
    reason = (claim["set_aside"] or "") if claim["status"] in REFUSED else ""
    return {"status": claim["status"], "value": _as_text(claim["value"]), "set_aside": reason}


def _as_text(value):
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode() if value else ""


def decided(standing, said):
    """Return the claim ``standing`` (empty: a new one) with what somebody ``said`` of it, members of a claim.

    A new reason alone sets it aside; one taken out adopts it. What is adopted anew, or says something else than it
    did, supports what it states of the values that stand.
    """
    was = status_of(standing)
    status, reason = said.get("status") or was, said.get("set_aside", standing.get("set_aside")) or ""
    if status == Status.EARLIER:
        status = was  # nobody chooses that
    if status == was and reason != (standing.get("set_aside") or ""):
        status = (was if was in REFUSED else Status.SET_ASIDE.value) if reason else Status.ADOPTED.value
    made = standing | said | {"status": status, "set_aside": "" if status == Status.ADOPTED else reason}
    if status != was or any(made.get(name) != standing.get(name) for name in ("as_stated", "quote")):
        made["value"] = said.get("value")
    return {name: part or None for name, part in made.items()}


def chosen(claim):
    """Return what people said of a claim, without what ``settled`` makes of it."""
    is_refused = status_of(claim) in REFUSED
    return claim | dict.fromkeys(("reading",) if is_refused else ("reading", "status", "set_aside"))


def filled(document):
    """Return a recorded document with the values of all its claims (see ``shortened``)."""
    claims = document.get("claims") if isinstance(document, dict) else None
    if not claims or not isinstance(claims, list) or not all(map(_is_whole, claims)):
        return document  # or of somebody's file: its shape is checked later
    if not all(claim["status"] for claim in claims):  # recorded before claims said it, or not yet
        try:
            return settled({**document, "claims": [_of_before(claim) for claim in claims]})
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
            return document  # of somebody's file, too
    return {**document, "claims": [_filled(claim, document) for claim in claims]}


def _of_before(claim):
    """Return a claim of the time when only its reason said that its value stood no longer: as one that says so itself.

    The value is known in words only. None that a document states is it, so that the claim stays an earlier one.
    """
    _before, is_earlier, value = (claim["set_aside"] or "").partition(EARLIER.format(value=""))
    is_earlier = is_earlier and not claim["status"]
    return claim | {"status": Status.EARLIER.value, "value": [value], "set_aside": None} if is_earlier else claim


_WHOLE = frozenset(("field", "as_stated", "quote", "source", "status", "value"))


def _is_whole(claim):
    return isinstance(claim, dict) and claim.keys() >= _WHOLE


def _filled(claim, document):
    if claim["value"] or claim["status"] in REFUSED:
        return claim
    return claim | {"value": _best(claim, document, items_of(document, claim["field"])) or None}


def shortened(document):
    """Return ``document`` as it is recorded: a claim repeats no value that the document itself states."""
    if not document.get("claims"):
        return document
    return {**document, "claims": [_shortened(claim, document) for claim in document["claims"]]}


def _shortened(claim, document):
    is_list = isinstance(document.get(claim["field"]), list)
    if is_list or not claim.get("value") or claim["value"] != items_of(document, claim["field"]):
        return claim
    return claim | {"value": None}


def unsupported(model, old, new):
    """Return ``[(label, whether an earlier claim is kept)]`` of the members whose new value no claim supports."""
    claims = new.get("claims", ())
    adopted = {claim["field"] for claim in claims if is_adopted(claim)}
    kept = {claim["field"] for claim in claims} - adopted
    return [
        (label(name), name in kept)
        for name in model.claimable
        if new.get(name) and name not in adopted and items_of(old or {}, name) != items_of(new, name)
    ]


def is_contrary(claim):
    """Whether a claim is adopted for a value, and reads otherwise."""
    return is_adopted(claim) and claim["reading"] == OTHERWISE


def contradictions(document, before=None):
    """Return in words which adopted claims of ``document`` read otherwise, without what holds of ``before`` as well."""
    known, document = contradictions(before) if before else (), settled(document)
    said = [_otherwise(claim, document) for claim in document.get("claims") or () if is_contrary(claim)]
    return [words for words in dict.fromkeys(said) if words not in known]


def _otherwise(claim, document):
    value = "; ".join(lines(document.get(claim["field"])))
    value = value if len(value) <= LONGEST else value[:LONGEST] + "…"
    return f"{label(claim['field'])}: the source reads otherwise: “{claim['as_stated']}”, and the register: {value}."
