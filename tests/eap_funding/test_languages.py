"""English and French: which pages, by what, and how dates, sums and questions are said."""

import json
import re

import pytest
from django.core.management import call_command
from django.test import override_settings
from django.utils import translation

from projects.dumps.files import FILES
from projects.dumps.folder import OWN
from projects.words import phrases
from provenance.models import Revision

pytestmark = pytest.mark.one_database

FRENCH = {"accept-language": "fr-BE,fr;q=0.9,en;q=0.5"}
NARROW, HARD = "\u202f", "\u00a0"  # spaces that CLDR puts between thousands and before a currency


def page(client, address, **headers):
    response = client.get(address, headers=headers)
    return response, response.content.decode()


# -- In which language --


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"),
        ("fr", "fr"),
        ("fr-CA", "fr"),
        ("FR-be, en;q=0.8", "fr"),
        ("en-US,fr;q=0.9", "en"),
        ("de, fr;q=0.5", "fr"),
        ("de", "en"),
        ("*", "en"),
        ("de, *;q=0.5, fr;q=0.1", "en"),
        ("fr;q=0", "en"),
        pytest.param("fr" * 5000, "en", id="long"),
        pytest.param("fr," * 5000, "fr", id="many"),
        ("fr;q=2, \x00, é, ;;;===,,,", "en"),
        ("../../etc/passwd", "en"),
        ("fr_FR.UTF-8", "en"),
        pytest.param("-".join(["a"] * 200), "en", id="many parts"),
    ],
)
def test_page_browser_language(client, db, accepted, language):
    response, text = page(client, "/about/", **{"accept-language": accepted})
    assert response.status_code == 200
    assert response.headers["Content-Language"] == language
    assert "Accept-Language" in response.headers["Vary"]
    assert ("À propos du registre" in text) == (language == "fr")


def test_page_from_the_cache_is_in_the_language_of_its_reader(client, register):
    for language in ("en", "fr", "en", "fr"):
        for address in ("/", "/projects/", "/countries/GE/"):
            response, text = page(client, address, **{"accept-language": language})
            assert response.headers["Content-Language"] == language
            assert re.search('<html[^>]* lang="([a-z]+)', text)[1] == language, address


@pytest.mark.parametrize(("prefix", "words"), [("/fr", "Pays : Géorgie"), ("/en", "Projects in Georgia")])
@pytest.mark.parametrize("accepted", ["fr", "en"])
def test_prefix_fixes_the_language(client, register, prefix, words, accepted):
    response, text = page(client, f"{prefix}/projects/?country=GE", **{"accept-language": accepted})
    assert response.headers["Content-Language"] == prefix[1:]
    assert "Accept-Language" not in response.headers.get("Vary", "")
    assert words.lower() in text.replace(HARD, " ").lower()
    assert f'href="{prefix}/projects/cmba/"' not in text
    assert f'href="{prefix}/projects/enigmma/"' in text


def test_language_links_keep_page_and_query(client, register):
    text = client.get("/fr/projects/?country=GE&q=%C3%A9%26%3C&country=MD").content.decode()
    assert '<a href="/en/projects/?country=GE&amp;q=%C3%A9%26%3C&amp;country=MD" hreflang="en"' in text
    assert client.get("/fr/projects/?country=GE").context["languages"] == [
        {"code": "en", "name": "English", "address": "/en/projects/?country=GE", "current": False},
        {"code": "fr", "name": "Français", "address": "/fr/projects/?country=GE", "current": True},
    ]


@pytest.mark.parametrize(
    ("address", "goes_to"),
    [
        ("/fr", "/fr/"),
        ("/fr?x=1", "/fr/?x=1"),
        ("/fr/projects?country=GE", "/fr/projects/?country=GE"),
    ],
)
def test_prefix_without_slash_gets_one(client, db, address, goes_to):
    response = client.get(address)
    assert response.status_code == 301
    assert response.headers["Location"] == goes_to


