"""What a document has to keep, asked before anything is written: of itself, of what it names, of its database's rules.

Reads only. ``readable`` asks what needs no row, for many documents at once; what the database holds is then its to say.
``check`` asks all of it.
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
    """Return the Faults of ``{key: document}`` of ``model``: all that keeps them from being written.

    ``standing``: ``{key: document}`` of those that there are; what they say alike is not asked again. ``state``: of
    those that are new. ``hidden``: the states of what no published record may name; without drafts where these are
    published along. What follows from other members (``url``, ``modified``, names of what is named) may say anything.
    An empty list: all is well.
    """
    states, found = states_of(model, documents), {}
    for entry in readable(model, documents, states | dict.fromkeys(documents.keys() - states.keys(), state), found):
        before = standing.get(entry.key)
        stood = before and Entry(model, entry.key, before, entry.row.state, stands=True)
        if faults := list(_broken(entry, stood)):
            found[entry.key] = faults
    good = {key: document for key, document in documents.items() if key not in found}
    beside = faults_beside(model, good, {key: states.get(key, state) for key in good}, hidden)
    return [*(fault for faults in found.values() for fault in faults), *_taken(model, good), *beside]


def readable(model, documents, states, faults):
    """Return the Entries of documents; of those that cannot be read, or name what is not there, ``faults`` tells."""
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
    for key, found in _unknown(model, {entry.key: documents[entry.key] for entry in read}).items():
        faults[key] = found
    return [entry for entry in read if entry.key not in faults]


def faults_beside(model, documents, states, hidden=HIDDEN):
    """Yield the Faults of documents, as they are built, beside other records: of names that are not public yet, too.

    A published record names only published ones, so that no draft shows through another's page. ``states``: theirs.
    """
    naming = defaultdict(list)
    for key in (key for key in documents if states[key] == State.PUBLISHED):
        for member, item, other, name in names_in(model, documents[key]):
            naming[other, name].append((key, member, item))
    for other in {other for other, _name in naming}:
        found = states_of(other, [name for each, name in naming if each is other])
        found |= states if other is model else {}
        kind = other._meta.verbose_name
        for name, state in sorted(found.items()):
            for key, member, item in naming.get((other, name), ()) if state in hidden else ():
                words = f"“{key}” is published and names the {kind} “{name}”, which is {state}."
                yield Fault(key, f"{words} Publish the {kind} first, or take it out of “{key}”.", member, item)
    yield from model.faults_in(documents)


def states_of(model, keys):
    """Return ``{key: state}`` of those of the records ``keys`` that there are."""
    return dict(model.objects.filter(pk__in=keys).values_list("pk", "state"))


def _unknown(model, documents):
    """Return ``{key: Faults}`` of the documents that name what there is not, nor among them."""
    wanted = defaultdict(dict)
    for key, document in documents.items():
        for member, item, other, name in names_in(model, document):
            wanted[other].setdefault(name, []).append((key, member, item))
    found = defaultdict(dict)
    for other, names in wanted.items():
        there = states_of(other, names).keys() | (documents.keys() if other is model else set())
        for name in names.keys() - there:
            words = f"The register has no {other._meta.verbose_name} {quoted(name)}."
            for key, member, item in names[name]:
                found[key].setdefault((words, member), Fault(key, words, member, item))
    return {key: list(faults.values()) for key, faults in found.items()}


def _broken(entry, stood):
    """Yield the Faults of the rows of ``entry`` that break a rule of the database, but for those that stand alike."""
    known = [] if stood is None else [values_of(row) for row in [*stood.own_rows(), *stood.claims()]]
    claims = (("claims", at, claim) for at, claim in enumerate(entry.claims()))
    for member, item, row in [*entry.placed(), *claims]:
        if values_of(row) in known:
            continue
        rules = [rule for rule in row._meta.constraints if isinstance(rule, CheckConstraint)]
        values = row._get_field_expression_map(row._meta)  # the only way to columns that the database computes
        if rules and not Q(*(rule.condition for rule in rules)).check(values):
            for rule in rules:
                if not Q(rule.condition).check(values):
                    yield Fault(entry.key, str(rule.violation_error_message), member, item)


def _taken(model, documents):
    """Yield the Faults of documents that state what only one record may, and another does."""
    for column in model._meta.concrete_fields:
        values = {key: document.get(column.name) for key, document in documents.items()}
        if column.unique and not column.primary_key and any(values.values()):
            rows = model.objects.filter(**{f"{column.name}__in": list(filter(None, values.values()))})
            holders = dict(rows.exclude(pk__in=documents).values_list(column.name, "pk"))
            for key, value in values.items():
                if value and holders.setdefault(value, key) != key:
                    yield Fault(key, str(column.error_messages["unique"]), column.name)
