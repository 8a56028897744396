"""IATI activity files, version 1.01 to 2.03, read into items: one for each activity that was asked for.

A file is read once: what each activity states is put aside as plain values until the file is known to its end. Only
then is it compared with the organisations, projects and earlier editions of the register.
"""

import os
import pickle
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryFile

from lxml import etree

from instruments.models import Country
from projects.models import Project, ThemeCode
from provenance.models import State
from provenance.store.build import blank

from ..items import Item, PlacedFault, Reading
from . import editions, members, sums, xml
from .activity import Elements
from .filters import Filters
from .organisations import Organisations
from .register import Register, own_key, vanished
from .relations import Relations, part_of_before
from .texts import listed

__all__ = ["read"]
CHUNK = 200  # activities that are compared with the register at a time
CHUNK_TEXT = 500_000  # characters of theirs
REPORTED = 500  # activities between two reports of how far it is
LONGEST_IDENTIFIER = 300
OTHER_PUBLISHER = "An earlier file by {publisher} reports this activity too. Where the two differ, a person decides."
NEWEST = "Upload the newest edition, or choose to take older ones."
_PRIVATE = "contact-info"  # names and addresses of officials: never kept


def read(path, *, name, options, source, tell=None):
    """Return the Reading of the IATI activity file at ``path``. NotReadable, if it cannot be read to its end.

    ``options``: ``countries``, ``sectors``, ``publishers``, ``identifiers``, each a list or a text with commas, and
    ``take_older``: whether editions older than the register's count. ``about``: version, publishers, how many
    activities there are and were asked for, what has vanished, and the identifiers of older editions.
    ``tell``: see ``imports/items.py``.
    """
    file = _File(source, options or {})
    with ExitStack() as stack:
        file.aside = stack.enter_context(TemporaryFile(dir=Path(path).parent))
        file.put_aside(path, tell)
        stack.pop_all()  # it is closed when the items have been read
    file.about |= {"file": name, "vanished": vanished(file.places.keys(), file.publishers, name), "older": []}
    return Reading(items=file.items(), about=file.about)


