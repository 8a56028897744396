"""Who may do what: the table of roles, and the checks that all staff pages make.

A role is a group of that name; a user may have several, and a superuser may do everything. Members of a delegation
write only records of its countries (docs/permissions.md).
"""

import logging
import re

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db.models import Q, prefetch_related_objects

from ..models import State

logger = logging.getLogger("access")
NO_ROLE = "You have no role in this register yet. Ask an administrator to give you one."
ASKED = 5  # users named in a refusal

VIEWER, EDITOR, PUBLISHER, ADMINISTRATOR = ROLES = ("viewer", "editor", "publisher", "administrator")
DRAFT, PUBLISHED, WITHDRAWN = State.DRAFT, State.PUBLISHED, State.WITHDRAWN
ALL = frozenset(State)

# {action: states of the records on which it is allowed}; for "add", the state of a new record.
_EDITS = {
    "view": ALL, "add": {DRAFT}, "change": {DRAFT}, "delete": {DRAFT}, "propose": {PUBLISHED, WITHDRAWN},
    "import": ALL,
}  # fmt: skip
ALLOWED = {
    VIEWER: {"view": ALL},
    EDITOR: _EDITS,
    PUBLISHER: _EDITS | {
        "change": ALL, "delete": ALL, "publish": {DRAFT, WITHDRAWN}, "withdraw": {DRAFT, PUBLISHED}, "merge": ALL,
        "decide": ALL, "map": ALL,
    },
    ADMINISTRATOR: {"view": ALL, "map": ALL, "administer": ALL},  # users, delegations and settings, but no records
}  # fmt: skip
ACTIONS = tuple(dict.fromkeys(action for allowed in ALLOWED.values() for action in allowed))
DOING = {  # names of the actions that concern no single record
    "decide": "decide on proposals", "import": "upload files", "map": "say which theme a code means",
    "administer": "manage users, delegations and failed sign-ins",
}  # fmt: skip
WRITING = frozenset(ACTIONS) - {"view", "import", "map", "administer"}  # limited to a delegation's countries


def is_staff(user):
    """Whether ``user`` may sign in: superusers, and users with a role."""
    return user.is_active and (user.is_superuser or bool(roles(user)))


def roles(user):
    """Return the roles of an active user, in the order of ROLES. One query for each user object."""
    if not user.is_active:
        return ()
    if not hasattr(user, "_roles"):
        names = set(user.groups.values_list("name", flat=True))
        user._roles = tuple(role for role in ROLES if role in names)
    return user._roles


def territory(user):
    """Return the set of country codes to which a user is limited; None: no limit."""
    if not hasattr(user, "_territory"):
        tied = None if user.is_superuser else list(user.delegations.values_list("countries", flat=True))
        user._territory = {code for code in tied if code} if tied else None
    return user._territory


def states_for(user, action):
    """Return the states of records on which ``user`` may do ``action``, in any country; empty: never."""
    if user.is_superuser and user.is_active:
        return ALL
    return frozenset().union(*(ALLOWED[role].get(action, ()) for role in roles(user)))


def may(user, action, record=None):
    """Whether ``user`` may do ``action`` on ``record``, or on any record if there is none."""
    states = states_for(user, action)
    if record is None or not states:
        return bool(states)
    if action != "add" and record.state not in states:
        return False
    codes = territory(user) if action in WRITING and action != "add" else None
    return codes is None or type(record).objects.of_territory(codes).filter(pk=record.pk).exists()


def may_add(user, state):
    """Whether ``user`` may make a new record in ``state``."""
    moves = {DRAFT: "add", PUBLISHED: "publish", WITHDRAWN: "withdraw"}
    return may(user, "add") and DRAFT in states_for(user, moves[state])


def allowed(user, action, queryset):
    """Return the records of ``queryset`` on which ``user`` may do ``action``."""
    rows = queryset.filter(state__in=states_for(user, action))
    codes = territory(user) if action in WRITING else None
    return rows if codes is None else rows.of_territory(codes)


