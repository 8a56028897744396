"""What the list offers to narrow by: values, tags, what to loosen; in the page as people read it."""

import html
import re

import pytest
from django.core.management import call_command
from django.http import QueryDict

from instruments.models import Instrument
from projects.index import figures
from projects.models import Organisation, Project
from projects.search.facets import LINKED, facets, loosened, tags, years
from projects.search.filters import NOT_NARROWING, ONLY_WITH, ProjectFilter
from projects.search.highlight import marked
from projects.words.terms import included_terms
from tests.support.loops import at_least_one
from tests.support.records import record, update

pytestmark = pytest.mark.one_database


def asking(query):
    return ProjectFilter(QueryDict(query))


def number(query):
    return asking(query).narrowed().count()


def test_facet_leaves_out_no_value_that_would_find_something(samples):
    filterset = asking("country=GE&status=ongoing")
    shown = {facet.name: {value.key for value in facet.values} for facet in facets(filterset)}
    for code in Instrument.objects.values_list("pk", flat=True):
        assert (code in shown["instrument"]) == bool(number(f"country=GE&status=ongoing&instrument={code}"))


def test_facet_keeps_what_is_picked_though_nothing_answers(register):
    [facet] = [each for each in facets(asking("country=GE&instrument=GPGC")) if each.name == "instrument"]
    assert [(value.key, value.count) for value in facet.values if value.is_picked] == [("GPGC", 0)]


def test_country_instrument_and_theme_come_first_and_open(samples):
    shown = facets(asking("status=ongoing"))
    assert [facet.name for facet in shown[:3]] == ["country", "instrument", "theme"]
    assert {facet.name for facet in shown if facet.is_open} == {"country", "instrument", "theme", "status"}


def test_year_that_is_picked_is_marked(samples):
    first = years(asking(""))[0].key
    values = years(asking(f"active_from={first}&active_to={first}"))
    assert [value.key for value in values if value.is_picked] == [first]


def test_years_count_the_dated_that_may_have_been_active(register):
    values = years(asking("country=AZ"))
    assert {value.key: value.count for value in values} == {"2016": 1, "2017": 1, "2018": 1}
    assert number(values[0].address[1:]) == 1


def year_links(client, query=""):
    """Return ``{year: (address, number)}`` as the list with ``query`` leads to them."""
    [there] = re.findall(r'href="(/projects/values/year/[^"]*)"', client.get(f"/projects/{query}").content.decode())
    page = client.get(html.unescape(there)).content.decode()
    links = re.findall(r'<a href="([^"]+)"[^>]*>(\d{4})\b.*?</a> <span class="count">(\d+)<', page)
    return {year: (html.unescape(there), int(count)) for there, year, count in links}


# -- All values of one facet, on a page of their own --


def listed(client, address):
    """Return ``{label: (address, number)}`` of a page of values."""
    page = client.get(address).content.decode()
    matches = re.findall(r'<li><a href="([^"]+)"[^>]*>(.*?)</a> <span class="count">([\d,]+)<', page)
    return {re.sub("<.*", "", label): (html.unescape(there), int(count)) for there, label, count in matches}


@pytest.mark.parametrize("name", ["theme", "organisation"])
def test_facet_shows_the_largest_and_leads_to_all_of_them(client, samples, name):
    [facet] = [each for each in facets(asking("country=GE")) if each.name == name]
    everyone = figures.numbers(asking("country=GE").narrowed(), name)
    assert len(facet.values) == 8
    assert facet.more == len(everyone) - 8 > 0
    assert min(value.count for value in facet.values) >= sorted(everyone.values())[-8]
    page = client.get("/projects/?country=GE").content.decode()
    assert f'href="/projects/values/{name}/?country=GE"' in page
    assert "<figcaption" not in page
    assert page.count("<option") < 20, "no list of all records stands in the page"


def test_facet_shows_what_is_picked_besides_the_largest(samples):
    numbers = figures.numbers(asking("").narrowed(), "organisation")
    rare = sorted(numbers, key=lambda key: (-numbers[key], key))[-2:]
    [facet] = [
        each for each in facets(asking("&".join(f"organisation={key}" for key in rare))) if each.name == "organisation"
    ]
    assert {value.key for value in facet.values if value.is_picked} == set(rare)
    assert len(facet.values) == 10


def test_values_each_lead_to_as_many_projects_as_they_say(client, samples):
    values = listed(client, "/projects/values/organisation/?country=GE&sort=-budget&page_size=100")
    assert len(values) == len(figures.numbers(asking("country=GE").narrowed(), "organisation"))
    for there, count in at_least_one(list(values.values())[:12]):
        assert there.startswith("/projects/?country=GE&sort=-budget&organisation=")
        assert number(there.split("?")[1]) == count


