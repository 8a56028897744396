"""How claims support the values of a document. Documents in and out; the database is only asked for other names of the
records in a value, when a claim seems to differ from it.

A claim is adopted for a value: the items of its member that it states. When the document no longer has that value,
the claim becomes an earlier one. It is adopted again when the value returns, or when it states the new value itself.
"""

import hashlib
from copy import deepcopy

import orjson
from django.apps import apps
from django.db.models import TextChoices

from .declaration import as_list, further_name_members
from .diff import label, lines
from .errors import cut
from .names import other_names
from .quotes import NO_TEXT, NOT_FOUND
from .readings import CALLED, OTHERWISE, mentions, reading, states

_FOLLOWS = frozenset(("name", "title", "kind"))  # of a record: it changes independently
EARLIER = "States the earlier value: {value}"
LONGEST = 300  # characters of a value or quote in a sentence


class Status(TextChoices):
    ADOPTED = "adopted", "adopted"
    EARLIER = "earlier", "states an earlier value"
    SET_ASIDE = "set-aside", "set aside"
    UNDECIDED = "undecided", "not decided"


COLUMNS = ("status", "value", "set_aside", "reads_otherwise", "not_found")  # of a claim; they follow from its document
WORKED_OUT = ("reading", "evidence", "url")  # in every claim, whatever users decide
NO_EVIDENCE = {"verdict": NO_TEXT, "edition": None, "start": None, "end": None}
REFUSED = (Status.SET_ASIDE, Status.UNDECIDED)  # chosen by a user, with a reason


_ADOPTED, _EARLIER, _SET_ASIDE = Status.ADOPTED.value, Status.EARLIER.value, Status.SET_ASIDE.value


def status_of(claim):
    """Return the status of a claim. The first documents gave only a reason, for claims that were not adopted."""
    return claim.get("status") or (_SET_ASIDE if claim.get("set_aside") else _ADOPTED)


def is_adopted(claim):
    return status_of(claim) == _ADOPTED


def language_of(document, member, text=""):
    """Return the language in which a source states a member, or the item ``text`` of it; None if it is not known."""
    for claim in document.get("claims") or ():
        is_stated = claim["field"] == member and (not text or text.startswith(claim["as_stated"]))
        if is_stated and claim.get("language") and is_adopted(claim):
            return claim["language"]
    return None


def claim_identity(claim):
    """Return what identifies a claim: its member, source and words."""
    return claim["field"], claim["source"]["slug"], claim["as_stated"], claim["quote"]


def claim_id(page, claim):
    """Return what identifies a claim of the record with the path ``page``: ``c-`` and 12 hexadecimal digits."""
    words = "\n".join((page, claim["field"], claim["as_stated"], claim["quote"]))
    return f"c-{hashlib.sha256(words.encode()).hexdigest()[:12]}"


def claim_address(page, claim):
    """Return the address of a claim on the page of its source; ``page``: the path of its record."""
    source = apps.get_model("provenance", "Source").path_of(claim["source"]["slug"])
    return f"{source}{page[1:]}#{claim_id(page, claim)}"


def items_of(document, member):
    """Return the value of a member as a list of items, each ``bare``."""
    value = document.get(member)
    if value.__class__ is str:
        return [value] if value else []
    return bare(value) if isinstance(value, list) else [] if value in (None, "") else [bare(value)]


def bare(value):
    """Return a value with its members sorted, and without the names of records, which change independently."""
    if isinstance(value, list):
        return [bare(item) for item in value]
    if not isinstance(value, dict):
        return value
    follows = _FOLLOWS if "slug" in value or "code" in value else ()
    return {
        name: bare(part) if isinstance(part := value[name], dict | list) else part
        for name in sorted(value)
        if name not in follows
    }


def settle_claims(document):
    """Return ``document`` with the status, value and reading of every claim worked out from its values."""
    if not document.get("claims"):
        return document
    items = {member: items_of(document, member) for member in {claim["field"] for claim in document["claims"]}}
    settled = [_settled(claim, document, items[claim["field"]]) for claim in document["claims"]]
    document = document | {"claims": settled}
    for claim in settled:
        claim["reading"] = reading(claim, document)
    if differing := [claim for claim in settled if contradicts(claim)]:
        values_with_names = _with_names({claim["field"]: document.get(claim["field"]) for claim in differing})
        for claim in differing if values_with_names else ():
            claim["reading"] = reading(claim, document | values_with_names)
    return document


