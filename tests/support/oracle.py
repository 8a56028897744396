"""What a register answers, read off its documents one by one: the rules of docs/api.md in plain Python.

It knows no table, no queryset and no index, so that it can be compared with pages, files and the API. A question
is ``{parameter: [values]}``. What counts as a letter it takes from ``folding``, what a search consists of from
``terms``, names in French from ``phrases``, and how a sum is written from ``amounts``: those are pure, and have tests
of their own.
"""

from calendar import monthrange
from collections import Counter, defaultdict
from decimal import Decimal

from projects.models.amounts import parse_amount
from projects.search.as_of import parse
from projects.words.phrases import names_in_every_language
from projects.words.terms import terms_of
from provenance.documents.folding import countries, fold, foldings

ROLES = ("lead", "implementer", "partner", "funder")
GAPS = ("budget", "start_date", "end_date", "instrument", "lead", "implementer")
STATUSES = ("planned", "ongoing", "completed", "not-stated")
GROUPINGS = ("country", "instrument", "partnership", "organisation", "theme", "status", "year")
NOT_OF_SOURCES = {"slug", "url", "themes", "unattributed", "claims", "modified"}  # members that no source states
YEARS = 40  # the list offers so many at most, the last ones
LEVELS = 4  # a whole, its parts, their parts, and theirs
PARTNER_LANGUAGES = ("az", "be", "hy", "ka", "ro", "ru", "uk")
TOGETHER = {
    "role": "organisation", "active_from": "period", "active_to": "period", "certainty": "period",
    "amount_min": "amount", "amount_max": "amount", "currency": "amount",
}  # fmt: skip


