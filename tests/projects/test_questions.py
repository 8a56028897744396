"""Random questions: every door answers what reading the documents one by one gives, of today and of any time before.

``QUESTIONS=1000 ROWS=10000`` asks more, of a larger register too; ``SEED`` others.
"""

import json
import os
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from django.core.cache import cache
from django.core.management import call_command

from projects import samples
from projects.index import follower
from projects.search.facets import SHOWN
from projects.search.filters import ProjectFilter
from projects.words.terms import terms_of
from tests.conftest import EXAMPLES
from tests.support.oracle import GROUPINGS, TOGETHER, Reading, has_no_dates
from tests.support.questions import Questions, query_of
from tests.support.shown import (
    ShownPage,
    asked_for,
    cells,
    counts,
    documents,
    gaps,
    in_iati,
    told_by_feed,
    values,
    walked,
)
from tests.support.stirrer import Stirrer

pytestmark = pytest.mark.django_db
SEED = int(os.environ.get("SEED", "0"))
SIZES = [(8, 4 * EXAMPLES, 3), (40, 3 * EXAMPLES, 3)]  # projects, questions, moments
if "ROWS" in os.environ:
    SIZES.append((int(os.environ["ROWS"]), int(os.environ.get("QUESTIONS", "100")), 20))
ROWS = [rows for rows, *_ in SIZES]
WHOLE = 1000  # rows up to which all files of each question are read
ROW = ("slug", "country_codes", "start_date_earliest", "budget_amount", "status", "modified")


