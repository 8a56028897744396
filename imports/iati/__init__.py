"""IATI activity files, version 1.01 to 2.03, read into items: one for each selected activity.

A file is read to its end first: what its activities say about each other is noted, and what each selected one states is
put aside. Then organisations and relations are found, and each is compared with its project and with its last edition,
which is read in the same way.
"""

import os
import pickle
import re
from collections import Counter
from contextlib import ExitStack, suppress
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryFile

from lxml import etree

from instruments.models import Country
from projects.iati.xml import LANG
from projects.models import Project, ThemeCode
from provenance.models import State
from provenance.store.build import blank
from provenance.store.log import chunks

from ..items import Item, NotReadable, Reading
from . import codes, members, sums, xml
from .activity import Activity
from .editions import Existing, merged, own_key, vanished
from .element import ACTIVITY
from .organisations import Organisations, claims_of
from .relations import Relations, part_of_before
from .texts import listed

__all__ = ["read"]
CHUNK = 200  # activities looked up in the register together
REPORTED = 500  # activities between two reports of progress
LONGEST_IDENTIFIER = 300
OTHER_PUBLISHER = "An earlier file by {publisher} reports this activity too. Where the two differ, a person decides."
OLDER = "This edition is of {now}, and the register has a newer one, of {then}."
NEWEST = "Upload the newest edition, or choose to take older ones."
OWN = "This is the register's own export of the project: it changes nothing."
UNKNOWN_OWN = "This is an export of this register, but the register has no such project. Restore it from a dump."
_PRIVATE = "contact-info"  # names and addresses of officials: never kept
ANY = "*"
_HAS = {  # what activities can be selected by, and the values that one has
    "countries": members.countries_of,
    "sectors": lambda activity: {
        *(each.get("code") for each in (*activity["sector"], *activity.inside("sector"))),
        *(code for _, code in members.tags_of(activity)),
    },
    "publishers": lambda activity: (activity.publisher,),
    "identifiers": lambda activity: (activity.identifier,),
}


def read(path, *, name, options, source, report=None):
    """Return the Reading of the IATI activity file at ``path``. NotReadable, if it cannot be read to its end.

    ``options``: ``countries``, ``sectors``, ``publishers``, ``identifiers``, each a list or a text with commas, and
    ``take_older``: whether editions older than the register's count. ``about``: how many activities there are
    and were asked for, what has vanished, and the identifiers of older editions.
    ``report``: see ``imports/items.py``.
    """
    with ExitStack() as stack:
        aside = stack.enter_context(TemporaryFile(dir=Path(path).parent))
        file = _ActivityFile(aside, source, options)
        file.look_through(path, report)
        stack.pop_all()  # it is closed when the items have been read
    file.about |= {"vanished": vanished(file.places.keys(), file.publishers, name), "older": []}
    return Reading(items=file.items(), about=file.about)


