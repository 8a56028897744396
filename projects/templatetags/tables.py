"""The table of projects: what its cells show, which depends on the other projects shown."""

from collections import Counter
from decimal import Decimal

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.text import capfirst
from django.utils.translation import gettext

from projects.models import EUROPEAN_UNION
from projects.words import phrases

from .register import AMOUNT_NOT_KNOWN, UNKNOWN, amount

register = template.Library()


@register.simple_tag
def rows_of(projects):
    """Return ``[(project, cells)]``; cells: ``eu`` and ``total`` amounts, ``status``, ``countries``, ``instruments``.

    Bars are on one scale, of the most frequent currency. ``where``: the countries, to distinguish titles that occur
    more than once or begin another one.
    """
    amounts = {each["slug"]: (eu_contributions(each), [each["budget"]] if each["budget"] else []) for each in projects}
    single = [sums[0] for pair in amounts.values() for sums in pair if len(sums) == 1]
    [(currency, number)] = Counter(each["currency"] for each in single).most_common(1) or [("", 0)]
    compared = [Decimal(each["amount"]) for each in single if each["currency"] == currency]
    scale = currency, max(compared) if number > 1 else 0
    days, alike = status_days(projects), phrases.repeated(each["title"].casefold() for each in projects)
    rows, explained = [], set()
    for project in projects:
        eu, total = amounts[project["slug"]]
        countries = phrases.countries_in_words(project)
        cells = {
            "eu": amount_cell(eu, scale),
            "total": amount_cell(total, scale),
            "countries": countries,
            "where": countries if project["title"].casefold() in alike else "",
            "instruments": named_instruments(project, explained),
            "status": capfirst(phrases.own_word(project["status"])) or phrases.NOT_KNOWN,
            "day": project["status_as_of"] if len(days) > 1 and project["status"] != "completed" else None,
        }
        rows.append((project, cells))
    return rows


def eu_contributions(project):
    """Return what the EU contributes, a sum for each currency; [] if one of its contributions has no amount."""
    sums = Counter()
    for contribution in (each for each in project["contributions"] if each["funder"]["slug"] == EUROPEAN_UNION):
        if contribution["amount"] is None:
            return []
        sums[contribution["currency"]] += Decimal(contribution["amount"])
    return [{"amount": sum_, "currency": currency} for currency, sum_ in sums.items()]


BAR = '<svg class="bar" height="5" aria-hidden="true"><rect class="known" width="{}" height="5"/></svg>'


def amount_cell(sums, scale):
    """Return ``sums`` as HTML, a single one with its bar on ``scale``; or that they are not known."""
    if not sums:
        return format_html(UNKNOWN, AMOUNT_NOT_KNOWN)
    cell = format_html_join("", '<span class="amount">{}</span>', ((amount(**each),) for each in sums))
    (currency, largest), first = scale, sums[0]
    if len(sums) > 1 or first["currency"] != currency or not largest:
        return cell
    return cell + format_html(BAR, f"{Decimal(first['amount']) * 100 / largest:.2f}%")


def named_instruments(project, explained):
    """Return ``[(abbreviation, name)]`` of a project's instruments; "" for names ``explained``, to which it adds."""
    instruments = (part["instrument"] for part in project["contributions"] if part["instrument"])
    names = {each["code"]: each["name"] for each in instruments}
    named = [
        (phrases.instrument_code(code), "" if code in explained else phrases.record_name("instrument", name))
        for code, name in names.items()
    ]
    explained.update(names)
    return named


def status_days(projects):
    """Return the days on which sources said what the status of ``projects`` was; None: the source is undated.

    Completed projects are left out, because they stay completed.
    """
    return {each["status_as_of"] for each in projects if each["status"] not in (None, "completed")}


@register.simple_tag
def status_note(projects):
    """Return a note on the statuses of ``projects``: when their sources were written; "" if it does not matter."""
    days = status_days(projects)
    if not days:
        return ""
    if days == {None}:
        return gettext("Status according to the sources, which are undated.")
    if len(days) == 1:
        return gettext("Status according to the source of %(day)s.") % {"day": phrases.date_in_words(*days)}
    if None in days:
        return gettext("Status according to the source, on the date shown below it. No date: the source is undated.")
    return gettext("Status according to the source, on the date shown below it.")


@register.simple_tag
def sorted_by(name, order):
    """Return the attribute ``aria-sort`` of a heading, if the table is in its order."""
    way = {name: "ascending", f"-{name}": "descending"}.get(order)
    return format_html(' aria-sort="{}"', way) if way else ""
