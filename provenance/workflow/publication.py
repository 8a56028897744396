"""Publication: one plan of what becomes public with a record, which is shown before it is carried out.

A published record names only published records. So a draft is published together with the drafts that it names, and
those that these name. What is withdrawn stands in the way, and so does what its user may not publish.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db.models import prefetch_related_objects

from ..documents.claims import unsupported
from ..models import State
from ..store.build import names_in
from ..store.lock import register_lock
from ..store.log import FAULTS, set_state
from . import permissions

WITHDRAWN = "It is withdrawn, and “{by}” names it. Publish it first, or take it out there."
NOT_YOURS = "You may not publish it. {why}"
AGAIN = "What becomes public has changed since you were shown it. Nothing was published: look again."


@dataclass
class Plan:
    """What becomes public: ``asked`` for and, with it, ``along``, both ``{model: {key: record as it stands}}``.

    ``obstacles``: ``[(record, why it cannot be published, in words)]``; where there is one, nothing is published.
    """

    asked: dict = field(default_factory=dict)
    along: dict = field(default_factory=dict)
    obstacles: list = field(default_factory=list)

    def records(self):
        """Return ``{model: {key: record}}`` of all of it, each kind after those that it names."""
        models = self.asked.keys() | self.along.keys()
        return _in_order({model: self.along.get(model, {}) | self.asked.get(model, {}) for model in models})

    def items(self):
        """Return all of it as texts: see ``item``."""
        return {item(row) for rows in self.records().values() for row in rows.values()}

    def demand(self, user, shown):
        """ValidationError if something stands in the way, or if it is not all among ``shown`` (see ``items``)."""
        for row, _ in self.obstacles[:FAULTS]:
            permissions.note(user, "publish", row)
        if self.obstacles:
            raise ValidationError([f"“{row}”: {words}" for row, words in self.obstacles[:FAULTS]])
        if not self.items() <= set(shown):
            raise ValidationError(AGAIN)

    def publish(self, **said):
        """Publish and record all of it, whatever stands in the way. Returns the number of Revisions."""
        return sum(set_state(model, list(rows), State.PUBLISHED, **said) for model, rows in self.records().items())


def item(row):
    """Return a record as ``kind:key:id of its Revision``, a text that differs once it moved on."""
    return f"{row._meta.model_name}:{row.pk}:{row.revision_id}"


def plan(user, records, named=None):
    """Return the Plan of publishing ``records``, ``{model: keys}``, by ``user``: as many queries for many as for few.

    ``user``: None: whoever may. ``named``: ``{(model, key): what names it}`` of what something else that becomes public
    names.
    """
    found = Plan({model: rows for model, keys in records.items() if (rows := _hidden(model, keys))})
    known = {(model, key) for model, rows in found.asked.items() for key in rows}
    new, by = found.asked, dict(named or {})
    while by := by | _named_by(new):
        wanted, new = defaultdict(list), defaultdict(dict)
        for model, key in by.keys() - known:
            wanted[model].append(key)
        for model, keys in wanted.items():
            for key, row in _hidden(model, keys).items():
                if row.state == State.DRAFT:
                    new[model][key] = found.along.setdefault(model, {})[key] = row
                else:
                    found.obstacles.append((row, WITHDRAWN.format(by=by[model, key])))
        known, by = known | by.keys(), {}
    found.along = _in_order(found.along)
    for model, rows in found.records().items() if user else ():
        found.obstacles += _not_allowed(user, model, rows)
    return found


def carry_out(user, records, shown, reason=""):
    """Publish ``records``, ``{model: keys}``, with what they name. Returns the Plan.

    ValidationError, and nothing done, if something stands in the way, or if ``shown`` is less than that: see ``Plan``.
    """
    with register_lock():
        found = plan(user, records)
        found.demand(user, shown)
        found.publish(user_name=user.get_username(), reason=reason)
    return found


def planned(user, model, documents):
    """Return the Plan of what becomes public with ``documents`` of ``model``, because these name it."""
    named = {}
    for document in documents:
        title = document.get("title") or document.get("name")
        named |= {(other, key): title for _member, _item, other, key in names_in(model, document)}
    return plan(user, {}, named)


def publish_named(user, model, documents, shown, said):
    """Publish what ``documents``, about to be public, name: what of it is among ``shown`` and ``user`` may publish.

    A record that names another draft is refused when it is recorded.
    """
    if not shown or not documents:
        return
    found = planned(user, model, documents)
    blocked = [row for row, _ in found.obstacles]
    for other, rows in found.along.items():
        kept = {key: row for key, row in rows.items() if item(row) in shown and row not in blocked}
        found.along[other] = kept
    found.publish(**said)


def without_source(model, document):
    """Return the labels of the members that ``document`` states and no adopted claim supports."""
    return [label for label, _is_kept in unsupported(model, None, document)]


def _in_order(records):
    """Return ``{model: …}`` with each kind after those that it names."""
    return {model: records[model] for model in sorted(records, key=lambda each: (len(each.names), each.__name__))}


def _hidden(model, keys):
    """Return ``{key: record}`` of those of ``keys`` that are not public."""
    return {row.pk: row for row in model.objects.exclude(state=State.PUBLISHED).filter(pk__in=list(keys))}


def _named_by(records):
    """Return ``{(model, key): what names it}`` of what ``{model: {key: record}}`` name and is not public."""
    found = {}
    for model, rows in records.items():
        for other, lookup in model.names:
            naming = model.objects.filter(pk__in=rows, **{f"{lookup}__state__in": [State.DRAFT, State.WITHDRAWN]})
            pairs = naming.order_by("-pk").values_list(lookup, "pk").distinct()
            found |= {(apps.get_model(other), name): str(rows[key]) for name, key in pairs}
    return found


def _not_allowed(user, model, rows):
    """Yield (record, why) of those of ``rows`` that ``user`` may not publish; the first tells whom to ask."""
    own = permissions.allowed(user, "publish", model.objects.filter(pk__in=rows)).values_list("pk", flat=True)
    others = [rows[key] for key in sorted(rows.keys() - set(own))]
    prefetch_related_objects(others, *(link.name for link in model._meta.many_to_many if link.name == "countries"))
    for number, row in enumerate(others):
        why = permissions.why_not(user, "publish", row) if number else permissions.refusal(user, "publish", row)
        yield row, NOT_YOURS.format(why=why)
