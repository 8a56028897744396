"""Who may do what: the one table of roles, and the questions that every door of staff asks of it.

A role is a group of that name. A user may have several; a superuser may do everything. Whoever belongs to a
delegation writes only records of its countries (docs/permissions.md).
"""

import logging
import re
from itertools import islice

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db.models import Q

from ..models import State

logger = logging.getLogger("access")
OUTSIDE = "What you save has to belong to your countries ({countries})."
NO_ROLE = "You have no role in this register yet. Ask an administrator to give you one."
ASKED = 5  # people who are named

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
DOING = {  # what each action is called where it is not done to one record
    "decide": "decide on proposals", "import": "upload files", "map": "say which theme a code means",
    "administer": "manage users, delegations and failed sign-ins",
}  # fmt: skip
WRITING = frozenset(ACTIONS) - {"view", "import", "map", "administer"}  # what a delegation's countries narrow


def is_staff(user):
    """Whether ``user`` may sign in: whoever has a role, and superusers."""
    return user.is_active and (user.is_superuser or bool(roles(user)))


def roles(user):
    """Return the roles of a user, in the order of ROLES; none for one who is disabled. One query a user object."""
    if not user.is_active:
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


def why_not(user, action, record=None):
    """Return in a sentence why ``user`` may not do ``action``; empty where neither role nor country is the reason.

    ``record``: what they may see, with its ``countries`` if its kind has any; None: any record.
    """
    if not (roles(user) or user.is_superuser):
        return NO_ROLE
    allowing = [f"{role}s" for role in ROLES if _allows(role, action, record)]
    if record and not allowing:
        return f"“{record}” is {record.state} already."
    if not any(_allows(role, action, record) for role in roles(user)):
        to_what = f"what is {record.state}" if record and action != "add" else "records"
        return f"Only {' and '.join(allowing)} may {DOING.get(action, f'{action} {to_what}')}."
    if record and territory(user) is not None and hasattr(record, "countries"):
        names = [str(country.name) for country in record.countries.all()]
        return f"“{record}” belongs to {_listed(names)}; you write for {_listed(_own_names(user))}."
    return ""


def refusal(user, action, record=None):
    """Return ``why_not``, and whom to ask: of people with a role, who see each other's names in histories."""
    why = why_not(user, action, record)
    return f"{why} {whom_to_ask(action, record)}" if why and why != NO_ROLE else why


def outside(user):
    """Return in words what ``user`` may not save: what would belong to none of their countries."""
    return OUTSIDE.format(countries=", ".join(sorted(territory(user) or ())) or "none yet")


def whom_to_ask(action, record=None):
    """Return a sentence that names who may do ``action`` on ``record``; where nobody may, the administrators."""
    able = [role for role in ROLES if _allows(role, action, record)]
    people = get_user_model().objects.filter(is_active=True, groups__name__in=able)
    if record and action in WRITING and not type(record).objects.of_territory([]).filter(pk=record.pk).exists():
        codes = [country.pk for country in record.countries.all()]  # it belongs to countries
        is_tied_to_none = Q(delegations__isnull=True) | Q(is_superuser=True)
        people = people.filter(is_tied_to_none | Q(delegations__countries__in=codes))
    people = people.distinct().order_by("username")
    able = (user.get_username() for user in people[:ASKED])
    names = list(islice(able, ASKED)) or [user.get_username() for user in administrators()[:ASKED]]
    return f"Ask one of: {', '.join(names)}." if len(names) > 1 else f"Ask {names[0]}." if names else ""


def _allows(role, action, record):
    states = ALLOWED[role].get(action, ())
    return record.state in states if record and action != "add" else bool(states)


def _own_names(user):
    """Return the names of the countries that ``user`` is tied to. One query a user object."""
    if not hasattr(user, "_own_names"):
        user._own_names = sorted(filter(None, user.delegations.values_list("countries__name", flat=True).distinct()))
    return user._own_names


def _listed(names):
    return ", ".join(names) or "no country"


def demand(user, action, record=None):
    """PermissionDenied, and a line in the log, unless ``user`` may do ``action``."""
    if not may(user, action, record):
        refuse(user, action, record, refusal(user, action, record))


def refuse(user, action, what=None, why=""):
    """Log that ``action`` was refused, and raise PermissionDenied that says ``why``."""
    note(user, action, what)
    denied = PermissionDenied(why)
    denied.is_noted = True  # whoever answers with 403 need not log it again
    raise denied


def note(user, action, what=None):
    """Log that ``action`` was refused. ``what``: a record or another row, words, or None."""
    record = f"{what._meta.model_name} {what.pk}" if hasattr(what, "_meta") else what or ""
    logger.warning("refused: user=%s action=%s record=%s", spelled(user.get_username()), action, record)


def spelled(name):
    """Return a user name for the log, in quotation marks where it could be taken for more than a name."""
    name = (name or "")[:150]
    return name if re.fullmatch(r"[\w.@+-]+", name) else ascii(name)


def administrators():
    """Return the users who may administer: of them one at least has to stay."""
    has_role = Q(groups__name=ADMINISTRATOR) | Q(is_superuser=True)
    return get_user_model().objects.filter(has_role, is_active=True).distinct()
