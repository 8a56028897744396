"""A project's history, and pages of a past moment: what is told, what is not, and where one goes on from there."""

import re
from datetime import timedelta
from html import unescape

import pytest

from instruments.models import Country
from projects.models import Contribution, Organisation, Participation, Project
from provenance.models import Claim, Revision, Source
from provenance.store.log import delete, set_state
from tests.conftest import REGISTER_BEGINS
from tests.support.browser import assert_accessible
from tests.support.database import queries
from tests.support.loops import at_least_one
from tests.support.records import update
from tests.support.staff import DRAFT, PUBLISHED, WITHDRAWN, make

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
WHO = {"user_name": "olga", "reason": "A secret reason"}
HISTORY = "/projects/nexus/history/"


class Clock:
    now = REGISTER_BEGINS

    def change(self, key="nexus", **columns):
        """Change a project a day later."""
        self.now += timedelta(days=1)
        update(Project, key, **columns, **WHO)

    def turn(self, key, state):
        self.now += timedelta(days=1)
        set_state(Project, [key], state, **WHO)


@pytest.fixture
def days(monkeypatch, register):
    """The register as it came on 1 March 2026; each change comes a day after the one before."""
    clock = Clock()
    monkeypatch.setattr("provenance.store.log._now", lambda: clock.now)
    return clock