@pytest.mark.parametrize(
    "address",
    [
        "/fr/projects.json",
        "/fr/api/v1/projects/",
        "/fr/admin/",
        "/fr/robots.txt",
        "/fr/sitemap.xml",
        "/fr/static/eap_funding/style/type.css",
        "/fr/fr/",
        "/fr/projects/no-such/",
        "/fr//example.org/",
        "/de/projects/",
        "/frx/",
        "/FR/",
    ],
)
def test_unknown_under_a_prefix_404(client, register, address):
    response, text = page(client, address)
    assert response.status_code == 404
    is_file = address.endswith((".json", ".xml", ".atom"))
    assert response.headers["Content-Type"].startswith("application/problem+json" if is_file else "text/html")
    if address.startswith("/fr/") and not is_file:
        assert response.headers["Content-Language"] == "fr"
        assert "Page introuvable" in text


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/projects/no-such/", 404, "parmi les projets"),
        ("/projects/?page=99", 404, "La dernière est la page 1"),
        ("/projects/?nonsense=x", 302, "Cette page se trouve à l’adresse"),
        ("/projects/?active_from=soon", 400, "n’est pas une date"),
        ("/projects/?amount_min=2.584", 400, "deux mille cinq cent quatre-vingt-quatre"),
        ("/projects/?q=%FF", 400, "UTF-8 valide"),
    ],
)
@pytest.mark.parametrize("prefix", ["", "/fr"])
def test_refusals_are_in_the_language_of_the_page(client, register, prefix, address, status, words):
    response, text = page(client, prefix + address, **FRENCH)
    assert response.status_code == status
    assert words in text
    assert response.headers["Content-Language"] == "fr"


def test_method_refused_in_the_language_of_the_page(client, db):
    response = client.post("/fr/projects/")
    assert response.status_code == 405
    assert "lecture seule" in response.content.decode()


@override_settings(ALLOWED_HOSTS=["elsewhere"])
def test_refused_host_has_a_page(client, db):
    response, text = page(client, "/fr/", **FRENCH)
    assert response.status_code == 400
    assert "Vérifiez l’adresse" in text


# -- What is always English --


@pytest.mark.parametrize(
    "address",
    [
        "/projects.json",
        "/projects.atom",
        "/api/v1/projects/",
        "/api/v1/stats/?group_by=country",
        "/api/v1/schema/",
        "/api/v1/projects/?status=x&amount_min=2.584&active_from=soon&page_size=x&nonsense=1",
        "/api/v1/projects/no-such/",
        "/robots.txt",
        "/healthz",
    ],
)
def test_api_and_files_are_the_same_for_every_browser(client, register, address):
    plain, french = client.get(address), client.get(address, headers=FRENCH)
    assert b"".join(plain) == b"".join(french)
    assert plain.status_code == french.status_code
    assert "Accept-Language" not in french.headers.get("Vary", "")


def test_admin_is_english(admin_client):
    response, text = page(admin_client, "/admin/projects/project/add/", **FRENCH)
    assert response.headers["Content-Language"] == "en-gb"
    assert '<html lang="en-gb"' in text
    assert "Status" in text
    assert "ongoing" in text
    assert "en cours" not in text


def test_documents_do_not_know_the_language(db):
    with translation.override("fr"):
        call_command("load_fixtures", verbosity=0)
    french = sorted(Revision.objects.values_list("document", flat=True))
    text = json.dumps(french, ensure_ascii=False)
    for word in ("Géorgie", "Gestion des frontières", "en cours", "chef de file", "non indiqué"):
        assert word not in text
    assert "Border management" in text


def test_language_ends_with_the_answer(client, db):
    before = translation.get_language()
    client.get("/fr/about/")
    assert translation.get_language() == before
    assert client.get("/about/").headers["Content-Language"] == "en"


# -- How it is said --


