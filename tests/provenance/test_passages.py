"""A text in its sentences, and the sums and dates that no claim uses."""

from itertools import pairwise

import pytest
from django.contrib.auth.models import User
from hypothesis import given
from hypothesis import strategies as some

from provenance.documents.dates import dates_in
from provenance.documents.passages import figures_in, overlooked, sentences
from provenance.documents.sums import sums_in
from provenance.models import Claim

pytestmark = pytest.mark.one_database

TEXT = (
    "Our projects\n\nThe bridge cost approx. EUR 2.5 million (see p. 4). It opened on 3 May 2014!\n"
    "  • It is led by the Min. of Works.\n  • Work went on until 2016. “Nobody noticed.”\n"
)


def words(text):
    return [text[each.start : each.end] for each in sentences(text)]


def test_sentences_end_where_a_reader_ends_them():
    assert words(TEXT) == [
        "Our projects",
        "The bridge cost approx. EUR 2.5 million (see p. 4).",
        "It opened on 3 May 2014!",
        "It is led by the Min. of Works.",
        "Work went on until 2016.",
        "“Nobody noticed.”",
    ]
    assert [each.paragraph for each in sentences(TEXT)] == [1, 2, 2, 3, 4, 4]
    assert words("პროექტი დაიწყო 2012 წელს. იგი დასრულდა.") == ["პროექტი დაიწყო 2012 წელს.", "იგი დასრულდა."]


@given(some.text(alphabet="aB1.!? \n•-(”é", max_size=60))
def test_sentences_of_any_text_follow_one_another_and_leave_no_letter_out(text):
    parts = sentences(text)
    assert [each.number for each in parts] == list(range(1, len(parts) + 1))
    assert all(one.end <= other.start for one, other in pairwise(parts))
    assert all(text[each.start : each.end].strip() for each in parts)
    assert [char for each in parts for char in text[each.start : each.end] if char.isalpha()] == [
        char for char in text if char.isalpha()
    ]


@pytest.mark.parametrize(
    ("text", "dates"),
    [
        ("from 1 May 2012 to 31.12.2013", {"1 May 2012": "2012-05-01", "31.12.2013": "2013-12-31"}),
        ("on May 5, 2016, in June 2014", {"May 5, 2016": "2016-05-05", "June 2014": "2014-06"}),
        ("the end of 2012 (Q1 2015)", {"2012": "2012", "Q1 2015": "2015"}),
        ("from May to July 2012, 2009-02", {"May": "2012-05", "July 2012": "2012-07", "2009-02": "2009-02"}),
        ("2014-2020", {"2014": "2014", "2020": "2020"}),
        ("03/04/2014", {}),  # two meanings
        ("EUR 2.014.000, 12.5%, No. 2012.5 and B2012", {}),
    ],
)
def test_dates_are_found_where_they_stand(text, dates):
    assert {text[start:end]: str(date) for start, end, date in dates_in(text)} == dates


def test_sums_are_found_with_their_currency_and_unit():
    text = "Of EUR 2.584.000, three million euro and € 3m, in 2012, for 400 people"
    assert [text[each.start : each.end] for each in sums_in(text)] == ["EUR 2.584.000", "three million euro", "€ 3m"]
    assert [text[start:end] for start, end in figures_in(text)][-1] == "2012"
    text = "kEUR 300 GEL 500"
    assert [text[each.start : each.end] for each in sums_in(text)] == ["kEUR 300", "GEL 500"]


def test_figures_that_no_claim_states_are_overlooked():
    claim = {"quote": "It opened on 3 May 2014!", "as_stated": "3 May 2014"}
    assert [(each.number, left) for each, left in overlooked(TEXT, [claim])] == [
        (2, ["EUR 2.5 million"]),
        (5, ["2016"]),
    ]
    elsewhere = {"quote": "It closed on 3 May 2014!", "as_stated": "3 May 2014"}
    assert [left for _each, left in overlooked(TEXT, [elsewhere])][1] == ["3 May 2014"]


def test_page_of_a_text_lists_what_was_overlooked(client, project):
    client.force_login(User.objects.create_superuser("anna"))
    Claim.objects.create(record=project, field="end_date", as_stated="2016", quote="until 2016", source_id="paper")
    sent = {"text": TEXT, "read_date": "2026-11-24"}
    page = client.post("/admin/provenance/source/paper/text/", sent | {"reason": "Read."}, follow=True)
    listed = page.content.decode().partition("Overlooked?")[2].partition("</ul>")[0]
    assert "<mark>EUR 2.5 million</mark> – sentence 2:" in listed
    assert "<mark>3 May 2014</mark> – sentence 3:" in listed
    assert "2016" not in listed
