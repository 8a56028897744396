"""Publication: one plan of everything that becomes public with a record, shown before it is carried out.

Published records refer only to published records, so the drafts that a record names are published with it.
Withdrawn records, and drafts that the user may not publish, are obstacles.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from django.apps import apps
from django.core.exceptions import ValidationError

from ..models import State
from ..store.build import names_in
from ..store.database import register_lock
from ..store.log import FAULTS, set_state
from . import permissions

WITHDRAWN = "It is withdrawn, but “{by}” refers to it. Publish it first, or remove it from “{by}”."
NOT_YOURS = "You may not publish it. {why}"
AGAIN = (
    "The records to publish have changed since you opened this page. Nothing was published. Please check them again."
)


@dataclass
class Plan:
    """What becomes public: the records ``asked`` for, and those ``along`` with them.

    ``obstacles``: ``[(record, reason)]``; with any, nothing is published.
    """

    asked: list = field(default_factory=list)
    along: list = field(default_factory=list)
    obstacles: list = field(default_factory=list)

    def records(self):
        """Return ``{model: records}`` of everything (see ``by_kind``)."""
        return by_kind([*self.along, *self.asked])

    def items(self):
        """Return everything as a set of texts (see ``item``)."""
        return {item(row) for row in [*self.along, *self.asked]}

    def require(self, user, shown):
        """ValidationError if there are obstacles, or records that are not among ``shown`` (see ``items``)."""
        for row, _ in self.obstacles[:FAULTS]:
            permissions.log_refusal(user, "publish", row)
        if self.obstacles:
            raise ValidationError([f"“{row}”: {words}" for row, words in self.obstacles[:FAULTS]])
        if not self.items() <= set(shown):
            raise ValidationError(AGAIN)

    def publish(self, **fields):
        """Publish and record everything, ignoring obstacles. Returns the number of Revisions."""
        keys = {model: [row.pk for row in rows] for model, rows in self.records().items()}
        return sum(set_state(model, own, State.PUBLISHED, **fields) for model, own in keys.items())


def by_kind(rows):
    """Return ``{model: its records among rows}``, each kind after those that it names."""
    models = sorted({type(row) for row in rows}, key=lambda each: (len(each.names), each.__name__))
    return {model: [row for row in rows if type(row) is model] for model in models}


def item(row):
    """Return ``kind:key:Revision id``, which changes when the record does."""
    return f"{row._meta.model_name}:{row.pk}:{row.revision_id}"


def plan(user, records, named=None):
    """Return the Plan for publishing ``{model: keys}`` by ``user``, in a fixed number of queries.

    ``user``: None skips permissions. ``named``: ``{(model, key): what names it}`` for further records that must be
    public.
    """
    result = Plan([row for model, keys in records.items() for row in _hidden(model, keys)])
    seen = {(type(row), row.pk) for row in result.asked}
    new, by = result.asked, dict(named or {})
    while by := by | _named_by(new):
        keys_by_model, new = defaultdict(list), []
        for model, key in by.keys() - seen:
            keys_by_model[model].append(key)
        for model, keys in keys_by_model.items():
            for row in _hidden(model, keys):
                if row.state == State.DRAFT:
                    new.append(row)
                else:
                    result.obstacles.append((row, WITHDRAWN.format(by=by[model, row.pk])))
        result.along += new
        seen, by = seen | by.keys(), {}
    result.along = [row for rows in by_kind(result.along).values() for row in rows]
    for rows in result.records().values() if user else ():
        refusals = permissions.refusals(user, "publish", rows)
        result.obstacles += [(row, NOT_YOURS.format(why=why)) for row, why in refusals]
    return result


def publish(user, records, shown, reason=""):
    """Publish ``{model: keys}`` with what they name. Returns the Plan.

    ValidationError, and nothing published, if there are obstacles or records not among ``shown`` (see ``Plan``).
    """
    with register_lock():
        result = plan(user, records)
        result.require(user, shown)
        result.publish(user_name=user.get_username(), reason=reason)
    return result


def plan_named(user, model, documents):
    """Return the Plan of what becomes public because ``documents`` of ``model`` name it."""
    named = {}
    for document in documents:
        title = document.get("title") or document.get("name")
        named |= dict.fromkeys(names_in(model, document), title)
    return plan(user, {}, named)


def publish_named(user, model, documents, shown, fields):
    """Publish those records named by ``documents`` that are among ``shown`` and that ``user`` may publish.

    A document that names another draft is refused when recorded.
    """
    result = plan_named(user, model, documents)
    blocked = [row for row, _ in result.obstacles]
    result.along = [row for row in result.along if item(row) in shown and row not in blocked]
    result.publish(**fields)


def _hidden(model, keys):
    """Return the records among ``keys`` that are not published."""
    return model.objects.exclude(state=State.PUBLISHED).filter(pk__in=list(keys))


def _named_by(records):
    """Return ``{(model, key): what names it}`` of unpublished records named by ``records``."""
    named = {}
    for model, rows in by_kind(records).items():
        titles = {row.pk: str(row) for row in rows}
        for other, lookup in model.names:
            naming = model.objects.filter(pk__in=titles, **{f"{lookup}__state__in": [State.DRAFT, State.WITHDRAWN]})
            pairs = naming.order_by("-pk").values_list(lookup, "pk").distinct()
            named |= {(apps.get_model(other), name): titles[key] for name, key in pairs}
    return named