@pytest.mark.parametrize(
    ("text", "english", "french"),
    [
        (lambda: phrases.date_in_words("2010"), "2010", "2010"),
        (lambda: phrases.date_in_words("2009-02"), "February 2009", "février 2009"),
        (lambda: phrases.date_in_words("2009-08-15"), "15 August 2009", "15 août 2009"),
        (lambda: phrases.amount_in_words("2584000.00", "EUR"), "EUR 2,584,000", "2_584_000 EUR"),
        (lambda: phrases.amount_in_words("2584000.50", "USD"), "USD 2,584,000.50", "2_584_000,50 USD"),
        (lambda: phrases.amount_in_words("0.00", "EUR"), "EUR 0", "0 EUR"),
        (lambda: phrases.number_in_words(12345), "12,345", "12_345"),
        (lambda: str(phrases.NOT_KNOWN), "not known", "inconnu"),
        (lambda: phrases.either(["a", "b", "c"]), "a, b or c", "a, b ou c"),
        (lambda: phrases.either(["{0}", "%s"]), "{0} or %s", "{0} ou %s"),
        (lambda: phrases.either([]), "", ""),
        (lambda: phrases.country_name("GE", "Georgia"), "Georgia", "Géorgie"),
        (lambda: phrases.country_name("ZZQ", "Nowhere"), "Nowhere", "Nowhere"),
        (lambda: phrases.own_word("Border management"), "Border management", "Gestion des frontières"),
        (lambda: phrases.own_word(""), "", ""),
        (lambda: phrases.status_in_words("ongoing", None), "ongoing, according to an undated source", "en cours, selon une source non datée"),
        (lambda: phrases.status_in_words("ongoing", "2014-03"), "ongoing (source of March 2014)", "en cours (source : mars 2014)"),
        (lambda: phrases.status_in_words("completed", None), "completed", "achevé"),
        (lambda: phrases.period_in_words({"value": "2010", "planned": False}, {"value": "2013", "planned": False}), "2010 to 2013", "de 2010 à 2013"),
        (lambda: phrases.period_in_words({"value": "2012", "planned": False}, None), "from 2012", "à partir de 2012"),
        (lambda: phrases.period_in_words(None, {"value": "2018", "planned": True}), "planned end: 2018", "fin prévue : 2018"),
        (lambda: phrases.period_in_words({"value": "2027", "planned": True}, {"value": "2027", "planned": True}), "planned in 2027", "prévu en 2027"),
        (lambda: phrases.period_in_words({"value": "2016", "planned": True}, {"value": "2018", "planned": True}), "planned 2016 to 2018", "prévu de 2016 à 2018"),
        (lambda: phrases.period_in_words({"value": "2012-04", "planned": False}, {"value": "2013-05-01", "planned": False}), "April 2012 to 1 May 2013", "d’avril 2012 au 1er mai 2013"),
        (lambda: phrases.period_in_words({"value": "2026-02-05", "planned": True}, {"value": "2029", "planned": True}), "planned 5 February 2026 to 2029", "prévu du 5 février 2026 à 2029"),
        (lambda: phrases.period_in_words({"value": "2010-04", "planned": False}, {"value": "2010", "planned": False}), "April 2010 to later in 2010", "d’avril 2010 à une date ultérieure de 2010"),
        (lambda: phrases.record_name("organisation", "Estonia"), "Estonia", "Estonie"),
        (lambda: phrases.period_in_words(None, {"value": "2013-08", "planned": False}), "until August 2013", "jusqu’en août 2013"),
        (lambda: phrases.period_in_words(None, {"value": "2013-08-31", "planned": False}), "until 31 August 2013", "jusqu’au 31 août 2013"),
    ],
)  # fmt: skip
def test_words_in_both_languages(text, english, french):
    for language, words in (("en", english), ("fr", french)):
        with translation.override(language):
            assert str(text()).replace(NARROW, "_").replace(HARD, " ") == words


