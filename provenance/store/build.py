"""Documents, the JSON that pages, API and files serve: built from rows, and read back into rows. Each kind of record
declares its members.

In Python a document has every member, null or [] where nothing is stated. As recorded, it lacks members that were
``added`` later and are not stated: ``as_text`` and ``upgrade`` convert.
"""

from collections import defaultdict
from functools import cache

import orjson
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Prefetch

from ..documents import claims
from ..documents import declaration as m
from ..documents.declaration import key_of, of_kind, shown_members
from ..models import Claim, Record, Source


def as_text(model, document):
    """Return ``document`` as the JSON text to record and serve."""
    return orjson.dumps(as_recorded(model, document)).decode()


def as_recorded(model, document):
    """Return ``document`` without unstated later members, and without values that claims repeat."""
    added, computed = _added(model), _computed(model)
    recorded = {
        name: value
        for name, value in claims.compact_claims(document).items()
        if name not in added or (value and name not in computed)
    }
    for name, part in _grown(model):
        if name in recorded:
            recorded[name] = [as_recorded(part, item) for item in recorded[name]]
    return recorded


def upgrade(model, document):
    """Return a recorded document, or its JSON (str or bytes), with every member in order.

    One from elsewhere must pass ``check_shape`` first.
    """
    if isinstance(document, str | bytes):
        document = orjson.loads(document)
    upgraded = _with_added(model, document)
    for name, part in _grown(model):
        upgraded[name] = [_with_added(part, item) for item in upgraded[name] or ()]
    return claims.expand_claims(upgraded)


def in_one_line(model, document):
    """Return a document whose titles, names and other short texts have no line ends."""
    broken = {name: text for name in _short(model) if "\n" in (text := document.get(name) or "")}
    document = document | {name: " ".join(text.split()) for name, text in broken.items()}
    for member, part, _around in parts_of(model):
        document[member.name] = [in_one_line(part, item) for item in document[member.name]]
    return document


@cache
def _short(model):
    """Return the names of the members that are texts of one line."""
    return [
        member.name
        for member in of_kind(model, m.Text)
        if isinstance(model._meta.get_field(member.name), models.CharField)
    ]


def blank(model, key):
    """Return the document of a record with nothing stated but its key."""
    return _with_added(model, {model._meta.pk.name: key, "url": model.path_of(key)})


def _with_added(model, document):
    nothing = unstated(model)
    if [] in nothing.values():  # callers fill lists
        nothing = {name: [] if value == [] else value for name, value in nothing.items()}
    complete = nothing | document  # in the order of the members
    for name in _computed(model):
        complete[name] = model.path_of(document[model._meta.pk.name])
    return complete


@cache
def unstated(model):
    """Return the members of a record or part that states nothing. They are shared: take them as the base of another."""
    nothing = {}
    for name, shape in m.shape_of(model).items():
        shape = shape.shape if isinstance(shape, m.optional) else shape
        nothing[name] = [] if isinstance(shape, list) else shape() if isinstance(shape, type) else None
    return nothing


@cache
def _added(model):
    """Return the names of the members newer than the first documents."""
    return frozenset(member.name for member in model.members if member.added)


@cache
def _computed(model):
    """Return the names of added members that follow from the key, and so are never recorded."""
    return [member.name for member in of_kind(model, m.Url) if member.added]


@cache
def _grown(model):
    """Return ``[(name, model)]`` of the parts, claims included, that have such members."""
    parts = [(member.name, member.part(model)) for member in of_kind(model, m.Items)]
    return [(name, part) for name, part in parts if _added(part)]


