"""Folded text: the same whatever the case and the accents, in any script."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.folding import fold


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("", ""),
        ("Île  d'ÉTAT", "ile d'etat"),
        (" \tTwo\n lines\u00a0here ", "two lines here"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("ΜΕΤΑΝΆΣΤΕΥΣΗΣ", "μεταναστευσησ"),
        ("Їжак Йосип", "іжак иосип"),
        ("İstanbul", "istanbul"),
        ("ＥＵ ﬁnance", "eu finance"),
        ("საქართველო", "საქართველო"),
        ("ᲡᲐᲥᲐᲠᲗᲕᲔᲚᲝ", "საქართველო"),
        ("ՀԱՅԱՍՏԱՆ", "հայաստան"),
    ],
)
def test_case_and_accents_are_off(text, folded):
    assert fold(text) == folded


@given(st.text())
def test_folding_twice_is_folding_once(text):
    assert fold(fold(text)) == fold(text)


def test_every_character_ends_somewhere():
    """Folding ends, and folded once is folded for good, for each character that there is."""
    for start in range(0, sys.maxunicode + 1, 0x1000):
        # Spaced by letters that nothing joins with.
        text = "x".join(chr(code) for code in range(start, start + 0x1000))
        assert fold(fold(text)) == fold(text)


@given(st.text())
def test_however_it_was_typed(text):
    """Composed or decomposed, in capitals or not: one and the same. (Capitals where they are reversible.)"""
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert fold(unicodedata.normalize(form, text)) == fold(text)
    assert fold(text.casefold()) == fold(text)
    if all(char.upper().lower() == char for char in text):
        assert fold(text.upper()) == fold(text)


@given(st.text(), st.sampled_from("\u0300\u0301\u0308\u030c\u0328"))
def test_an_accent_more_makes_no_difference(text, accent):
    assert fold(accent.join(text)) == fold(text)


@given(st.lists(st.text(min_size=1)))
def test_white_space_is_single(words):
    assert fold(" \n".join(words)) == fold(" ".join(words))
    assert "  " not in fold(" ".join(words))
    assert fold(" ".join(words)) == fold(" ".join(words)).strip()
