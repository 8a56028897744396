"""A search finds other forms of its words, in English and French, and marks them."""

import pytest

from projects.search.highlight import marked
from projects.words.terms import terms_of

pytestmark = pytest.mark.one_database


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("partnerships", "mobility partnership"),
        ("policies", "the visa policy"),
        ("countries", "a partner country"),
        ("trainings", "staff were trained"),
        ("migrant", "of migrants, in need"),
        ("frontières", "gestion de la frontiere"),
        ("nationaux", "un organisme national"),
        ("coopérer", "la cooperation"),
        ("Georgia’s", "borders of georgia"),
        ("co-operating", "cooperated"),
    ],
)
def test_word_is_found_in_another_form(query, text):
    (term,) = terms_of(query)
    assert term.occurs_in(text)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("migrants", "migration"),  # the French stem of both is "migr"
        ("policies", "the border police"),  # the French stem of both is "polic"
        ('"visas"', "visa"),
        ("aims", "aim"),  # three letters left: the text has to be longer to tell
        ("borders", "on board"),
        ("cross-borders", "cross-borderline"),
    ],
)
def test_word_is_not_found_where_only_its_beginning_is_the_same(query, text):
    (term,) = terms_of(query)
    assert not term.occurs_in(text)


def test_word_form_is_marked():
    assert marked("Two policies.", terms_of("policy")) == "Two <mark>policies</mark>."


@pytest.mark.parametrize("query", ["partnerships", "borders", "targets", "initiatives", "managing", "initiativen"])
def test_list_finds_word_forms_in_texts_and_names(client, register, query):
    def matching(text):
        return {
            each["slug"] for each in client.get("/api/v1/projects/", {"q": text, "fields": "slug"}).json()["results"]
        }

    everything = matching("")
    assert (matching(query) == set()) == (query == "initiativen")
    assert matching(query) | matching(f"-{query}") == everything
    assert not matching(query) & matching(f"-{query}")
