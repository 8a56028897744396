"""Rows grouped by the record that they are about, and read, a chunk at a time."""

import re
from collections import defaultdict
from dataclasses import replace
from functools import cache, partial

from django.utils.text import slugify

from instruments.models import Country, Instrument, Partnership
from projects.exports.columns import TABLES
from projects.models import Organisation, Project
from provenance.documents.declaration import short_member
from provenance.documents.folding import fold
from provenance.models.fields import slug_of
from provenance.store.build import blank, upgrade
from provenance.store.log import chunks, newest
from provenance.workflow.merges import redirected_keys

from ..answers import LEAVE_OUT, NEW, WAY, used
from ..items import Item
from . import cells, claims, parts
from .cells import EMPTY, count_filled, is_none, label
from .documents import LONGEST_KEY, ImportedRecord, Row
from .names import SHOWN_MEMBERS
from .parts import TABLES_OF_PARTS
from .questions import answered, collect, key_of

MODELS = (Country, Organisation, Instrument, Partnership, Project)  # as they are made: those that others name first
# What a row must have, so that it is clear which record or part it is about. Of several in one, any will do; a missing
# key is made of the other.
NEEDED = {
    "projects": ("slug|title|identifier",),
    "projects-contributions": ("project_slug", "funder_slug", "instrument_code"),
    "projects-organisations": ("project_slug", "organisation_slug", "role", "component"),
    "projects-claims": ("project_slug", "field", "as_stated", "quote", "source_slug"),
    "countries": ("code",),
    "instruments": ("code",),
    "partnerships": ("slug|name",),
    "organisations": ("slug|name",),
}
IMPORTED = {name: TABLES[name] for name in NEEDED}  # sources are entered in the admin
_NAMING = NEEDED["projects"][0].split("|")
_SAME = ("each title is one project, as its rows add to it", "the first row of a title counts, as the others repeat it")
_UNTITLED = ("each belongs to the row above, as its further line", "leave them out: they are notes, or parts of totals")
_WAYS = ("each is a project", "leave them out: they are headings or notes")  # to read rows that hold only a title


def items(listings, names, about):
    """Yield an Item for each record of the tables, and for each new organisation chosen in an answer.

    At the end, "questions" and, in words, the "kept" answers that were used are added to ``about``.
    """
    asked, rows = {}, defaultdict(list)
    for listing in listings:
        rows[listing.table.name] += _rows(listing, names.answers)
    for model in MODELS:
        records = _records(model, rows[model.collection], names)
        names.load(model, {record.key for record in records})
        key, *others = SHOWN_MEMBERS[model]
        for record in records:  # those in the file can be named, too
            if record.row and record.key:
                names.add(model, {key: record.key} | {each: record.row.text(each) for each in others})
                names.by_name(model)[fold(record.name)].add(record.key)
        if model is Project:
            _add_parts(records, rows, names)
        for chunk in chunks(records):
            _read(model, chunk, names)
            for record in chunk:
                collect(asked, record.faults)
                yield record.item()
    about["questions"] += asked.values()
    about["kept"] += used(names.answers, names.meant)
    for slug, name in (one.values() for one in names.new.values()):
        document = blank(Organisation, slug) | {"name": name}
        statement = {"as_stated": name, "quote": name, "place": "a cell that names it"}
        claims.add(document["claims"], "name", [statement], names.source)
        yield Item(Organisation, slug, f"“{name}”", document, identifier=slug)


def _rows(listing, answers):
    """Return the Rows of a table; further rows of a project, and of a row, are the ``lines`` of its first."""
    rows, above, further = {}, None, answers.meaning("", key_of(_UNTITLED))
    for row in (Row(*each) for each in listing.rows(answers)):
        row.part_period(answers)
        if country := listing.countries.get(row.number):
            row.cells["country_codes"] = country[0]
        is_untitled = listing.table.name == "projects" and not any(map(row.text, _NAMING))
        row.untitled = _UNTITLED if above else _UNTITLED[1:]
        if is_untitled and _UNTITLED[1] in (further, above or answers.meaning("", key_of(row.untitled))):
            continue
        of_project = above if is_untitled and further in _UNTITLED else None
        if first := rows.get(listing.lines.get(row.number, row.number)) or of_project:
            first.lines.append(row)
        else:
            rows[row.number] = row
            above = above if is_untitled else row
    return rows.values()


def _read(model, records, names):
    parts.load(names, records)
    keys = [record.key for record in records if record.key]
    revisions = newest(model, keys).items()
    standing = {key: upgrade(model, revision.document) for key, revision in revisions if revision.action != "deleted"}
    merged = redirected_keys(model, [key for key in keys if key not in standing])
    for record in records:
        record.read(standing.get(record.key), merged.get(record.key))


