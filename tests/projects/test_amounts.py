"""Amounts as people write them: read exactly, or refused with the reason; nothing guessed."""

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projects.models.amounts import LARGEST, parse_amount, parse_sum, say, split_unit
from provenance.documents.dates import Unclear

pytestmark = pytest.mark.one_database

AMOUNTS = st.decimals(min_value=0, max_value=LARGEST, places=2)
THOUSANDS = [".", ",", "'", "’", " ", "\u00a0", "\u2009", "\u202f"]


@given(AMOUNTS, st.sampled_from(THOUSANDS), st.sampled_from(",."), st.integers(0, 2), st.text(" \u00a0", max_size=2))
def test_every_way_of_writing_is_read_back(amount, thousands, point, places, space):
    amount = amount.quantize(Decimal(1).scaleb(-places)) if amount < LARGEST - 1 else amount
    whole, _, cents = f"{amount:,f}".partition(".")
    for written in (whole.replace(",", ""), whole.replace(",", thousands)):
        text = written + (point + cents if cents else "")
        if point == thousands and point in written and cents:
            with pytest.raises(ValueError, match="is not an amount"):
                parse_amount(text)
        elif re.fullmatch(r"[1-9][0-9]{0,2}[.,][0-9]{3}", text):
            with pytest.raises(ValueError, match="two ways"):
                parse_amount(text)
        else:
            read = parse_amount(space + text + space)
            assert read == amount
            assert read.as_tuple().exponent == -2


@given(st.integers(1, 999), st.integers(0, 999), st.sampled_from(".,"))
def test_one_group_of_three_is_ambiguous(whole, rest, separator):
    text = f"{whole}{separator}{rest:03}"
    with pytest.raises(ValueError, match="two ways") as refused:
        parse_amount(text)
    assert f"{whole * 1000 + rest:,}.00" in str(refused.value)
    assert f"{whole}.{rest:03} (" in str(refused.value)


@given(st.text() | st.text("0123456789.,-+'’ eE_\u00a0", max_size=30))
def test_anything_else_is_refused_and_never_worse(text):
    refusal, read = None, None
    try:
        read = parse_amount(text)
    except ValueError as error:
        refusal = str(error)
    if read is None:
        assert 0 < len(refusal) < 400
    else:
        assert 0 <= read <= LARGEST
        digits = re.sub(r"[^0-9]", "", text)
        assert digits.lstrip("0") in (f"{read * 100:.0f}", f"{read * 10:.0f}", f"{read:.0f}", "")


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "-5", "−5", "+5", "1e5", "1_000", "NaN", "Infinity", "٣٠٠", "３００", "5 EUR", "EUR 5", "1.2.3", "1,23,456",
        "1.234,567", "12.34.56", "1 2345", "1.000 000", "1,000,00", ".5", "5.", "1..000", "0x10", "5\x00",
        "10000000000000", "9" * 100_000, "1." + "0" * 100_000, "½", "²",
    ],
)  # fmt: skip
def test_refused(text):
    with pytest.raises(ValueError, match=r"[Gg]ive|Write|largest"):
        parse_amount(text)


def test_sum_in_brackets_is_negative_as_in_accounts():
    with pytest.raises(ValueError, match="is negative"):
        parse_amount("(EUR 300)")


@pytest.mark.parametrize(
    ("heading", "unit"),
    [
        ("Budget kEUR", "kEUR"), ("Budget²", ""), ("Budget [1]", ""), ("Budget (EUR)*", "EUR"), ("Budget (EUR) 2)", "EUR"),
        ("Budget (EUR) [1]", "EUR"), ("EUR Budget", "EUR"), ("US$ Budget", "US$"), ("Budget in EUR (1)", "EUR"), ("Budget (EUR m)¹", "m EUR"), ("Budget² (EUR)", "EUR"),
        ("Budget, EUR (*)", "EUR"), ("Budget (EUR '000) 12)", "thousand EUR"), ("Budget\n(in\nk€)", "k€"), ("Budget IN K€", "K€"),
        ("Budget (EURm)", "m EUR"), ("Budget (EUR Mio.)", "Mio. EUR"), ("Budget (EUR, incl. VAT)", "EUR"), ("Budget/EUR", "EUR"), ("Budget (thousand)/EUR", "thousand EUR"), ("Budget (in thousand/EUR)", "thousand EUR"),
        ("Budget in US dollars", "US dollars"), ("Budget (тыс. евро / EUR thousand)", "тыс. евро"), ("Budget (млн долларов США)", "млн долларов США"),
    ],
)  # fmt: skip
def test_heading_names_unit_in_brackets_or_one_word_and_a_footnote(heading, unit):
    assert split_unit(heading) == ("Budget", unit)


def test_heading_in_two_languages_has_the_unit_of_both():
    assert split_unit("Бюджет (тыс. евро) / Budget (EUR thousand)") == ("Бюджет / Budget", "тыс. евро")