def why_not(user, action, record):
    """Return a sentence why ``user`` may not do ``action``; empty if neither role nor country forbids it.

    ``record``: one that they may see; None: any record.
    """
    if not (roles(user) or user.is_superuser):
        return NO_ROLE
    allowing = [f"{role}s" for role in ROLES if _allows(role, action, record)]
    if record and not allowing:
        return f"“{record}” is already {record.state}."
    if not any(_allows(role, action, record) for role in roles(user)):
        to_what = f"{record.state} records" if record and action != "add" else "records"
        return f"Only {' and '.join(allowing)} may {DOING.get(action, f'{action} {to_what}')}."
    if record and territory(user) is not None and hasattr(record, "countries"):
        names = [str(country.name) for country in record.countries.all()]
        its, own = (", ".join(each) or "no country" for each in (names, _own_names(user)))
        return f"“{record}” belongs to {its}; you write for {own}."
    return ""


def refusal(user, action, record=None):
    """Return ``why_not``, followed by whom to ask; only users with a role see names of others."""
    why = why_not(user, action, record)
    return f"{why} {whom_to_ask(action, record)}" if why and why != NO_ROLE else why


def refusals(user, action, records):
    """Yield (record, why) for those of ``records``, of one kind, on which ``user`` may not do ``action``, by key.

    The first reason says whom to ask. The number of queries does not depend on that of records.
    """
    records = {record.pk: record for record in records}
    model = type(next(iter(records.values()))) if records else None
    own = allowed(user, action, model.objects.filter(pk__in=records)).values_list("pk", flat=True) if model else ()
    others = [records[key] for key in sorted(records.keys() - set(own))]
    prefetch_related_objects(others, *(["countries"] if hasattr(model, "countries") else []))
    for number, record in enumerate(others):
        yield record, why_not(user, action, record) if number else refusal(user, action, record)


def whom_to_ask(action, record):
    """Return a sentence naming users who may do ``action`` on ``record``, or the administrators."""
    able = [role for role in ROLES if _allows(role, action, record)]
    people = get_user_model().objects.filter(is_active=True, groups__name__in=able)
    if record and action in WRITING and not type(record).objects.of_territory([]).filter(pk=record.pk).exists():
        codes = [country.pk for country in record.countries.all()]
        is_tied_to_none = Q(delegations__isnull=True) | Q(is_superuser=True)
        people = people.filter(is_tied_to_none | Q(delegations__countries__in=codes))
    people = people.distinct().order_by("username")[:ASKED] or administrators()[:ASKED]
    names = [user.get_username() for user in people]
    return f"Ask one of: {', '.join(names)}." if len(names) > 1 else f"Ask {names[0]}." if names else ""


def _allows(role, action, record):
    states = ALLOWED[role].get(action, ())
    return record.state in states if record and action != "add" else bool(states)


def _own_names(user):
    """Return the names of the countries to which ``user`` is limited. One query for each user object."""
    if not hasattr(user, "_own_names"):
        user._own_names = sorted(filter(None, user.delegations.values_list("countries__name", flat=True).distinct()))
    return user._own_names


def require(user, action, record=None):
    """PermissionDenied, and a line in the log, unless ``user`` may do ``action``."""
    if not may(user, action, record):
        refuse(user, action, record, refusal(user, action, record))


def refuse(user, action, target=None, why=""):
    """Log the refusal of ``action``, and raise PermissionDenied with the text ``why``."""
    log_refusal(user, action, target)
    denied = PermissionDenied(why)
    denied.is_noted = True  # the 403 page does not log it again
    raise denied


def log_refusal(user, action, target=None):
    """Log the refusal of ``action`` on ``target``: a record or other row, a text, or None."""
    record = f"{target._meta.model_name} {target.pk}" if hasattr(target, "_meta") else target or ""
    logger.warning("refused: user=%s action=%s record=%s", log_name(user.get_username()), action, record)


def log_name(name):
    """Return a user name for the log, quoted if it contains unusual characters."""
    name = (name or "")[:150]
    return name if re.fullmatch(r"[\w.@+-]+", name) else ascii(name)


def administrators():
    """Return the active users who may administer; at least one must remain."""
    has_role = Q(groups__name=ADMINISTRATOR) | Q(is_superuser=True)
    return get_user_model().objects.filter(has_role, is_active=True).distinct()
