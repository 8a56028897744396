"""What an activity is part of: one project of the register or of the same file; else a note for a person."""

from dataclasses import dataclass

from projects.iati import code_mappings
from projects.models import Project
from projects.models.querysets import LEVELS
from provenance.models import State

from ..items import Item
from .known import key_for, own_key
from .texts import claim_of, clean, listed
from .versions import code

SEVERAL = "The file makes it part of several projects: {named}. Choose one."
CIRCLE = "The file makes it part of its own part, {parent}: not stated."
DEEP = "It is more than {levels} levels down, under {parent}: not stated."
UNKNOWN = "It is part of {parent}, which is neither in the register nor in this import: not stated."
LEVEL = "The publisher puts it at level {level}, but does not say what it is part of: sums may count twice."
NOT_PUBLIC = (
    "It is part of {parent}, which is not published: not stated. Publish that first, then upload the file again."
)


@dataclass
class Whole:
    """``member``: what ``part_of`` will be, None: nothing; ``note``: why it is not stated, though the file names one.

    ``is_open``: a person has to decide, so that sums of both would count twice meanwhile.
    """

    identifier: str = ""
    member: dict | None = None
    note: str = ""
    is_open: bool = False


def whole_of(identifier, contents, register, state):
    """Return the Whole of an activity; ``state``: that of its project, once it is written."""
    named = sorted(contents.parents.get(identifier, ()))
    if not named:
        return Whole()
    if len(named) > 1:
        return Whole(note=SEVERAL.format(named=listed(named)), is_open=True)
    if words := _unending(identifier, contents):
        return Whole(note=words.format(parent=named[0], levels=LEVELS), is_open=True)
    return _whole(named[0], contents, register, state)


def _unending(identifier, contents):
    """Return the note on a circle, or on too many levels; "" if a row of parents is neither."""
    way = [identifier]
    while len(parents := contents.parents.get(way[-1], ())) == 1 and len(way) <= LEVELS:
        [parent] = parents
        if parent in way:  # one that is broken elsewhere ends this row, too
            return CIRCLE if parent == identifier else ""
        way.append(parent)
    return DEEP if len(way) > LEVELS else ""


def _whole(parent, contents, register, state):
    key = register.keys.get(parent) or own_key(parent)
    if key not in register.documents and parent in contents.asked and parent not in contents.twins:
        key = key_for(parent, register, contents.keys)
    elif key not in register.documents:
        return Whole(note=UNKNOWN.format(parent=parent))
    if state == State.PUBLISHED != register.states.get(key, contents.state):
        return Whole(note=NOT_PUBLIC.format(parent=parent))
    return Whole(parent, {"slug": key, "title": register.documents.get(key, {}).get("title", "")})


def add(whole, identifier, activity, extract, contents):
    """Add ``part_of``, with the element that says so: the activity's own, or that of what it is part of."""
    level = clean(activity.get("hierarchy"))
    if level not in ("", "1") and not contents.parents.get(identifier):
        extract.note(LEVEL.format(level=level))
    if whole.note:
        extract.note(whole.note)
        return
    extract.members["part_of"] = whole.member
    own = _parents_in(activity).get(whole.identifier)
    if whole.member and own is not None:
        extract.claim("part_of", clean(own.get("ref")), own)
    elif whole.member:
        extract.claims.append(_claim(whole.identifier, identifier, contents, extract.reference.source))


def part_of_before(activity, register, standing, whole):
    """Return the ``part_of`` of the last edition, ``activity``; None if the register never took it."""
    refs = set(_parents_in(activity))
    taken = {each["as_stated"] for each in standing["claims"] if each["field"] == "part_of"}
    if len(refs) != 1 or not refs <= taken:
        return None
    [ref] = refs
    key = register.keys.get(ref) or own_key(ref)
    known = [member for member in (standing["part_of"], whole.member) if member and member["slug"] == key]
    return known[0] if known else key and {"slug": key, "title": ""}


def parts_elsewhere(entry, item, contents, register, source):
    """Yield the Items of projects of the register that the activity names as its parts, and that this file has not."""
    for identifier in sorted(contents.children.get(entry.identifier, set()) - contents.asked):
        key = register.keys.get(identifier)
        if (
            key not in register.documents
            or (entry.identifier, identifier) not in contents.named_parts
            or item.document is None
        ):
            continue
        standing, whole = register.documents[key], whole_of(identifier, contents, register, register.states.get(key))
        stated = _claim(entry.identifier, identifier, contents, source)
        before = [each["as_stated"] for each in standing["claims"] if each["field"] == "part_of"]
        if whole.note or standing["part_of"] or stated["as_stated"] in before:
            item.notes += [f"{key}: {whole.note}"] if whole.note else []
            continue
        document = {**standing, "part_of": whole.member, "claims": [*standing["claims"], stated]}
        yield Item(Project, key, f"{entry.place}, part {identifier}"[:300], document, identifier=identifier)


def _parents_in(activity):
    """Return ``{identifier: element}`` of what an activity says that it is part of."""
    elements = (each for each in activity.findall("related-activity") if code(each) == code_mappings.PARENT)
    return {clean(each.get("ref")): each for each in elements}


def _claim(parent, identifier, contents, source):
    """Return the claim that the activity ``parent`` makes of its part."""
    ref, quoted, line = contents.named_parts[parent, identifier]
    return claim_of("part_of", ref, quoted, source, f"activity {parent[:200]}, related-activity, line {line}")