def shown(client, address, status=200, **options):
    """The words of a page's main part."""
    response = client.get(address, **options)
    assert response.status_code == status, address
    text = response.content.decode()
    main = text[text.index("<main") : text.index("</main")]
    return unescape(re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", main)))


def links(client, address):
    text = client.get(address).content.decode()
    return [unescape(each) for each in re.findall(r'href="([^"]+)"', text[text.index("<main") : text.index("</main")])]


def versions(key="nexus"):
    return list(Revision.objects.filter(key=key, is_public=True).order_by("id").values_list("pk", flat=True))


# -- The history --


def test_history_tells_what_changed_newest_first(client, days):
    days.change(title="Another title", budget_amount="5", budget_currency="EUR")
    days.turn("nexus", WITHDRAWN)
    days.turn("nexus", PUBLISHED)
    words = shown(client, HISTORY)
    order = ["Published again, 4 March", "Withdrawn, 3 March", "Changed, 2 March", "New in the register, 1 March"]
    assert [words.index(each) for each in order] == sorted(words.index(each) for each in order)
    assert "4 versions" in words
    assert "Title: Another title; before: NEXUS" in words
    assert "Total budget: EUR 5; before: not known" in words
    for digest in at_least_one(Revision.objects.filter(key="nexus").values_list("public_digest", flat=True)):
        assert digest in words


def test_history_in_french_tells_values_in_french(client, days):
    days.change(title="Another title")
    Project.objects.get(pk="nexus").countries.add("GE")
    Contribution.objects.filter(project="nexus").update(amount="349300", currency="GBP")
    Contribution.objects.create(project_id="nexus", funder_id="european-union", instrument_id="ENI")
    project, source = Project.objects.get(pk="nexus"), Source.objects.first()
    Claim.objects.create(
        record=project, source=source, field="budget", as_stated="EUR 5 million", quote="EUR 5 million",
        place="sheet Projects, row 4, column C, as in the row above",
    )  # fmt: skip
    days.change(budget_amount="5000000", budget_currency="EUR")
    days.change(budget_amount="6000000")
    days.change(status="completed", start_date="2012-05", start_date_planned=True)
    Contribution.objects.filter(project="nexus").update(amount=None, currency="")
    Participation.objects.create(project_id="nexus", organisation_id="iom", role="lead")
    Claim.objects.filter(object_id="nexus", field="title").update(status="set-aside", set_aside="Older.")
    days.change()
    words = shown(client, f"/fr{HISTORY}").replace("\u202f", " ").replace("\xa0", " ")
    assert "énonce la valeur antérieure NEXUS" in words
    assert "énonce la valeur antérieure 5 000 000 EUR" in words
    assert "Instrument européen de voisinage (IEV)" in words
    assert "« EUR 5 million » – « EUR 5 million »" in words
    assert "feuille Projects, ligne 4, colonne C, as in the row above" in words
    assert "État d’avancement : achevé" in words
    assert "Géorgie (GE)" in words
    assert "349 300 GBP" in words
    assert "mai 2012 (prévu)" in words
    assert "montant non indiqué" in words
    assert "rôle : chef de file" in words
    assert "; " not in words.replace(" ; ", "")
    for english in ("completed", "Georgia", "GBP 3", "349,300", "role:", "Title:", "set aside:", "States"):
        assert english not in words, english


def test_history_is_linked_from_the_project_and_leads_to_each_version(client, days):
    days.change(title="Another title")
    assert HISTORY in links(client, "/projects/nexus/")
    addresses = links(client, HISTORY)
    assert {f"{HISTORY}{version}/" for version in versions()} < set(addresses)
    assert "/projects/nexus/" in addresses
    assert f"/fr{HISTORY}{versions()[0]}/" in links(client, f"/fr{HISTORY}")


def test_history_tells_no_users_no_reasons_and_no_drafts(client, db):
    make(Project, "p", state=DRAFT, title="Secret title")
    for title in ("Public title", "Second title"):
        update(Project, "p", title=title, state=PUBLISHED, **WHO)
    words = shown(client, "/projects/p/history/")
    assert "2 versions" in words
    assert "Title: Second title; before: Public title" in words
    assert not any(secret in words for secret in ("olga", "maker", "ecret"))
    first = Revision.objects.filter(key="p").last()
    assert "Secret" not in shown(client, f"/projects/p/history/{first.pk}/", 404)


@pytest.mark.parametrize("end", [WITHDRAWN, "deleted"])
def test_history_of_what_is_no_longer_public_tells_only_its_end(client, days, end):
    days.change(title="Another title")
    days.now += timedelta(days=1)
    set_state(Project, ["nexus"], end, **WHO) if end == WITHDRAWN else delete(Project, ["nexus"], **WHO)
    words = shown(client, HISTORY, 410)
    assert "This record was withdrawn on 3 March 2026." in words
    assert "title" not in words


def test_history_of_nothing_and_of_a_draft_is_not_there(client, days):
    make(Project, "draft", state=DRAFT)
    nobody, draft = (shown(client, f"/projects/{key}/history/", 404) for key in ("nobody", "draft"))
    assert nobody.replace("nobody", "draft") == draft


def test_history_tells_of_a_deletion_before_it_came_again(client, days):
    days.now += timedelta(days=1)
    delete(Project, ["nexus"], **WHO)
    make(Project, "nexus", title="There again")
    words = shown(client, HISTORY)
    assert "Deleted, 2 March 2026" in words
    assert "Published again, 2 March 2026" in words


def test_history_has_pages(client, days):
    for number in range(30):
        days.change(title=f"Title {number}")
    assert "Title 29" in shown(client, HISTORY)
    assert "Page 1 of 2" in shown(client, HISTORY)
    assert "New in the register" in shown(client, f"{HISTORY}?page=2")
    assert client.get(f"{HISTORY}?page=3").status_code == 404
    assert client.get(f"{HISTORY}?page_size=31").content.count(b"<li><h2>") == 31
    for query in ("foo=1", "as_of=2026-03-01"):
        assert client.get(f"{HISTORY}?{query}").headers["Location"] == HISTORY
    assert client.get(f"{HISTORY}?page=0").status_code == 400


def test_history_takes_as_many_queries_however_long_it_is(client, days):
    def number_of_queries():
        return len(queries(client.get, HISTORY))

    number_of_queries()  # the index is built
    few = number_of_queries()
    for number in range(20):
        days.change(title=f"Title {number}")
    number_of_queries()  # and follows
    assert number_of_queries() == few == 4  # the register's version, what was merged into it, how many, which


# -- One version --


def test_version_stays_whatever_becomes_of_the_project(client, days):
    first = f"{HISTORY}{versions()[0]}/"
    assert "This record has not changed since then." in shown(client, first)
    days.change(title="Another title")
    words = shown(client, first)
    assert words.startswith(" NEXUS ")
    assert "This is the register as it was on 1 March 2026, 12:00:00 UTC This record has changed since then." in words
    days.turn("nexus", WITHDRAWN)
    words = shown(client, first)
    assert "This record has since been withdrawn." in words
    assert not {"/projects/nexus/", HISTORY} & set(links(client, first))


def test_version_published_again_unchanged_is_not_said_to_have_changed(client, days):
    days.turn("nexus", WITHDRAWN)
    days.turn("nexus", PUBLISHED)
    assert "This record has not changed since then." in shown(client, f"{HISTORY}{versions()[0]}/")


def test_version_of_a_withdrawal_is_gone(client, days):
    days.turn("nexus", WITHDRAWN)
    assert "This record was withdrawn on 2 March 2026." in shown(client, f"{HISTORY}{versions()[-1]}/", 410)


@pytest.mark.parametrize("version", ["0", "1", "999", "9" * 18, "9" * 19, "9" * 300])
def test_version_of_something_else_is_not_there(client, days, version):
    assert "“nexus” did not change in version" in shown(client, f"{HISTORY}{version}/", 404)
    assert "This register has no “nobody” among its projects." in shown(
        client, f"/projects/nobody/history/{version}/", 404
    )


# -- Pages of a past moment --


def test_past_page_says_so_and_leads_to_today(client, days):
    days.change(title="Another title")
    words = shown(client, "/projects/nexus/?as_of=2026-03-01")
    assert words.startswith(" NEXUS ")
    assert "This is the register as it was on 1 March 2026 This record has changed since then." in words
    assert "Another" not in words
    addresses = links(client, "/projects/nexus/?as_of=2026-03-01")
    assert {"/projects/nexus/", HISTORY, "/projects/nexus.json?as_of=2026-03-01"} < set(addresses)
    assert "/countries/MD/?as_of=2026-03-01" in addresses
    assert all("as_of=2026-03-01" in link for link in addresses if link.startswith("/projects/?"))
    assert "This is the register as it was" not in shown(client, "/projects/nexus/")


def test_past_page_is_not_indexed_and_describes_nothing_of_today(client, days):
    for address in ("/projects/nexus/?as_of=2026-03-01", f"{HISTORY}{versions()[0]}/", "/projects/?as_of=2026-03-01"):
        head = client.get(address).content.decode().split("</head>")[0]
        assert '<meta name="robots" content="noindex">' in head
        assert f'<link rel="canonical" href="http://testserver{address}">' in head
        assert "ld+json" not in head
        assert "atom+xml" not in head
    for address in ("/projects/nexus/", HISTORY):
        assert "noindex" not in client.get(address).content.decode()


def test_links_of_a_past_page_lead_to_pages_of_then(client, days):
    days.change(title="Another title")
    days.now += timedelta(days=1)
    update(Organisation, "icmpd", name="Renamed", **WHO)
    for key in at_least_one(Project.objects.values_list("pk", flat=True)):
        for link in links(client, f"/projects/{key}/?as_of=2026-03-01"):
            if "as_of" in link and not link.startswith("mailto:"):
                response = client.get(link)
                assert response.status_code in (200, 404), link  # 404: not in IATI
                assert b"Renamed" not in response.getvalue(), link


def test_past_list_shows_rows_and_sums_of_then(client, days):
    days.change(title="Aaa", budget_amount="1000000", budget_currency="EUR")
    days.turn("enigmma", WITHDRAWN)
    words = shown(client, "/projects/?as_of=2026-03-01")
    assert "Projects as of 1 March 2026" in words
    assert "8 projects: EUR 24,184,000 in total budgets (known for 4 of 8 projects)" in words
    assert "NEXUS" in words
    words = shown(client, "/projects/?as_of=2026-03-03")
    assert "7 projects" in words
    assert words.index("Aaa") < words.index("Bagratashen")
    addresses = links(client, "/projects/?as_of=2026-03-03&page_size=2")
    assert "/projects/nexus/?as_of=2026-03-03" in addresses
    assert any("page=2" in link and "as_of=2026-03-03" in link for link in addresses)
    assert "/projects/?page_size=2" in addresses, "the same question of today"
    for suffix in ("csv", "xlsx", "json", "ndjson", "xml"):
        assert f"/projects.{suffix}?as_of=2026-03-03" in addresses


def test_past_lists_and_pages_of_other_kinds(client, days):
    days.now += timedelta(days=1)
    make(Country, "UA", name="Ukraine")
    days.turn("enigmma", WITHDRAWN)
    words = shown(client, "/countries/?as_of=2026-03-01")
    assert "4 countries" in words
    assert "Georgia 2 EUR 19,000,000 (known for both projects)" in words
    assert "Ukraine" not in words
    assert "/countries/GE/?as_of=2026-03-01" in links(client, "/countries/?as_of=2026-03-01")
    for address in ("/countries/GE/", "/instruments/ENI/", "/organisations/icmpd/"):
        words = shown(client, f"{address}?as_of=2026-03-01")
        assert "This is the register as it was on 1 March 2026 This record has not changed since then." in words
        addresses = at_least_one(links(client, f"{address}?as_of=2026-03-01"))
        assert ("/projects/enigmma/?as_of=2026-03-01" in addresses) == ("icmpd" not in address)
        assert all("as_of=2026-03-01" in link for link in addresses if link.startswith("/projects/?"))
    assert "was not in the register on 1 March 2026" in shown(client, "/countries/UA/?as_of=2026-03-01", 404)


def main_text(client, address):
    """Return the sums, the results and the numbers beside every filter of a page, as words."""
    page = client.get(address).content.decode()
    parts = re.findall(r'<div class="figure".*?</div>|<fieldset.*?</fieldset>|<tbody>.*?</tbody>', page, re.DOTALL)
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", part)) for part in parts]


@pytest.mark.parametrize(
    "address",
    ["/projects/?country=GE", "/projects/?q=border", "/projects/?status=ongoing&sort=-budget", "/projects/pictures/?",
     "/projects/pictures/?instrument=ENI", "/projects/values/organisation/?country=GE", "/countries/GE/?",
     "/organisations/european-union/?", "/instruments/ENI/?"],
)  # fmt: skip
def test_page_with_filters_of_a_past_moment_is_that_which_was_then(client, days, address):
    then = main_text(client, address)
    assert any(then) or "values" in address
    days.now += timedelta(days=1)
    update(Organisation, "icmpd", name="Renamed", **WHO)
    days.change(title="Another border title", status="completed")
    days.turn("enigmma", WITHDRAWN)
    assert main_text(client, address) != then or "values" in address
    address = f"{address}&as_of=2026-03-01".replace("?&", "?")
    assert main_text(client, address) == then
    page = client.get(address).content.decode()
    assert "This is the register as it was on 1 March 2026" in page
    main = page[page.index("<main") : page.index("</main>")]
    lists = re.findall(r'href="(/projects/[^"]*\?[^"]*)"', main)
    of_today = unescape(" ".join(link for link in at_least_one(lists) if "as_of=2026-03-01" not in link))
    assert of_today in ("", address.replace("as_of=2026-03-01", "").rstrip("?&")), (
        "only the link to today leaves the past"
    )


def test_past_project_shows_what_was_related_and_part_of_it_then(client, days):
    assert "Targeted Initiative under the EU-Georgia" in shown(client, "/projects/enigmma/")
    days.now += timedelta(days=1)
    days.turn("georgia-targeted-initiative", WITHDRAWN)
    days.change(part_of_id="enigmma")
    assert "Targeted Initiative under the EU-Georgia" not in shown(client, "/projects/enigmma/")
    assert "Sub-projects" in shown(client, "/projects/enigmma/")
    then = shown(client, "/projects/enigmma/?as_of=2026-03-01")
    assert "Targeted Initiative under the EU-Georgia" in then
    assert "Sub-projects" not in then


def test_past_pages_refuse_in_words(client, days):
    assert "is before the register began, on 1 March 2026" in shown(client, "/projects/?as_of=2020-01-01", 400)
    assert "is not a date or a time" in shown(client, "/projects/nexus/?as_of=x", 400)
    assert "“XX” is not an allowed value" in shown(client, "/projects/?as_of=2026-03-01&country=XX", 400)
    assert "is before the register began" in shown(client, "/countries/?as_of=2020-01-01", 400)
    assert "Le 1er janvier 2020 est antérieur" in shown(client, "/fr/projects/nexus/?as_of=2020-01-01", 400)


def test_history_pages_are_accessible(page, live_server, transactional_db, register):
    Clock().change(title="Another title that is rather long", summary="")
    for address in (HISTORY, f"{HISTORY}{versions()[0]}/", "/projects/?as_of=2026-03-01"):
        page.goto(live_server.url + address)
        assert_accessible(page, 320, 1280)
