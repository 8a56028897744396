"""Who takes part and who pays: read with the activity, and settled when all organisations of the file are known."""

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from projects.iati import code_mappings
from projects.models.amounts import LARGEST
from projects.models.fields import currencies
from provenance.documents.declaration import money_member

from . import codes
from .activity import Statement
from .codes import code
from .organisations import Naming, Party, mention, name_in
from .texts import clean, listed

MOST_CLAIMS = 100  # of commitments of one funder, in one activity
CENT = Decimal("0.01")
_NUMBER = re.compile(r"[+-]?([0-9]{1,20}(\.[0-9]{0,20})?|\.[0-9]{1,20})")  # xsd:decimal
_RULE = "by IATI 2.03 the reporting organisation provides what names no provider"
_OPEN = "Not counted: it is not clear what the activity is part of, which may count the same money."


class Commitment(NamedTuple):
    amount: Decimal
    currency: str
    provider: Party | None
    stated: Statement | None  # of the amount
    named: Statement | None  # of the provider


class Budget(NamedTuple):
    amount: Decimal
    currency: str
    first: str  # days of its period; "" where it states none
    last: str
    stated: Statement


# -- What the activity states --


def add(elements, mentions):
    """Add participants, commitments and budgets, and to ``mentions``, ``{Party: Mention}``, whom it names."""
    activity, naming = elements.activity, Naming(elements)
    for element in (*elements["participating-org"], *elements.inside("provider-org"), *elements["reporting-org"]):
        party = naming.party(element)
        if party not in mentions:
            mentions[party] = mention(element, party, elements)
        mentions[party].count += 1
    for element in elements["participating-org"]:
        role = code(element)
        if role == code_mappings.FUNDING or role in codes.ROLES:
            member = "contributions" if role == code_mappings.FUNDING else "organisations"
            activity.participants.append((role, naming.party(element), _named(element, member, elements)))
        else:
            what = f"“{role[:40]}” is not a role. Use a code of OrganisationRole, 1 to 4."
            activity.fault(elements.line(element), element.tag, what)
    _transactions(elements, activity, naming)
    for element in elements["budget"]:
        for value in element.findall("value"):  # one; where there are more, none of them is the whole
            if (amount := _amount(value, elements, activity)) and amount[0]:
                days = [element.find(each) for each in ("period-start", "period-end")]
                days = [clean(day.get("iso-date"))[:10] if day is not None else "" for day in days]
                stated = elements.statement("budget", clean(value.text), element)
                activity.budgets.append(Budget(*amount, *days, stated))
    others = {clean(each.get("provider-activity-id")) for each in elements.element.iter("provider-org")}
    if others := others - {"", activity.identifier}:
        activity.note(f"Money from other activities: {listed(sorted(others))}. The same money may count in both.")


def _named(element, member, elements):
    """Return the Statement of an element that names an organisation."""
    return elements.statement(member, name_in(element) or clean(element.get("ref")), element)


def _transactions(elements, activity, naming):
    payments, seen = {}, {}
    for transaction, children in elements.transactions:
        types = {code(each) for each in children.get("transaction-type", ())}
        values, place = children.get("value", ()), f"Line {elements.line(transaction)}"
        if len(types) != 1 or not types <= codes.TRANSACTIONS:
            kind = ", ".join(sorted(types)) or "none"
            activity.note(f"{place}: a transaction of type “{kind[:40]}” is ignored. Types are 1 to 13.")
        elif len(values) != 1:
            activity.note(f"{place}: a transaction with {len(values)} values is ignored. Give it one.")
        elif types == {code_mappings.OUTGOING_COMMITMENT} and (amount := _amount(values[0], elements, activity)):
            provider = next(iter(children.get("provider-org", ())), naming.reporting)
            rule = "" if "provider-org" in children else _RULE
            party = naming.party(provider) if provider is not None else None
            seen[party] = seen.get(party, 0) + 1
            stated = named = None
            if party and seen[party] <= MOST_CLAIMS:
                stated = elements.statement("contributions", clean(values[0].text), transaction, rule)
                named = _named(provider, "contributions", elements) if seen[party] == 1 else None
            activity.commitments.append(Commitment(*amount, party, stated, named))
        elif types <= codes.PAYMENTS and _NUMBER.fullmatch(text := clean(values[0].text)):
            payments.setdefault(_currency(values[0], elements), []).append((Decimal(text),))
        elif types <= codes.PAYMENTS:
            activity.note(f"{place}: a payment of “{text[:40]}” is ignored.")
    if payments:
        activity.note(f"Payments, which the register does not record yet: {_said(payments, 'payment')}.")


def _currency(value, elements):
    return clean(value.get("currency") or elements.element.get("default-currency")).upper()


def _amount(value, elements, activity):
    """Return (amount, currency) of a value element; None, with a note or fault, if it states none."""
    text, currency, column = clean(value.text), _currency(value, elements), f"{value.getparent().tag}/value"
    if not text:
        activity.note(f"Line {elements.line(value)}: a {column} without a number is ignored.")
        return None
    if not _NUMBER.fullmatch(text) or abs(Decimal(text)) > LARGEST:
        what = f"“{text[:40]}” is not an amount. Write it like 2584000 or 2584000.50."
    elif not currency:
        what = "The amount has no currency. Give its ISO 4217 code, or a default-currency."
    elif currency not in currencies():
        what = f"“{currency[:40]}” is not a currency. Give its ISO 4217 code, such as EUR."
    else:
        return Decimal(text), currency
    activity.fault(elements.line(value), column, what)
    return None


