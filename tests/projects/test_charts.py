"""Pictures: the figures are those of the register, what is not stated is a count, and what is drawn can be read."""

import re
from decimal import Decimal
from itertools import pairwise
from xml.etree import ElementTree

import orjson
import pytest
from django.contrib.staticfiles import finders
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils import translation

from instruments.models import Country, Instrument
from projects import charts
from projects.charts import scale
from projects.index import figures
from projects.index.follower import current_register
from projects.models import Contribution, Organisation, Participation, Project
from projects.search.filters import NOT_NARROWING
from tests.support.browser import assert_accessible
from tests.support.loops import at_least_one
from tests.support.records import record

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def published(*keys):
    """Return the published projects, or of them those of ``keys``, after recording what a test changed."""
    for model in (Instrument, Organisation, Country, Project):
        record(model, list(model.objects.order_by().values_list("pk", flat=True)), user_name="tester")
    rows = current_register().projects
    return rows.of(keys) if keys else rows


def drawn(picture, name, prefix="p"):
    return render_to_string(f"_pictures/{name}.html", {"picture": picture, "prefix": prefix, "root": ""})


def all_drawn(projects, most=20):
    """Return every picture of ``projects`` and of the ``most`` first of them, as one piece of HTML."""
    query = QueryDict()
    pictures = [drawn(charts.bars(projects, by, query), "bars", by) for by in ("instrument", "country")]
    pictures += [
        drawn(charts.timeline(projects), "timeline", "time"),
        drawn(charts.flow(projects, query), "flow", "flow"),
    ]
    for number, text in enumerate(projects.documents(slice(most))):
        pictures.append(drawn(charts.funding(orjson.loads(text)), "funding", f"funding-{number}"))
    return "\n".join(pictures)


def whole(html):
    """Return the figures as one XML document, which they are."""
    return ElementTree.fromstring(f"<html>{html}</html>")  # noqa: S314 (our own)


def number(length):
    return Decimal(length.removesuffix("%"))


# -- Readable by machines --


