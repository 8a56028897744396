"""How documents read on a page."""

from django import template

from projects import wording
from projects.models import Project

register = template.Library()


@register.filter
def money(member):
    """``{"amount", "currency"}`` as ``EUR 2,584,000``; what is not stated says so."""
    if not member or member.get("amount") is None:
        return wording.NOT_STATED
    return wording.amount_in_words(member["amount"], member["currency"])


@register.filter
def period(project):
    return wording.period_in_words(project["start_date"], project["end_date"])


@register.filter
def status(project):
    return wording.status_in_words(project["status"], project["status_as_of"])


@register.filter
def date(member):
    """A date member as people say it, with whether it is only planned."""
    if not member:
        return wording.NOT_STATED
    return wording.date_in_words(member["value"]) + (" (planned)" if member["planned"] else "")


@register.filter
def day(moment):
    """The day of a document's time: ``24 November 2026``."""
    return wording.date_in_words(moment[:10])


@register.filter
def given(mapping, key):
    """The value of ``key``, or nothing."""
    return (mapping or {}).get(key)


@register.filter
def with_role(organisations, role):
    return [member for member in organisations if member["role"] == role]


@register.filter
def kind_words(kind):
    """A kind's code as words: ``mobility-partnership`` is "mobility partnership"."""
    return {"eu": "EU instrument", "member-state": "money of EU Member States"}.get(kind, kind.replace("-", " "))


MEMBERS = {name: name.replace("_", " ") for name in Project.claimable} | {"budget": "total budget"}


@register.filter
def member_words(name):
    """A member's name as words."""
    return MEMBERS.get(name, name.replace("_", " "))
