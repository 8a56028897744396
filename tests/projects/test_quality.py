"""The state of the register: rules, the numbers of the page of gaps, and pairs that look alike."""

from datetime import date, timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from projects.index.follower import current_register
from projects.models import Contribution, Organisation, Participation, Project
from projects.quality import duplicates, rules
from provenance.documents.declaration import Text, of_kind
from provenance.models import Claim, Source
from provenance.store import writer
from provenance.store.log import set_state
from tests.support.database import queries
from tests.support.records import record, update
from tests.support.staff import make, somebody

TODAY = date(2026, 11, 24)


def slugs_found(name, day=TODAY):
    return sorted(rules.found_by(Project.objects.all(), name, day).values_list("pk", flat=True))


def claim(project, field, **columns):
    Claim.objects.create(record=project, field=field, as_stated="b", quote="a b c", source_id="paper", **columns)


def test_projects_without_a_value_are_those_of_the_public_filter(client, register):
    for rule in rules.RULES:
        if rule.query:
            listed = client.get(f"/api/v1/projects/?{rule.query}&page_size=100").json()["results"]
            assert slugs_found(rule.name) == sorted(project["slug"] for project in listed), rule.name


def test_stated_value_is_found_until_an_adopted_claim_supports_it(frame):
    project = make(Project, "one", summary="What it is for")
    claim(project, "title")
    assert slugs_found("no-source") == ["one"]
    claim(project, "summary", status="set-aside", set_aside="Another source is newer.")
    assert slugs_found("no-source") == ["one"]
    claim(project, "summary")
    assert slugs_found("no-source") == []
    project.countries.add("MD")
    assert slugs_found("no-source") == ["one"]


@pytest.mark.parametrize("member", Project.claimable)
def test_each_member_is_found_where_it_is_stated_and_no_claim_supports_it(register, member):
    texts = {each.name: "b" for each in of_kind(Project, Text) if not Project._meta.get_field(each.name).choices}
    stated = texts | {"status_as_of": "2012-01-01", "part_of": "enigmma", "status": "ongoing", "sectors": "1:15190"}
    update(Project, "nexus", **stated)
    columns = {"as_stated": "b", "quote": "a b c", "source": Source.objects.first()}
    for name in Project.claimable:
        Claim.objects.create(record=Project.objects.get(pk="nexus"), field=name, **columns)
    assert slugs_found("no-source") == []
    Claim.objects.filter(content_type__model="project", field=member).delete()
    documents = writer.current(Project, Project.objects.values_list("pk", flat=True))
    stating = sorted(slug for slug, document in documents.items() if document.get(member))
    assert stating
    assert slugs_found("no-source") == stating


def test_claim_that_nobody_decided_on_is_found(frame):
    project = make(Project, "one")
    claim(project, "title", status="set-aside", set_aside="Another source is newer.")
    assert slugs_found("undecided") == []
    claim(project, "title", status="undecided", set_aside="Not decided: an import brought another value.")
    assert slugs_found("undecided") == ["one"]


def test_claim_that_reads_otherwise_is_found_by_readers_too(frame, client):
    project = make(Project, "one", budget_amount="3000000", budget_currency="EUR")
    columns = {"record": project, "field": "budget", "source_id": "paper"}
    claim = Claim.objects.create(as_stated="EUR 3 million", quote="EUR 3 million", **columns)
    record(Project, ["one"], user_name="maker")
    assert slugs_found("reads-otherwise") == []
    Claim.objects.filter(pk=claim.pk).update(as_stated="EUR 2.584.000", quote="EUR 2.584.000")
    record(Project, ["one"], user_name="maker", reason="The source errs.")
    assert slugs_found("reads-otherwise") == ["one"]
    assert "The source gives a different amount, date or name" in client.get("/gaps/").content.decode()
    for address, words in (("", "the source says something else"), ("/fr", "la source dit autre chose")):
        assert words in client.get(f"{address}/projects/one/").content.decode()
    Claim.objects.filter(pk=claim.pk).update(status="set-aside", set_aside="A newer one is right.")
    record(Project, ["one"], user_name="maker")
    assert slugs_found("reads-otherwise") == []


def test_dates_are_passed_the_day_after_the_latest_end_that_they_may_mean(frame):
    make(Project, "year", end_date="2025", status="ongoing")
    make(Project, "completed", end_date="2020", status="completed")
    make(Project, "unsaid", end_date="2020")
    make(Project, "planned", end_date="2020", status="planned")
    assert slugs_found("dates-passed", date(2025, 12, 31)) == ["planned"]
    assert slugs_found("dates-passed", date(2026, 1, 1)) == ["planned", "year"]


def test_parts_above_the_total_count_in_its_currency_only(frame):
    for slug, currency in (("same", "EUR"), ("other", "USD")):
        project = make(Project, slug, budget_amount="100", budget_currency="EUR")
        for instrument, amount in (("ENI", "60"), (None, "50")):
            Contribution.objects.create(
                project=project, funder_id="european-union", instrument_id=instrument, amount=amount, currency=currency
            )
    assert slugs_found("parts-above-total") == ["same"]


def test_project_that_nobody_looked_at_for_a_year_is_found(frame):
    make(Project, "new")
    make(Project, "old")
    Project.objects.filter(pk="old").update(modified=timezone.now() - timedelta(days=400))
    assert slugs_found("not-looked-at", timezone.now().date()) == ["old"]


