"""Random questions: query strings that the contract allows, with values that the register has or had."""

from urllib.parse import urlencode

from projects.words.terms import terms_of
from provenance.documents.dates import PartialDate
from provenance.documents.folding import countries
from tests.support.oracle import GAPS, GROUPINGS, ROLES, SORTED_BY, STATUSES, named

QUOTES = ['""', "“”", "„“", "«»", "‹›", "「」"]


class Questions:
    """Draws questions about the register that a Reading tells, of those ``parameters`` that the filter takes."""

    def __init__(self, draw, reading, parameters):
        self.draw, self.reading = draw, reading
        self.projects = [reading.projects[slug] for slug in sorted(reading.projects)]
        self.parameters = [name for name in sorted(vars(type(self))) if name in {f"_{each}" for each in parameters}]

    def question(self):
        """Return ``{parameter: [values]}``, about a project that there is more often than not."""
        project, asked = self.draw.choice(self.projects), {}
        names = self.draw.sample(self.parameters, self.draw.choice([0, 1, 1, 2, 2, 3, 4]))
        for name in [*names, *(["_q"] if self.draw.random() < 0.3 else [])]:
            asked |= getattr(self, name)(project)
        if self.draw.random() < 0.5:
            asked["sort"] = [self.draw.choice(["", "-"]) + self.draw.choice(sorted(SORTED_BY))]
        return {name: values for name, values in asked.items() if values}

    def group_by(self):
        return self.draw.choice(["", *GROUPINGS])

    def _either(self, own, others, most=3):
        """Return some of the project's own values, or of all."""
        values = sorted(own) if own and self.draw.random() < 0.6 else sorted(others)
        return self.draw.sample(values, min(len(values), self.draw.randint(1, most)))

    def _keys(self, name, project):
        return {name: self._either(named(project, name), self.reading.labels[name])}

    def _country(self, project):
        return self._keys("country", project)

    def _instrument(self, project):
        return self._keys("instrument", project)

    def _partnership(self, project):
        return self._keys("partnership", project)

    def _theme(self, project):
        return self._keys("theme", project)

    def _organisation(self, project):
        merged = self.reading.moved.get("organisation", {})
        asked = {"organisation": self._either(named(project, "organisation"), {*self.reading.organisations, *merged})}
        return asked | ({"role": self._either((), ROLES, 2)} if self.draw.random() < 0.5 else {})

    def _status(self, project):
        return {"status": self._either([project["status"] or "not-stated"], STATUSES, 2)}

    def _not_stated(self, _project):
        return {"not_stated": self._either((), GAPS, 2)}

    # -- when --

    def _day(self, project):
        """Return a date as precise as any, near one of the project's if it states any."""
        dates = [date for date in (project["start_date"], project["end_date"]) if date]
        if dates and self.draw.random() < 0.6:
            text = self.draw.choice(dates)[self.draw.choice(["value", "earliest", "latest"])]
        else:
            text = f"{self.draw.randint(1988, 2034)}-{self.draw.randint(1, 12):02}-{self.draw.randint(1, 28):02}"
        return PartialDate(text[: self.draw.choice([4, 7, 10, 10])])

    def _active_from(self, project):
        days = sorted([self._day(project), self._day(project)], key=lambda day: day.earliest)
        if days[1].latest < days[0].earliest or self.draw.random() < 0.3:
            days[self.draw.choice([0, 1])] = ""
        asked = {"active_from": [str(days[0])], "active_to": [str(days[1])]}
        asked["certainty"] = [self.draw.choice(["", "possible", "dated", "certain"])]
        return {name: values for name, values in asked.items() if values != [""]}

    def _modified_from(self, project):
        at = sorted([project["modified"], self.draw.choice(self.projects)["modified"]])
        length = self.draw.choice([10, 20, 20])
        asked = {"modified_from": [at[0][:length]], "modified_to": [at[1][:length]]}
        return {name: asked[name] for name in self.draw.choice([list(asked), list(asked), *([name] for name in asked)])}

    # -- how much --

    def _amount_min(self, project):
        amounts = [each["budget"]["amount"] for each in (project, self.draw.choice(self.projects)) if each["budget"]]
        ordered = sorted([*amounts, "1000000.00", "0.01"], key=float)
        bounds = {"amount_min": [ordered[0]], "amount_max": [ordered[-1]]}
        if self.draw.random() < 0.5:
            del bounds[self.draw.choice(list(bounds))]
        asked = {name: [self._written(value)] for name, [value] in bounds.items()}
        currency = project["budget"] and project["budget"]["currency"]
        return asked | ({"currency": [self.draw.choice([currency, currency.lower(), "USD"])]} if currency else {})

    def _written(self, amount):
        """Return an amount as people write it; a thousand and two and a half look alike, so with cents."""
        whole, cents = amount.split(".")
        grouped = f"{int(whole):,}"
        return self.draw.choice([amount, f"{grouped}.{cents}", f"{grouped.replace(',', '.')},{cents}",
                                 f"{grouped.replace(',', ' ')}.{cents}"])  # fmt: skip

    # -- words --

    def _q(self, project):
        for _again in range(20):
            text = " ".join(self._term(project) for _ in range(self.draw.choice([1, 1, 1, 2, 2, 3])))
            text = "".join(self.draw.choice([str.upper, str.lower, str, str, str])(text)).strip()[:200].strip()
            if terms_of(text):
                return {"q": [text]}
        return {}

    def _term(self, project):
        """Return a word, a part of one or a phrase of what a project is found by, with a minus now and then."""
        words = self._text(project).split() or ["migration"]
        drawn, at = self.draw.random(), self.draw.randrange(len(words))
        if drawn < 0.3:
            opening, closing = self.draw.choice(QUOTES)
            term = f"{opening}{' '.join(words[at : at + self.draw.randint(1, 3)])}{closing}"
        elif drawn < 0.6:
            begin = self.draw.randrange(max(1, len(words[at]) - 1))
            term = words[at][begin : begin + self.draw.randint(2, 6)]
        else:
            term = words[at]
        return f"-{term}" if self.draw.random() < 0.15 else term

    def _text(self, project):
        named_ones = [self.reading.organisations[slug] for slug in sorted(named(project, "organisation"))]
        texts = [
            project["title"], project["acronym"], project["summary"], *project["objectives"],
            *(claim["quote"] for claim in project["claims"]), *named(project, "instrument"),
            *(countries("fr")[code] for code in named(project, "country")), *named(project, "theme").values(),
            *(text for each in named_ones for text in (each["name"], each["acronym"], *each["aliases"])),
        ]  # fmt: skip
        return self.draw.choice([text for text in texts if text])


def query_of(asked, **more):
    """Return a question as a query string."""
    return urlencode({name: values for name, values in (asked | more).items() if values != ""}, doseq=True)