def _records(model, rows, names):
    records, naming = [], NEEDED[model.collection][0].split("|")[1:]
    [key_heading] = TABLES[model.collection].primary_key
    texts = {row.text(heading) for row in rows for heading in naming} - {""}
    of_identifiers = {text: slugify(re.sub(r"[\W_]+", "-", text))[:LONGEST_KEY].strip("-") for text in texts}
    keys_of = {text: (slug_of(text), key) for text, key in of_identifiers.items()}
    names.load(model, {key for keys in keys_of.values() for key in keys})
    alone, way = _alone(rows) if model is Project else (), names.answers.meaning("", WAY)
    namesakes = defaultdict(list)  # {title, folded: rows}
    for row in rows if model is Project else ():
        namesakes[fold(row.text("title"))].append(row)
    countries_of = cache(lambda title: _countries_of(namesakes[title], names))
    for row in rows:
        record = ImportedRecord(model, names, row.text(key_heading), row)
        texts = [row.text(heading) for heading in naming]
        known_as = next(filter(None, texts), "")
        answer = names.answers.meaning(record.naming, known_as) if known_as and not record.key else None
        is_alone = known_as and row.place in alone
        if LEAVE_OUT in (answered(names.answers, "", row.place), answer) or (is_alone and way == _WAYS[1]):
            continue
        if not record.key:
            identifier = texts[-1] if model is Project else ""
            _find_key(record, known_as, identifier, answer, countries_of(fold(known_as)), keys_of)
            is_new = not record.faults and record.key not in names.known[model]
            if is_alone and is_new and answer != NEW and way != _WAYS[0]:
                message = "Its row holds nothing else: is it a project?"
                record.faults.append(row.fault(record.naming, message, heading="", text=known_as, ways=_WAYS))
        if (not record.key and not record.faults) or len(record.key) > LONGEST_KEY:
            right = f"Give its key, of at most {LONGEST_KEY} characters: none can be made of its name."
            said = {"heading": "", "text": "; ".join(filter(None, row.cells.values())), "ways": row.untitled}
            empty = row.fault(record.naming, EMPTY, **(said if model is Project else {}))
            record.faults.append(row.fault(key_heading, right) if known_as or record.key else empty)
        records.append(record)
    records = _refuse_twice(records, key_heading, [record.key for record in records])
    if model is Project:
        _note_acronyms(records, names)
    for column in [one.name for one in model._meta.fields if one.unique and not one.primary_key]:
        records = _refuse_twice(records, column, [record.row.text(column) for record in records])
    return records


def _find_key(record, name, identifier, answer, countries, keys_of):
    """Give a record the key that its identifier or name means, else a new one. If it is only alike, that is asked.

    ``answer``: about the name: "=" and a key, NEW, or another name of the record. ``keys_of``: {text: the keys made of
    it as a name and as a publisher's identifier}. ``countries``: codes of those in which a project of that name is.
    """
    model, names = record.model, record.names
    if answer and answer.startswith("="):
        record.is_named(answer[1:])
        return
    if identifier:
        _, record.key = keys_of[identifier]
        if record.key in names.known[model]:
            return
    wanted = name if answer in (None, NEW) else answer
    there = sorted(names.called(model, wanted)) if wanted else []
    theirs = {key: names.countries[key] for key in there} if countries else {}
    elsewhere = {key: others for key, others in theirs.items() if others and countries.isdisjoint(others)}
    if len(keys := [key for key in there if key not in elsewhere]) == 1:
        record.is_named(*keys)
        return
    record.key = record.key or (keys_of[name][0] if name else "")
    if answer == NEW or (name and not record.key):
        record.key = names.free_key(model, record.key or name)
    elif record.key:
        near = there or names.alike(model, wanted, record.row.text(short_member(model)), record.key)
        if near or wanted != name:
            shown = {key: ", ".join([names.shown(model, key), *elsewhere.get(key, {}).values()]) for key in near}
            record.faults.append(_is_it(record, name, wanted, shown))


def _countries_of(rows, names):
    """Return the codes of the countries that ``rows`` state; none if one of them states none that is known."""
    codes = set()
    for row in rows:
        texts = [line.text("country_codes") for line in (row, *row.lines) if line.number not in row.listing.countries]
        try:
            stated = [each for text in texts for each in cells.several(Country, "country_codes", text, names) if text]
        except ExceptionGroup:  # asked
            return set()
        if not stated:
            return set()
        codes |= {country["code"] for country in stated}
    return codes


def _is_it(record, name, wanted, near):
    """Return the fault that asks which record is meant; ``near``: {key: name} of similar ones."""
    message = f"The register has {' and '.join(f'“{shown}”' for shown in near.values())}: is it this?"
    if not near:
        kind = record.model._meta.verbose_name
        message = f"The register has no {kind} “{wanted[:100]}”. Give its name or key, or choose that it is new."
    choices = [*((f"={key}", f"it is “{shown}” ({key})") for key, shown in near.items()), (NEW, "it is new")]
    return record.row.fault(record.naming, message, text=name, choices=choices)


