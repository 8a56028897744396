"""Who may do what: the one table of roles, and the questions that every door of staff asks of it.

A role is a group of that name. A user may have several; a superuser may do everything. Whoever belongs to a
delegation writes only records of its countries (docs/permissions.md).
"""

import logging

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db.models import Q

from .models import State

logger = logging.getLogger("access")
OUTSIDE = "What you save has to belong to your countries ({countries})."

VIEWER, EDITOR, PUBLISHER, ADMINISTRATOR = ROLES = ("viewer", "editor", "publisher", "administrator")
DRAFT, PUBLISHED, WITHDRAWN = State.DRAFT, State.PUBLISHED, State.WITHDRAWN
ALL = frozenset(State)

# Action → of records in which states; "add" has the state in which a new record begins.
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
    ADMINISTRATOR: {"view": ALL, "map": ALL, "administer": ALL},  # users, delegations, settings; no record
}  # fmt: skip
ACTIONS = tuple(dict.fromkeys(action for allowed in ALLOWED.values() for action in allowed))
WRITING = frozenset(ACTIONS) - {"view", "import", "map", "administer"}  # what a delegation's countries narrow


def roles(user):
    """Return the roles of a user, in the order of ROLES; none for one who may not sign in. One query a user object."""
    if not (user.is_active and user.is_staff):
        return ()
    if not hasattr(user, "_roles"):
        names = set(user.groups.values_list("name", flat=True))
        user._roles = tuple(role for role in ROLES if role in names)
    return user._roles


def territory(user):
    """Return the codes of the countries that a user is tied to, a set; None: to none, they write everywhere."""
    if not hasattr(user, "_territory"):
        tied = None if user.is_superuser else list(user.delegations.values_list("countries", flat=True))
        user._territory = {code for code in tied if code} if tied else None
    return user._territory


def states_for(user, action):
    """Return the states of records on which ``user`` may do ``action``, whatever the country; empty: never."""
    if user.is_superuser and user.is_active:
        return ALL
    return frozenset().union(*(ALLOWED[role].get(action, ()) for role in roles(user)))


def is_own(user, model, key):
    """Whether the record ``key`` belongs to a country of ``user``; true where user or kind is tied to none."""
    codes = territory(user)
    return codes is None or model.objects.of_territory(codes).filter(pk=key).exists()


def may(user, action, record=None):
    """Whether ``user`` may do ``action`` on ``record``; without one: on any record at all."""
    states = states_for(user, action)
    if record is None or not states:
        return bool(states)
    if action != "add" and record.state not in states:
        return False
    return action not in WRITING or action == "add" or is_own(user, type(record), record.pk)


def may_add(user, state=DRAFT):
    """Whether ``user`` may make a new record that begins in ``state``: what they may do with a draft at once."""
    moves = {DRAFT: "add", PUBLISHED: "publish", WITHDRAWN: "withdraw"}
    return may(user, "add") and DRAFT in states_for(user, moves[state])


def allowed(user, action, queryset):
    """Narrow a queryset of records to those on which ``user`` may do ``action``."""
    rows = queryset.filter(state__in=states_for(user, action))
    codes = territory(user) if action in WRITING else None
    return rows if codes is None else rows.of_territory(codes)


def demand(user, action, record=None):
    """PermissionDenied, and a line in the log, unless ``user`` may do ``action``."""
    if not may(user, action, record):
        refuse(user, action, record)


def refuse(user, action, what=None):
    """Log that ``action`` was refused, and raise PermissionDenied."""
    note(user, action, what)
    denied = PermissionDenied()
    denied.is_noted = True  # whoever answers with 403 need not log it again
    raise denied


def note(user, action, what=None):
    """Log that ``action`` was refused. ``what``: a record or another row, words, or None."""
    record = f"{what._meta.model_name} {what.pk}" if hasattr(what, "_meta") else what or ""
    logger.warning("refused: user=%s action=%s record=%s", user.get_username(), action, record)


def administrators():
    """Return the users who may administer: of them one at least has to stay."""
    has_role = Q(groups__name=ADMINISTRATOR) | Q(is_superuser=True)
    return get_user_model().objects.filter(has_role, is_active=True, is_staff=True).distinct()