class Register:
    """A register of about ``rows`` projects of all sorts; each of its changes is some hours after the one before."""

    def __init__(self, rows, monkeypatch):
        self.rows, self.now, self.stirrer = rows, datetime(2026, 3, 1, 12, tzinfo=UTC), Stirrer(SEED)
        monkeypatch.setattr("provenance.store.log._now", lambda: self.now)
        if rows == 8:
            call_command("load_fixtures", verbosity=0)
        samples.make(4 if rows == 8 else rows, seed=SEED, beside_others=True)

    def change(self, **options):
        self.now += timedelta(hours=7, milliseconds=1234)
        self.stirrer.stir(max(3, self.rows // 10), **options)

    def read(self, client):
        """Return what its documents say now."""
        moved = {"organisation": dict(self.stirrer.moved)}
        return Reading(documents(client, "projects"), documents(client, "organisations"), moved)


@pytest.fixture
def made(monkeypatch):
    """Return the function that makes a Register."""
    return lambda rows: Register(rows, monkeypatch)


def stirred(made, rows):
    register = made(rows)
    for _ in range(4):
        register.change()
    return register


# -- Today --


@pytest.mark.slow
@pytest.mark.parametrize(("rows", "number", "_moments"), SIZES)
def test_every_door_answers_what_the_documents_say(client, made, rows, number, _moments):
    draw, reading = Random(SEED), stirred(made, rows).read(client)
    questions, sizes = Questions(draw, reading, ProjectFilter.base_filters), set()
    for _ in range(number):
        asked, group_by = questions.question(), questions.group_by()
        compared = differences(client, reading, asked, group_by, draw)
        assert [each for each in compared if each[1] != each[2]] == [], query_of(asked)
        sizes.add(min(2, len(reading.matching(asked))))
    assert sizes >= {0, 2}  # nothing is found, and several


@pytest.mark.slow
@pytest.mark.parametrize(("rows", "number", "_moments"), SIZES)
def test_list_answers_what_the_documents_say(client, made, rows, number, _moments):
    """Many more questions at the door that is the quickest to ask."""
    draw, reading = Random(SEED + 1), stirred(made, rows).read(client)
    questions = Questions(draw, reading, ProjectFilter.base_filters)
    for _ in range(10 * number):
        asked = questions.question()
        query = query_of(asked, page_size=100, fields="slug")
        answer, rows = json.loads(asked_for(client, f"/api/v1/projects/?{query}")), reading.listed(asked)
        answered = answer["count"], [project["slug"] for project in answer["results"]]
        assert answered == (len(rows), rows[:100]), query


def differences(client, reading, asked, group_by, draw):
    """Yield (what is asked, what the documents say, what is answered) of all doors."""
    query, rows = query_of(asked), reading.listed(asked)
    total = reading.total(asked, rows)
    yield from api(client, reading, query, rows, draw)
    figures = asked_for(client, f"/api/v1/stats/?{query_of(asked, sort='', group_by=group_by)}")
    yield "stats", reading.stats(asked | {"group_by": [group_by]}), json.loads(figures)
    yield from page(client, reading, asked, rows, total)
    name = draw.choice(["country", "instrument", "partnership", "theme", "organisation"])
    numbers, picked = reading.facets(asked)[name], asked.get(name, [])
    others = {key: number for key, number in numbers.items() if number and key not in reading.keys(asked, name)}
    yield f"all of {name}", others, values(client, name, query, picked)
    doors = [as_json, as_lines, as_table, as_activities, as_feed]
    for door in doors if len(rows) < WHOLE else [draw.choice(doors[:3])]:
        yield from door(client, reading, query, rows, total)


def api(client, reading, query, rows, draw):
    size = draw.choice([1, 7, 25, 100])
    number = draw.randint(1, max(1, -(-len(rows) // size)))
    answer = json.loads(asked_for(client, f"/api/v1/projects/?{query}&page_size={size}&page={number}"))
    expected = rows[(number - 1) * size : number * size]
    yield "count", len(rows), answer["count"]
    yield "API", [reading.projects[slug] for slug in expected], answer["results"]
    beyond = client.get(f"/api/v1/projects/?{query}&page_size={size}&page={len(rows) // size + 2}")
    yield "page past the end", 404, beyond.status_code
    if len(rows) <= 5 * size:
        pages = [rows[at : at + size] for at in range(0, len(rows), size)] or [[]]
        yield "cursor", (pages, pages[:-1]), walked(client, query, size)


def page(client, reading, asked, rows, total):
    shown = ShownPage(client, f"/projects/?{query_of(asked)}")
    yield "page", (len(rows), rows[:25]), (shown.number, shown.slugs)
    yield "sums on the page", sums(total), shown.sums
    for name, numbers in reading.facets(asked).items():
        yield from facet(name, numbers, reading.keys(asked, name), shown.ticks.get(name, {}))
    by_year = ShownPage(client, f"/projects/values/year/?{query_of(asked)}&page_size=100")
    yield "years", reading.years(asked), {year: number for year, (number, _) in by_year.years.items() if number}
    for number, there in [
        *((number, there) for number, there, is_picked in by_year.values if not is_picked),
        *shown.offers,
        *shown.meant,
    ]:
        yield f"link to {there}", len(reading.matching(there)), number
    is_loosened = not rows and not shown.meant
    yield "loosened", loosened(reading, asked) if is_loosened else [], sorted(number for number, _ in shown.offers)
    has_period = any(asked.get(name) for name in ("active_from", "active_to")) and asked.get("certainty") != ["certain"]
    undated = [slug for slug in reading.matching(asked, ["certainty"]) if has_no_dates(reading.projects[slug])]
    yield "undated", len(undated) if has_period else 0, shown.undated


def sums(total):
    """Return what a page says of a total; of no project it says nothing."""
    if not total["projects"]:
        return [], []
    figures = [*total["amounts"], *total.get("contributions", ())]
    shown = sorted((each["currency"], each["amount"], each["stated_for"]) for each in figures)
    return shown, sorted(total[name] for name in total if name.endswith("counted_in_parent"))


def facet(name, numbers, picked, ticks):
    """The numbers are right, what was picked stands first, and nothing that is left out is larger than what is shown."""
    yield f"facet {name}", {value: numbers.get(value, 0) for value in ticks}, {v: n for v, (n, _) in ticks.items()}
    yield f"ticks of {name}", set(picked), {value for value, (_, is_ticked) in ticks.items() if is_ticked}
    others = [number for number, is_ticked in ticks.values() if not is_ticked]
    yield f"order of {name}", sorted(others, reverse=True), others
    left_out = [number for value, number in numbers.items() if value not in ticks and number]
    yield (
        f"left out of {name}",
        [],
        [each for each in left_out if len(ticks) < SHOWN or each > min(others, default=each)],
    )


def loosened(reading, asked):
    """Return how many projects there would be without each filter alone, or each word of a search.

    Filters that go together are taken together. The whole search is dropped only if no word alone may be.
    """
    fewer, together, terms = [], {}, terms_of(" ".join(asked.get("q", ())))
    for term in terms if len(terms) > 1 else ():
        others = " ".join(each.as_typed for each in terms if each is not term)
        fewer.append(reading.matching(asked | {"q": [others]}))
    for name in asked.keys() - ({"sort", "q"} if any(fewer) else {"sort"}):
        together.setdefault(TOGETHER.get(name, name), []).append(name)
    fewer += [reading.matching(asked, names) for names in together.values()]
    return sorted(filter(None, map(len, fewer)))


def as_json(client, reading, query, rows, total):
    answer = json.loads(asked_for(client, f"/projects.json?{query}"))
    yield "JSON", [reading.projects[slug] for slug in rows], answer["results"]
    names = {"count": "projects", "amounts": "amounts", "contributions": "contributions"}
    yield "sums of JSON", [total.get(name) for name in names.values()], [answer["about"].get(name) for name in names]


def as_lines(client, reading, query, rows, _total):
    lines = asked_for(client, f"/projects.ndjson?{query}").splitlines()
    yield "NDJSON", [reading.projects[slug] for slug in rows], [json.loads(line) for line in lines]


def as_table(client, reading, query, rows, _total):
    answered = [tuple(row[name] for name in ROW) for row in cells(client, query)]
    yield "CSV", [row_of(reading.projects[slug]) for slug in rows], answered


def row_of(project):
    """Return some cells of a project in the CSV file."""
    start, budget = project["start_date"], project["budget"]
    countries = "; ".join(country["code"] for country in project["countries"])
    return (project["slug"], countries, start["earliest"] if start else "", budget["amount"] if budget else "",
            project["status"] or "", project["modified"])  # fmt: skip


def as_activities(client, _reading, query, rows, _total):
    """All are in the IATI file, or said to be left out; a file that would hold none is not there."""
    held = in_iati(client, query)
    yield "IATI", rows, rows if held is None else held


def as_feed(client, _reading, query, rows, _total):
    """Those of the list have news; of others nothing is told but that they were withdrawn."""
    by_category = told_by_feed(client, query)
    yield (
        "feed",
        set(rows),
        {slug for category, slugs in by_category.items() if category != "withdrawn" for slug in slugs},
    )


@pytest.mark.parametrize("rows", ROWS)
def test_gaps_are_those_of_the_documents(client, made, rows):
    reading = stirred(made, rows).read(client)
    day = json.loads(asked_for(client, "/projects.json?page_size=1"))["about"]["at"][:10]
    missing, rules = gaps(client)
    lacking = {member: {code: n for code, n in each.items() if n} for member, each in reading.gaps().items()}
    assert missing == {member: numbers for member, numbers in lacking.items() if numbers}
    expected = reading.findings(day)
    assert {rule: number for rule, (number, _) in rules.items()} == {
        rule: len(slugs) for rule, slugs in expected.items()
    }
    assert any(expected.values())
    for rule, (number, slugs) in rules.items():
        assert slugs <= expected[rule], rule
        assert len(slugs) == min(number, 50), rule


@pytest.mark.parametrize("rows", ROWS)
def test_home_and_records_tell_the_projects_of_the_documents(client, made, rows):
    reading = stirred(made, rows).read(client)
    home = ShownPage(client, "/")
    assert home.said_sums("figure") == sums(reading.total({}, reading.projects))
    missing = {asked["not_stated"][0]: number for number, asked in home.gaps}
    assert missing == {member: numbers[""] for member, numbers in reading.gaps().items() if member in missing}
    assert missing
    for collection, name in (
        ("countries", "country"), ("instruments", "instrument"), ("partnerships", "partnership"),
        ("organisations", "organisation"),
    ):  # fmt: skip
        projects_of = {key: reading.listed({name: [key]}) for key in counts(client, collection)}
        assert counts(client, collection) == {key: len(slugs) for key, slugs in projects_of.items()}
        assert any(projects_of.values())
        for key in Random(SEED).sample([key for key in projects_of if projects_of[key]], 2):
            shown, slugs = ShownPage(client, f"/{collection}/{key}/"), projects_of[key]
            assert shown.number == len(slugs)
            assert shown.slugs
            assert set(shown.slugs) <= set(slugs)  # the largest in one currency
            for shared in shown.tree.xpath('//*[@id="figure"]/div'):
                shared.getparent().remove(shared)
            assert shown.said_sums("figure") == sums(reading.total({}, slugs))  # contributions stand below


# -- Then --


def answers(client, asked, group_by, **more):
    """Return what the doors that know the past answer; ``more``: as_of."""
    query, figures = query_of(asked, **more), query_of(asked, sort="", group_by=group_by, **more)
    listed = json.loads(asked_for(client, f"/api/v1/projects/?{query}&page_size=10"))
    shown, by_year = ShownPage(client, f"/projects/?{query}"), ShownPage(client, f"/projects/values/year/?{query}")
    return {
        "API": (listed["count"], listed["results"]),
        "stats": json.loads(asked_for(client, f"/api/v1/stats/?{figures}")),
        "page": (shown.number, shown.slugs, shown.sums, shown.ticks),
        "years": {year: number for year, (number, _) in by_year.years.items()},
        "NDJSON": asked_for(client, f"/projects.ndjson?{query}"),
        "CSV": asked_for(client, f"/projects.csv?{query}"),
    }


@pytest.mark.slow
@pytest.mark.parametrize(("rows", "number", "moments"), SIZES)
def test_every_door_answers_of_the_past_what_it_answered_then(client, made, rows, number, moments):
    draw, register, earlier = Random(SEED), made(rows), []
    for _ in range(moments):
        register.change()
        questions = Questions(draw, register.read(client), ProjectFilter.base_filters)
        for _ in range(-(-number // moments)):
            asked, group_by = questions.question(), questions.group_by()
            earlier.append((f"{register.now:%Y-%m-%dT%H:%M:%SZ}", asked, group_by, answers(client, asked, group_by)))
    register.change()
    draw.shuffle(earlier)
    for moment, asked, group_by, then in earlier:
        now = answers(client, asked, group_by, as_of=moment)
        assert [door for door in then if then[door] != now[door]] == [], (moment, query_of(asked))


# -- However it came about --


@pytest.mark.slow
@pytest.mark.parametrize(("rows", "number", "moments"), SIZES)
def test_index_that_followed_each_change_answers_as_one_made_anew(client, made, rows, number, moments, monkeypatch):
    monkeypatch.setattr(follower, "BATCH", 10**6)  # else it is made anew now and then, to be rid of dead rows
    draw, register = Random(SEED + 2), made(rows)
    for _ in range(moments):
        register.change(after=follower.current_register)
        for _one in range(5):
            register.stirrer.stir(1, after=follower.current_register)
    questions = Questions(draw, register.read(client), ProjectFilter.base_filters)
    asked = [(questions.question(), questions.group_by()) for _ in range(number)]
    asked += [({}, group_by) for group_by in GROUPINGS]
    followed = [answers(client, *each) for each in asked]
    follower.reset()
    cache.clear()
    for each, before in zip(asked, followed, strict=True):
        anew = answers(client, *each)
        assert [door for door in before if before[door] != anew[door]] == [], query_of(each[0])