class Reading:
    """A register as its documents tell it. ``moved``: ``{parameter: {key of a merged record: key that it has now}}``."""

    def __init__(self, projects, organisations, moved=None):
        self.projects = {project["slug"]: project for project in projects}
        self.organisations = {each["slug"]: each for each in organisations}
        self.moved = moved or {}
        self._lines = {}
        self.labels = defaultdict(dict)
        for project in self.projects.values():
            for by in GROUPINGS:
                self.labels[by] |= named(project, by)

    # -- which --

    def matching(self, asked, without=()):
        """Return the slugs of the projects that ``asked`` finds. ``without``: parameters taken as not given."""
        conditions = self._conditions({name: asked[name] for name in asked if name not in without})
        return {slug for slug, project in self.projects.items() if all(holds(project) for holds in conditions)}

    def listed(self, asked):
        """Return the same in the order asked for: blanks last either way, ties by slug."""
        sort = one(asked, "sort") or "title"
        value_of = SORTED_BY[sort.removeprefix("-")]
        rows = [(value_of(self.projects[slug]), slug) for slug in sorted(self.matching(asked))]
        with_value = [row for row in rows if row[0] is not None]
        with_value.sort(key=lambda row: row[0], reverse=sort.startswith("-"))
        return [slug for _, slug in [*with_value, *(row for row in rows if row[0] is None)]]

    def _conditions(self, asked):
        """Return functions of a document, all of which hold of what ``asked`` finds."""
        conditions = []
        for name in ("country", "instrument", "partnership", "theme"):
            if wanted := self.keys(asked, name):
                conditions.append(lambda project, name=name, wanted=wanted: wanted & named(project, name).keys())
        if asked.get("organisation"):
            organisations, roles = self.keys(asked, "organisation"), asked.get("role")
            conditions.append(lambda project: organisations & in_roles(project, roles))
        if asked.get("status"):
            conditions.append(lambda project: (project["status"] or "not-stated") in asked["status"])
        if asked.get("not_stated"):
            conditions.append(lambda project: any(lacks(project, member) for member in asked["not_stated"]))
        if query := one(asked, "q"):
            conditions.append(lambda project: self._occur(project, terms_of(query)))
        if any(one(asked, name) for name in ("active_from", "active_to")):
            first, last = (bound(one(asked, name)) for name in ("active_from", "active_to"))
            certainty = one(asked, "certainty") or "possible"
            conditions.append(lambda project: is_active(project, first and first[0], last and last[1], certainty))
        if any(one(asked, name) for name in ("amount_min", "amount_max")):
            limits = one(asked, "amount_min"), one(asked, "amount_max")
            least, most = (parse_amount(text) if text else None for text in limits)
            currency = (one(asked, "currency") or "EUR").upper()
            conditions.append(lambda project: lies_between(project["budget"], currency, least, most))
        for name, side in (("modified_from", "earliest"), ("modified_to", "latest")):
            if text := one(asked, name):
                at, is_first = f"{getattr(parse(text), side):%Y-%m-%dT%H:%M:%SZ}", side == "earliest"
                conditions.append(lambda project, at=at, is_first=is_first:
                             project["modified"] >= at if is_first else project["modified"] <= at)  # fmt: skip
        return conditions

    def keys(self, asked, name):
        """Return the keys asked for; of a record that was merged, that of the other."""
        return {self.moved.get(name, {}).get(key, key) for key in asked.get(name, ())}

    def _occur(self, project, terms):
        """Whether each of the terms occurs in one of the texts of a project, or in none where it is left out."""
        if project["slug"] not in self._lines:
            texts = filter(None, self._texts(project))
            self._lines[project["slug"]] = "\n".join({line for text in texts for line in foldings(text)})
        lines = self._lines[project["slug"]]
        return all(term.occurs_in(lines) is not term.is_left_out for term in terms)

    def _texts(self, project):
        yield from (project["title"], project["acronym"], project["summary"], *project["objectives"])
        yield from (component["title"] for component in project["components"])
        yield from (claim["quote"] for claim in project["claims"])
        for by in ("country", "instrument", "partnership", "theme", "organisation"):
            for key, name in named(project, by).items():
                yield from names_in_every_language(by, key, name)
        for code in named(project, "country"):
            yield from (countries(language).get(code) for language in PARTNER_LANGUAGES)
        yield from named(project, "instrument")
        for slug in named(project, "organisation"):
            yield from (self.organisations[slug]["acronym"], *self.organisations[slug]["aliases"])

    # -- how many, how much --

    def stats(self, asked):
        """Return what ``/api/v1/stats/`` answers."""
        rows, by = self.matching(asked), one(asked, "group_by")
        members = defaultdict(set)
        for slug in rows if by else ():
            for key in named(self.projects[slug], by):
                members[key].add(slug)
        return {
            "total": self.total(asked, rows),
            "groups": [self._group(by, key, members[key]) for key in sorted(members)],
            "overlapping": any(number > 1 for number in Counter(
                slug for slugs in members.values() for slug in slugs).values()),
        }  # fmt: skip

    def total(self, asked, rows):
        """Return how many projects ``rows`` (slugs) are, and the sums of their totals and of what was asked for."""
        figure = {"projects": len(rows), **self._sums(rows, self._budget)}
        funders = self.keys(asked, "organisation") if "funder" in asked.get("role", ()) else set()
        instruments = self.keys(asked, "instrument")
        if funders or instruments:
            sums = self._sums(rows, lambda project: [
                part for part in self._contributions(project)
                if (not funders or part["funder"] in funders) and (not instruments or part["instrument"] in instruments)
            ])  # fmt: skip
            figure["contributions"] = sums["amounts"]
            if "counted_in_parent" in sums:
                figure["contributions_counted_in_parent"] = sums["counted_in_parent"]
        return figure

    def _group(self, by, key, slugs):
        sums = {
            "instrument": lambda project: [p for p in self._contributions(project) if p["instrument"] == key],
            "organisation": lambda project: [p for p in self._contributions(project) if p["funder"] == key],
        }  # fmt: skip
        label = self.labels[by][key]
        return {
            "key": str(key),
            "label": str(label),
            "projects": len(slugs),
            **self._sums(slugs, sums.get(by, self._budget)),
        }

    def _sums(self, slugs, stated_by):
        """Return the sums by currency of what ``stated_by`` gives of each project, nothing counted twice."""
        amounts, stated_for, left_out = defaultdict(Decimal), defaultdict(set), set()
        for slug in slugs:
            for part in stated_by(self.projects[slug]):
                if part["counts_above"]:
                    left_out.add(slug)
                else:
                    amounts[part["currency"]] += Decimal(part["amount"])
                    stated_for[part["currency"]].add(slug)
        figure = {
            "amounts": [
                {"currency": currency, "amount": f"{amounts[currency]:.2f}", "stated_for": len(stated_for[currency])}
                for currency in sorted(amounts)
            ]
        }
        return figure | ({"counted_in_parent": len(left_out)} if left_out else {})

    def _budget(self, project):
        budget = project["budget"]
        above = budget and any(
            (whole["budget"] or {}).get("currency") == budget["currency"] for whole in self.wholes(project)
        )
        return [{**budget, "counts_above": above}] if budget else []

    def _contributions(self, project):
        above = {
            (part["funder"]["slug"], part["currency"])
            for whole in self.wholes(project) for part in whole["contributions"] if part["amount"] is not None
        }  # fmt: skip
        return [
            {
                "amount": part["amount"], "currency": part["currency"], "funder": part["funder"]["slug"],
                "instrument": part["instrument"] and part["instrument"]["code"],
                "counts_above": (part["funder"]["slug"], part["currency"]) in above,
            }
            for part in project["contributions"] if part["amount"] is not None
        ]  # fmt: skip

    def wholes(self, project):
        """Yield the projects that a project is part of, the nearest first."""
        for _level in range(1, LEVELS):
            if not project.get("part_of"):
                return
            project = self.projects[project["part_of"]["slug"]]
            yield project

    # -- what the pages offer --

    def facets(self, asked):
        """Return ``{parameter: {value: number}}`` of the list: what each value would give beside all else asked for."""
        numbers = {}
        for name in ("country", "instrument", "partnership", "theme", "organisation"):
            roles = asked.get("role") if name == "organisation" else None
            keys_of = (lambda project, roles=roles: in_roles(project, roles)) if roles else named_by(name)
            numbers[name] = self._counted(self.matching(asked, [name]), keys_of, self.keys(asked, name))
        organisations = self.keys(asked, "organisation")
        numbers["role"] = self._counted(
            self.matching(asked, ["role"]) if organisations else (),
            lambda project: [role for role in ROLES if organisations & in_roles(project, [role])], asked.get("role", ()),
        )  # fmt: skip
        numbers["status"] = self._counted(
            self.matching(asked, ["status"]),
            lambda project: [project["status"] or "not-stated"],
            asked.get("status", ()),
        )
        numbers["not_stated"] = self._counted(
            self.matching(asked, ["not_stated"]),
            lambda project: [member for member in GAPS if lacks(project, member)], asked.get("not_stated", ()),
        )  # fmt: skip
        return numbers

    def _counted(self, slugs, keys_of, picked):
        counts = Counter(dict.fromkeys(picked, 0))
        for slug in slugs:
            counts.update(list(keys_of(self.projects[slug])))
        return dict(counts)

    def years(self, asked):
        """Return ``{year: number}``: of the projects of all else that is asked for, those active in it; no zeros."""
        rows = [self.projects[slug] for slug in self.matching(asked, ["active_from", "active_to"])]
        known = [int(date[side][:4]) for project in rows for date in dates(project) if date for side in SIDES]
        certainty = "certain" if one(asked, "certainty") == "certain" else "dated"
        numbers = {
            str(year): sum(is_active(project, f"{year}-01-01", f"{year}-12-31", certainty) for project in rows)
            for year in (range(max(min(known), max(known) - YEARS + 1), max(known) + 1) if known else ())
        }
        return {year: number for year, number in numbers.items() if number}

    def gaps(self):
        """Return ``{member: {country: number}}`` of the page of gaps; country "" is all projects."""
        members = (*GAPS, "status")
        counts = {member: Counter() for member in members}
        for project in self.projects.values():
            for member in members:
                if lacks(project, member):
                    counts[member].update(["", *named(project, "country")])
        return counts

    def findings(self, day):
        """Return ``{rule: slugs}`` of what readers should know besides; ``day``: when the register last changed."""
        above = defaultdict(Decimal)
        for project in self.projects.values():
            whole = next(self.wholes(project), None)
            if whole and whole["budget"] and (project["budget"] or {}).get("currency") == whole["budget"]["currency"]:
                above[whole["slug"]] += Decimal(project["budget"]["amount"])
        rules = {
            "no-source": has_no_source,
            "undecided": lambda project: "undecided" in map(status_of, project["claims"]),
            "reads-otherwise": lambda project: any(
                claim.get("reading") == "otherwise" and status_of(claim) == "adopted" for claim in project["claims"]
            ),
            "quote-not-found": lambda project: any(
                claim.get("evidence", {}).get("verdict") == "not-found" and status_of(claim) == "adopted"
                for claim in project["claims"]
            ),
            "dates-passed": lambda project: (
                project["status"] in ("ongoing", "planned") and project["end_date"] and project["end_date"]["latest"] < day
            ),
            "parts-above-total": lambda project: project["budget"] and amount_of(project["budget"]) < sum(
                Decimal(part["amount"]) for part in project["contributions"]
                if part["amount"] and part["currency"] == project["budget"]["currency"]
            ),
            "projects-above-whole": lambda project: (
                project["slug"] in above and above[project["slug"]] > amount_of(project["budget"])
            ),
        }  # fmt: skip
        return {
            name: {slug for slug, project in self.projects.items() if is_found(project)}
            for name, is_found in rules.items()
        }


