"""What became of each quote in a newer text of its source."""

import random
import re

import pytest

from provenance.documents.comparison import GONE, MOVED, REWORDED, STILL, Comparison, words_for
from provenance.documents.passages import sentences
from provenance.documents.quotes import find_quote, occurrences
from provenance.models import Claim

pytestmark = pytest.mark.one_database

OLD = """Title

Projects in Moldova:

  • Alpha started in 2009. It was led by Sweden. It cost EUR 3 million.
  • Beta started in 2010. It was led by France.

Projects in Georgia:

  • Gamma started in 2010. It was led by Poland. The end is open."""


@pytest.mark.parametrize(
    ("quote", "change", "kind", "now"),
    [
        ("Alpha started in 2009.", ("", ""), STILL, None),
        ("Alpha started in 2009.", ("Sweden", "Norway"), STILL, None),
        ("It was led by Sweden.", ("Sweden", "Norway"), REWORDED, "It was led by Norway."),
        ("It cost EUR 3 million.", ("EUR 3", "EUR 4"), REWORDED, "It cost EUR 4 million."),
        ("Alpha started in 2009.", ("2009", "2010"), REWORDED, "Alpha started in 2010."),
        ("It was led by Sweden.", (" It was led by Sweden.", ""), GONE, None),
        ("led by Sweden. It cost", ("Sweden", "Norway"), REWORDED, "It was led by Norway. It cost EUR 3 million."),
        ("started", ("Alpha started", "Alpha began"), REWORDED, "Alpha began in 2009."),  # stands elsewhere, too
        ("2010", ("Beta started in 2010", "Beta started in 2011"), REWORDED, "Beta started in 2011."),
        ("It cost EUR 3 million.", ("Projects in Moldova:", "Projects in Moldova (new):"), STILL, None),
        ("It cost EUR 3 million.", ("Sweden. It", "Sweden.\n\nIt"), STILL, None),
        ("led by Sweden. It cost", ("Sweden. It", "Sweden.\n\nIt"), REWORDED, "It was led by Sweden. It cost EUR 3 million."),
        ("Beta […] France", ("2010. It was led by France", "2011. It was led by France"), STILL, None),
        ("It was led by France.", ("Title", "New title"), STILL, None),
        ("Delta was there before.", ("", ""), GONE, None),
        ("Alpha started in 2008.", ("", ""), REWORDED, "Alpha started in 2009."),  # was not found before either
    ],
)  # fmt: skip
def test_fate_of_a_quote(quote, change, kind, now):
    assert Comparison(OLD, OLD.replace(*change, 1)).fate(quote, quote.split()[0]) == (kind, now)


def test_sentence_that_stands_elsewhere_is_moved():
    sentence = " It was led by Sweden."
    new = OLD.replace(sentence, "") + sentence
    assert Comparison(OLD, new).fate("It was led by Sweden.", "Sweden") == (MOVED, None)
    assert Comparison(OLD, new).fate("It cost EUR 3 million.", "EUR 3 million") == (STILL, None)
    assert Comparison("", new).fate("It was led by Sweden.", "Sweden") == (MOVED, None)  # the text before is not here


def test_sentence_that_stood_twice_is_still_there_once():
    comparison = Comparison("It is open. It began. It is open.", "It is open. It began.")
    assert comparison.fate("It is open.", "open") == (STILL, None)


def test_figure_that_changes_places_with_another_is_not_still_there():
    new = OLD.replace("Alpha started in 2009", "Alpha started in 2010").replace(
        "Beta started in 2010", "Beta started in 2009"
    )
    comparison = Comparison(OLD, new)
    for quote in ("Alpha started in 2009.", "Beta started in 2010."):
        assert comparison.fate(quote, quote[-5:-1]).kind == REWORDED


def test_large_texts_that_repeat_themselves_are_compared_soon():
    old = "\n\n".join(f"The project {at % 7} started in {at % 50}." for at in range(20_000))
    new = "\n\n".join(f"The project {at % 7} started in {at % 49}." for at in range(20_000))
    assert Comparison(old, new).fate("The project 3", "3").kind in (STILL, MOVED, REWORDED)
    assert Comparison("x" * 2_000_000, "x" * 1_999_999 + "y").fate("x" * 10_000, "xx").kind == STILL
    assert Comparison("a. " * 600_000, "a. " * 599_999).fate("a. a.", "a").kind


@pytest.mark.parametrize(
    ("as_stated", "now", "words"),
    [
        ("EUR 3 million", "It cost EUR 4 million in all.", "EUR 4 million"),
        ("3 million", "It cost EUR 2.584.000.", "2.584.000"),
        ("EUR", "It costs EUR 3 million.", "EUR"),
        ("3", "It cost EUR million.", ""),
    ],
)
def test_words_that_replaced_the_stated_ones(as_stated, now, words):
    assert words_for(as_stated, "It cost EUR 3 million.", now) == words


# -- Fifty editions of the text that the register quotes. --


def edited(text, kind, chance):
    """Return ``text`` with one sentence edited, and that sentence's (start, end) before."""
    spans = [(each.start, each.end) for each in sentences(text)[:-1] if len(text[each.start : each.end].split()) > 4]
    if kind == "number":
        spans = [span for span in spans if re.search(r"\d", text[slice(*span)])]
    start, end = chance.choice(spans)
    sentence = text[start:end]
    if kind == "number":
        number = chance.choice(list(re.finditer(r"\d+", sentence)))
        new = sentence[: number.start()] + str(int(number[0]) + 7) + sentence[number.end() :]
    elif kind == "word":
        word = chance.choice(list(re.finditer(r"[^\W\d_]{4,}", sentence)))
        new = f"{sentence[: word.start()]}otherwise{sentence[word.end() :]}"
    else:
        new = ""
    rest = text[:start] + new + text[end:]
    return (f"{rest}\n\n{sentence}" if kind == "moved" else rest), (start, end)


def test_each_claim_of_fifty_edited_texts_is_in_its_class(register, source_text):
    claims = list(Claim.objects.values_list("quote", "as_stated").distinct())
    seen = {kind for number in range(50) for kind in classes_of(number, source_text, claims)}
    assert seen == {STILL, MOVED, REWORDED, GONE}


def classes_of(number, text, claims):
    """Return the classes of ``claims`` in the edited text of that number, after a look at each."""
    chance, kind, kinds = random.Random(number), ("number", "word", "moved", "deleted")[number % 4], set()
    new, (start, end) = edited(text, kind, chance)
    comparison = Comparison(text, new)
    for quote, as_stated in claims:
        places = [each[1:] for each in occurrences(quote, as_stated, text)]
        first = find_quote(quote, as_stated, text)
        is_touched = first.start < end and start < first.end
        fate = comparison.fate(quote, as_stated)
        stands_apart = kind in ("number", "word") and len(list(occurrences(quote, as_stated, new))) == len(places)
        expected = {"moved": MOVED, "deleted": GONE}.get(kind, REWORDED)
        assert fate.kind == (expected if is_touched and not stands_apart else STILL), (quote, fate)
        if fate.kind == REWORDED:
            assert fate.now in " ".join(new.split())
        kinds.add(fate.kind)
    return kinds
