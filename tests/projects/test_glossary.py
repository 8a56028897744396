"""The glossary: its words, and the links to them from where they stand."""

import re

import pytest

from projects.words.glossary import ANCHORS, TERMS

pytestmark = pytest.mark.one_database


def anchors(client, address):
    return re.findall(r'<div class="fact" id="([^"]+)"', client.get(address).content.decode())


@pytest.mark.parametrize(
    ("address", "words"),
    [("/glossary/", "the register’s own"), ("/fr/glossary/", "sont celles du registre")],
)
def test_glossary_explains_each_word_once_and_says_whose_words_these_are(client, register, address, words):
    explained = anchors(client, address)
    assert sorted(explained) == sorted(ANCHORS)
    assert len(TERMS) == len(ANCHORS)
    assert words in client.get(address).content.decode()


def test_glossary_is_in_the_order_of_its_language(client, register):
    assert anchors(client, "/glossary/").index("eni") < anchors(client, "/glossary/").index("gpgc")
    assert anchors(client, "/fr/glossary/").index("gpgc") < anchors(client, "/fr/glossary/").index("eni")  # IEV


@pytest.mark.parametrize(
    ("address", "anchor"),
    [
        ("/instruments/ENI/", "eni"),
        ("/partnerships/eu-georgia-mobility-partnership/", "mobility-partnership"),
        ("/organisations/iom/", "iom"),
        ("/projects/enigmma/", "agreement"),
        ("/projects/enigmma/", "contribution"),
        ("/projects/enigmma/", "iati"),
        ("/about/", "claim"),
    ],
)
def test_word_leads_to_its_explanation(client, register, address, anchor):
    for root in ("", "/fr"):
        assert f'href="{root}/glossary/#{anchor}"' in client.get(root + address).content.decode()


def test_glossary_is_found_from_every_page_and_in_the_site_map(client, register):
    assert 'href="/glossary/"' in client.get("/").content.decode()
    assert "/glossary/" in client.get("/sitemap-pages.xml").content.decode()