@pytest.mark.parametrize(
    "heading",
    [
        "EUR million",
        "Budget (EUR) / Amount (USD)",
        "Budget (k€) / Amount (EUR)",
        "EUR / USD",
        "Budget (EUR, in thousand)",
        "Budget (10³ EUR)",
        "Budget (EUR 2)",
        "Budget, EUR 10³",
    ],
)
def test_figure_in_the_unit_of_a_heading_is_no_footnote(heading):
    assert split_unit(heading) == (heading, "")


@pytest.mark.parametrize("text", ["0.123", "0,500", "00.123", "012,345"])
def test_no_thousands_begin_with_nought(text):
    with pytest.raises(ValueError, match=r"is not an amount|two ways"):
        parse_amount(text)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("2.584.000", "2584000.00"),
        ("2,584,000", "2584000.00"),
        ("2 584 000,00", "2584000.00"),
        ("2'584'000.5", "2584000.50"),
        ("2584000", "2584000.00"),
        ("0", "0.00"),
        ("0,5", "0.50"),
        ("007", "7.00"),
        ("2.584,50", "2584.50"),
        ("1.716.000,00", "1716000.00"),
        ("9999999999999.99", "9999999999999.99"),
    ],
)
def test_read(text, amount):
    assert str(parse_amount(text)) == amount


@given(AMOUNTS)
def test_said_in_figures_and_words(amount):
    phrase = say(amount)
    figures, _, words = phrase.partition(" (")
    assert parse_amount(figures) == amount
    assert words.endswith(")")
    assert words.endswith(f" and {int(amount % 1 * 100)}/100)") == bool(amount % 1)


def test_said():
    assert say(Decimal("3000000.00")) == "3,000,000.00 (three million)"
    assert say(Decimal("2.50")) == "2.50 (two and 50/100)"


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("€3m", "3000000.00", "EUR"), ("2,5 M€", "2500000.00", "EUR"), ("EUR 16 million", "16000000.00", "EUR"),
        ("16 millions d’euros", "16000000.00", "EUR"), ("US$ 1.5 mio", "1500000.00", "USD"), ("300k", "300000.00", ""),
        ("eur 1.250.000,50", "1250000.50", "EUR"), ("3 Mio. €", "3000000.00", "EUR"),
        ("2.5 MEUR", "2500000.00", "EUR"), ("TEUR 300", "300000.00", "EUR"), ("1.200.000,- EUR", "1200000.00", "EUR"),
        ("1,2 млн. евро", "1200000.00", "EUR"), ("10 млн лари", "10000000.00", "GEL"), ("2 млн долл. США", "2000000.00", "USD"), ("500 tys. zł", "500000.00", "PLN"),
        ("10 млн молд. леев", "10000000.00", "MDL"), ("500 000 шв. франков", "500000.00", "CHF"), ("5 ՀՀ դրամ", "5.00", "AMD"),
        ("2 mld. AMD", "2000000000.00", "AMD"),
        ("0.579 million EUR", "579000.00", "EUR"), ("0,125 M€", "125000.00", "EUR"), ("0.500 mln lari", "500000.00", "GEL"),
        ("500 000 $ SUA", "500000.00", "USD"), ("2 M$ US", "2000000.00", "USD"), ("$ US 300", "300.00", "USD"),
        ("2 млн $ США", "2000000.00", "USD"), ("USD $ 300", "300.00", "USD"), ("300 CAD $", "300.00", "CAD"),
        ("2 million US dollars", "2000000.00", "USD"), ("2 млн долларов США", "2000000.00", "USD"),
        ("5 millions de francs suisses", "5000000.00", "CHF"), ("3 dollars US", "3.00", "USD"), ("3 dollars américains", "3.00", "USD"), ("2 m Czech crowns", "2000000.00", "CZK"), ("300 тис. грн", "300000.00", "UAH"),
    ],
)  # fmt: skip
def test_units_and_currencies_are_read(text, amount, currency):
    assert parse_sum(text) == (Decimal(amount), frozenset([currency] if currency else ()))


@pytest.mark.parametrize(
    "text", ["2 lakh EUR", "12 hundred EUR", "2 MM EUR", "5 new units EUR", "10 million rupees", "5 ʼ ʼ"]
)
def test_sum_in_an_unknown_unit_is_not_offered_without_it(text):
    with pytest.raises(ValueError, match="is not an amount") as error:
        parse_sum(text)
    assert not isinstance(error.value, Unclear)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("approx. 300k", ["300000"]),
        ("2,000,000 (estimate) EUR", ["2000000 EUR"]),
        ("2000000 ca. €", ["2000000 EUR"]),
        ("5000 EUR per year", ["5000 EUR"]),
        ("EUR 5000 equiv.", ["5000 EUR"]),
        ("500 000 p.a.", ["500000"]),
        ("500k EUR p. a.", ["500000 EUR"]),
        ("500 000 par an", ["500000"]),
        ("5000 in EUR", ["5000 EUR"]),
        ("2.584 M€", ["2584000000 EUR", "2584000 EUR"]),
        ("1234.567", ["1234.57"]),
    ],
)
def test_what_is_not_exact_is_asked(text, meant):
    with pytest.raises(Unclear) as error:
        parse_sum(text)
    assert error.value.meanings == meant