def test_gaps_page_tells_what_readers_should_know_with_the_projects(client, register):
    page = client.get("/gaps/").content.decode()
    day = Project.objects.order_by("-modified").first().modified.date()
    [slug] = slugs_found("dates-passed", day)
    assert f'<a href="/projects/{slug}/"' in page[page.index('id="dates-passed"') :]
    assert "1 project of 8" in page
    assert "looks like a duplicate" not in page.lower()


def test_gaps_page_finds_what_the_admin_finds_and_orders_countries_by_name(client, register):
    call_command("make_sample_projects", 200, beside_others=True, verbosity=0)
    keys = list(Project.objects.published().order_by("pk").values_list("pk", flat=True))
    for part, whole in zip(keys[::5], keys[1::5], strict=False):
        Project.objects.filter(pk=part).update(part_of=whole)
    Claim.objects.filter(pk__in=list(Claim.objects.values_list("pk", flat=True)[::7])).delete()
    record(Project, keys, user_name="tester")
    for day in (date(2016, 1, 1), timezone.now().date(), date(2040, 1, 1)):
        for rule in rules.RULES:
            by_tables = rules.found_by(Project.objects.published(), rule.name, day)
            by_index = rules.found_among(current_register().projects, rule, day)
            assert set(by_index.keys()) == set(by_tables.values_list("pk", flat=True)), (rule.name, day)
    for prefix, order in (("/en", ["KZ", "KG", "RU", "UZ"]), ("/fr", ["KZ", "KG", "UZ", "RU"])):
        page = client.get(f"{prefix}/gaps/").content.decode()
        places = [page.index(f'<th scope="row"><a href="{prefix}/countries/{code}/">') for code in order]
        assert places == sorted(places), order


def test_gaps_page_names_no_draft(client, register):
    set_state(Project, slugs_found("dates-passed"), "draft", user_name="tester")
    page = client.get("/gaps/").content.decode().lower()
    assert "no project." in page[page.index('id="dates-passed"') : page.index('id="parts-above-total"')]


# -- Pairs that look alike --


def alike():
    return [pair.keys for pair in duplicates.alike_projects()]


def test_projects_of_one_title_are_alike_whatever_case_and_accents(frame):
    make(Project, "a", title="Réintégration in Moldova")
    make(Project, "b", title="REINTEGRATION IN MOLDOVA")
    make(Project, "c", title="Something else")
    assert alike() == [("a", "b")]
    assert duplicates.alike_projects()[0].alike == ("the same title",)


def test_projects_of_one_title_differ_where_total_and_dates_do(frame):
    make(Project, "a", title="Border support", budget_amount="100", budget_currency="EUR", start_date="2010")
    make(Project, "b", title="Border support", budget_amount="200", budget_currency="EUR", start_date="2015")
    assert alike() == []


def test_projects_of_one_total_are_alike_with_the_same_dates_and_an_organisation(frame):
    money = {"budget_amount": "2584000", "budget_currency": "EUR", "start_date": "2010", "end_date": "2012"}
    for slug, title in (("a", "Better migration"), ("b", "Gestion des flux"), ("c", "Neither of them")):
        project = make(Project, slug, title=title, **money)
        if slug != "c":
            Participation.objects.create(project=project, organisation_id="iom", role="lead")
            record(Project, [slug], user_name="maker")
    assert alike() == [("a", "b")]


def test_pair_that_was_marked_as_different_is_not_found_again(frame):
    make(Project, "a", title="The same")
    make(Project, "b", title="The same")
    assert slugs_found("duplicate") == ["a", "b"]
    duplicates.mark_different(Project, "b", "a", "somebody")
    assert slugs_found("duplicate") == []
    assert alike() == []
    duplicates.mark_different(Project, "a", "b", "somebody")  # again changes nothing


def test_organisations_are_alike_by_name_alias_acronym_and_identifier(frame):
    make(Organisation, "un-1", name="United Nations", identifier="XM-DAC-41000", acronym="UN")
    make(Organisation, "un-2", name="Nations unies", aliases=["UNITED  NATIONS"])
    make(Organisation, "un-3", name="Another", other_identifiers=["XM-DAC-41000"], acronym="un")
    pairs = {pair.keys: pair.alike for pair in duplicates.alike_organisations()}
    assert pairs[("un-1", "un-2")] == ("the same name: united nations",)
    assert pairs[("un-1", "un-3")] == ("the same identifier: XM-DAC-41000", "the same name: un")
    assert ("un-2", "un-3") not in pairs


def test_organisations_are_alike_whatever_their_hyphens_and_apostrophes(frame):
    make(Organisation, "one", name="Women’s Agency for Co-operation", aliases=["Women's Agency for Cooperation"])
    make(Organisation, "two", name="Womens Agency for Cooperation")
    [pair] = duplicates.alike_organisations()
    assert pair.keys == ("one", "two")
    assert len(pair.alike) == 1


def test_looking_for_pairs_takes_as_many_queries_for_many_rows(register):
    call_command("make_sample_projects", 50, beside_others=True, verbosity=0)
    few = queries(duplicates.alike_projects)
    call_command("make_sample_projects", 300, seed=2, beside_others=True, verbosity=0)
    many = queries(duplicates.alike_projects)
    assert len(many) - len(few) <= 3


def test_numbers_for_somebody_tied_to_countries_are_of_these(client, register):
    Project.objects.get(pk="georgia-targeted-initiative").countries.add("AM")
    record(Project, ["georgia-targeted-initiative"], user_name="tester")
    client.force_login(somebody("editor", countries=["GE"]))
    table = client.get("/admin/").context["quality"]
    assert table["columns"] == ["All of your countries", "Georgia"]
    assert all(of_all[1] == of_one[1] for _rule, (of_all, of_one) in table["rows"])