@pytest.mark.parametrize("count", [0, 1, 150])
def test_pictures_of_no_one_and_many_projects_are_well_formed(samples, count):
    rows = published()
    html = all_drawn(rows.of(rows.keys()[:count]))
    tree = whole(html + render_to_string("_house/hatching.html"))
    ids = [element.get("id") for element in tree.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    for svg in tree.iter("svg"):
        if svg.get("role") == "img":
            assert all(name in ids for name in svg.get("aria-labelledby").split())
            assert not list(svg.iter("a")), "a link in an image cannot be reached"
    for element in tree.iter():
        assert not {name for name in element.attrib if name == "style" or name.startswith("on")}
        for value in element.attrib.values():
            for reference in re.findall(r"url\(#(.*?)\)", value):
                assert reference in ids
    assert ("Total budgets by country" in html) == (count > 1)


def test_pictures_of_hostile_words_are_text(register):
    words = "<script>alert(1)</script>\"' & ]]> \u202eevil\x01 \u2028" + "long" * 100
    Project.objects.update(title=words)
    Instrument.objects.update(name=words[:200])
    Organisation.objects.update(name=words[:200])
    html = all_drawn(published())
    assert "<script" not in html
    assert not re.search("[\x00-\x08\u202e\u2028]", html)
    whole(html)


def test_pictures_measure_the_same_in_every_language(register):
    def lengths():
        return re.findall(r'(?:x|y|width|height|d)="[^"]*"', all_drawn(published()))

    with translation.override("en"):
        english = lengths()
    with translation.override("fr"):
        assert lengths() == english


# -- Figures --


@pytest.mark.parametrize("by", ["instrument", "country", "theme"])
def test_bars_say_the_figures_of_stats(samples, by):
    rows = published()
    groups = {f"{by}={group['key']}": group for group in figures.groups(rows, by)}
    picture = charts.bars(rows, by)
    assert len(picture["legend"]) > 2, "its bars are parted by what is known"
    table = picture["table"]
    for row in at_least_one([row for row in table if row["query"]]):
        group = groups[row["query"]]
        assert row["projects"] == group["projects"]
        if row["sum"]:
            assert row["sum"] | {"amount": f"{row['sum']['amount']:.2f}"} == row["sum"] | next(
                sum_ for sum_ in group["amounts"] if sum_["currency"] == row["sum"]["currency"]
            )
    for row in at_least_one([row for row in table if row["sum"]]):
        assert sum(part["amount"] for part in row["sum"]["parts"]) == row["sum"]["amount"]


@pytest.mark.parametrize("by", ["instrument", "country", "theme"])
def test_bars_of_the_largest_group_are_as_wide_as_the_chart(samples, by):
    picture = charts.bars(published(), by)
    for chart in at_least_one([*picture["charts"], *picture["more"]]):
        rows = [row for row in chart["rows"] if row["sum"]]
        widths = [sum(number(segment["width"]) for segment in row["segments"]) for row in rows]
        own = [width for row, width in zip(rows, widths, strict=True) if row["query"]]
        assert max(widths) == 100
        assert own == sorted(own, reverse=True)
        largest = max(row["sum"]["amount"] for row in rows)
        for row, width in zip(rows, widths, strict=True):
            assert abs(width - row["sum"]["amount"] * 100 / largest) < Decimal("0.001")
            for one, other in pairwise(row["segments"]):
                assert number(one["x"]) + number(one["width"]) == number(other["x"])


def test_bars_count_what_is_not_stated(register):
    picture = charts.bars(published(), "instrument")
    rows = {row["name"].split(" – ")[0]: row for row in picture["charts"][0]["rows"]}
    assert list(rows) == ["ENI", "TPMA", "GPGC"]
    assert (rows["TPMA"]["sum"]["words"], rows["TPMA"]["sum"]["coverage"]) == (
        "EUR 3,000,000",
        "known for 1 of 3 projects",
    )
    assert rows["TPMA"]["unstated_words"] == "Not known: 2 projects"
    assert rows["GPGC"]["sum"] is None
    assert [row["elsewhere"] for row in rows.values()] == [0, 0, 0]
    assert rows["GPGC"]["box_y"] < rows["TPMA"]["box_y"]
    assert "Not known: 1 project" in drawn(picture, "bars")
    assert not re.search(r'width="0(\.0+)?%?" height="24"', drawn(picture, "bars"))
    assert "Not shown: 1 project whose instrument is not known." in picture["notes"]


def test_bars_know_an_amount_of_zero(register):
    Contribution.objects.filter(instrument="GPGC").update(amount=0, currency="EUR")
    assert [row["unstated"] for row in charts.bars(published(), "instrument")["table"]] == [0, 2, 0]
    [group] = [each for each in figures.groups(published(), "instrument") if each["key"] == "GPGC"]
    assert group["amounts"] == [{"currency": "EUR", "amount": "0.00", "stated_for": 1}]


def test_bars_show_the_remainder_as_without_instrument(register):
    picture = charts.bars(published(), "country")
    armenia = next(row for row in picture["table"] if row["name"] == "Armenia")
    assert [(part["name"].split(" – ")[0], part["words"]) for part in armenia["sum"]["parts"]] == [
        ("ENI", "EUR 1,716,000"),
        ("instrument not known", "EUR 868,000"),
    ]
    assert armenia["sum"]["parts"][1]["style"] == "rest"


def test_bars_put_no_contribution_into_a_total_of_another_currency(register):
    Contribution.objects.filter(project="cmba").update(currency="CHF")  # its total is in EUR
    Project.objects.filter(pk="azerbaijan-targeted-initiative").update(budget_amount=7_000_000, budget_currency="CHF")
    Project.objects.filter(pk="bagratashen-sadakhlo-ibm").update(budget_currency="CHF")
    picture = charts.bars(published(), "country")
    parts = {
        row["sum"]["currency"]: [(part["name"], part["amount"]) for part in row["sum"]["parts"]]
        for row in picture["table"]
        if row["name"] == "Azerbaijan"
    }
    assert parts == {
        "CHF": [("instrument not known", 7_000_000)],
        "EUR": [("instrument not known", 2_600_000)],
    }


def test_bars_without_any_amount_draw_counts_only(register):
    Contribution.objects.update(amount=None, currency="")
    picture = charts.bars(published(), "instrument")
    assert [row["unstated"] for row in picture["charts"][0]["rows"]] == [3, 1, 3]
    assert 'class="segment ' not in drawn(picture, "bars")


def test_bars_of_a_project_in_two_countries_say_so(register):
    Project.objects.get(pk="enigmma").countries.add("AM")
    by_country = charts.bars(published(), "country")
    assert "A project in several countries counts in full in each of them." in by_country["notes"]
    parts = {
        part["name"]: part["amount"]
        for row in charts.bars(published(), "instrument")["table"][:1]
        for part in row["sum"]["parts"]
    }
    assert parts["several countries"] == 16_000_000


def test_bars_of_the_currency_known_for_most_projects_come_first_and_the_others_are_folded(register):
    for slug in ("cmba", "azerbaijan-targeted-initiative"):
        Project.objects.filter(pk=slug).update(budget_amount=2_600_000, budget_currency="CHF")
    in_moldova = Project.objects.filter(pk__in=("nexus", "moldova-targeted-initiative"))
    in_moldova.update(budget_amount=1, budget_currency="CHF")
    Contribution.objects.filter(project="cmba").update(currency="CHF")
    picture = charts.bars(published(), "country")
    assert [chart["currency"] for chart in (*picture["charts"], *picture["more"])] == ["CHF", "EUR"]
    assert [row["sum"]["words"] for row in picture["more"][0]["rows"]] == ["EUR 19,000,000", "EUR 2,584,000"]
    html = drawn(picture, "bars")
    folded = html.index("1 more currency")
    assert html.index(">CHF<") < folded < html.index(">EUR<")


def test_nothing_is_drawn_that_compares_fewer_than_two_things(register):
    georgia = published("enigmma", "georgia-targeted-initiative")
    assert charts.bars(georgia, "country") is None
    assert len(charts.bars(georgia, "instrument")["charts"][0]["rows"]) == 2
    assert charts.flow(georgia) is None, "it all goes to one country"
    assert charts.timeline(published("georgia-targeted-initiative")) is None
    assert not all_drawn(published("moldova-targeted-initiative")).strip()


def test_bars_of_many_groups_draw_twelve_and_what_all_others_come_to(register):
    for index in range(15):
        Country.objects.create(code=f"X{chr(65 + index)}", name=f"Land {index}", state="published")
        Project.objects.get(pk="cmba").countries.add(f"X{chr(65 + index)}")
    picture = charts.bars(published(), "country")
    *rows, others = picture["charts"][0]["rows"]
    assert len(rows) == 12
    assert (others["name"], others["sum"]["words"], others["sum"]["coverage"]) == (
        "7 others", "EUR 5,184,000", "known for 2 of 5 projects",
    )  # fmt: skip
    assert picture["table"] == picture["charts"][0]["rows"]
    assert "Download the figures" in drawn(picture, "bars")
    Project.objects.get(pk="cmba").countries.remove(*[f"X{chr(65 + index)}" for index in range(6)])
    rows = charts.bars(published(), "country")["charts"][0]["rows"]
    assert (len(rows), "other" in rows[-1]["name"]) == (13, False), "a single one is named"


# -- Links --


def test_links_keep_the_filter_and_set_one_parameter(register):
    query = QueryDict("q=border&country=GE&country=AM&page=3&page_size=5&sort=")
    assert scale.link(query, country="GE") == "q=border&country=GE"
    assert scale.link(query, instrument="ENI") == "q=border&country=GE&country=AM&instrument=ENI"
    assert scale.link(query, country="AZ") is None, "these rows have both, which no query string can ask for"
    assert scale.link(None, country="AZ") == "country=AZ"


def test_links_keep_the_order_and_nothing_else_that_does_not_narrow():
    query = QueryDict("country=GE&" + "&".join(f"{name}=1" for name in NOT_NARROWING))
    assert len(query) > 4
    assert scale.link(query, instrument="ENI") == "country=GE&sort=1&instrument=ENI"


@pytest.mark.parametrize("by", ["instrument", "country", "theme"])
def test_links_lead_to_as_many_projects_as_the_row_counts(client, register, by):
    for row in at_least_one(charts.bars(published(), by)["table"]):
        assert client.get(f"/api/v1/projects/?{row['query']}").json()["count"] == row["projects"]


def test_links_of_flow_are_understood(client, samples):
    for row in at_least_one(charts.flow(published())["table"][:40]):
        for query in filter(None, (row["source_query"], row["target_query"])):
            assert client.get(f"/api/v1/projects/?{query}").json()["count"] > 0


# -- Time --


def pieces(**dates):
    Project.objects.filter(pk="nexus").update(**dates)
    picture = charts.timeline(published("nexus", "georgia-targeted-initiative"))
    return next(
        ([piece["kind"] for piece in row["pieces"]] for row in (picture or {"rows": []})["rows"] if row["url"] == "/projects/nexus/"),
        None,
    )  # fmt: skip


def test_timeline_draws_what_is_certain_possible_planned_and_open(register):
    assert pieces(start_date="2010-03-01", end_date="2012-05-31") == ["certain"]
    assert pieces(start_date="2010", end_date="2012") == ["possible", "certain", "possible"]
    assert pieces(start_date="2010", end_date="2010-12-30") == ["possible"], "it may have been one day"
    assert pieces(start_date="2010-02-01", end_date="2010-02-01") == ["certain"]
    assert pieces(start_date="2010", end_date=None) == ["possible", "open-end"]
    assert pieces(start_date=None, end_date="2010-03-01") == ["open-start"]
    assert pieces(end_date="2012", start_date=None) == ["open-start", "possible"]
    assert pieces(start_date="2010", end_date="2012", end_date_planned=True) == [
        "possible",
        "planned",
        "planned-possible",
    ]
    assert pieces(start_date_planned=True) == ["planned-possible", "planned", "planned-possible"]
    assert pieces(start_date="0001", end_date="9999") is not None
    assert pieces(start_date=None, end_date=None, start_date_planned=False, end_date_planned=False) is None


def test_timeline_keeps_the_order_and_counts_what_is_not_drawn(register):
    picture = charts.timeline(published().in_order("-start_date"))
    assert [row["url"] for row in picture["rows"]][:2] == [
        "/projects/azerbaijan-targeted-initiative/",
        "/projects/armenia-targeted-initiative/",
    ]
    assert picture["notes"] == ["Not shown: 4 projects whose dates are not known."]
    assert picture["table"] == picture["rows"]
    assert "planned 2016 to 2018" in drawn(picture, "timeline")


def test_timeline_tells_titles_apart_that_are_cut_alike(register):
    labels = [row["label"] for row in charts.timeline(published())["rows"]]
    assert [each["narrow"] for each in labels] == [
        "Targeted Initiative (Moldova)",
        "Targeted Initiative in… (Armenia)",
        "Targeted Initiative… (Azerbaijan)",
        "Targeted Initiative… (Georgia)",
    ]
    assert [each["wide"].endswith(")") for each in labels] == [True, False, False, False]


def test_timeline_lies_within_the_picture(samples):
    rows = published()
    picture = charts.timeline(rows.of(rows.keys()[:40]))
    for row in at_least_one(picture["rows"]):
        spans = [(number(piece["x"]), number(piece["x"]) + number(piece["width"])) for piece in row["pieces"]]
        assert all(0 <= begin < end <= 100.002 for begin, end in spans)
        assert all(one[1] == pytest.approx(other[0], abs=0.002) for one, other in pairwise(spans))
        assert spans[-1][1] == pytest.approx(100, abs=0.002) or not row["pieces"][-1]["kind"].endswith("open-end")
        assert row["y"] + 38 < picture["height"]
    assert 1 <= len(picture["ticks"]) <= 7


def test_timeline_of_more_than_forty_projects_counts_them_by_year(client, samples):
    picture = charts.timeline(published())
    assert "rows" not in picture
    for column in at_least_one(picture["columns"]):
        assert client.get(f"/api/v1/projects/?{column['query']}").json()["count"] == column["number"]
        assert column["y"] + column["height"] == picture["bottom"]
    assert max(column["height"] for column in picture["columns"]) == 160
    assert number(picture["columns"][-1]["x"]) + number(picture["columns"][-1]["width"]) <= 100


# -- Flow --


def test_flow_adds_up_to_the_stated_contributions(samples):
    rows = Contribution.objects.filter(project__state="published")
    picture = charts.flow(published())
    [euros] = [chart for chart in picture["charts"] if chart["currency"] == "EUR"]
    amounts = rows.filter(currency="EUR").values_list("amount", flat=True)
    assert euros["sources"][-1]["label"]["wide"] == "17 others", "last, though larger than some"
    assert euros["title"] == f"EUR {sum(amounts):,.0f} in {len(amounts)} contributions"
    assert f"Not shown: {rows.filter(amount=None).count()} contributions whose amount is not known." in picture["notes"]
    drawn_in = sum(row["number"] for row in picture["table"] if (row["words"] or "").startswith("EUR"))
    assert drawn_in == len(amounts)


def test_flow_nodes_are_as_high_as_their_links(register):
    chart = charts.flow(published())["charts"][0]
    assert chart["title"] == "EUR 23,316,000 in 4 contributions"
    assert [(node["label"]["wide"], node["words"]) for node in chart["sources"]] == [
        ("ENI", "EUR 20,316,000"),
        ("TPMA", "EUR 3,000,000"),
    ]
    for side in ("sources", "targets"):
        assert abs(sum(float(node["height"]) for node in chart[side]) - 240) < 0.5
    assert all(0 <= float(node["y"]) <= chart["height"] for side in ("sources", "targets") for node in chart[side])


def test_flow_counts_contributions_whose_amount_is_not_known_and_has_them_in_its_table(register):
    picture = drawn(charts.flow(published()), "flow")
    assert "Not shown: 4 contributions whose amount is not known." in picture
    assert "Swiss Agency for Development and Cooperation, instrument not known" in picture


def test_flow_without_any_amount_is_not_drawn(register):
    Contribution.objects.update(amount=None, currency="")
    assert charts.flow(published()) is None


def test_flow_without_a_country_goes_to_the_lead(register):
    def targets():
        table = charts.flow(published("enigmma", "georgia-targeted-initiative"))["table"]
        return {row["target"]: row["target_query"] for row in table}

    Project.objects.get(pk="enigmma").countries.clear()
    Participation.objects.filter(project="enigmma").delete()
    assert targets()["country not known"] is None
    for slug in ("icmpd", "iom"):
        Participation.objects.create(project_id="enigmma", organisation_id=slug, role="lead")
    assert targets()[Organisation.objects.get(pk="icmpd").name] == "organisation=icmpd&role=lead"
    assert "country not known" not in targets()


# -- One project --


def document(slug):
    return orjson.loads(next(iter(published(slug).documents(slice(1)))))


def test_funding_is_parts_and_remainder_of_the_total(register):
    picture = charts.funding(document("bagratashen-sadakhlo-ibm"))
    assert [(row["name"], row["words"], row["share"]) for row in picture["segments"]] == [
        ("European Union, through ENI", "EUR 1,716,000", "66.4%"),
        ("Funder not known", "EUR 868,000", "33.6%"),
    ]
    assert sum(number(row["width"]) for row in picture["segments"]) == 100
    assert 'class="number not-stated"' not in drawn(picture, "funding")
    assert drawn(charts.funding(document("nexus")), "funding").count('class="number not-stated"') == 2


def test_funding_without_total_draws_no_whole(register):
    picture = charts.funding(document("nexus"))
    assert picture["segments"] == []
    assert picture["unstated_words"] == "No amount published (2 contributions)"
    assert "No source gives the total, so the chart cannot show shares of it." in drawn(picture, "funding")
    assert charts.funding(document("moldova-targeted-initiative")) is None


def test_funding_of_a_tiny_share_is_not_nothing(register):
    project = document("enigmma")
    project["contributions"][0]["amount"] = "1.10"
    assert charts.funding(project)["segments"][0]["share"] == "less than 0.1%"
    project["contributions"][0]["amount"] = f"{Decimal(project['budget']['amount']) / 1000:.2f}"
    assert charts.funding(project)["segments"][0]["share"] == "0.1%"


def test_funding_in_another_currency_is_said_not_drawn(register):
    project = document("enigmma")
    project["contributions"].append(
        {"funder": {"slug": "france", "name": "France"}, "instrument": None, "amount": "5.00", "currency": "CHF"}
    )
    picture = charts.funding(project)
    assert [row["words"] for row in picture["segments"]] == ["EUR 16,000,000"]
    assert picture["notes"] == [
        "France also contributes CHF 5. The bar leaves this out, because the total is in another currency."
    ]


# -- Cost --


def test_pictures_ask_only_for_the_documents_they_draw(samples, django_assert_num_queries):
    rows = published()
    few = rows.of(rows.keys()[:40])
    with django_assert_num_queries(0):
        for by in ("instrument", "country"):
            drawn(charts.bars(rows, by), "bars")
        drawn(charts.timeline(rows), "timeline")
        drawn(charts.flow(rows), "flow")
    with django_assert_num_queries(1):
        drawn(charts.timeline(few), "timeline")


# -- The page of pictures --


def test_page_of_pictures_draws_what_the_list_found(client, samples):
    page = client.get("/projects/pictures/?country=GE&sort=-budget&page=2").content.decode()
    assert "<h1>Charts: projects in Georgia</h1>" in page
    assert "Contributions by instrument" in page
    assert "Total budgets by country" in page, "a project in Georgia may be in other countries too"
    assert 'href="/projects/?country=GE&amp;sort=-budget"' in page
    assert 'href="/api/v1/stats/?country=GE&amp;group_by=instrument"' in page
    assert client.get("/api/v1/stats/?country=GE&group_by=instrument").status_code == 200
    assert client.get("/projects-contributions.csv?country=GE").status_code == 200


def test_page_of_pictures_says_where_there_is_nothing_to_compare(client, register):
    page = client.get("/projects/pictures/?q=nexus").content.decode()
    assert "There is too little data here for a chart." in page
    assert "<figcaption" not in page
    assert client.get("/projects/pictures/?country=XX").status_code == 400
    assert client.get("/projects/pictures/?utm=1").status_code == 302


def test_list_and_record_pages_lead_to_their_pictures(client, register):
    for address, query in {"/projects/?q=border": "?q=border", "/countries/GE/": "?country=GE"}.items():
        page = client.get(address).content.decode()
        assert f'<a href="/projects/pictures/{query}">' in page
        assert "<figcaption" not in page


# -- In a browser --


@pytest.mark.parametrize("forced", ["none", "active"])
def test_pictures_are_readable_and_nothing_sticks_out(page, live_server, register, forced):
    # live_server only so that the database is let go of: the browser's event loop has a connection of its own
    html = all_drawn(published(), most=1)
    page.emulate_media(forced_colors=forced)
    page.set_content(f"<html lang=en><title>Pictures</title><body><main><h1>Pictures</h1>{html}</main>")
    for name in ("tokens", "type", "layout", "components", "charts"):
        page.add_style_tag(path=finders.find(f"eap_funding/style/{name}.css"))
    page.evaluate("document.querySelectorAll('details').forEach(it => it.open = true)")
    outside = """[...document.querySelectorAll('svg[role=img] text')].filter(it => it.checkVisibility())
        .filter(it => { const a = it.getBoundingClientRect(), b = it.closest('figure').getBoundingClientRect();
            return a.width > 0 && (a.left < b.left - 1 || a.right > b.right + 1) }).map(it => it.textContent)"""
    sizes = "[...document.querySelectorAll('svg text')].map(it => parseFloat(getComputedStyle(it).fontSize))"
    for width in (320, 1280):
        assert_accessible(page, width)
        assert page.evaluate(outside) == []
        assert min(page.evaluate(sizes)) >= 14