@pytest.mark.parametrize("name", [*LINKED, "year"])
def test_values_of_every_facet_have_a_page(client, register, name):
    values = listed(client, f"/projects/values/{name}/")
    assert {count for _there, count in values.values()}
    assert client.get(f"/fr/projects/values/{name}/?q=border").status_code == 200


def test_values_are_paged_and_searched_by_name_without_script(client, register):
    update(Organisation, "icmpd", aliases=["Vienna Migration Office"])
    assert len(listed(client, "/projects/values/organisation/?page_size=5")) == 5
    page = client.get("/projects/values/organisation/?page_size=5&country=MD").content.decode()
    assert '<input type="hidden" name="country" value="MD">' in page
    assert "page=2" in client.get("/projects/values/organisation/?page_size=5").content.decode()
    assert list(listed(client, "/projects/values/organisation/?called=vienna+office")) == ["ICMPD"]
    assert list(listed(client, "/projects/values/country/?called=géorgie")) == ["Georgia"]
    assert "No value has this name." in client.get("/projects/values/theme/?called=xyz").content.decode()


def test_value_that_is_picked_stands_first_and_leads_to_the_list_without_it(client, register):
    values = listed(client, "/projects/values/country/?country=MD&status=ongoing")
    assert next(iter(values)) == "Moldova"
    assert values["Moldova"][0] == "/projects/?status=ongoing"
    assert values["Georgia"][0] == "/projects/?country=MD&country=GE&status=ongoing"


def test_values_refuse_what_the_list_refuses(client, register):
    assert client.get("/projects/values/colour/").status_code == 404
    assert client.get("/projects/values/country/?country=XX").status_code == 400
    assert client.get("/projects/values/country/?utm=1").status_code == 302
    assert client.get("/projects/values/country/?page=9").status_code == 404


def test_list_stays_small_however_many_rows_and_records_there_are(client, db):
    call_command("make_sample_projects", "500", "--seed", "7", verbosity=0)
    ten = [
        *(f"country={code}" for code in ("GE", "MD", "AM", "AZ", "UA", "BY", "RU", "KZ")),
        "organisation=european-union", "active_from=2010",
    ]  # fmt: skip
    for there in ("/projects/", f"/fr/projects/?q=migration&sort=-budget&{'&'.join(ten)}", "/fr/projects/"):
        page = client.get(there).content
        assert len(page) <= 60_000, there
        assert page.count(b'<th scope="row">') == 25, there


def test_year_leaves_out_those_without_dates_and_offers_them(client, register):
    there, count = year_links(client)["2014"]
    assert (there, count) == ("/projects/?active_from=2014&active_to=2014&certainty=dated", 1)
    page = client.get(there).content.decode()
    assert "<strong>1 project</strong>" in page
    [offered] = re.findall(r'<a href="([^"]+)">include 4 without dates</a>', page)
    page = client.get(html.unescape(offered)).content.decode()
    assert "<strong>5 projects</strong>" in page
    [back] = re.findall(r'<a href="([^"]+)">leave out 4 without dates</a>', page)
    assert html.unescape(back) == there
    assert year_links(client, html.unescape(offered).removeprefix("/projects/"))["2014"] == ("/projects/", 1)


def test_year_counts_those_that_certainly_were_active_where_only_they_are_asked_for(client, register):
    for there, count in at_least_one(year_links(client, "?certainty=certain").values()):
        page = client.get(there).content.decode()
        assert "certainty=certain" in there
        assert f"<strong>{count} project" in page
        assert "without dates</a>" not in page
    assert "2011" in year_links(client, "?certainty=certain")


def test_tags_take_away_one_value_each(register):
    queries = dict(tags(asking("country=GE&country=MD&organisation=icmpd&role=lead&active_from=2012&q=a&page=1")))
    assert set(queries) == {
        "Country: Georgia",
        "Country: Moldova",
        "Organisation: ICMPD",
        "Role: lead",
        "Active from: 2012",
        "Search: a",
    }
    assert queries["Country: Georgia"] == "?country=MD&organisation=icmpd&role=lead&active_from=2012&q=a"
    assert "role" not in queries["Organisation: ICMPD"]


def test_empty_result_says_what_to_loosen(client, register):
    query = "country=GE&instrument=GPGC&q=targeted"
    for words, where, count in at_least_one(loosened(asking(query))):
        assert number(where[1:]) == count, words
    page = client.get(f"/projects/?{query}").content.decode()
    assert "without “Country: Georgia”: 1 project" in page
    assert 'href="/projects/?country=GE&amp;q=targeted"' in page


def test_search_is_dropped_whole_if_none_of_its_words_is_found(register):
    assert [where for _words, where, _count in loosened(asking("country=GE&q=xqzwv+qqqq"))] == ["?country=GE"]


