"""What ``make bench`` says of its numbers, and that the limit it measures by reads the same rows as the API."""

from urllib.parse import urlsplit

import orjson
import pytest
from django.db import connection

from projects.models import Project
from tests.bench import bare
from tests.bench.questions import LIST, Questions, list_page
from tests.bench.report import GOALS, SIZES, Row, goal_of, holds, table, with_spread


def test_median_and_spread_of_many_numbers():
    assert with_spread([5, 1, 4, 2, 3]) == "3 (1.5–4.5)"
    assert with_spread([1000.4, 2]) == "501"
    assert with_spread([]) == with_spread(None) == ""


def test_ratio_of_speeds_and_of_times():
    numbers = {"limit": [10, 10], "now": [5, 20]}
    assert Row("rates", "a second", numbers, is_time=False).ratios("now") == [0.5, 2]
    assert Row("times", "ms", numbers).ratios("now") == [2, 0.5]
    assert Row("a file beside COPY", "s", numbers, is_share=True).ratios("now") == [0.5, 2]
    assert Row("no such server", "s", numbers).ratios("before") == []


def test_goal_is_that_of_the_next_larger_register():
    assert [goal_of("list", count)[2] for count in (1000, *SIZES, 2_000_000)] == [2, 2, 5, 20, 20]
    assert goal_of("", 1000) is None
    assert goal_of("list, ms", 10_000) is None


@pytest.mark.parametrize(
    ("goal", "numbers", "kept"),
    [
        ("detail", {"limit": [10], "now": [7]}, True),
        ("detail", {"limit": [10], "now": [6.9]}, False),
        ("page", {"now": [40]}, True),
        ("page", {"now": [40.1]}, False),
        ("memory", {"before": [100], "now": [110]}, True),
        ("memory", {"before": [100], "now": [111]}, False),
        ("memory", {"now": [111]}, None),
        ("pictures", {}, None),
        ("", {"now": [1]}, None),
    ],
)
def test_goal_holds(goal, numbers, kept):
    assert holds(Row("this", "", numbers, goal, is_time=GOALS.get(goal, [""])[0] != "ratio"), 10_000) is kept


def test_table_tells_what_was_measured_and_what_not():
    rows = [Row("page", "ms", {"now": [50]}, "page"), Row("pictures", "ms", {}, "pictures", note="answers 404")]
    assert table(rows, 10_000).splitlines() == [
        "| what     | unit | now         | goal  | holds        |",
        "| -------- | ---- | ----------- | ----- | ------------ |",
        "| page     | ms   | 50          | ≤ 40  | NO           |",
        "| pictures | ms   | answers 404 | ≤ 150 | not measured |",
    ]


def test_no_question_is_drawn_twice():
    drawn = Questions(["a"], "ABCDEFGHI", "xy", ["of one two three four five seven eight nine migration"] * 2)
    for draw in (drawn.narrow, drawn.wide):
        asked = [list_page(draw()) for _ in range(30)]
        assert len(set(asked)) == 30


@pytest.fixture
def limit(register, monkeypatch):
    """Ask the bare app, on the connection of the test; return what it answers, read."""
    if connection.vendor != "postgresql":
        pytest.skip("the limit is measured on PostgreSQL")

    def rows(query, *values):
        with connection.cursor() as cursor:
            cursor.execute(query, values)
            return cursor.fetchall()

    def ask(address):
        parts, statuses = urlsplit(address), []
        environ = {"PATH_INFO": parts.path, "QUERY_STRING": parts.query}
        [body] = bare.app(environ, lambda status, headers: statuses.append((status, dict(headers)["Content-Length"])))
        assert statuses == [("200 OK", str(len(body)))]
        return orjson.loads(body)

    with connection.cursor() as cursor:
        cursor.execute(bare.PREPARE)
    monkeypatch.setattr(bare, "rows", rows)
    return ask


def test_limit_reads_the_same_rows_as_the_api(limit, client):
    for asked in (
        f"{LIST}nexus/",
        list_page({}, 2, 3),
        list_page({"country": ["MD", "GE"], "theme": "border-management"}),
    ):
        bare_answer, ours = limit(asked), client.get(asked).json()
        assert bare_answer == {name: ours[name] for name in bare_answer}, asked


def test_limit_walks_by_cursor_as_the_api_does(limit, client):
    ours = theirs = f"{LIST}?cursor=&page_size=3"
    seen = []
    while ours or theirs:
        page, bare_page = client.get(ours).json(), limit(theirs)
        assert page["results"] == bare_page["results"]
        seen += [project["slug"] for project in page["results"]]
        ours, theirs = page["next"], bare_page["next"]
    assert len(seen) == Project.objects.published().count()