# -- What it means, once all organisations of the file are known --


def settle(activity, organisations, *, is_open=False, may_add=True):
    """Add the members ``organisations``, ``contributions`` and ``budget``.

    ``is_open``: a person decides what it is part of; ``may_add``: whether organisations that are unknown are added.
    """
    contributions, roles, sums, unsaid = {}, {}, {}, {}
    for role, party, stated in activity.participants:
        if key := _find(party, activity, organisations, may_add):
            if role != code_mappings.FUNDING:
                _add_role(role, key, organisations.names[key], roles)
                activity.add(stated)
            elif key not in contributions:
                contributions[key] = _contribution(key, organisations)
                activity.add(stated)
    named = {key: part["funder"]["name"] for key, part in contributions.items()}
    for each in activity.commitments:
        key = each.provider and _find(each.provider, activity, organisations, may_add)
        where = sums.setdefault(key, {}) if key else unsaid
        where.setdefault(each.currency, []).append(each)
    activity.committed.update(sums)
    for key, by_currency in sums.items():
        if key not in contributions:
            contributions[key] = _contribution(key, organisations)
            activity.add(next(iter(by_currency.values()))[0].named)
        contributions[key] |= _sum(by_currency, organisations.names[key], activity, is_open)
        if named and key not in named:
            stated = f"{organisations.names[key]} provides {_said(by_currency)}"
            activity.note(f"{stated}, but the activity names as its funders: {listed(named.values())}.")
    if unsaid:
        activity.note(f"Commitments without a provider, which are not counted: {_said(unsaid)}.")
    activity.members |= {"organisations": [*roles.values()], "contributions": [*contributions.values()]}
    activity.members["budget"] = _budget(activity, is_open, unsaid) if activity.budgets else None


def _find(party, activity, organisations, may_add):
    """Return the key of the organisation that a Party is; None, and a note, if that is not sure."""
    key, notes = organisations.key_of(party, may_add)
    for note in notes:
        activity.note(note)
    return key


def _contribution(key, organisations):
    funder = {"slug": key, "name": organisations.names[key]}
    return {"funder": funder, "instrument": None, "amount": None, "currency": None}


def _add_role(number, key, name, roles):
    role, word = codes.ROLES[number]
    member = {"slug": key, "name": name, "role": role, "role_as_stated": word, "component": None}
    member = roles.setdefault((key, role), member)
    if word not in member["role_as_stated"]:
        member["role_as_stated"] += f", {word}"


def _sum(by_currency, funder, activity, is_open):
    """Return the ``amount`` and ``currency`` that one funder commits, if it is in one currency and not below zero."""
    [(currency, some), *others] = by_currency.items()
    total, set_aside, found = sum(each.amount for each in some), None, {}
    if is_open:
        set_aside = _OPEN
    elif others:
        set_aside = "Not stated: commitments of one funder in several currencies are not one sum."
    elif total < 0 or total > LARGEST:
        set_aside = "Not stated: the commitments come to no sum that the register can hold."
    else:
        found = {"amount": f"{_rounded(total, activity)}", "currency": currency}
    if set_aside:
        activity.note(f"{funder}, {_said(by_currency)}. {set_aside}")
    rows = [each for some in by_currency.values() for each in some]
    for stated in [each.stated for each in rows if each.stated][:MOST_CLAIMS]:
        activity.add(stated._replace(set_aside=set_aside))
    if len(rows) > MOST_CLAIMS:
        activity.note(f"Of {len(rows)} commitments the first {MOST_CLAIMS} are quoted; the original has all.")
    return found


def _rounded(amount, activity):
    """Return an amount in cents, halves away from zero."""
    cents = amount.quantize(CENT, ROUND_HALF_UP)
    if cents != amount:
        activity.note(f"{amount} was rounded to {cents}.")
    return cents


def _said(by_currency, noun="commitment"):
    """Return sums by currency in words: ``2 commitments, USD 30.00``."""
    return "; ".join(
        f"{len(rows)} {noun if len(rows) == 1 else f'{noun}s'}, {currency} {sum(row[0] for row in rows)}"
        for currency, rows in by_currency.items()
    )


def _budget(activity, is_open, unsaid):
    """Return the total: one budget alone that is for the whole time that the activity states; else None, and a note."""
    only, parts = activity.budgets[0], activity.members["contributions"]
    committed = [Decimal(part["amount"]) for part in parts if part["amount"] and part["currency"] == only.currency]
    committed += [each.amount for each in unsaid.get(only.currency, ())]
    if len(activity.budgets) > 1 or not _is_whole(only, activity.members) or only.amount < 0:
        periods = (
            f"{each.currency} {each.amount} ({each.first or '?'} to {each.last or '?'})" for each in activity.budgets
        )
        activity.note(f"Budgets for periods, which are not a total: {listed(periods)}.")
    elif is_open:
        activity.note(f"Budget of {only.currency} {only.amount}. {_OPEN}")
    elif sum(committed) > only.amount:
        what = f"The budget of {only.currency} {only.amount} is less than the commitments"
        activity.note(f"{what}, so it is not taken as the total.")
    else:
        activity.add(only.stated)
        return money_member(_rounded(only.amount, activity), only.currency)
    return None


def _is_whole(budget, members):
    """Whether the period of a budget covers the time from start to end."""
    start, end = members["start_date"], members["end_date"]
    is_dated = start and end and budget.first and budget.last
    return bool(is_dated) and budget.first <= start["earliest"] and end["latest"] <= budget.last