def one(asked, name):
    """Return the value of a parameter that takes one; empty if it is not given."""
    return (asked.get(name) or [""])[0]


def named_by(by):
    return lambda project: named(project, by)


def named(project, by):
    """Return ``{key: label}`` of the groups by one of GROUPINGS that a document is in."""
    if by == "instrument":
        return {
            part["instrument"]["code"]: part["instrument"]["name"]
            for part in project["contributions"]
            if part["instrument"]
        }
    if by == "organisation":
        funders = [part["funder"] for part in project["contributions"]]
        return {each["slug"]: each["name"] for each in [*project["organisations"], *funders]}
    if by == "status":
        return {project["status"]: project["status"]} if project["status"] else {}
    if by == "year":
        year = project["start_date"] and int(project["start_date"]["earliest"][:4])
        return {year: year} if year else {}
    member, key = {
        "country": ("countries", "code"), "partnership": ("partnerships", "slug"), "theme": ("themes", "slug")
    }[by]  # fmt: skip
    return {each[key]: each["name"] for each in project[member]}


def in_roles(project, roles):
    """Return the organisations that have one of ``roles`` in a project; without roles, all that it names."""
    if not roles:
        return named(project, "organisation").keys()
    organisations = {each["slug"] for each in project["organisations"] if each["role"] in roles}
    return organisations | (
        {part["funder"]["slug"] for part in project["contributions"]} if "funder" in roles else set()
    )


