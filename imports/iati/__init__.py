"""IATI activity files, version 1.01 to 2.03, read into items: one for each activity that was asked for."""

import re

from lxml import etree

from instruments.models import Country
from projects.models import Project, ThemeCode
from provenance.models import State

from ..items import Item, PlacedFault, Reading
from . import editions, relations, xml
from .known import counted, key_for, known, own_key, vanished
from .members import ReferenceData, extract_of
from .organisations import Organisations
from .scan import Filters, scan
from .texts import LINE, clean, identifier_of, line_of, listed, publisher_of

__all__ = ["read"]
CHUNK = 100  # activities that are held at a time
CHUNK_TEXT = 4_000_000  # characters of theirs
LONGEST_IDENTIFIER = 300
OTHER_PUBLISHER = "An earlier file by {publisher} reports this activity too. Where the two differ, a person decides."
UPDATED = "iati-activity/last-updated-datetime"
NEWEST = "Upload the newest edition, or choose to take older ones."
_LINES = re.compile(rf' {LINE}="\d+"')
_PRIVATE = "contact-info"  # names and addresses of officials: never kept


def read(path, *, name, options, source):
    """Return the Reading of the IATI activity file at ``path``. NotReadable, if it cannot be read to its end.

    ``options``: ``countries``, ``sectors``, ``publishers``, ``identifiers``, each a list or a text with commas, and
    ``take_older``: whether editions older than the register's count. ``about``: version, publishers, how many
    activities there are and were asked for, what has vanished, and the identifiers of older editions.
    """
    contents = scan(path, Filters.of(options or {}))
    contents.state = State.PUBLISHED if (options or {}).get("publish") else State.DRAFT
    contents.takes_older = bool((options or {}).get("take_older"))
    contents.about |= {"file": name, "vanished": vanished(contents.identifiers, contents.publishers, name), "older": []}
    return Reading(items=_items(path, contents, source), about=contents.about)


def _items(path, contents, source):
    reference = _reference_data(source, contents.parties)
    contents.counted = counted(contents.parents.keys() | contents.children.keys())
    contents.parts = contents.parts_of(contents.stating | contents.counted)
    for chunk in _chunks(map(_Entry, xml.activities_again(path, contents.chosen))):
        publishers = {entry.identifier: publisher_of(entry.activity) for entry in chunk if entry.identifier}
        register = known(publishers, set().union(*map(contents.relatives, publishers)))
        for entry in chunk:
            item = _item(entry, reference, register, contents)
            others = list(relations.parts_elsewhere(entry, item, contents, register, source))
            yield from reference.organisations.taken(keep=item.document is not None)  # none of what is refused
            yield item
            yield from others


def _reference_data(source, parties):
    themes = {}
    for vocabulary, code, slug, name in ThemeCode.objects.values_list("vocabulary", "code", "theme", "theme__name"):
        themes.setdefault((vocabulary, code), {})[slug] = name
    return ReferenceData(
        source, dict(Country.objects.values_list("code", "name")), themes, Organisations(source, parties)
    )


class _Entry:
    """An activity that was asked for, kept while the file is read on: without private data, and as text."""

    def __init__(self, activity):
        for private in activity.findall(_PRIVATE):
            activity.remove(private)
        self.original = _LINES.sub("", etree.tostring(activity, encoding="unicode", with_tail=False))
        self.identifier, self.line = identifier_of(activity), line_of(activity)
        self.place = f"activity {self.identifier}" if self.identifier else f"line {self.line}"
        self.activity = activity


def _chunks(entries):
    """Yield lists of entries, so many that reading is quick and memory small."""
    chunk, size = [], 0
    for entry in entries:
        chunk.append(entry)
        size += len(entry.original)
        if len(chunk) == CHUNK or size > CHUNK_TEXT:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _item(entry, reference, register, contents):
    """Return the Item of an activity."""
    if fault := _identifier_fault(entry, contents):
        return Item(Project, "", entry.place, None, [fault], identifier=entry.identifier)
    key = key_for(entry.identifier, register, contents.keys)
    item = Item(Project, key, entry.place, None, identifier=entry.identifier, original=entry.original)
    if own_key(entry.identifier) is not None:
        return _own(item, entry, register)
    whole = relations.whole_of(entry.identifier, contents, register, register.states.get(key, contents.state))
    extract = extract_of(
        entry.activity, reference, entry.place, is_part=whole.is_open and entry.identifier in contents.parts
    )
    relations.add(whole, entry.identifier, entry.activity, extract, contents)
    item.notes = extract.notes
    if extract.faults:
        item.faults = extract.faults
    elif key in register.documents:
        last, before = register.originals.get(entry.identifier), None
        if older := last is not None and _older(entry, last):
            contents.about["older"].append(entry.identifier)
            if not contents.takes_older:
                item.faults = [PlacedFault(f"{entry.place}, line {entry.line}", UPDATED, f"{older} {NEWEST}")]
                return item
            item.notes.append(f"{older} You chose to take it.")
        if last is not None:
            before = _extract_of_last(last, entry, reference, register, register.documents[key], whole)
        elif publisher := register.others.get(entry.identifier):
            item.notes.append(OTHER_PUBLISHER.format(publisher=publisher))
        item.document, notes = editions.merged(register.documents[key], extract, before)
        item.notes += notes
    else:
        item.document = editions.new(key, extract)
    return item


def _identifier_fault(entry, contents):
    place = f"{entry.place}, line {entry.line}"
    if not entry.identifier:
        return PlacedFault(
            f"line {entry.line}", "iati-identifier", "The activity has no identifier. Add the publisher's."
        )
    if len(entry.identifier) > LONGEST_IDENTIFIER:
        what = f"The identifier has {len(entry.identifier)} characters. Use at most {LONGEST_IDENTIFIER}."
        return PlacedFault(f"line {entry.line}", "iati-identifier", what)
    if twins := contents.twins.get(entry.identifier):
        what = f"The file has this identifier {len(twins)} times: {listed(twins)}. Give each activity once."
        return PlacedFault(place, "iati-identifier", what)
    return None


def _own(item, entry, register):
    """What this register has written itself says nothing that it does not know."""
    if item.key in register.documents:
        item.document, item.original = register.documents[item.key], ""  # its publisher's own words stay those kept
        item.notes = ["This is the register's own export of the project: it changes nothing."]
    else:
        what = "This is an export of this register, but the register has no such project. Restore it from a dump."
        item.faults = [PlacedFault(f"{entry.place}, line {entry.line}", "iati-identifier", what)]
    return item


def _older(entry, last):
    """Return in words that an edition is older than the ``last``; "" if it is not, or one of them has no date."""
    now, then = (clean(each.get("last-updated-datetime"))[:19] for each in (entry.activity, last))
    if not now or now >= then[: len(now)]:  # a day is not older than an hour of it
        return ""
    return f"This edition is of {now}, and the register has a newer one, of {then}."


def _extract_of_last(last, entry, reference, register, standing, whole):
    """Return the Extract of the last edition, read as this one is."""
    extract = extract_of(last, reference, entry.place, add=False)
    extract.members["part_of"] = relations.part_of_before(last, register, standing, whole)
    return extract