def _with_names(values):
    """Return ``values`` with every name of each record in them, in all languages; None if there are no others."""
    values = deepcopy(values)
    records = [reference for reference in _objects_in(values) if reference.get("slug") or reference.get("code")]
    keys = {reference.get("slug") for reference in records} - {None}
    kinds = [model for model in apps.get_models() if hasattr(model, "claimable") and further_name_members(model)]
    names = dict(pair for model in kinds if keys for pair in model.objects.filter(pk__in=keys).called())
    for reference in records:
        further = names.get(reference.get("slug"), [])
        known = filter(None, [reference.get("code"), reference.get("name"), *further])
        reference[CALLED] = [*further, *(other for name in known for other in other_names(name))]
    return values if any(reference[CALLED] for reference in records) else None


def _objects_in(value):
    """Return all objects in a JSON value, itself included."""
    own, parts = ([value], value.values()) if isinstance(value, dict) else ([], value)
    return own + [inner for part in parts if isinstance(part, dict | list) for inner in _objects_in(part)]


def _settled(claim, document, items):
    """Return a claim with its members in document order. ``items``: of its member, without names."""
    status, value, reason = status_of(claim), None, claim.get("set_aside")
    if status in (_ADOPTED, _EARLIER):
        status, value, reason = _ADOPTED, claim.get("value") or _best(claim, document, items), None
        is_in = all(item in items for item in value)
        if not is_in and not (items and all(item in value for item in items)):  # neither contains the other
            if current := _stating(states, claim, document, items):
                value = current
            else:
                status, reason = _EARLIER, _why(value)
    return {
        "field": claim["field"], "as_stated": claim["as_stated"], "quote": claim["quote"], "source": claim["source"],
        "set_aside": reason or None, "place": claim.get("place") or None, "status": status or None,
        "value": value or None, "reading": None, "language": claim.get("language") or None,
        "evidence": claim.get("evidence"), "url": claim.get("url"),
    }  # fmt: skip


def _best(claim, document, items):
    """Return the ``items`` that a claim states: those it states whole, else those it mentions, else all."""
    if len(items) < 2:
        return items
    return _stating(states, claim, document, items) or _stating(mentions, claim, document, items) or items


def _stating(is_stated, claim, document, items):
    """Return the ``items`` for which ``is_stated(text, item with its names)`` is true."""
    values = as_list(document.get(claim["field"]))
    return [item for item, value in zip(items, values, strict=False) if is_stated(claim["as_stated"], value)]


def _why(value):
    """Return the sentence about a claim that supported ``value``, with the records that it names first."""
    try:
        named_first = [
            {name: item[name] for name in sorted(item, key=lambda name: not isinstance(item[name], dict))}
            if isinstance(item, dict)
            else item
            for item in value
        ]
        words = "; ".join(lines(named_first))
    except (ArithmeticError, LookupError, TypeError):  # an uploaded document may hold any value
        words = _as_text(value)
    return EARLIER.format(value=cut(words, LONGEST))


def columns(claim):
    """Return the values of COLUMNS by name, for the row of a settled claim."""
    reason = (claim["set_aside"] or "") if claim["status"] in REFUSED else ""
    values = claim["status"], _as_text(claim["value"]), reason, contradicts(claim), is_not_found(claim)
    return dict(zip(COLUMNS, values, strict=True))


def _as_text(value):
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode() if value else ""


def apply_choice(claim, changes):
    """Return ``claim`` (empty for a new one) with the members ``changes`` that a user chose.

    A new reason sets it aside; removing the reason adopts it. A claim that is adopted again, or has new words, supports
    what it states of the current values.
    """
    old_status = status_of(claim)
    status, reason = changes.get("status") or old_status, changes.get("set_aside", claim.get("set_aside")) or ""
    if status == Status.EARLIER:
        status = old_status  # users do not choose this one
    if status == old_status and reason != (claim.get("set_aside") or ""):
        status = (old_status if old_status in REFUSED else Status.SET_ASIDE.value) if reason else Status.ADOPTED.value
    result = claim | changes | {"status": status, "set_aside": "" if status == Status.ADOPTED else reason}
    if status != old_status or any(result.get(name) != claim.get(name) for name in ("as_stated", "quote")):
        result["value"] = changes.get("value")
    return {name: part or None for name, part in result.items()}


