"""Who takes part in an activity, who pays, and how much."""

import re
from decimal import ROUND_HALF_UP, Decimal

from projects.iati import code_mappings
from projects.models.amounts import LARGEST
from provenance.documents.declaration import money_member
from provenance.documents.sums import currencies

from . import codes
from .activity import SET_ASIDE
from .codes import code
from .organisations import name_in
from .texts import listed

MOST_CLAIMS = 100  # of commitments of one funder
CENT = Decimal("0.01")
_TRUE = ("1", "true")
_NUMBER = re.compile(r"[+-]?([0-9]{1,20}(\.[0-9]{0,20})?|\.[0-9]{1,20})")  # xsd:decimal
_RULE = "by IATI 2.03 the reporting organisation provides what names no provider"
_OPEN = "Not counted: it is not clear what the activity is part of, which may count the same money."
_SEVERAL = "Not stated: commitments of one funder in several currencies are not one sum."
_NO_SUM = "Not stated: the commitments come to no sum that the register can hold."


def read(activity):
    """Set the ``sums`` of an activity: what it states before it is known which organisations these are.

    (role, Party, claim) of participants; (Party of the provider or None, amount, currency, claims of the amount and of
    the provider) of commitments;
    (amount, currency, first day or "", last day or "", claim) of budgets.
    """
    activity.sums = [list(part(activity)) for part in (_participants, _commitments, _budgets)]
    payers = [*activity.inside("provider-org"), *activity.inside("provider-org", of="planned-disbursement")]
    if others := {each.get("provider-activity-id") for each in payers} - {"", activity.identifier}:
        activity.note(f"Money from other activities: {listed(sorted(others))}. The same money may count in both.")


def add(activity, organisations, *, is_open=False):
    """Add the members ``organisations``, ``contributions`` and ``budget`` of the ``sums`` of an activity.

    ``is_open``: a person has to decide what the activity is part of.
    """
    activity.members |= {"organisations": [], "contributions": [], "budget": None}
    participants, stated, budgets = activity.sums
    _roles(activity, participants, organisations)
    commitments = {}  # {key of the provider, None if none is known: {currency: [(amount, claims)]}}
    for party, amount, currency, claims in stated:
        key = party and organisations.find(party, activity)
        commitments.setdefault(key, {}).setdefault(currency, []).append((amount, claims))
    _contributions(activity, commitments, organisations, is_open)
    _budget(activity, budgets, commitments, is_open)


def _participants(activity):
    for element in activity["participating-org"]:
        role = code(element)
        if role == code_mappings.FUNDING or role in codes.ROLES:
            member = "contributions" if role == code_mappings.FUNDING else "organisations"
            yield role, activity.parties[element], _name_claim(activity, member, element)
        else:
            message = f"“{role[:40]}” is not a role. Use a code of OrganisationRole, 1 to 4."
            activity.fault(element, element.tag, message)


def _roles(activity, participants, organisations):
    """Add each role of an organisation, and each funder, without a sum."""
    roles, funders = {}, {}
    for role, party, claim in participants:
        if not (key := organisations.find(party, activity)):
            continue
        if role == code_mappings.FUNDING:
            if key in funders:
                continue
            funders[key] = _contribution(key, organisations)
        else:
            role, word = codes.ROLES[role]
            member = {"slug": key, "name": organisations.names[key], "role": role, "role_as_stated": word}
            member = roles.setdefault((key, role), member | {"component": None})
            if word not in member["role_as_stated"]:
                member["role_as_stated"] += f", {word}"
        activity.add(claim)
    activity.members |= {"organisations": list(roles.values()), "contributions": list(funders.values())}


def _contribution(key, organisations):
    funder = {"slug": key, "name": organisations.names[key]}
    return {"funder": funder, "instrument": None, "amount": None, "currency": None}


def _name_claim(activity, member, element):
    return activity.claim(member, name_in(element) or element.get("ref"), element)


def _commitments(activity):
    """Yield the commitments of an activity, and note its other transactions."""
    # By default, the reporting organisation pays, unless as a secondary reporter it repeats what others do.
    reporters = [each for each in activity["reporting-org"][:1] if each.get("secondary-reporter") not in _TRUE]
    others, lines = {}, {}
    for transaction in activity["transaction"]:
        types = {code(each) for each in transaction.all("transaction-type")}
        values = transaction.all("value")
        providers = [each for each in transaction.all("provider-org") if each.get("ref") or each.in_english()]
        if len(types) != 1 or not types <= codes.TRANSACTIONS.keys():
            kind = ", ".join(sorted(types)) or "none"
            why = f"of type “{kind[:40]}” is ignored. Types are 1 to 13."
        elif len(values) != 1:
            why = f"with {len(values)} values is ignored. Give it one."
        elif len(providers) > 1:
            why = f"with {len(providers)} providers is ignored. Give it one."
        elif types == {code_mappings.OUTGOING_COMMITMENT}:
            if amount := _amount(values[0], activity):
                provider, rule = next(iter(providers or reporters), None), "" if providers else _RULE
                party, claims = activity.parties.get(provider), ()
                if party:
                    claim = activity.claim("contributions", values[0].words, transaction, rule)
                    claims = claim, _name_claim(activity, "contributions", provider)
                    if line := lines.get(claim["quote"]):
                        words = f"the same commitment as in line {line}. Both are counted; is that right?"
                        activity.note(f"Line {transaction.line}: {words}")
                    lines[claim["quote"]] = transaction.line
                yield party, *amount, claims
            continue
        elif _NUMBER.fullmatch(text := values[0].words):
            by_currency = others.setdefault(codes.TRANSACTIONS[min(types)], {})
            by_currency.setdefault(_currency(values[0], activity), []).append((Decimal(text), []))
            continue
        else:
            why = f"of “{text[:40]}” is ignored."
        activity.note(f"Line {transaction.line}: a transaction {why}")
    for noun, by_currency in others.items():
        which = f"{noun[0].upper()}{noun[1:]}s, which the register does not record yet"
        activity.note(f"{which}: {_in_words(by_currency, noun)}.")


