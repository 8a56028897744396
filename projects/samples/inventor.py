"""Invents projects: the one of a number is always the same, for the same seed and names."""

from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from random import Random

from provenance.dates import PartialDate

from . import words

MOST_COMPONENTS = 5
_PRESENT = 2024  # the year after which dates are planned ones
partial_date = lru_cache(maxsize=20_000)(PartialDate)


@dataclass(slots=True)
class Sample:
    """A project before it is a row: the values of its columns, and rows of its lists."""

    number: int
    state: str
    row: dict
    countries: list = field(default_factory=list)
    partnerships: list = field(default_factory=list)
    themes: list = field(default_factory=list)
    components: list = field(default_factory=list)
    contributions: list = field(default_factory=list)
    organisations: list = field(default_factory=list)
    claims: list = field(default_factory=list)  # (field, as stated, quote)


class Inventor:
    """Draws what a project is from what the frame holds."""

    def __init__(self, frame, seed):
        self.frame, self.seed = frame, seed

    def project(self, number):
        """Return the Sample of this number."""
        self.random = Random((self.seed << 64) + number).random  # noqa: S311 - nothing secret
        row = {"slug": slug_of(number), "acronym": "", "summary": "", "objectives": []}
        sample = Sample(number, self._state(), row)
        self._describe(sample)
        self._set_dates(sample)
        self._set_status(sample)
        self._fund(sample)
        self._divide(sample)
        self._staff(sample)
        return sample

    # -- draws --

    def _pick(self, values):
        return values[int(self.random() * len(values))]

    def _some(self, values, most, least=0):
        """Return up to ``most`` different ones; if ``least`` is 1, not none."""
        random, length = self.random, len(values)
        count = least + int(random() * (most - least + 1)) if values else 0
        return list({values[int(random() * length)]: None for _ in range(count)})

    def _chance(self, share):
        return self.random() < share

    def _state(self):
        drawn = self.random()
        return "draft" if drawn < 0.04 else "withdrawn" if drawn < 0.07 else "published"

    # -- what it is --

    def _describe(self, sample):
        row, frame = sample.row, self.frame
        sample.countries = sorted(self._some(frame.countries, 1 if self._chance(0.6) else 5, 1))
        theme, subject = self._pick(words.SUBJECTS)
        place = _and([name for _, name in sample.countries])
        row["title"] = title = f"{self._pick(words.ACTIONS)} {subject} in {place}{self._pick(words.ENDINGS)}"
        sample.claims.append(("title", title, f"One example is: {title}."))
        sample.claims.append(("countries", place, f"It takes place in {place}."))
        others = self._some(words.SUBJECTS, 2)
        sample.themes = [frame.themes[slug] for slug in sorted({theme, *(slug for slug, _ in others)})]
        self._set_texts(sample, subject)
        self._link_partnerships(sample)

    def _set_texts(self, sample, subject):
        row, claims = sample.row, sample.claims
        if self._chance(0.3):
            row["acronym"] = acronym = "".join(word[0] for word in row["title"].split() if word[0].isalpha()).upper()
            claims.append(("acronym", acronym, f"The project is known as {acronym}."))
        aims = self._some(words.AIMS, 4) if self._chance(0.7) else []
        if aims:
            row["summary"] = summary = f"The project works on {subject} and wants {aims[0]}."
            claims.append(("summary", summary, f"[…] {summary}"))
        if len(aims) > 1:
            row["objectives"] = aims[1:]
            claims.append(("objectives", aims[1], f"It seeks {_and(aims[1:])}."))

    def _link_partnerships(self, sample):
        found = [row for code, _ in sample.countries for row in self.frame.partnerships.get(code, ())]
        sample.partnerships = sorted(self._some(found, 2))
        for _, name, _ in sample.partnerships[:1]:
            sample.claims.append(("partnerships", name, f"It is carried out in line with the {name}."))

    # -- when --

    def _set_dates(self, sample):
        year = 2004 + int(self.random() * 24)
        start = None if self._chance(0.4) else self._date(year)
        length = int(self.random() * 6)
        end = None if self._chance(0.5) else self._date(year + length, only_year=not length)
        for name, date, says in (("start_date", start, "began in"), ("end_date", end, "lasts until")):
            sample.row[name] = date
            sample.row[f"{name}_planned"] = planned = bool(date) and int(date.value[:4]) > _PRESENT
            if date:
                says = "is planned for" if planned else says
                sample.claims.append((name, _in_words(date), f"The work {says} {_in_words(date)}."))

    def _date(self, year, only_year=False):
        drawn = 0 if only_year else self.random()
        if drawn < 0.4:
            return partial_date(f"{year}")
        month = f"{year}-{1 + int(self.random() * 12):02}"
        return partial_date(month if drawn < 0.7 else f"{month}-{1 + int(self.random() * 28):02}")

    def _set_status(self, sample):
        row = sample.row
        row["status"], row["status_as_of"] = "", None
        if self._chance(0.5):
            return
        stated = row["end_date"] or row["start_date"]
        year = int(stated.value[:4]) if stated else _PRESENT
        row["status"] = status = (
            "planned" if row["start_date_planned"] else "ongoing" if year >= _PRESENT - 4 else "completed"
        )
        sample.claims.append(("status", status, words.STATUS_SENTENCES[status]))
        if self._chance(0.2):
            row["status_as_of"] = date = self._date(min(year + 1, _PRESENT + 1))
            sample.claims.append(("status_as_of", _in_words(date), f"Report of {_in_words(date)}"))

    # -- for how much --

    def _fund(self, sample):
        row, currency = sample.row, self._pick(words.CURRENCIES)
        total = 1000 * (1 + int(self.random() ** 3 * 20_000)) if self._chance(0.55) else None
        row["budget_amount"], row["budget_currency"] = total and Decimal(total), currency if total else ""
        if total:
            stated = self._amount_in_words(total, currency)
            sample.claims.append(("budget", stated, f"The total budget comes to {stated}."))
        left = total or 5_000_000
        for funder, instrument in self._funders():
            amount = 100 * int(left * self.random() // 100) if self._chance(0.6) else None
            left -= amount or 0
            self._contribute(sample, funder, instrument, amount, currency)

    def _funders(self):
        """Return funders with their instruments, each pair once."""
        frame, given = self.frame, []
        if self._chance(0.75):
            most = 2 if self._chance(0.1) else 1
            given += [(frame.european_union, instrument) for instrument in self._some(frame.eu_instruments, most)]
            given = given or [(frame.european_union, (None, None))]
        if self._chance(0.35):
            for state in self._some(frame.states, 2, 1):
                instrument = self._pick(frame.other_instruments) if self._chance(0.5) else (None, None)
                given.append((state, instrument))
        return given

    def _contribute(self, sample, funder, instrument, amount, currency):
        if amount is not None and self._chance(0.05):
            currency = "CHF" if currency != "CHF" else "EUR"
        stated = funder[1] if amount is None else self._amount_in_words(amount, currency)
        share = "a part" if amount is None else stated
        under = f" under {instrument[0]}" if instrument[0] else ""
        sample.claims.append(("contributions", stated, f"Of this, {share} comes from {funder[1]}{under}."))
        money = (None, "") if amount is None else (Decimal(amount), currency)
        sample.contributions.append((*funder, *instrument, *money))

    def _amount_in_words(self, amount, currency):
        style = self.random()
        if style < 0.2 and amount and amount % 1_000_000 == 0:
            return f"{currency} {amount // 1_000_000} millions"
        written = f"{amount:,}"
        return f"{currency} {written if style < 0.5 else written.replace(',', '.')}"

    # -- by whom --

    def _divide(self, sample):
        if self._chance(0.25):
            titles = self._some(words.PARTS, MOST_COMPONENTS, 1)
            sample.components = [(number, title) for number, title in enumerate(titles, 1)]
            listed = "; ".join(f"{number}. {title}" for number, title in sample.components)
            sample.claims.append(("components", listed, f"Its parts are: {listed}."))

    def _staff(self, sample):
        parts = [None, *(number for number, _ in sample.components)]
        for role, share, most in (("lead", 0.8, 1), ("implementer", 0.5, 2), ("partner", 0.5, 4)):
            if not self._chance(share):
                continue
            as_stated = words.ROLES[role] if self._chance(0.8) else ""
            bodies = self._some(self.frame.bodies, most, 1)
            for body in bodies:
                part = parts[0] if role == "lead" else self._pick(parts)
                sample.organisations.append((*body, role, as_stated, part))
        if sample.organisations:
            _, name, _, as_stated, *_ = sample.organisations[0]
            sample.claims.append(("organisations", name, f"The project is {as_stated or 'the work of'} {name}."))


def slug_of(number):
    return f"sample-{number:06}"


def _and(names):
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


@lru_cache(maxsize=20_000)
def _in_words(date):
    """Return a date as a report writes it: 2012, May 2012, 31 May 2012."""
    year, *rest = date.value.split("-")
    parts = [year]
    if rest:
        parts.insert(0, words.MONTHS[int(rest[0]) - 1])
    if len(rest) > 1:
        parts.insert(0, str(int(rest[1])))
    return " ".join(parts)