def iso_seconds(moment):
    """Return an aware time as in documents: UTC, whole seconds, ``2026-11-24T05:00:00Z``."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


# -- From rows to documents --


def records(model, keys):
    """Return ``{key: record}`` with its lists and the records that it names, in one query and one for each list."""
    lists = [Prefetch(member.accessor, _rows(member.part(model))) for member in of_kind(model, m.Items)]
    others = [member.name for member in of_kind(model, m.Many)]
    return _rows(model).prefetch_related(*lists, *others).in_bulk(list(keys))


def build_documents(model, keys):
    """Return ``{key: document}`` of the current rows, without ``modified`` or evidence."""
    return {key: from_instance(record) for key, record in records(model, keys).items()}


def _rows(model):
    """Return the rows of a record or part, with the rows that each names."""
    names = [member.name for member in of_kind(model, m.One, m.Within) if not isinstance(member, m.Many)]
    return model.objects.select_related(*names) if names else model.objects.all()


def from_instance(record):
    """Return the document of a record in memory, with its lists prefetched, and without ``modified`` or evidence."""
    return claims.settle_claims(from_rows(record, getattr(record, "_prefetched_objects_cache", {})))


def from_rows(row, lists):
    """Return the unsettled document of a record with ``{accessor: rows}``, or the item of a part, in memory."""
    model, values = type(row), {}
    for member in model.members:
        name = member.name
        if isinstance(member, m.Many):
            values[name] = [shown(other) for other in sorted(lists[name], key=lambda other: other.pk)]
        elif isinstance(member, m.Items):
            values[name] = [
                from_rows(part, {}) for part in _ordered(member.part(model), lists.get(member.accessor, ()))
            ]
        elif isinstance(member, m.One):
            other = getattr(row, name)
            values |= shown(other) if member.inline else {name: other and shown(other)}
        elif isinstance(member, m.Within):
            around = getattr(row, name)
            values[name] = around and around.number
        elif isinstance(member, m.Url):
            values[name] = model.path_of(row.pk)
        elif isinstance(member, m.Derived):
            values[name] = member.of and member.of(values)
        else:
            values[name] = member.out(*[getattr(row, column) for column in member.lookups(model)])
    return values


def shown(record):
    """Return what other documents show of a record."""
    return {name: getattr(record, name) for name in shown_members(type(record))}


def _ordered(part, rows):
    """Return rows in the order of their model; without one, as they are."""
    names = [name for name in part._meta.ordering if name != "pk"]
    return sorted(rows, key=lambda row: [getattr(row, name) for name in names]) if names else rows


@cache
def parent_field(model):
    """Return the foreign key by which rows of ``model`` are parts of a record and are deleted with it; None if none."""
    for column in model._meta.concrete_fields:
        to_record = column.many_to_one and issubclass(column.related_model, Record)
        if to_record and column.remote_field.on_delete is models.CASCADE:
            return column
    return None


def names_in(model, document):
    """Return (model, key) of each record that a document names, once."""
    return list(dict.fromkeys([(other, key_of(shown)) for other, shown in _shown_in(model, document)]))


def _shown_in(model, document):
    """Yield (model, object with its shown members) of the records that a document names."""
    for member, other in _naming(model):
        if isinstance(member, m.Claims):  # most rows of a register: each of their few sources once
            sources = {claim["source"]["slug"]: claim["source"] for claim in document[member.name]}
            yield from ((Source, source) for source in sources.values())
        elif isinstance(member, m.Items):
            for item in document[member.name]:
                yield from _shown_in(other, item)
        elif isinstance(member, m.Many):
            yield from ((other, shown) for shown in document[member.name])
        elif shown := document if member.inline else document.get(member.name):
            yield other, shown


@cache
def _naming(model):
    """Return (member, model of the named record or of the part) for the members that name records."""
    others = [(member, member.other(model)) for member in of_kind(model, m.One)]
    return others + [(member, member.part(model)) for member in of_kind(model, m.Items)]


def same_kind_reference(model, document):
    """Return the key of the record of the same kind that a document names, or None."""
    for column in model._meta.concrete_fields:
        if column.related_model is model:
            return key_of(document.get(column.name))
    return None


def in_order(names):
    """Return the keys of ``{key: key that it names, or None}`` in order, each after the one that it names."""
    ordered = {}
    for key in names:
        chain = {}
        while key in names and key not in ordered and key not in chain:
            chain[key] = None
            key = names[key]
        ordered |= dict.fromkeys(reversed(chain))
    return list(ordered)


def existing(names):
    """Return ``{model: {key: record}}`` of those of ``names``, (model, key) pairs, that exist.

    They have their state, and the members that other documents show.
    """
    keys_by_model = defaultdict(set)
    for model, key in names:
        keys_by_model[model].add(key)
    return {
        model: model.objects.only("state", *shown_members(model)).in_bulk(keys) for model, keys in keys_by_model.items()
    }


# -- From documents to rows --


def check_shape(model, document):
    """WrongShape unless ``document``, which may be any JSON value, is one of ``model``."""
    m.check(document, m.shape_of(model) | {"modified": m.optional(str)})


def read(model, document):
    """Return the unsaved rows of a document: the record, its links ``{name: keys}``, and its parts ``{member: rows}``.

    Unstated columns keep their default, "" or null. Parts are in the order in which to save them, with the same members
    for every document.
    """
    row = model(**_values(model, document))
    links = {member.name: list(map(key_of, document[member.name])) for member in of_kind(model, m.Many)}
    parts = {}
    for member, part, around in parts_of(model):
        own = {parent_field(part).name: row}
        siblings = {each.name: {row.number: row for row in parts[each.parts]} for each in around}
        parts[member.name] = [
            part(**own, **_values(part, item), **{name: rows.get(item[name]) for name, rows in siblings.items()})
            for item in document[member.name]
        ]
    return row, links, parts


def _values(model, document):
    """Return the columns of a row of ``model`` from its document or item."""
    values = {}
    for member in own_members(model):
        value = document if member.inline else document.get(member.name)
        if value is not None:
            values |= member.back(value)
    return values


def claim_rows(model, key, items):
    """Return the unsaved rows of the settled claims ``items`` on the record ``key``."""
    own = {"content_type": ContentType.objects.get_for_model(model), "object_id": key}
    return [Claim(**own, **_values(Claim, item) | claims.columns(item)) for item in items]


@cache
def own_members(model):
    """Return the members that are read from a row's own columns."""
    return [member for member in model.members if member.lookups(model) and not isinstance(member, m.Within)]


