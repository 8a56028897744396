"""Folded text: the same however it is typed, in any script."""

import sys
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from provenance.documents.folding import composed, fold, fold_with_spans, foldings, searchable_text

pytestmark = pytest.mark.one_database

ALPHABETS = {
    "Azerbaijani": "abcçdeəfgğhxıijkqlmnoöprsştuüvyz ABCÇDEƏFGĞHXIİJKQLMNOÖPRSŞTUÜVYZ",
    "Georgian": "აბგდევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰ ᲐᲑᲒᲓᲔᲕᲖᲗᲘᲙᲚᲛᲜᲝᲞᲟᲠᲡᲢᲣᲤᲥᲦᲧᲨᲩᲪᲫᲬᲭᲮᲯᲰ",
    "Armenian": "աբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆև ԱԲԳԴԵԶԷԸԹԺԻԼԽԾԿՀՁՂՃՄՅՆՇՈՉՊՋՌՍՎՏՐՑՒՓՔՕՖ ﬓﬔﬕﬖﬗ",
    "Cyrillic": "абвгґдђеєёжзиіїйјклмнопрстуўфхцчшщъыьэюя АБВГҐДЂЕЄЁЖЗИІЇЙЈКЛМНОПРСТУЎФХЦЧШЩЪЫЬЭЮЯ",
    "Romanian, Polish, Czech, Turkish": "ăâîșşțţ ąćęłńóśźż áčďéěíňóřšťúůýž çğıöşü ĂÂÎȘŞȚŢ ĄĆĘŁŃÓŚŹŻ ČĎĚŇŘŠŤŮŽ ĞİÖŞÜ",
    "other Latin": "æœøåäöüßẞðþđħŧłñ ÆŒØÅÄÖÜÐÞĐĦŦŁÑ ﬁﬂ",
    "Greek": "αάβγδεέζηήθιίϊΐκλμνξοόπρσςτυύϋΰφχψωώ ΑΆΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ",
}
LETTERS = "".join("".join(ALPHABETS.values()).split())
UNSEEN = "\u00ad\u034f\u061c\u200b\u200c\u200d\u200e\u200f\u202a\u202e\u2060\u2066\u2069\ufe0f\ufeff\x00\u0301"
BETWEEN = "-‐‑‒–—―−֊'’‘‛ʼʻʹ′`´＇\"“”„«»"
words = st.text(st.sampled_from(LETTERS), min_size=1)
texts = st.text(st.one_of(st.characters(), st.sampled_from(LETTERS + UNSEEN + BETWEEN + " ")))


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("", ""),
        ("Île  d'ÉTAT", "ile d etat"),
        (" \tTwo\n lines\u00a0here ", "two lines here"),
        ("ΜΕΤΑΝΆΣΤΕΥΣΗΣ", "μεταναστευσησ"),
        ("Їжак Йосип", "іжак иосип"),
        ("ＥＵ ﬁnance", "eu finance"),
        ("ᲡᲐᲥᲐᲠᲗᲕᲔᲚᲝ", "საქართველო"),
        ("ՀԱՅԱՍՏԱՆ", "հայաստան"),
        ("№ 5", "no 5"),
        ("ո՞վ", "ով"),
        ("^ +", "^ +"),
    ],
)
def test_what_makes_no_difference_is_off(text, folded):
    assert fold(text) == folded


@pytest.mark.parametrize(
    "spellings",
    [
        "Bakı BAKI Baki BAKİ bakı",
        "և եւ եվ ԵՎ ԵՒ Եւ Եվ",
        "Azərbaycan AZƏRBAYCAN Azǝrbaycan AZƎRBAYCAN Azerbaycan",
        "Łódź lodz ŁÓDŹ",
        "Ørsted orsted ØRSTED",
        "Đoković Dokovic ĐOKOVIĆ",
        "Straße STRASSE STRAẞE strasse",
        "Æsir aesir ÆSIR",
        "Œuvre oeuvre ŒUVRE",
        "Þórður thordur ÞÓRÐUR",
        "București Bucureşti BUCURESTI",
        "Ґалаґан галаган ҐАЛАҐАН",
        "Ёлкин елкин ЁЛКИН",
        "Өзбек өзбек озбек Ӫзбек",
        "½ 1/2 1⁄2 1∕2 １／２",
    ],
)
def test_one_word_in_all_its_spellings(spellings):
    assert len(set(map(fold, spellings.split()))) == 1


@pytest.mark.parametrize("sign", [*BETWEEN])
def test_sign_between_letters_is_a_blank_or_nothing(sign):
    assert foldings(f"cross{sign}border") == ["cross border", "crossborder"]
    assert foldings(sign) == []


@given(texts)
@example("\x7f")
def test_text_is_composed_alike_alone_and_in_a_document(text):
    assert composed({"title": text, "parts": [{"title": text}]}) == {
        "title": composed(text), "parts": [{"title": composed(text)}],
    }  # fmt: skip


@given(texts)
def test_folding_twice_is_folding_once(text):
    for folded in foldings(text):
        assert foldings(folded) == [folded]


def test_every_character_is_folded_for_good():
    for code in range(sys.maxunicode + 1):
        folded = fold(chr(code))
        assert fold(folded) == folded
        assert fold(chr(code).casefold()) == folded


@given(texts)
def test_however_it_was_typed(text):
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert fold(unicodedata.normalize(form, text)) == fold(text)
    assert fold(text.casefold()) == fold(text)


@given(words)
def test_case_makes_no_difference(word):
    assert fold(word.upper()) == fold(word) == fold(word.lower()) == fold(word.title())


@given(words, st.sampled_from(UNSEEN))
def test_invisible_sign_makes_no_difference(word, sign):
    assert foldings(sign.join(["", *word, ""])) == foldings(word)


@given(words)
def test_word_of_letters_stays_one(word):
    assert fold(word)
    assert " " not in fold(word)


@given(st.lists(texts))
def test_white_space_is_single(parts):
    assert fold(" \n".join(parts)) == fold(" ".join(parts))
    assert "  " not in fold(" ".join(parts))
    assert fold(" ".join(parts)) == fold(" ".join(parts)).strip()


@given(texts)
def test_trace_leads_from_the_folded_text_back_to_the_text(text):
    for (folded, parts), way in zip(fold_with_spans(text), (foldings(text) * 2 or ["", ""]), strict=False):
        assert len(folded) == len(parts)
        assert folded.strip() == way or way in foldings(text)
        assert all(0 <= start < end <= len(text) for start, end in parts)
        for letter, (start, end) in zip(folded, parts, strict=True):
            assert letter == " " or letter in fold(text[start:end])


def test_no_phrase_goes_over_the_end_of_a_text():
    searched = searchable_text(["Border", "management", None, "", "Border"])
    assert searched == "border\nmanagement"
    assert not any("border management" in line for line in searched.split("\n"))
