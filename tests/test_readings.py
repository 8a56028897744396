"""What a source's words say of a value."""

import pytest

from provenance.readings import reads


def euros(amount):
    return {"amount": amount, "currency": "EUR"}


def day(value, planned=False):
    return {"value": value, "precision": "", "planned": planned}


@pytest.mark.parametrize(
    ("text", "value", "is_read"),
    [
        ("funded by EU (EUR 3 millions)", euros("3000000.00"), True),
        ("EUR 2.584.000", euros("2584000.00"), True),
        ("€ 2 584 000,50", euros("2584000.50"), True),
        ("EUR 2.6 million", euros("2600000.00"), True),
        ("EUR 2.584", euros("2584.00"), False),
        ("EUR 2.584.000", euros("25840.00"), False),
        ("2584000", euros("2584000.00"), False),
        ("USD 3 millions", euros("3000000.00"), False),
        ("EUR 3 millions in 2012", euros("3000000.00"), False),
        ("EUR 3-Million", euros("3000000.00"), True),
        ("EUR 3 million", euros("3.00"), False),
        ("EUR 1,234 million", euros("1234000.00"), False),
        ("EUR 20M", euros("20.00"), False),
        ("EUR 20 Mrd", euros("20.00"), False),
        ("EUR 400 k", euros("400000.00"), True),
        ("US$ 400", {"amount": "400.00", "currency": "USD"}, True),
        ("CAD$ 400", {"amount": "400.00", "currency": "USD"}, False),
        ("-EUR 400", euros("400.00"), False),
        ("Total: −400 EUR", euros("400.00"), False),
        ("Total – EUR 400", euros("400.00"), True),
        ("C$ 400", {"amount": "400.00", "currency": "USD"}, False),
        ("$ 400", {"amount": "400.00", "currency": "USD"}, True),
        ("2012-05-31 to 2013-05-31", day("2013-05-31"), False),
        ("2013-05-31", day("2013-05-31"), True),
        ("not completed", "completed", False),
        ("ended in January 2012", day("2012-01"), True),
        ("ended in January 2012", day("2012"), True),
        ("ended in January 2012", day("2012-02"), False),
        ("3 May 2012", day("2012-05-03"), True),
        ("from 2010 to 2013", day("2010"), False),
        ("planned from 2016", day("2016"), False),
        ("planned from 2016", day("2016", planned=True), True),
        ("NEXUS, on migration", "Nexus", True),
        ("NEXUS, on migration", "Nex", False),
        ("Component 2: asylum", {"number": 2, "title": "asylum"}, True),
        ("Component 2: asylum", {"number": 3, "title": "asylum"}, False),
        ("former", True, False),
    ],
)
def test_text_is_read_as_a_value_only_where_it_says_all_of_it(text, value, is_read):
    assert reads(text, value) is is_read