class _ActivityFile:
    """What the activities of a file say about each other, and in ``aside`` what the selected ones state, and their XML.

    ``places``: the places of each identifier; ``chosen``: (identifier, publisher) of selected ones, in their order;
    ``claims`` and ``counts`` of Parties: see Organisations.
    """

    def __init__(self, aside, source, options):
        self.aside, self.source = aside, source
        self.takes_older = bool(options.get("take_older"))
        self.relations = Relations(State.PUBLISHED if options.get("publish") else State.DRAFT)
        self.about, self.places, self.publishers, self.chosen, self.claims = {}, {}, set(), [], {}
        self.unread, self.counts = Counter(), Counter()
        self.countries, self.themes = dict(Country.objects.values_list("code", "name")), {}
        self.asked = _asked(options, self.countries)
        for *sector, slug, theme in ThemeCode.objects.values_list("vocabulary", "code", "theme", "theme__name"):
            self.themes.setdefault(tuple(sector), {})[slug] = theme

    def look_through(self, path, report):
        """Read the file to its end, and put what the selected activities state aside."""
        number, others = 0, []
        with open(path, "rb") as file:
            for element in xml.children(file):
                if element.tag != ACTIVITY:
                    if "}" not in element.tag or element.tag.endswith(ACTIVITY):  # else an extension
                        others.append(f"{element.tag[:60]} (line {element.line})")
                    continue
                number += 1
                self._note(Activity(element, self.source), number)
                if report and number % REPORTED == 0:
                    report("read", number, number * os.path.getsize(path) // file.tell())
        if not number:
            raise NotReadable("The file has no <iati-activity>: there is nothing to read. Give a file with activities.")
        words = _in_words(self.asked, len(self.chosen), number)
        if kept := listed(f"{tag} ({count:,})" for tag, count in sorted(self.unread.items())):
            words += f" Not read, and kept only in the originals: {kept}."
        if others:
            words += f" No activities, and not read: {listed(others)}."
        self.about |= {"asked": words, "activities": number, "chosen": len(self.chosen)}
        self.relations.asked = {identifier for identifier, _ in self.chosen}
        self.relations.refused = {each for each, places in self.places.items() if len(places) > 1}

    def _note(self, activity, number):
        """Note what other activities may need to know of an activity, and put it aside if it is selected."""
        self.publishers.add(activity.publisher)
        self.places.setdefault(activity.identifier, []).append(f"activity {number} in line {activity.line}")
        self.relations.add(activity)
        if all(not wanted.isdisjoint(_HAS[name](activity)) for name, wanted in self.asked.items()):
            self.chosen.append((activity.identifier, activity.publisher))
            self.unread.update(each.tag for each in activity.element if each.tag in codes.UNREAD)
            for named, party in activity.parties.items():
                if party not in self.claims:
                    self.claims[party] = claims_of(named, party, activity)
            self.counts.update(activity.parties.values())
            self._state(activity)
            pickle.dump((activity, _text(activity.element)), self.aside, pickle.HIGHEST_PROTOCOL)

    def _state(self, activity):
        members.add(activity, self.countries, self.themes)
        sums.read(activity)

    def items(self):
        """Yield the Items of the selected activities, each after the organisations that it adds."""
        organisations, existing, relations = Organisations(self.claims, self.counts), Existing(), self.relations
        with self.aside:
            self.aside.seek(0)
            for chunk in chunks(self.chosen, CHUNK):
                publishers = {identifier: publisher for identifier, publisher in chunk if identifier}
                existing.look_up(publishers, set().union(*map(relations.relatives, publishers)))
                for _ in chunk:
                    activity, text = pickle.load(self.aside)  # noqa: S301 (written here a moment ago, to a file without a name)
                    item = self._item(activity, text, organisations, existing)
                    parts = list(relations.parts_elsewhere(activity, item, existing)) if item.document else ()
                    yield from organisations.drafts_in(item.document)
                    yield item
                    yield from parts

    def _item(self, activity, text, organisations, existing):
        """Return the Item of an activity; ``text``: its XML."""
        identifier = activity.identifier
        item = Item(Project, "", activity.place, None, activity.faults, activity.notes, identifier)
        if message := self._identifier_fault(identifier):
            activity.fault(activity, "iati-identifier", message)
            return item
        item.key = existing.key_for(identifier)
        standing = existing.documents.get(item.key)
        if own_key(identifier) is None:
            item.original = text
            item.document = self._document(activity, item.key, standing, organisations, existing)
        elif standing is None:
            activity.fault(activity, "iati-identifier", UNKNOWN_OWN)
        else:  # the register knows all of it, and keeps the publisher's own words
            item.document, item.faults, item.notes = standing, [], [OWN]
        return item

    def _identifier_fault(self, identifier):
        places = self.places[identifier]
        if not identifier:
            return "The activity has no identifier. Add the publisher's."
        if len(identifier) > LONGEST_IDENTIFIER:
            return f"The identifier has {len(identifier)} characters. Use at most {LONGEST_IDENTIFIER}."
        if len(places) > 1:
            return f"The file has this identifier {len(places)} times: {listed(places)}. Give each activity once."
        return None

    def _document(self, activity, key, standing, organisations, existing):
        """Return the document of a project, None if it is refused; ``standing``: what it is now, None for a new one."""
        whole = self.relations.whole_of(activity.identifier, existing, key)
        sums.add(activity, organisations, is_open=whole.is_open)
        self.relations.set_whole(activity, whole)
        before = None
        if standing is None:
            pass
        elif before := existing.originals.get(activity.identifier):
            self._state(before)
            sums.add(before, organisations)
            before.members["part_of"] = part_of_before(before, standing, whole)
            self._check_age(activity, before, existing.updated.get(activity.identifier, ""))
        elif publisher := existing.others.get(activity.identifier):
            activity.note(OTHER_PUBLISHER.format(publisher=publisher))
        if activity.faults:
            return None
        if standing is None:
            return blank(Project, key) | activity.members | {"claims": activity.claims}
        return merged(standing, activity, before, existing)

    def _check_age(self, activity, before, then):
        """Refuse an edition older than one of the time ``then``, or note it if older ones are accepted.

        The one of that time itself is older if ``before``, the last, has none: it came in after it.
        """
        now = activity.updated
        if not now or not (_is_older(now, then) or (now == then and not before.updated)):
            return
        older = OLDER.format(now=now[:25], then=then[:25])
        self.about["older"].append(activity.identifier)
        if self.takes_older:
            activity.note(f"{older} You chose to take it.")
        else:
            activity.fault(activity, "iati-activity/last-updated-datetime", f"{older} {NEWEST}")


def _asked(options, countries):
    """Return ``{name: set}`` of the options, each a list or a text with commas.

    Countries are those of the register, ``countries``, unless others, or identifiers, are named; ``*``: any, or none.
    """
    selected = {name: wanted for name in _HAS if (wanted := _parts(options.get(name)))}
    if not selected.keys() & {"countries", "identifiers"}:
        selected = {"countries": set(countries)} | selected
    return {name: wanted for name, wanted in selected.items() if wanted != {ANY}}


def _parts(option):
    parts = re.split(r"[,;\s]+", option) if isinstance(option, str) else option or ()
    return {part.strip() for part in parts if part.strip()}


def _in_words(asked, chosen, number):
    """Return in words how many of ``number`` activities were selected, and by what."""
    if not asked:
        return "The only activity is read." if number == 1 else f"All {number:,} activities are read."
    words = "; ".join(f"{name} {listed(sorted(wanted))}" for name, wanted in asked.items())
    return f"{chosen:,} of {number:,} activities concern {words}; {number - chosen:,} left out."


def _text(activity):
    """Return the XML of an activity without private parts, and with the language of the file if it has none."""
    for private in activity.all(_PRIVATE):
        activity.remove(private)
    if (language := activity.getparent().get(LANG)) and LANG not in activity.attrib:
        activity.set(LANG, language)
    return etree.tostring(activity, encoding="unicode", with_tail=False)


def _is_older(now, then):
    """Whether the time ``now`` of an edition is before ``then``; a day is not older than an hour of it."""
    with suppress(ValueError):
        moments = [datetime.fromisoformat(text) for text in (now, then)]
        if all(each.tzinfo for each in moments):
            return moments[0] < moments[1]
    return now[:19] < then[: len(now[:19])]