class _File:
    """What a whole file holds, and the activities that were asked for. ``places``: where each identifier stands."""

    def __init__(self, source, options):
        self.source, self.filters = source, Filters.of(options)
        self.takes_older = bool(options.get("take_older"))
        self.relations = Relations(State.PUBLISHED if options.get("publish") else State.DRAFT, source)
        self.about, self.places, self.publishers, self.mentions = {}, {}, set(), {}
        self.countries, self.themes = dict(Country.objects.values_list("code", "name")), {}
        for *sector, slug, theme in ThemeCode.objects.values_list("vocabulary", "code", "theme", "theme__name"):
            self.themes.setdefault(tuple(sector), {})[slug] = theme

    def put_aside(self, path, tell):
        """Read a file to its end, and put aside what was asked for."""
        number = chosen = 0
        with open(path, "rb") as file:
            for number, (root, element, lines) in enumerate(xml.activities(file), 1):
                self.about = {"version": root.get("version").strip(), "generated": root.get("generated-datetime", "")}
                elements = Elements(element, lines)
                self._note(elements, number)
                if self.filters.takes(elements):
                    chosen += 1
                    self.relations.asked.add(elements.activity.identifier)
                    self._state(elements, self.mentions)
                    pickle.dump(elements.activity, self.aside, pickle.HIGHEST_PROTOCOL)
                if tell and number % REPORTED == 0:
                    tell("read", number, number * os.path.getsize(path) // file.tell())
        self.about |= {"asked": self.filters.words(chosen, number), "activities": number, "chosen": chosen}
        self.about["publishers"] = sorted(self.publishers)
        self.relations.refused = {each for each, places in self.places.items() if len(places) > 1}

    def _note(self, elements, number):
        """Note of any activity what the others may depend on."""
        activity = elements.activity
        self.publishers.add(activity.publisher)
        self.places.setdefault(activity.identifier, []).append(f"activity {number} in line {activity.line}")
        self.relations.add(elements)

    def _state(self, elements, mentions):
        """Make of an activity's elements what they state."""
        for private in elements[_PRIVATE]:
            elements.element.remove(private)
        elements.activity.original = etree.tostring(elements.element, encoding="unicode", with_tail=False)
        members.add(elements, self.countries, self.themes)
        sums.add(elements, mentions)

    def items(self):
        """Yield the Items of what was put aside, each after the organisations that it adds."""
        organisations, register, relations = Organisations(self.mentions, self.source), Register(), self.relations
        with self.aside:
            self.aside.seek(0)
            for chunk in self._chunks():
                publishers = {each.identifier: each.publisher for each in chunk if each.identifier}
                register.look_up(publishers, set().union(*map(relations.relatives, publishers)))
                for activity in chunk:
                    item = self._item(activity, organisations, register)
                    parts = list(relations.parts_elsewhere(activity, item, register)) if item.document else []
                    yield from organisations.taken(keep=item.document is not None)  # none of what is refused
                    yield item
                    yield from parts

    def _chunks(self):
        """Yield lists of activities, so many that reading is quick and memory small."""
        chunk, size = [], 0
        for _ in range(self.about["chosen"]):
            chunk.append(pickle.load(self.aside))  # noqa: S301 (written here a moment ago, to a file without a name)
            size += len(chunk[-1].original)
            if len(chunk) == CHUNK or size > CHUNK_TEXT:
                yield chunk
                chunk, size = [], 0
        if chunk:
            yield chunk

    def _item(self, activity, organisations, register):
        """Return the Item of an activity."""
        item = Item(Project, "", activity.place, None, identifier=activity.identifier)
        if fault := self._identifier_fault(activity):
            item.faults = [fault]
            return item
        item.key, item.original = register.key_for(activity.identifier), activity.original
        standing = register.documents.get(item.key)
        if own_key(activity.identifier) is not None:
            return _own(item, activity, standing)
        whole = self.relations.whole_of(activity.identifier, register, item.key)
        sums.settle(activity, organisations, is_open=whole.is_open)
        self.relations.set_whole(activity, whole)
        item.notes, item.faults = activity.notes, activity.faults
        if item.faults:
            return item
        if standing is None:
            claims = [each.claim(self.source) for each in activity.statements]
            item.document = blank(Project, item.key) | activity.members | {"claims": claims}
            return item
        last, before = register.originals.get(activity.identifier), None
        if last is not None:
            before = self._last_edition(last, organisations)
            if older := _older(activity, before):
                self.about["older"].append(activity.identifier)
                if not self.takes_older:
                    where = f"{activity.place}, line {activity.line}"
                    item.faults = [PlacedFault(where, "iati-activity/last-updated-datetime", f"{older} {NEWEST}")]
                    return item
                item.notes.append(f"{older} You chose to take it.")
            before.members["part_of"] = part_of_before(before, standing, whole)
        elif publisher := register.others.get(activity.identifier):
            item.notes.append(OTHER_PUBLISHER.format(publisher=publisher))
        item.document = editions.merged(standing, activity, before, self.source)
        return item

    def _identifier_fault(self, activity):
        places, where = self.places[activity.identifier], f"line {activity.line}"
        if not activity.identifier:
            what = "The activity has no identifier. Add the publisher's."
        elif len(activity.identifier) > LONGEST_IDENTIFIER:
            what = f"The identifier has {len(activity.identifier)} characters. Use at most {LONGEST_IDENTIFIER}."
        elif len(places) > 1:
            where = f"{activity.place}, {where}"
            what = f"The file has this identifier {len(places)} times: {listed(places)}. Give each activity once."
        else:
            return None
        return PlacedFault(where, "iati-identifier", what)

    def _last_edition(self, element, organisations):
        """Return the Activity of an earlier edition, read as this one is."""
        elements = Elements(element, {})
        Relations("", self.source).add(elements)
        self._state(elements, {})
        sums.settle(elements.activity, organisations, may_add=False)
        return elements.activity


def _own(item, activity, standing):
    """What this register has written itself says nothing that it does not know."""
    if standing is not None:
        item.document, item.original = standing, ""  # its publisher's own words stay those kept
        item.notes = ["This is the register's own export of the project: it changes nothing."]
    else:
        what = "This is an export of this register, but the register has no such project. Restore it from a dump."
        item.faults = [PlacedFault(f"{activity.place}, line {activity.line}", "iati-identifier", what)]
    return item


def _older(activity, last):
    """Return in words that an edition is older than the ``last``; "" if it is not, or one of them has no date."""
    now, then = activity.updated[:19], last.updated[:19]
    if not now or now >= then[: len(now)]:  # a day is not older than an hour of it
        return ""
    return f"This edition is of {now}, and the register has a newer one, of {then}."
