"""Sums: commitments as contributions of who provides them, and the total where one budget is it."""

import re
from decimal import ROUND_HALF_UP, Decimal

from projects.iati import code_mappings
from projects.models.amounts import LARGEST
from projects.models.fields import currencies
from provenance.documents.declaration import money_member

from . import participants
from .texts import clean, identifier_of, line_of, listed
from .versions import code

MOST_CLAIMS = 100  # of commitments, in one activity
CENT = Decimal("0.01")
_NUMBER = re.compile(r"[+-]?([0-9]{1,20}(\.[0-9]{0,20})?|\.[0-9]{1,20})")  # xsd:decimal
_OUTGOING = code_mappings.OUTGOING_COMMITMENT
_PAYMENTS = {"3", "4"}  # disbursements and expenditures
_TYPES = {str(number) for number in range(1, 14)}  # codelist TransactionType
BY_RULE = "by IATI 2.03 the reporting organisation provides what names no provider"
_PART = "Not counted here: the activity is part of another, which states its own commitments."


def commitments(activity):
    """Yield (transaction, value element) of the outgoing commitments of an activity."""
    for transaction in activity.findall("transaction"):
        if _types(transaction) == {_OUTGOING} and len(transaction.findall("value")) == 1:
            yield transaction, transaction.find("value")


def _types(transaction):
    return {code(each) for each in transaction.findall("transaction-type")}


def states(activity):
    """Whether an activity states sums that those of its parts would count again."""
    if any(commitments(activity)):
        return True
    budgets = [clean(value.text) for value in activity.findall("budget/value")]
    return sum(1 for text in budgets if text.strip("0.")) == 1


def add(activity, extract, is_part):
    """Add the sums of ``contributions``, and ``budget``."""
    sums, unsaid, funders = {}, {}, [part["funder"] for part in extract.members["contributions"]]
    for transaction, value in commitments(activity):
        if not (amount := _amount(value, activity, extract)):
            continue
        provider = transaction.find("provider-org")
        if provider is None:
            provider = (
                extract.naming.reporting
            )  # IATI 2.03, transaction/provider-org: who reports, where it is left out
        key = participants.find(provider, extract) if provider is not None else None
        where = sums.setdefault(key, {}) if key else unsaid
        where.setdefault(amount[1], []).append((amount[0], value, transaction, provider))
    extract.committed.update(sums)
    for key, by_currency in sums.items():
        _contribution(key, by_currency, extract, is_part)
        if funders and key not in {funder["slug"] for funder in funders}:
            named = listed(funder["name"] for funder in funders)
            provider = extract.reference.organisations.names[key]
            extract.note(f"{provider} provides {_said(by_currency)}, but the activity names as its funders: {named}.")
    if unsaid:
        extract.note(f"Commitments without a provider, which are not counted: {_said(unsaid)}.")
    _budget(activity, extract, is_part, unsaid)
    _others(activity, extract)


def _others(activity, extract):
    """Note the transactions that the register has no place for: payments, and what cannot be read."""
    payments = {}
    for transaction in activity.findall("transaction"):
        types, values = _types(transaction), transaction.findall("value")
        place = f"Line {line_of(transaction)}"
        if len(types) != 1 or not types <= _TYPES:
            kind = ", ".join(sorted(types)) or "none"
            extract.note(f"{place}: a transaction of type “{kind[:40]}” is ignored. Types are 1 to 13.")
        elif len(values) != 1:
            extract.note(f"{place}: a transaction with {len(values)} values is ignored. Give it one.")
        elif types <= _PAYMENTS and _NUMBER.fullmatch(clean(values[0].text)):
            currency = clean(values[0].get("currency") or activity.get("default-currency")).upper()
            payments.setdefault(currency, []).append((Decimal(clean(values[0].text)),))
        elif types <= _PAYMENTS:
            extract.note(f"{place}: a payment of “{clean(values[0].text)[:40]}” is ignored.")
    if payments:
        extract.note(f"Payments, which the register does not record yet: {_said(payments, 'payment')}.")
    activities = {clean(each.get("provider-activity-id")) for each in activity.iter("provider-org")}
    if activities := activities - {"", identifier_of(activity)}:
        extract.note(f"Money from other activities: {listed(sorted(activities))}. The same money may count in both.")


