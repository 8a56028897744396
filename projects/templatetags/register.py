"""How documents read on a page."""

from django import template

from instruments.models import Instrument, Partnership
from projects import wording

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
def instruments(project):
    """The codes of the instruments that a project's contributions name, each once."""
    codes = dict.fromkeys(part["instrument"]["code"] for part in project["contributions"] if part["instrument"])
    return ", ".join(codes) or wording.NOT_STATED


KINDS = dict([*Instrument.Kind.choices, *Partnership.Kind.choices])


@register.filter
def kind_words(kind):
    """The kind of an instrument or a partnership as words."""
    return KINDS[kind]
