"""Generates the documents of sample projects, always the same for a number and a seed."""

from functools import partial
from random import Random

from babel.lists import format_list

from instruments.models import Country, Instrument, Partnership
from projects.models import EUROPEAN_UNION, Organisation, Project, Theme
from projects.words.phrases import date_in_words
from provenance.documents.dates import PartialDate
from provenance.documents.declaration import date_member, money_member, short_member, shown_members
from provenance.models import Source, State
from provenance.store.build import blank

from . import frame
from .frame import words

_listed = partial(format_list, locale="en_GB")
PRESENT = 2024  # dates after this year are planned


class Generator:
    """Draws projects at random, from the documents of the records that they can refer to (``frame.make``)."""

    def __init__(self, records, seed):
        references = {model: [_reference(model, each) for each in documents] for model, documents in records.items()}
        self.seed, [self.source], self.countries = seed, references[Source], references[Country]
        self.themes = {theme["slug"]: theme for theme in references[Theme]}
        self.partnerships = {country["code"]: [] for country in self.countries}
        for document, agreement in zip(records[Partnership], references[Partnership], strict=True):
            for country in document["countries"]:
                self.partnerships[country["code"]].append(agreement)
        self.eu_instruments, self.other_instruments = (
            [_reference(Instrument, each) for each in records[Instrument] if (each["kind"] == "eu") is is_eu]
            for is_eu in (True, False)
        )
        organisations, states = {each["slug"]: each for each in references[Organisation]}, frame.member_states()
        self.union = organisations.pop(EUROPEAN_UNION)
        self.states = [organisations.pop(slug) for slug in states]
        self.bodies = list(organisations.values())

    def project(self, number):
        """Return (state, document) of the project with this number."""
        self.draw, self.claims = Random((self.seed << 64) + number), []  # noqa: S311 - nothing secret
        drawn = self.draw.random()
        state = State.DRAFT if drawn < 0.04 else State.WITHDRAWN if drawn < 0.07 else State.PUBLISHED
        document = blank(Project, f"sample-{number:06}")
        for members in (self._subject, self._dates, self._status, self._money, self._components, self._organisations):
            document |= members(document)
        return state, document | {"claims": self.claims}

    def _chance(self, share):
        return self.draw.random() < share

    def _some(self, values, least, most):
        """Return between ``least`` and ``most`` different values, in their order."""
        count = min(self.draw.randint(least, most), len(values))
        return [values[at] for at in sorted(self.draw.sample(range(len(values)), count))]

    def _claim(self, field, as_stated, quote):
        claim = {"field": field, "as_stated": as_stated, "quote": quote.format(as_stated), "source": self.source}
        self.claims.append(claim)

    def _subject(self, project):
        countries = self._some(self.countries, 1, 1 if self._chance(0.6) else 5)
        theme, subject = self.draw.choice(words.subjects)
        place = _listed([country["name"] for country in countries])
        title = f"{self.draw.choice(words.actions)} {subject} in {place}{self.draw.choice(words.endings)}"
        self._claim("title", title, "One example is: {}.")
        self._claim("countries", place, "It takes place in {}.")
        themes = {theme, *(other for other, _ in self._some(words.subjects, 0, 2))}
        possible = [agreement for country in countries for agreement in self.partnerships[country["code"]]]
        partnerships = sorted(self._some(possible, 0, 2), key=lambda agreement: agreement["slug"])
        for agreement in partnerships[:1]:
            self._claim("partnerships", agreement["name"], "It is carried out in line with the {}.")
        return {
            "title": title,
            "countries": countries,
            "themes": [self.themes[slug] for slug in sorted(themes)],
            "partnerships": partnerships,
            **self._texts(title, subject),
        }

    def _texts(self, title, subject):
        texts = {}
        if self._chance(0.3):
            short = "".join(word[0] for word in title.split() if word[0].isalpha()).upper()
            texts[short_member(Project)] = short
            self._claim(short_member(Project), short, "The project is known as {}.")
        aims = self._some(words.aims, 0, 4) if self._chance(0.7) else []
        if aims:
            texts["summary"] = f"The project works on {subject} and wants {aims[0]}."
            self._claim("summary", texts["summary"], "[…] {}")
        if aims[1:]:
            texts["objectives"] = aims[1:]
            self._claim("objectives", aims[1], f"It seeks {_listed(aims[1:])}.")
        return texts

    def _dates(self, project):
        year, length = self.draw.randint(2004, 2027), self.draw.randint(0, 5)
        start = None if self._chance(0.4) else self._date(year)
        end = None if self._chance(0.5) else self._date(year + length, only_year=not length)
        dates = {}
        for name, date, says in (("start_date", start, "began in"), ("end_date", end, "lasts until")):
            if date:
                planned = int(date.value[:4]) > PRESENT
                dates[name] = date_member(date, planned)
                self._claim(name, date_in_words(date.value), f"The work {'is planned for' if planned else says} {{}}.")
        return dates

    def _date(self, year, only_year=False):
        precision = 0 if only_year else self.draw.random()
        month, day = self.draw.randint(1, 12), self.draw.randint(1, 28)
        full = f"{year}-{month:02}-{day:02}"
        return PartialDate(full[:4] if precision < 0.4 else full[:7] if precision < 0.7 else full)

    def _status(self, project):
        if self._chance(0.5):
            return {}
        start, last_date = project["start_date"], project["end_date"] or project["start_date"]
        year = int(last_date["value"][:4]) if last_date else PRESENT
        is_planned = start and start["planned"]
        members = {"status": "planned" if is_planned else "ongoing" if year >= PRESENT - 4 else "completed"}
        self._claim("status", members["status"], words.status_sentences[members["status"]])
        if self._chance(0.2):
            date = self._date(min(year + 1, PRESENT + 1))
            members["status_as_of"] = date.value
            self._claim("status_as_of", date_in_words(date.value), "Report of {}")
        return members

    def _money(self, project):
        currency, members = self.draw.choice(words.currencies), {"contributions": []}
        total = 1000 * (1 + int(self.draw.random() ** 3 * 20_000)) if self._chance(0.55) else None
        if total:
            members["budget"] = money_member(total, currency)
            self._claim("budget", self._sum(total, currency), "The total budget comes to {}.")
        left = total or 5_000_000
        pairs = []
        if self._chance(0.75):
            instruments = self._some(self.eu_instruments, 0, 2 if self._chance(0.1) else 1)
            pairs += [(self.union, instrument) for instrument in instruments or [None]]
        if self._chance(0.35):
            for state in self._some(self.states, 1, 2):
                pairs.append((state, self.draw.choice(self.other_instruments) if self._chance(0.5) else None))
        for funder, instrument in pairs:
            amount = 100 * int(left * self.draw.random() // 100) if self._chance(0.6) else None
            left -= amount or 0
            members["contributions"].append(self._contribution(funder, instrument, amount, currency))
        return members

    def _contribution(self, funder, instrument, amount, currency):
        if amount is not None and self._chance(0.05):
            currency = "CHF" if currency != "CHF" else "EUR"
        as_stated = funder["name"] if amount is None else self._sum(amount, currency)
        share = "a part comes from {}" if amount is None else f"{{}} comes from {funder['name']}"
        under = f" under {instrument['code']}" if instrument else ""
        self._claim("contributions", as_stated, f"Of this, {share}{under}.")
        money = money_member(amount, currency) or {"amount": None, "currency": None}
        return {"funder": funder, "instrument": instrument, **money}

    def _sum(self, amount, currency):
        style = self.draw.random()
        if style < 0.2 and amount and amount % 1_000_000 == 0:
            return f"{currency} {amount // 1_000_000} millions"
        written = f"{amount:,}"
        return f"{currency} {written if style < 0.5 else written.replace(',', '.')}"

    def _components(self, project):
        if not self._chance(0.25):
            return {}
        parts = [{"number": at, "title": title} for at, title in enumerate(self._some(words.parts, 1, 5), 1)]
        listed = "; ".join(f"{part['number']}. {part['title']}" for part in parts)
        self._claim("components", listed, "Its parts are: {}.")
        return {"components": parts}

    def _organisations(self, project):
        participations, parts = [], [None, *(part["number"] for part in project["components"])]
        for role, share, most in (("lead", 0.8, 1), ("implementer", 0.5, 2), ("partner", 0.5, 4)):
            if self._chance(share):
                role_as_stated = words.roles[role] if self._chance(0.8) else None
                for body in self._some(self.bodies, 1, most):
                    part = None if role == "lead" else self.draw.choice(parts)
                    participations.append({**body, "role": role, "role_as_stated": role_as_stated, "component": part})
        for first in participations[:1]:
            says = first["role_as_stated"] or "the work of"
            self._claim("organisations", first["name"], f"The project is {says} {{}}.")
        return {"organisations": participations}


def _reference(model, document):
    """Return what the documents of others show of a record."""
    return {name: document[name] for name in shown_members(model)}
