"""What ``q`` asks for: words, “phrases”, and what occurs nowhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projects.words.terms import included_terms, terms_of

pytestmark = pytest.mark.one_database


def as_text(query):
    """The terms as ``word``, ``"phrase"``, ``-word`` and ``-"phrase"``, folded."""
    return [
        "-" * term.is_left_out + (f'"{term.foldings[0]}"' if term.is_phrase else term.foldings[0])
        for term in terms_of(query)
    ]


@pytest.mark.parametrize(
    ("query", "terms"),
    [
        (None, []),
        ("", []),
        ("border management", ["border", "management"]),
        ("border border", ["border"]),
        ('"border management"', ['"border management"']),
        ("“border management” Georgia", ['"border management"', "georgia"]),
        ("„border management“", ['"border management"']),
        ("«\u00a0Border\u00a0management\u00a0»", ['"border management"']),
        ('"border management', ["border", "management"]),
        ('""', []),
        ('"" visa “ ”', ["visa"]),
        ("-visa", ["-visa"]),
        ("border -visa", ["border", "-visa"]),
        ('-"visa policy"', ['-"visa policy"']),
        ("\u2011visa \u2212policy", ["-visa", "-policy"]),
        ("-", []),
        ("border - visa", ["border", "visa"]),
        ("--visa", ["visa"]),
        ("–visa — policy", ["-visa", "policy"]),
        ("–—visa –", ["visa"]),
        ("cross–border cross—border", ["cross border"] * 2),
        ("‘border management’", ['"border management"']),
        ("‚border management‘ visa", ['"border management"', "visa"]),
        ("‹border management› ›visa policy‹", ['"border management"', '"visa policy"']),
        ("「border management」 『visa policy』", ['"border management"', '"visa policy"']),
        ("″border management″ 〝visa policy〞", ['"border management"', '"visa policy"']),
        ("‘Georgia’s border’ visa", ['"georgia s border"', "visa"]),
        ("«the ‹border› guards»", ['"the border guards"']),
        ("states’ borders’ ’90s", ["states", "borders", "90s"]),
        ("d‘accord ‘visa", ["d accord", "visa"]),
        ("‘visa policy”", ["visa", "policy"]),
        ("6″ to 8″", ["6", "to", "8"]),
        ("'border management' `visa policy`", ["border", "management", "visa", "policy"]),
        ("‘’ “”", []),
        ("-cross-border", ["-cross border"]),
        ('-""', []),
        ('-"visa policy', ["-visa", "policy"]),
        ("\u200b-visa\u00ad", ["-visa"]),
    ],
)
def test_query_is_read(query, terms):
    assert as_text(query) == terms


@given(st.text(st.sampled_from("ab-–—\"“”«»‘’‚‹›「」″ '\u00ad\u200b")))
def test_any_query_can_be_read(query):
    assert all(term.foldings for term in terms_of(query))
    assert included_terms(query) == [term for term in terms_of(query) if not term.is_left_out]