def test_each_parameter_that_narrows_can_be_loosened(client, register):
    values = {name: each.example for name, each in ProjectFilter.base_filters.items()}
    values |= {"q": "border", "country": "MD", "amount_min": "1", "active_from": "2009"}
    seen = set()
    for name, each in ProjectFilter.base_filters.items():
        if name in (*NOT_NARROWING, "as_of"):
            continue
        value = values[name][0] if isinstance(values[name], list) else values[name]
        beside = "".join(f"{other}={values[other]}&" for other in ONLY_WITH.get(name, ())[:1] if name != "role")
        beside += "organisation=icmpd&" if name == "role" else ""
        offers = loosened(asking(f"{beside}{name}={value}"))
        assert any(str(each.label) in words for words, *_ in offers), name
        seen.add(name)
    assert {"theme", "role", "certainty", "currency"} < seen


def test_each_list_of_values_is_a_facet(client, register):
    shown = {facet.name for facet in facets(asking("organisation=icmpd"))}
    assert shown >= {name for name, each in ProjectFilter.base_filters.items() if each.is_repeatable}


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        ("Île d'État", "etat", "Île d&#x27;<mark>État</mark>"),
        ("Straße <b>", "strasse", "<mark>Straße</mark> &lt;b&gt;"),
        ("aaa", "aa", "<mark>aaa</mark>"),
        ("Moldova", "", "Moldova"),
        ("Moldova", "-moldova", "Moldova"),
        ("co\u00adop\u200beration", "OPERATION", "co\u00ad<mark>op\u200beration</mark>"),
        ("e\u0301tat", "et", "<mark>e\u0301t</mark>at"),
        ("Georgia’s", "georgias", "<mark>Georgia’s</mark>"),
        ("cross\u2011border", "cross-border", "<mark>cross\u2011border</mark>"),
        ("cross-border", "crossborder", "<mark>cross-border</mark>"),
        ("the border  management", '"border management"', "the <mark>border  management</mark>"),
        ("management of borders", '"border management"', "management of borders"),
        ("Bakı Ørsted ԵՎ", "baki orsted և", "<mark>Bakı</mark> <mark>Ørsted</mark> <mark>ԵՎ</mark>"),
        ("საქართველო", "ქართ", "სა<mark>ქართ</mark>ველო"),
    ],
)
def test_marked_shows_the_words_however_they_are_written(text, query, expected):
    assert marked(text, included_terms(query)) == expected


def test_found_in_names_what_the_table_does_not_show(client, register):
    page = client.get("/projects/?q=swedish+public").content.decode()
    assert "<mark>Swedish</mark> <mark>Public</mark> Employment Service" in page
    assert "matches another name" not in page


def test_search_leads_to_an_organisation_by_a_former_name(client, register):
    update(Organisation, "icmpd", aliases=["Vienna Migration Office"])
    page = client.get("/projects/?q=vienna+migration").content.decode()
    assert 'href="/organisations/icmpd/"' in page
    assert "matches another name" in page


def test_hint_at_another_name_stands_beside_a_title_with_signs_of_html(client, register):
    project = Project.objects.get(participations__organisation="icmpd")
    Project.objects.filter(pk=project.pk).update(title="Georgia's & others' programme")
    record(Project, [project.pk], user_name="tester")
    update(Organisation, "icmpd", aliases=["Vienna Migration Office"])
    page = client.get("/projects/?q=vienna").content.decode()
    assert page.count("matches another name") == number("q=vienna") > 0
    assert "Georgia&#x27;s" in page


def test_wrong_value_is_said_beside_its_facet(client, register):
    answer = client.get("/projects/?country=XX&instrument=ENI&amount_min=2.584")
    page = answer.content.decode()
    assert answer.status_code == 400
    facet = page[page.index('id="facet-country"') : page.index('id="facet-instrument"')]
    assert "“XX” is not an allowed value" in facet
    assert 'aria-describedby="facet-country-error"' in page
    assert 'value="ENI" checked' in page
    assert 'value="2.584"' in page


def test_fields_are_described_by_what_stands_there(client, register):
    page = client.get("/projects/").content.decode()
    named = set(re.findall(r'aria-describedby="([^"]+)"', page))
    assert named
    assert not [one for name in named for one in name.split() if f'id="{one}"' not in page]


def test_tags_leave_out_what_changes_nothing(register):
    assert tags(asking("certainty=certain&currency=USD&sort=-budget")) == []
    assert [words for words, _where in tags(asking("certainty=certain&active_from=2011"))] == [
        "Active from: 2011",
        "Uncertain dates: leave out",
    ]
    assert "Smallest budget: EUR 0" in str(tags(asking("amount_min=0")))