@cache
def parts_of(model):
    """Return ``[(member, model, its members that name parts around it)]``, parts that contain others first."""
    parts = [(member, member.part(model), of_kind(member.part(model), m.Within)) for member in of_kind(model, m.Parts)]
    return sorted(parts, key=lambda part: bool(part[2]))


# -- Records in memory --


def to_instance(model, document):
    """Return the unsaved record of ``document``, with its lists as if prefetched.

    The ``pk`` of a part or claim is its place in its list, from 1.
    """
    document, named = claims.settle_claims(document), defaultdict(dict)
    for other, reference in _shown_in(model, document):
        named[other][key_of(reference)] = other(**{name: reference[name] for name in shown_members(other)})
    record, links, parts = read(model, document)
    for member in of_kind(model, m.Claims):
        parts[member.name] = claim_rows(model, record.pk, document[member.name])
    for rows in parts.values():  # containing parts first
        for place, row in enumerate(rows, 1):
            row.pk = place
            for member in of_kind(type(row), m.Within):
                setattr(row, member.name, getattr(row, member.name))  # its pk is set by now
    for row in (record, *(row for rows in parts.values() for row in rows)):
        relate(row, named)
        for column in row._meta.concrete_fields:  # to the values of its columns
            if not column.generated and not column.remote_field and (value := getattr(row, column.attname)) is not None:
                setattr(row, column.attname, column.to_python(value))
    record._prefetched_objects_cache = lists_of(model, links, parts, named)
    return record


def lists_of(model, links, parts, named):
    """Return ``{accessor: rows}`` of the lists of a record: parts, and other records from ``named``."""
    lists = {member.accessor: parts[member.name] for member in of_kind(model, m.Items) if member.name in parts}
    others = {member.name: member.other(model) for member in of_kind(model, m.Many)}
    return lists | {name: [named[other][key] for key in links[name]] for name, other in others.items()}


def relate(row, named):
    """Set the records that a row names, from ``{model: {key: record}}``."""
    for member in of_kind(type(row), m.One):
        if not isinstance(member, m.Many) and (key := getattr(row, f"{member.name}_id")):
            setattr(row, member.name, named[member.other(type(row))][key])
