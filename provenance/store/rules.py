"""What documents must fulfil, checked before writing: own rules, records that they name, database constraints.

Reads only. ``readable`` checks what needs no row; ``check`` checks everything.
"""

from collections import defaultdict

from django.db.models import CheckConstraint, Q

from ..documents.errors import REFUSALS, Fault, faults_of
from ..documents.schema import quoted
from ..models import State
from .build import names_in
from .entries import Entry

HIDDEN = (State.DRAFT, State.WITHDRAWN)


def check(model, documents, standing, *, state=State.DRAFT, hidden=HIDDEN):
    """Return the Faults that keep ``{key: document}`` from being written; an empty list if there are none.

    ``standing``: ``{key: current document}``; what of it did not change is not checked again. ``state``: of new
    records. ``hidden``: states that a published record must not name; leave out drafts if they are published along.
    Derived members (``url``, ``modified``, names of other records) are ignored.
    """
    faults_by_key, states = {}, dict.fromkeys(documents, state) | states_of(model, documents)
    for entry in readable(model, documents, states, faults_by_key):
        if words := list(_broken_rules(_changed_rows(entry, standing.get(entry.key) or {}))):
            faults_by_key[entry.key] = [Fault(entry.key, each) for each in words]
    good = {key: document for key, document in documents.items() if key not in faults_by_key}
    beside = faults_beside(model, good, states, hidden)
    return [*(fault for faults in faults_by_key.values() for fault in faults), *taken(model, good), *beside]


def readable(model, documents, states, faults):
    """Return the Entries of readable documents; those that are not, or name unknown records, add to ``faults``."""
    read = []
    for key, document in documents.items():
        try:
            entry = Entry(model, key, document, states[key])
        except REFUSALS as error:
            faults[key] = faults_of(error, key)
            continue
        if entry.row.pk != key:
            words = f"Its key is {quoted(str(entry.row.pk))}, not {quoted(key)}. A key never changes."
            faults[key] = [Fault(key, words)]
        else:
            read.append(entry)
    for key, unknown in _unknown(model, {entry.key: documents[entry.key] for entry in read}).items():
        faults[key] = unknown
    return [entry for entry in read if entry.key not in faults]


def faults_beside(model, documents, states, hidden=HIDDEN):
    """Yield the Faults of built documents beside other records, such as naming one that is not public.

    A published record names only published ones, so that drafts never show on public pages. ``states``: by key.
    """
    public = {key: document for key, document in documents.items() if states[key] == State.PUBLISHED}
    for other, by_name in _named_by(model, public).items():
        kind = other._meta.verbose_name
        named_states = states_of(other, by_name) | (states if other is model else {})
        for name in sorted(name for name in by_name if named_states.get(name) in hidden):
            for key in by_name[name]:
                words = f"“{key}” is published and names the {kind} “{name}”, which is {named_states[name]}."
                yield Fault(key, f"{words} Publish the {kind} first, or take it out of “{key}”.")
    yield from model.faults_in(documents)


def states_of(model, keys):
    """Return ``{key: state}`` of the records ``keys`` that exist."""
    return dict(model.objects.filter(pk__in=keys).values_list("pk", "state"))


def _unknown(model, documents):
    """Return ``{key: Faults}`` of documents that name records which neither exist nor are among them."""
    faults_by_key = defaultdict(list)
    for other, by_name in _named_by(model, documents).items():
        existing = states_of(other, by_name).keys() | (documents.keys() if other is model else set())
        for name in by_name.keys() - existing:
            for key in by_name[name]:
                words = f"The register has no {other._meta.verbose_name} {quoted(name)}."
                faults_by_key[key].append(Fault(key, words))
    return faults_by_key


def _named_by(model, documents):
    """Return ``{other model: {key of a record: keys of the documents that name it}}``."""
    naming = defaultdict(lambda: defaultdict(dict))
    for key, document in documents.items():
        for other, name in names_in(model, document):
            naming[other][name][key] = None
    return naming


def _changed_rows(entry, before):
    """Yield the rows of what ``before``, the current document, has otherwise."""
    apart = {*entry.parts, "claims"}
    if any(value != before.get(name) for name, value in entry.document.items() if name not in apart):
        yield entry.row
    for name, rows in entry.parts.items():
        items = zip(rows, entry.document[name], strict=True)
        yield from (row for row, item in items if item not in before.get(name, ()))
    claims, old = zip(entry.claims(), entry.claim_values, strict=True), entry.columns_of(before.get("claims", ()))
    yield from (row for row, values in claims if values not in old)  # evidence follows from these


def _broken_rules(rows):
    """Yield the messages of the check constraints that ``rows`` break."""
    for row in rows:
        rules = [rule for rule in row._meta.constraints if isinstance(rule, CheckConstraint)]
        values = row._get_field_expression_map(row._meta)  # includes generated columns
        if rules and not Q(*(rule.condition for rule in rules)).check(values):
            yield from (str(rule.violation_error_message) for rule in rules if not Q(rule.condition).check(values))


def taken(model, documents):
    """Yield the Faults of documents with a unique value that another record has."""
    for column in model._meta.concrete_fields:
        values = {key: document.get(column.name) for key, document in documents.items()}
        if column.unique and not column.primary_key and any(values.values()):
            rows = model.objects.filter(**{f"{column.name}__in": list(filter(None, values.values()))})
            holders = dict(rows.exclude(pk__in=documents).values_list(column.name, "pk"))
            for key, value in values.items():
                if value and holders.setdefault(value, key) != key:
                    yield Fault(key, str(column.error_messages["unique"]))