def _currency(value, activity):
    return (value.get("currency") or activity.element.get("default-currency")).upper()


def _amount(value, activity):
    """Return (amount, currency) of a value element; None, with a note or fault, if it states none."""
    text, currency, column = value.words, _currency(value, activity), value.path
    if not text:
        activity.note(f"Line {value.line}: a {column} without a number is ignored.")
        return None
    if not _NUMBER.fullmatch(text) or abs(Decimal(text)) > LARGEST:
        message = f"“{text[:40]}” is not an amount up to {LARGEST:,}. Write it like 2584000 or 2584000.50."
    elif not currency:
        message = "The amount has no currency. Give its ISO 4217 code, or a default-currency."
    elif currency not in currencies():
        message = f"“{currency[:40]}” is not a currency. Give its ISO 4217 code, such as EUR."
    else:
        return Decimal(text), currency
    activity.fault(value, column, message)
    return None


def _contributions(activity, commitments, organisations, is_open):
    """Add the commitments of each provider to the contributions, if they make one sum."""
    contributions = {part["funder"]["slug"]: part for part in activity.members["contributions"]}
    funders = listed(part["funder"]["name"] for part in contributions.values())
    activity.committed = commitments.keys() - {None}
    for key, by_currency in commitments.items():
        if key is None:
            activity.note(f"Commitments without a provider, which are not counted: {_in_words(by_currency)}.")
            continue
        name, rows = organisations.names[key], [row for pairs in by_currency.values() for row in pairs]
        if key not in contributions:
            contributions[key] = _contribution(key, organisations)
            activity.add(rows[0][1][1])
            if funders:
                words = f"{name} provides {_in_words(by_currency)}"
                activity.note(f"{words}, but the activity names as its funders: {funders}.")
        [(currency, amounts), *others] = by_currency.items()
        total = sum(amount for amount, _ in amounts)
        why = _OPEN if is_open else _SEVERAL if others else None if 0 <= total <= LARGEST else _NO_SUM
        if why:
            activity.note(f"{name}, {_in_words(by_currency)}. {why}")
        else:
            contributions[key] |= {"amount": f"{_rounded(total, activity)}", "currency": currency}
        for _, claims in rows[:MOST_CLAIMS]:
            activity.add({**claims[0], **SET_ASIDE, "set_aside": why} if why else claims[0])
        if len(rows) > MOST_CLAIMS:
            activity.note(f"Of {len(rows)} commitments the first {MOST_CLAIMS} are quoted; the original has all.")
    activity.members["contributions"] = list(contributions.values())


def _rounded(amount, activity):
    """Return an amount in cents, halves away from zero."""
    cents = amount.quantize(CENT, ROUND_HALF_UP)
    if cents != amount:
        activity.note(f"{amount} was rounded to {cents}.")
    return cents


def _in_words(by_currency, noun="commitment"):
    """Return sums by currency in words: ``2 commitments, USD 30.00``."""
    return "; ".join(
        f"{len(rows)} {noun if len(rows) == 1 else f'{noun}s'}, {currency or 'no currency stated,'}"
        f" {sum(amount for amount, _ in rows)}"
        for currency, rows in by_currency.items()
    )


def _budgets(activity):
    for element in activity["budget"]:
        periods = [element.all(each) for each in ("period-start", "period-end")]
        first, last = [period[0].get("iso-date")[:10] if len(period) == 1 else "" for period in periods]
        if max(map(len, periods)) > 1:
            activity.note(f"Line {element.line}: a budget with several starts or ends of its period is no total.")
        if first and last and last < first:
            activity.note(f"Line {element.line}: the period of a budget ends ({last}) before it begins ({first}).")
        for value in element.all("value"):  # should be one; of several, none is the whole
            if amount := _amount(value, activity):
                yield *amount, first, last, activity.claim("budget", value.words, element)


def _budget(activity, budgets, commitments, is_open):
    """Take a single budget for the whole period of the activity as the total; note any other.

    ``commitments``: ``{provider: {currency: [(amount, claims)]}}``.
    """
    if not budgets:
        return
    budgets = [each for each in budgets if each[0]] or budgets  # a year without a budget is no part of the total
    amount, currency, first, last, claim = budgets[0]
    committed = [each for by_currency in commitments.values() for each, _ in by_currency.get(currency, ())]
    start, end = activity.members["start_date"], activity.members["end_date"]
    is_whole = start and end and first and last and first <= start["earliest"] and end["latest"] <= last
    if len(budgets) > 1 or not is_whole or amount <= 0:
        periods = (f"{each[1]} {each[0]} ({each[2] or '?'} to {each[3] or '?'})" for each in budgets)
        if amount or is_whole:  # of single years, 0 says nothing
            activity.note(f"Budgets that are not a total: {listed(periods)}.")
    elif is_open:
        activity.note(f"Budget of {currency} {amount}. {_OPEN}")
    elif sum(committed) > amount:
        reason = f"The budget of {currency} {amount} is less than the commitments"
        activity.note(f"{reason}, so it is not taken as the total.")
    else:
        activity.add(claim)
        activity.members["budget"] = money_member(_rounded(amount, activity), currency)