def lacks(project, member):
    """Whether no source states ``member``, one of GAPS or the status."""
    if member == "instrument":
        return not named(project, "instrument")
    if member in ROLES:
        return not in_roles(project, [member])
    return project[member] is None


SIDES = ("earliest", "latest")
SORTED_BY = {
    "title": lambda project: fold(project["title"]),
    "start_date": lambda project: project["start_date"] and project["start_date"]["earliest"],
    "end_date": lambda project: project["end_date"] and project["end_date"]["latest"],
    "budget": lambda project: project["budget"] and amount_of(project["budget"]),
    "modified": lambda project: project["modified"],
}


def has_no_dates(project):
    return not any(dates(project))


def amount_of(money):
    return Decimal(money["amount"])


def dates(project):
    return project["start_date"], project["end_date"]


def bound(text):
    """Return the first and the last day, as ISO text, of a year, a month or a day; None of nothing."""
    if not text:
        return None
    first = (text + "-01-01")[:10]
    if len(text) == 10:
        return first, first
    month = "12" if len(text) == 4 else text[5:7]
    return first, f"{text[:4]}-{month}-{monthrange(int(text[:4]), int(month))[1]:02}"


def is_active(project, first, last, certainty):
    """Whether a project was active from ``first`` to ``last``, days as ISO text or None, by one of the certainties."""
    start, end = dates(project)
    if certainty == "certain":
        is_told = start and end and not start["planned"] and not end["planned"]
        return bool(is_told and (not last or start["latest"] <= last) and (not first or end["earliest"] >= first))
    if certainty == "dated" and has_no_dates(project):
        return False
    return (not last or not start or start["earliest"] <= last) and (not first or not end or end["latest"] >= first)


def lies_between(budget, currency, least, most):
    if not budget or budget["currency"] != currency:
        return False
    return (least is None or amount_of(budget) >= least) and (most is None or amount_of(budget) <= most)


def status_of(claim):
    return claim.get("status") or ("set-aside" if claim.get("set_aside") else "adopted")


def has_no_source(project):
    """Whether a project states something for which no adopted claim stands."""
    supported = {claim["field"] for claim in project["claims"] if status_of(claim) == "adopted"}
    return any(value not in (None, []) for name, value in project.items() if name not in supported | NOT_OF_SOURCES)