def _alone(rows):
    """Return the places of rows of a list that hold only a title, if most hold more: headings of groups, or notes."""
    listed = [row for row in rows if len(row.cells) > 2 and not row.listing.is_whole]
    alone = {row.place for row in listed if count_filled(row.cells.values()) == 1}
    return alone if 2 * len(alone) <= len(listed) else set()


def _refuse_twice(records, heading, values):
    """Refuse records that share one of ``values``, which has one for each; if they say the same, all but the first.

    ``heading``: of the column that gives the values, if the file has it. If they are keys of projects, and its names
    give them, a person says whether they are one. Returns the records without those that are further rows of others.
    """
    joined, groups = [], _sharing(records, values)
    revisions = newest(records[0].model, [*groups]).items() if groups else ()
    standing = {key: revision for key, revision in revisions if revision.action != "deleted"}
    for value, same in groups.items():
        first, *others = rows = [record.row for record in same]
        unread = [row.listing.unread(row.whole) for row in rows]
        unlike = [at for at in unread[0] if len({each.get(at, unread[0][at]) for each in unread}) > 1]
        if not unlike and _say_the_same(same, standing.get(value)):
            for row, record in zip(others, same[1:], strict=True):
                record.faults.append(row.fault("", f"It is the same as {first.place}. Leave it out."))
            continue
        is_named = heading == "slug" and same[0].model is Project and not any(row.text(heading) for row in rows)
        is_named &= len({fold(record.name) for record in same}) == 1 or not any(row.text("identifier") for row in rows)
        way = same[0].names.answers.meaning("", key_of(_SAME)) if is_named else None
        if way in _SAME and not any(record.faults for record in same):
            first.lines += [line for row in others if way == _SAME[0] for line in (row, *row.lines)]
            joined += same[1:]
            continue
        theirs = {at: shown for row in rows for at, shown in reversed(row.listing.theirs.items())}
        unlike = [shown for at, shown in theirs.items() if len({row.text(at) for row in rows}) > 1] + unlike
        where = f"is in {_places(same)}. They differ in {', '.join(f'“{at}”' for at in dict.fromkeys(unlike))}"
        for row, record in zip(rows, same, strict=True):
            by = next((at for at in (heading, "identifier") if row.text(at)), record.naming)
            shown = row.text(by) or record.name or value
            message = (
                f"“{shown[:LONGEST_KEY]}” {where}. Leave out all but one, or give each its own {label(by).lower()}."
            )
            asked = {"heading": "", "text": shown, "ways": _SAME} if is_named and way not in _SAME else {}
            record.faults.append(row.fault(by, message, **asked))
    return [record for record in records if record not in joined]


def _note_acronyms(records, names):
    """Note where several projects have one acronym, if the register lacks one of them."""
    names.load(Project, {record.key for record in records})
    acronyms = [record.row.text("acronym") for record in records]
    for same in _sharing(records, ["" if is_none(each) else fold(each) for each in acronyms]).values():
        keys = {record.key for record in same}
        for record in same if len(keys) > 1 and keys - names.known[Project].keys() else ():
            record.notes.append(f"“{record.row.text('acronym')}” is the acronym in {_places(same)}. Is that right?")


def _sharing(records, values):
    """Return {value: records with it} of the ``values``, one for each of ``records``, that several have."""
    groups = defaultdict(list)
    for record, value in zip(records, values, strict=True):
        groups[value].append(record)
    return {value: same for value, same in groups.items() if value and len(same) > 1}


def _places(records):
    """Return how many rows they are, and the places of the first, in words."""
    return f"{len(records)} rows: {'; '.join([record.row.place for record in records[:5]])}"


def _say_the_same(records, standing):
    """Whether records of several rows have the same cells, or make the same document, with their name in any case.

    ``standing``: the newest Revision of the record that they change, if any.
    """
    if all(record.row.cells == records[0].row.cells for record in records):
        return True
    rows = [replace(record.row, cells=dict(record.row.cells)) for record in records]  # as reading joins their lines
    read = [ImportedRecord(one.model, one.names, one.key, row) for one, row in zip(records, rows, strict=True)]
    for each in read:
        each.read(standing and upgrade(each.model, standing.document), None)
        each.document[each.naming] = fold(each.name)
    return not any(each.faults or each.document != read[0].document for each in read)


def _add_parts(records, rows, names):
    """Add the rows of parts to the records of their projects, and make records for projects without a row."""
    of = {}
    for record in records:
        of.setdefault(record.key, record)
    names.load(Project, {row.text("project_slug") for name in TABLES_OF_PARTS for row in rows[name]})
    for name in TABLES_OF_PARTS:
        for row in rows[name]:
            key = row.text("project_slug")
            if key not in of or not key:
                record = ImportedRecord(Project, names, key)
                named = record.attempt(row, partial(cells.one, Project, "project_slug", key, names, is_needed=True))
                key = record.key = named["slug"] if named else key
                if key not in of or not key:
                    of[key] = record
                    records.append(record)
            of[key].parts.setdefault(name, []).append(row)