def user_choice(claim):
    """Return the parts of a claim that users decide, without those that are worked out."""
    is_refused = status_of(claim) in REFUSED
    return claim | dict.fromkeys(WORKED_OUT if is_refused else (*WORKED_OUT, "status", "set_aside"))


def expand_claims(document):
    """Return a recorded document with the values of all its claims (the reverse of ``compact_claims``).

    Claims from before evidence existed get the verdict that no text is kept.
    """
    if not document.get("claims"):
        return document
    if not all(claim["status"] for claim in document["claims"]):  # from before claims had a status, or not settled yet
        document = settle_claims({**document, "claims": list(map(_of_first_documents, document["claims"]))})
    page, claims, items = document.get("url"), [], {}
    for claim in document["claims"]:
        if not claim["value"] and claim["status"] not in REFUSED:
            if (member := claim["field"]) not in items:
                items[member] = items_of(document, member)
            claim = claim | {"value": _best(claim, document, items[member]) or None}
        if page and not claim["url"]:
            claim = claim | {"evidence": NO_EVIDENCE, "url": claim_address(page, claim)}
        claims.append(claim)
    return {**document, "claims": claims}


def _of_first_documents(claim):
    """Return a claim of the first documents, in which only the reason marked an earlier claim, with its status.

    An earlier claim stays one, because its value is only known in words, which no document states.
    """
    _before, is_earlier, value = (claim["set_aside"] or "").partition(EARLIER.format(value=""))
    if claim["status"] or not is_earlier:
        return claim
    return claim | {"status": _EARLIER, "value": [value], "set_aside": None}


def compact_claims(document):
    """Return ``document`` as recorded: a claim does not repeat a value that the document states."""
    if not document.get("claims"):
        return document
    shortened = []
    for claim in document["claims"]:
        is_list = isinstance(document.get(claim["field"]), list)
        is_same = not is_list and claim.get("value") and claim["value"] == items_of(document, claim["field"])
        shortened.append(claim | {"value": None} if is_same else claim)
    return {**document, "claims": shortened}


def unsupported(model, old, new):
    """Return ``[(label, whether an earlier claim is kept)]`` of the members with a new value that no claim supports."""
    claims = new.get("claims", ())
    adopted = {claim["field"] for claim in claims if is_adopted(claim)}
    with_earlier = {claim["field"] for claim in claims} - adopted
    return [
        (label(name), name in with_earlier)
        for name in model.claimable
        if new.get(name) and name not in adopted and items_of(old or {}, name) != items_of(new, name)
    ]


def contradicts(claim):
    """Whether a claim is adopted although it differs from the value."""
    return is_adopted(claim) and claim.get("reading") == OTHERWISE


def is_not_found(claim):
    """Whether a claim is adopted although its quote does not stand in the text of its source."""
    return is_adopted(claim) and (claim.get("evidence") or NO_EVIDENCE)["verdict"] == NOT_FOUND


def contradictions(document, before=None):
    """Return a sentence for each adopted claim of ``document`` that differs from its value, or whose quote is not in
    the text of its source, unless in ``before``."""
    known, document = contradictions(before) if before else (), settle_claims(document)
    claims = document.get("claims") or ()
    sentences = [_otherwise(claim, document) for claim in claims if contradicts(claim)]
    sentences += [not_found_in_words(claim) for claim in claims if is_not_found(claim)]
    return [sentence for sentence in dict.fromkeys(sentences) if sentence not in known]


def _otherwise(claim, document):
    value = "; ".join(lines(document.get(claim["field"])))
    alone = claim | {"quote": claim["as_stated"]}
    stated = claim["as_stated"] if reading(alone, document) == OTHERWISE else claim["quote"]  # other words of it differ
    return f"{label(claim['field'])}: the source says “{cut(stated, LONGEST)}”, the register {cut(value, LONGEST)}."


def not_found_in_words(claim):
    """Return the sentence about a claim that is not found."""
    source, quote = claim["source"]["title"], cut(claim["quote"], LONGEST)
    return f"{label(claim['field'])}: the text of “{source}” has no sentence “{quote}”."