@pytest.mark.parametrize(
    ("query", "english", "french"),
    [
        ("", "Projects", "Projets"),
        ("country=GE&country=MD", "Projects in Georgia or Moldova", "Projets en Géorgie ou en Moldavie"),
        ("country=GE&instrument=ENI", "Projects in Georgia, funded by the ENI", "Projets en Géorgie, financés par l’IEV"),
        ("status=ongoing&status=not-stated", "Projects with the status “ongoing” or “not known”", "Projets dont l’état d’avancement est « en cours » ou « inconnu »"),
        ("not_stated=budget&not_stated=lead", "Projects with missing information (total budget or who leads it)", "Projets avec informations manquantes (budget total ou chef de file)"),
        ("organisation=iom&role=implementer", "Projects with IOM as implementer", "Projets avec l’Organisation internationale pour les migrations (OIM) comme organisme de mise en œuvre"),
        ("active_from=2012&active_to=2014", "Projects possibly active between 2012 and 2014", "Projets peut-être actifs entre 2012 et 2014"),
        ("active_from=2012&certainty=certain", "Projects certainly active in 2012 or later", "Projets certainement actifs en 2012 ou après"),
        ("active_from=2012&active_to=2012&certainty=dated", "Projects possibly active in 2012, with at least one known date", "Projets peut-être actifs en 2012, dont une date au moins est connue"),
        ("modified_from=2026-11-24", "Projects last changed since 24 November 2026", "Projets modifiés depuis le 24 novembre 2026"),
        ("modified_from=2026-11-24&modified_to=2026-11-24", "Projects last changed on 24 November 2026", "Projets modifiés pour la dernière fois le 24 novembre 2026"),
        (
            "theme=border-management&country=GE&instrument=ENI&active_from=2012",
            "Projects on border management in Georgia, funded by the ENI, possibly active in 2012 or later",
            "Projets de gestion des frontières en Géorgie, financés par l’IEV, peut-être actifs en 2012 ou après",
        ),
        (
            "partnership=eu-georgia-mobility-partnership&active_from=2012-06-01&active_to=2013",
            "Projects under the EU-Georgia Mobility Partnership, possibly active between 1 June 2012 and 2013",
            "Projets couverts par le partenariat pour la mobilité UE-Géorgie, peut-être actifs entre le 1er juin 2012 et 2013",
        ),
        ("organisation=european-union&role=funder", "Projects with the European Union as funder", "Projets avec l’Union européenne comme bailleur de fonds"),
        ("amount_min=1000000", "Projects with a total budget of at least EUR 1,000,000", "Projets d’un budget total d’au moins 1_000_000 EUR"),
    ],
)  # fmt: skip
def test_list_says_the_filter_in_both_languages(client, register, query, english, french):
    for prefix, words in (("/en", english), ("/fr", french)):
        text = client.get(f"{prefix}/projects/?{query}").content.decode()
        heading = re.search(r"<h1[^>]*>(.*?)</h1>", text, re.DOTALL)[1].strip()
        assert heading.replace(NARROW, "_").replace(HARD, " ") == words


def test_hostile_values_stay_words(client, register):
    text = client.get("/fr/projects/?q=%25(first)s%20{0}%20%25s%20<b>").content.decode()
    assert "%(first)s {0} %s &lt;b&gt;" in text


# -- How French is set --


@pytest.mark.parametrize("slug", ["bagratashen-sadakhlo-ibm", "nexus", "enigmma"])
def test_french_page_spaces_its_colons_and_begins_sentences_large(client, register, slug):
    _response, text = page(client, f"/fr/projects/{slug}/")
    main = re.sub(r"<(\w+)[^>]* lang=.*?</\1>", "X", text[text.index("<main") : text.index("</main>")], flags=re.DOTALL)
    words = re.sub(r"\s*\n\s*", " ", re.sub(r"<[^>]*>", "", main))
    assert "Dernière modification dans ce registre\u00a0: " in words
    assert not re.findall(r".{20}[^\u00a0\u202f]:(?:\s.{20}|$)", words)
    described = re.findall(r'<desc id="funding-desc">(.*?)</desc>', text, flags=re.DOTALL)
    assert len(described) == (slug == "bagratashen-sadakhlo-ibm")  # of the others no total is known
    assert all(sentence[0].isupper() for words in described for sentence in words.strip().split(". "))


def test_titles_of_dump_files_are_in_french():
    with translation.override("fr"):
        titles = [*(form.title for form in FILES), *(title for title, _type in OWN.values())]
        assert not [title for title in titles if phrases.own_word(title) == title]
