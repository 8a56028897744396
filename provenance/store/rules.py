"""What documents must fulfil, checked before writing: own rules, records that they name, database constraints.

Reads only. ``readable`` checks what needs no row; ``check`` checks everything.
"""

from collections import defaultdict

from django.db.models import CheckConstraint, Q

from ..documents.errors import REFUSALS, Fault, faults_of
from ..documents.schema import quoted
from ..models import State
from .build import names_in
from .entries import Entry, values_of

HIDDEN = (State.DRAFT, State.WITHDRAWN)


def check(model, documents, standing, *, state=State.DRAFT, hidden=HIDDEN):
    """Return the Faults that keep ``{key: document}`` from being written; an empty list if there are none.

    ``standing``: ``{key: current document}``; unchanged rows are not checked again. ``state``: of new records.
    ``hidden``: states that a published record must not name; leave out drafts if they are published along. Derived
    members (``url``, ``modified``, names of other records) are ignored.
    """
    states, faults_by_key = states_of(model, documents), {}
    for entry in readable(
        model, documents, states | dict.fromkeys(documents.keys() - states.keys(), state), faults_by_key
    ):
        before = standing.get(entry.key)
        stood = before and Entry(model, entry.key, before, entry.row.state, stands=True)
        if faults := list(_broken(entry, stood)):
            faults_by_key[entry.key] = faults
    good = {key: document for key, document in documents.items() if key not in faults_by_key}
    beside = faults_beside(model, good, {key: states.get(key, state) for key in good}, hidden)
    return [*(fault for faults in faults_by_key.values() for fault in faults), *_taken(model, good), *beside]


def readable(model, documents, states, faults, *, stand=False):
    """Return the Entries of readable documents; those that are not, or name unknown records, add to ``faults``.

    ``stand``: all were built from rows, and are known to be readable.
    """
    if stand:
        return [Entry(model, key, document, states[key], stands=True) for key, document in documents.items()]
    read = []
    for key, document in documents.items():
        try:
            entry = Entry(model, key, document, states.get(key, State.DRAFT))
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
    naming = defaultdict(list)
    for key in (key for key in documents if states[key] == State.PUBLISHED):
        for member, item, other, name in names_in(model, documents[key]):
            naming[other, name].append((key, member, item))
    for other in {other for other, _name in naming}:
        named_states = states_of(other, [name for each, name in naming if each is other])
        named_states |= states if other is model else {}
        kind = other._meta.verbose_name
        for name, state in sorted(named_states.items()):
            for key, member, item in naming.get((other, name), ()) if state in hidden else ():
                words = f"“{key}” is published and names the {kind} “{name}”, which is {state}."
                yield Fault(key, f"{words} Publish the {kind} first, or take it out of “{key}”.", member, item)
    yield from model.faults_in(documents)


def states_of(model, keys):
    """Return ``{key: state}`` of the records ``keys`` that exist."""
    return dict(model.objects.filter(pk__in=keys).values_list("pk", "state"))


def _unknown(model, documents):
    """Return ``{key: Faults}`` of documents that name records which neither exist nor are among them."""
    named = defaultdict(dict)
    for key, document in documents.items():
        for member, item, other, name in names_in(model, document):
            named[other].setdefault(name, []).append((key, member, item))
    faults_by_key = defaultdict(dict)
    for other, names in named.items():
        existing = states_of(other, names).keys() | (documents.keys() if other is model else set())
        for name in names.keys() - existing:
            words = f"The register has no {other._meta.verbose_name} {quoted(name)}."
            for key, member, item in names[name]:
                faults_by_key[key].setdefault((words, member), Fault(key, words, member, item))
    return {key: list(faults.values()) for key, faults in faults_by_key.items()}


def _broken(entry, stood):
    """Yield the Faults of rows that break a check constraint, except unchanged ones."""
    unchanged = [] if stood is None else [values_of(row) for row in [*stood.own_rows(), *stood.claims()]]
    claims = (("claims", at, claim) for at, claim in enumerate(entry.claims()))
    for member, item, row in [*entry.placed(), *claims]:
        if values_of(row) in unchanged:
            continue
        rules = [rule for rule in row._meta.constraints if isinstance(rule, CheckConstraint)]
        values = row._get_field_expression_map(row._meta)  # includes generated columns
        if rules and not Q(*(rule.condition for rule in rules)).check(values):
            for rule in rules:
                if not Q(rule.condition).check(values):
                    yield Fault(entry.key, str(rule.violation_error_message), member, item)


def _taken(model, documents):
    """Yield the Faults of documents with a unique value that another record has."""
    for column in model._meta.concrete_fields:
        values = {key: document.get(column.name) for key, document in documents.items()}
        if column.unique and not column.primary_key and any(values.values()):
            rows = model.objects.filter(**{f"{column.name}__in": list(filter(None, values.values()))})
            holders = dict(rows.exclude(pk__in=documents).values_list(column.name, "pk"))
            for key, value in values.items():
                if value and holders.setdefault(value, key) != key:
                    yield Fault(key, str(column.error_messages["unique"]), column.name)