def _amount(value, activity, extract):
    """Return (amount, currency) of a value element; None, with a note or fault, if it states none."""
    text, currency = clean(value.text), clean(value.get("currency") or activity.get("default-currency")).upper()
    column = f"{value.getparent().tag}/value"
    if not text:
        extract.note(f"Line {line_of(value)}: a {column} without a number is ignored.")
    elif not _NUMBER.fullmatch(text) or abs(Decimal(text)) > LARGEST:
        extract.fault(value, f"“{text[:40]}” is not an amount. Write it like 2584000 or 2584000.50.", column)
    elif not currency:
        extract.fault(value, "The amount has no currency. Give its ISO 4217 code, or a default-currency.", column)
    elif currency not in currencies():
        extract.fault(value, f"“{currency[:40]}” is not a currency. Give its ISO 4217 code, such as EUR.", column)
    else:
        return Decimal(text), currency
    return None


def _contribution(key, by_currency, extract, is_part):
    """The sum of what one funder commits, if it is in one currency and not below zero."""
    rows = [row for some in by_currency.values() for row in some]
    contribution = participants.funder(key, rows[0][3], extract)
    [(currency, some), *others] = by_currency.items()
    total = sum(amount for amount, *_ in some)
    set_aside = ""
    if is_part:
        set_aside = _PART
    elif others:
        set_aside = "Not stated: commitments of one funder in several currencies are not one sum."
    elif total < 0 or total > LARGEST:
        set_aside = "Not stated: the commitments come to no sum that the register can hold."
    else:
        contribution |= {"amount": f"{_rounded(total, extract)}", "currency": currency}
    if set_aside:
        extract.note(f"{contribution['funder']['name']}, {_said(by_currency)}. {set_aside}")
    _claims(rows, extract, set_aside)


def _rounded(amount, extract):
    """Return an amount in cents, halves away from zero."""
    cents = amount.quantize(CENT, ROUND_HALF_UP)
    if cents != amount:
        extract.note(f"{amount} was rounded to {cents}.")
    return cents


def _claims(rows, extract, set_aside):
    for _, value, transaction, provider in rows[:MOST_CLAIMS]:
        rule = "" if provider.getparent() is transaction else BY_RULE
        extract.claim("contributions", clean(value.text), transaction, set_aside, rule)
    if len(rows) > MOST_CLAIMS:
        extract.note(f"Of {len(rows)} commitments the first {MOST_CLAIMS} are quoted; the original has all.")


def _said(by_currency, noun="commitment"):
    """Return sums by currency in words: ``2 commitments, USD 30.00``."""
    return "; ".join(
        f"{len(rows)} {noun if len(rows) == 1 else f'{noun}s'}, {currency} {sum(row[0] for row in rows)}"
        for currency, rows in by_currency.items()
    )


def _budget(activity, extract, is_part, unsaid):
    """A total only where one budget alone, not zero, is for the whole time that the activity states."""
    extract.members["budget"] = None
    stated = []
    for element in activity.findall("budget"):
        for value in element.findall("value"):  # one; where there are more, none of them is the whole
            if (amount := _amount(value, activity, extract)) and amount[0]:
                stated.append((*amount, element, value))
    if not stated:
        return
    amount, currency, element, value = stated[0]
    if len(stated) > 1 or not _is_whole(element, extract) or amount < 0:
        periods = listed(f"{each[1]} {each[0]} ({_period(each[2])})" for each in stated)
        extract.note(f"Budgets for periods, which are not a total: {periods}.")
    elif is_part:
        extract.note(f"Budget of {currency} {amount}. {_PART}")
    elif _committed(extract, currency) + sum(row[0] for row in unsaid.get(currency, ())) > amount:
        extract.note(
            f"The budget of {currency} {amount} is less than the commitments, so it is not taken as the total."
        )
    else:
        extract.members["budget"] = money_member(_rounded(amount, extract), currency)
        extract.claim("budget", clean(value.text), element)


def _committed(extract, currency):
    """Return the sum of the contributions in ``currency``."""
    parts = extract.members["contributions"]
    return sum(
        (Decimal(part["amount"]) for part in parts if part["amount"] and part["currency"] == currency), Decimal(0)
    )


def _period(element):
    days = [clean(day.get("iso-date"))[:10] if day is not None else "" for day in map(element.find, _PERIOD)]
    return " to ".join(day or "?" for day in days)


_PERIOD = ("period-start", "period-end")


def _is_whole(element, extract):
    """Whether the period of a budget covers the time from start to end."""
    start, end = extract.members["start_date"], extract.members["end_date"]
    first, last = _period(element).split(" to ")
    return bool(start and end) and "?" not in (first, last) and first <= start["earliest"] and end["latest"] <= last
