"""Dates as precise as their source: what they may mean, in Python and in both databases."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from projects.models import Project
from provenance.documents.dates import PartialDate, Unclear
from provenance.models import Source
from tests.support.loops import at_least_one

pytestmark = pytest.mark.one_database

PRECISIONS = {"year": 4, "month": 7, "day": 10}
ONE_DAY = timedelta(days=1)
SPACES = st.text(" \t\n\u00a0", max_size=3)


@given(st.dates(), st.sampled_from(list(PRECISIONS)), SPACES, SPACES)
def test_what_is_read_is_what_is_written(day, precision, before, after):
    value = day.isoformat()[: PRECISIONS[precision]]
    read = PartialDate.parse(f"{before}{value}{after}")
    assert str(read) == value
    assert read.precision == precision
    assert len(read) == len(value)
    assert read == PartialDate(value)
    assert hash(read) == hash(PartialDate(value))


@given(st.dates(), st.sampled_from(list(PRECISIONS)))
def test_bounds_hold_exactly_the_days_of_that_value(day, precision):
    length = PRECISIONS[precision]
    read = PartialDate(day.isoformat()[:length])
    assert read.earliest <= day <= read.latest
    for inside in (read.earliest, read.latest):
        assert inside.isoformat()[:length] == read.value
    if read.earliest > date.min:
        assert (read.earliest - ONE_DAY).isoformat()[:length] != read.value
    if read.latest < date.max:
        assert (read.latest + ONE_DAY).isoformat()[:length] != read.value


@given(st.text() | st.from_regex(r"[0-9]{1,5}(-[0-9]{1,3}){0,3}", fullmatch=True))
def test_anything_else_is_refused_in_words(text):
    refusal = ""
    try:
        read = str(PartialDate.parse(text))
    except ValueError as error:
        read, refusal = None, str(error)
    if read is None:
        assert "is not a date. Give a year, a month or a day" in refusal
        assert len(refusal) < 200
    else:
        assert read == text.strip()


@pytest.mark.parametrize(
    "text",
    [
        "", "0000", "12", "20120", "2012-13", "2012-00", "2013-02-29", "1900-02-29", "2012-5", "2012-05-32", "2012/05",
        "05.2012", "2012-05-", "+2012", "-2012", "٢٠١٢", "２０１２", "2012-05-31T00:00", "2012\x00", "20 12", "since 2012",
    ],
)  # fmt: skip
def test_what_is_no_date(text):
    with pytest.raises(ValueError, match="is not a date"):
        PartialDate(text)


DATES = [
    *("0001", "0004-02", "1000", "1899-12", "9998-12", "9999-12", "9999", "9999-12-31", "0001-01-01"),
    *(f"{year}-{month:02}" for year in (1900, 2000, 2011, 2012) for month in range(1, 13)),
    *((date(2011, 12, 1) + timedelta(days=number)).isoformat() for number in range(0, 460, 3)),
    *("2012-02-29", "2000-02-29", "2012-12-31"),
]


@pytest.mark.django_db
def test_the_database_has_the_same_bounds():
    Source.objects.bulk_create(Source(slug=f"s-{n}", title="S", date=PartialDate(date)) for n, date in enumerate(DATES))
    Source.objects.create(slug="none", title="S")
    rows = Source.objects.values_list("date", "date_earliest", "date_latest")
    assert rows.get(slug="none") == (None, None, None)
    for stated, earliest, latest in at_least_one(rows.exclude(slug="none")):
        assert (stated.value, earliest, latest) == (stated.value, stated.earliest, stated.latest)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("mars 2015", "2015-03"), ("March 2015", "2015-03"), ("décembre 2018", "2018-12"), ("Sept. 2014", "2014-09"),
        ("1er juin 2013", "2013-06-01"), ("May 3, 2012", "2012-05-03"), ("31.12.2015", "2015-12-31"),
        ("5/2014", "2014-05"), ("Q1 2015", "2015"), ("2e trimestre 2015", "2015"), ("since 2012", "2012"),
        ("depuis mars 2012", "2012-03"), ("июнь 2013", "2013-06"), ("2010.11.05", "2010-11-05"), ("2014/5", "2014-05"),
        ("20140501", "2014-05-01"), ("31.12.15", "2015-12-31"), ("31/12/99", "1999-12-31"), ("Dec-15", "2015-12"),
        ("May ’14", "2014-05"), ("1-May-14", "2014-05-01"), ("Q3/2015", "2015"), ("S1 2015", "2015"), ("2015 г.", "2015"),
        ("IV кв. 2015 г.", "2015"), ("1-й квартал 2015", "2015"), ("2014 წლის მარტი", "2014-03"), ("с 2012 г.", "2012"),
        ("31.12.49", "2049-12-31"), ("31.12.50", "1950-12-31"),
        ("13/04/2014", "2014-04-13"), ("4-13-2014", "2014-04-13"), ("4.4.2014", "2014-04-04"), ("12.2014", "2014-12"),
        ("since 01/2015", "2015-01"), ("from the 15/01/2015", "2015-01-15"), ("depuis 2015-01", "2015-01"),
        ("seit dem 15.01.2015", "2015-01-15"), ("lundi 15/01/2015", "2015-01-15"), ("с 15.01.2015 г.", "2015-01-15"),
        ("Ende 2016", "2016"), ("sfârșitul anului 2017", "2017"), ("2016-cı il", "2016"), ("І квартал 2015", "2015"),
    ],
)  # fmt: skip
def test_date_in_words_or_numbers_is_read(text, value):
    assert str(PartialDate.parse(text)) == value


@pytest.mark.parametrize(
    "text", ["until May 2012", "until 05/2012", "au 05/2012", "bis 05.2012", "jusqu’en mai 2012", "до мая 2012"]
)
def test_end_is_until_a_date_and_not_since_it(text):
    assert str(PartialDate.parse(text, is_end=True)) == "2012-05"
    with pytest.raises(Unclear):
        PartialDate.parse("since May 2012", is_end=True)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("03/04/2014", ["2014-04-03", "2014-03-04"]), ("FY2017", ["2017"]), ("2013-2015", ["2013", "2015"]),
        ("1.5.14", ["2014-05-01", "2014-01-05"]), ("2014/15", ["2014", "2015"]), ("2009/10", ["2009-10", "2009", "2010"]),
        ("15-Dec", ["2015-12"]), ("12/15", ["2015-12"]), ("mai 14", ["2014-05"]), ("around March 2015", ["2015-03"]),
        ("32 May 2015", ["2015-05"]), ("31-Feb-15", []), ("1999/00", ["1999", "2000"]),
        ("2015?", ["2015"]), ("~ May 2015", ["2015-05"]), ("until 2012", ["2012"]),
    ],
)  # fmt: skip
def test_date_that_may_mean_several_is_asked(text, meant):
    with pytest.raises(Unclear) as error:
        PartialDate.parse(text)
    assert error.value.meanings == meant


def test_form_reads_an_end_as_a_file_does():
    start, end = (Project._meta.get_field(name).formfield() for name in ("start_date", "end_date"))
    assert [str(start.clean("since 2012")), str(end.clean("until 2012"))] == ["2012", "2012"]
    for field, text in ((start, "until 2012"), (end, "since 2012")):
        with pytest.raises(ValidationError, match="is not a date"):
            field.clean(text)


def test_two_ways_to_read_a_part_of_a_text_are_offered_in_the_order_of_time():
    """Always in this order, however the process hashes."""
    for day, month in ((1, 2), (3, 4), (5, 6), (7, 8), (9, 10), (11, 12)):
        with pytest.raises(Unclear) as error:
            PartialDate.parse(f"around {month}/{day}/2014")
        assert error.value.meanings == [f"2014-{day:02}-{month:02}", f"2014-{month:02}-{day:02}"]


def test_short_names_of_days_are_no_days_where_they_mean_from_or_until():
    assert PartialDate.parse("с 2012").value == "2012"
    for text in at_least_one(("do 2012", "Do 3.5.2012")):  # until, in Polish; Thursday, in German
        with pytest.raises(ValueError, match="is not a date"):
            PartialDate.parse(text)
    with pytest.raises(ValueError, match="is not a date"):
        PartialDate.parse("с 2012", is_end=True)
