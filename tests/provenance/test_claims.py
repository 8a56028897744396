"""The sentence under a figure is the one it comes from: claims of values that changed."""

import random
from datetime import date
from importlib import import_module

import orjson
import pytest
from django.apps import apps
from django.contrib.auth.models import User

from projects.models import Project
from projects.quality import rules
from provenance.documents.claims import settle_claims
from provenance.documents.diff import describe
from provenance.documents.errors import Refused
from provenance.models import Claim, Proposal, Revision
from provenance.store import log, writer
from provenance.store.build import as_text, upgrade
from provenance.store.integrity import check_register
from provenance.store.log import record_models, seal
from provenance.workflow.submission import submit
from tests.support.records import current, record, update
from tests.support.staff import (
    address,
    change,
    confirm,
    filled,
    last,
    make_project,
    messages,
    page_of,
    press,
    row,
    sent,
    somebody,
)

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
EARLIER = "States the earlier value: EUR 3,000,000.00"
NEXUS = Project(pk="nexus")
PREFIX = "provenance-claim-content_type-object_id"


@pytest.fixture
def anna(staff):
    project = make_project(budget_amount=3_000_000, budget_currency="EUR")
    claim(project, "budget", "EUR 3 million")
    return staff


def claim(project, field, text):
    quote = f"It says {text}."
    made = Claim.objects.create(record=project, field=field, as_stated=text, quote=quote, source_id="paper")
    record(Project, [project.pk], user_name="maker")
    return made


def nexus():
    return Project.objects.get(pk="nexus")


def claims(field="budget"):
    """How each claim on a member stands: its words, and why it is not adopted."""
    of_field = [claim for claim in current()["claims"] if claim["field"] == field]
    rows = Claim.objects.filter(object_id="nexus", field=field).order_by("pk").values_list("status", flat=True)
    assert [claim["status"] for claim in of_field] == list(rows)
    return {claim["as_stated"]: claim["set_aside"] or "" for claim in of_field}


def without_source():
    return rules.found_by(Project.objects.all(), "no-source", date(2026, 1, 1)).filter(pk="nexus").exists()


def test_claim_of_a_value_that_was_changed_by_hand_is_kept_and_set_aside(anna, client):
    preview = sent(anna, NEXUS, budget_amount="4000000")
    words = "Total budget: no source yet for the new value; the earlier claim is kept."
    assert words in preview.content.decode()
    assert claims() == {"EUR 3 million": ""}
    response = press(anna, preview, reason="Misread.")
    assert words in messages(anna.get(response.url))
    assert claims() == {"EUR 3 million": EARLIER}
    page = client.get("/projects/nexus/").content.decode()
    budget = page.partition("<main")[2].partition("EUR 4,000,000")[2].partition("</dd>")[0]
    assert "no source yet" in budget
    assert "it states the earlier value EUR 3,000,000\n" in budget


def test_value_that_lost_its_claim_is_listed_for_staff_and_adopts_it_again_when_it_comes_back(anna):
    for member in Project.claimable:
        Claim.objects.create(record=nexus(), field=member, as_stated="It", quote="It.", source_id="paper")
    Claim.objects.filter(field="budget", as_stated="It").delete()
    record(Project, ["nexus"], user_name="maker")
    assert not without_source()
    change(anna, nexus(), budget_amount="4000000")
    assert without_source()
    change(anna, nexus(), budget_amount="3000000")
    assert claims() == {"EUR 3 million": ""}
    assert not without_source()


def test_claim_that_changes_with_its_value_or_is_added_supports_it(anna):
    number = next(n for n, one in enumerate(Claim.objects.order_by("pk")) if one.field == "budget")
    edited = row(PREFIX, number, as_stated="EUR 4 million", quote="It says EUR 4 million.")
    preview = sent(anna, NEXUS, budget_amount="4000000", **edited)
    assert "no source yet" not in preview.content.decode()
    confirm(anna, preview)
    assert claims() == {"EUR 4 million": ""}
    new = row(PREFIX, 2, field="budget", as_stated="EUR 5 million", quote="EUR 5 million", source="paper")
    confirm(anna, sent(anna, NEXUS, budget_amount="5000000", **{f"{PREFIX}-TOTAL_FORMS": 3}, **new))
    assert claims() == {"EUR 4 million": "States the earlier value: EUR 4,000,000.00", "EUR 5 million": ""}


def test_claim_in_which_the_new_value_can_be_read_stays(anna):
    update(Project, "nexus", budget_amount=3)
    change(anna, nexus(), budget_amount="3000000")
    assert claims() == {"EUR 3 million": ""}


@pytest.mark.parametrize("typed", [{"contributions-0-amount": "6"}, {"contributions-0-DELETE": "on"}])
def test_claim_of_a_row_that_was_changed_or_deleted_is_set_aside(anna, typed):
    claim(nexus(), "contributions", "EUR 5, by us")
    change(anna, nexus(), **{"contributions-0-amount": "5", "contributions-0-currency": "EUR"})
    assert claims("contributions") == {"EUR 5, by us": ""}
    change(anna, nexus(), **typed)
    assert claims("contributions")["EUR 5, by us"].startswith("States the earlier value: nexus-1, NAT, ")


def test_claims_come_back_with_the_revision_as_they_stood(anna):
    old = Revision.objects.of(Project, "nexus").first()
    change(anna, nexus(), budget_amount="4000000")
    Claim.objects.filter(field="budget").update(status="adopted", set_aside="")  # as before this was a rule
    record(Project, ["nexus"], user_name="maker")
    preview = anna.get(address(Project, "restore", "nexus", old.pk))
    press(anna, preview, reason="It was right.")
    assert (nexus().budget_amount, claims()) == (3_000_000, {"EUR 3 million": ""})


@pytest.mark.parametrize("choice", ["theirs:budget", "budget"])
def test_of_two_who_change_a_value_the_claim_of_the_one_not_chosen_is_set_aside(anna, client, choice):
    bert = type(client)()
    bert.force_login(User.objects.create_superuser("bert"))
    page = address(Project, "change", "nexus")
    data, total = filled(anna.get(page)), {f"{PREFIX}-TOTAL_FORMS": 3, "reason": "Seen."}
    fives = row(PREFIX, 2, field="budget", as_stated="5", quote="5", source="paper")
    fours = row(PREFIX, 2, field="budget", as_stated="4", quote="4", source="paper")
    confirm(bert, bert.post(page, data | total | fours | {"budget_amount": "4"}))
    response = anna.post(page, data | total | fives | {"budget_amount": "5"})
    confirm(anna, press(anna, response, _mine_1=choice))
    won, lost = ("5", "4") if choice == "budget" else ("4", "5")
    assert claims() == {"EUR 3 million": EARLIER, won: "", lost: f"States the earlier value: EUR {lost}.00"}
    assert current()["budget"]["amount"] == f"{won}.00"


def test_form_that_was_opened_before_a_correction_leaves_its_claim_alone(anna, client):
    update(Project, "nexus", budget_amount=3)
    bert = type(client)()
    bert.force_login(User.objects.create_superuser("bert"))
    page = address(Project, "change", "nexus")
    data = filled(anna.get(page)) | {"reason": "Seen."}
    confirm(bert, bert.post(page, data | {"budget_amount": "3000000"}))
    confirm(anna, press(anna, anna.post(page, data | {"acronym": "NX"})))
    assert (nexus().budget_amount, nexus().acronym, claims()) == (3_000_000, "NX", {"EUR 3 million": ""})


def item(slug, amount=None):
    funder = {"slug": slug, "name": slug.upper()}
    return {"funder": funder, "instrument": None, "amount": amount, "currency": amount and "EUR"}


def say(*items, texts=(), field="contributions"):
    made = [{"field": field, "as_stated": text, "quote": text, "source": {"slug": "paper"}} for text in texts]
    return settle_claims({field: list(items), "claims": made})


def earlier(document):
    return [claim["as_stated"] for claim in document["claims"] if claim["status"] == "earlier"]


ONE, TWO, SIX = item("one"), item("two"), item("six")


@pytest.mark.parametrize(
    ("before", "after", "lost"),
    [
        ([ONE, TWO], [ONE, TWO, SIX], []),
        ([ONE, TWO], [TWO], ["by ONE"]),
        ([ONE, TWO], [item("one", "7.00"), TWO], ["by ONE", "paid"]),
        ([ONE, TWO], [], ["by ONE", "by TWO", "paid"]),
        ([ONE, TWO], [TWO, ONE], []),
        ([ONE, TWO], [ONE | {"funder": {"slug": "one", "name": "Renamed"}}, TWO], []),
        ([ONE, TWO], [SIX, ONE, TWO], []),
        ([item("one", "5.00"), TWO], [item("one", "6.00"), TWO], ["by ONE", "paid"]),
        ([], [ONE], []),
    ],
)
def test_claim_of_an_item_goes_with_the_item_and_comes_back_with_it(before, after, lost):
    begun = say(*before, texts=["by ONE", "by TWO", "paid"])
    assert earlier(begun) == []
    changed = settle_claims(begun | {"contributions": after})
    assert earlier(changed) == lost
    assert settle_claims(changed) == changed
    assert earlier(settle_claims(changed | {"contributions": before})) == [] or not before


def test_claim_of_an_item_tells_which_it_was():
    gone = settle_claims(say(ONE, item("two", "5.00"), texts=["by ONE", "EUR 5"]) | {"contributions": []})
    assert [claim["set_aside"] for claim in gone["claims"]] == [
        "States the earlier value: one, amount not stated", "States the earlier value: two, EUR 5.00",
    ]  # fmt: skip
    assert gone["claims"][0]["value"] == [
        {"amount": None, "currency": None, "funder": {"slug": "one"}, "instrument": None}
    ]


def test_claim_that_states_the_new_value_moves_on_to_it():
    moved = settle_claims(say(item("one", "5.00"), texts=["EUR 6"]) | {"contributions": [item("one", "6.00")]})
    assert moved["claims"][0]["status"] == "adopted"
    assert moved["claims"][0]["value"][0]["amount"] == "6.00"


@pytest.mark.parametrize("status", ["set-aside", "undecided"])
def test_claim_that_somebody_decided_on_stays_as_it_is_whatever_the_value(status):
    [claim] = say(ONE, texts=["by ONE"])["claims"]
    refused = claim | {"status": status, "set_aside": "Why.", "value": None}
    for items in ([ONE], [], [TWO]):
        [settled] = settle_claims({"contributions": items, "claims": [refused]})["claims"]
        assert settled == refused | {"reading": settled["reading"]}


def test_claims_of_any_changes_are_all_adopted_again_when_the_values_are_back(register):
    """Random changes of every record that has claims; what is recorded of them is read back as it was."""
    chance, count = random.Random(11), 0
    documents = {
        model: list(writer.current(model, model.objects.values_list("pk", flat=True)).values())
        for model in record_models() if model.claimable
    }  # fmt: skip
    for model, each in documents.items():
        for before in map(settle_claims, each):
            for _ in range(20):
                after = settle_claims({**before, **changed(chance, model, before, each)})
                count += len(earlier(after))
                assert upgrade(model, as_text(model, after)) == settle_claims(after) == after
                again = settle_claims({**before, "claims": after["claims"]})
                for claim, stood, came in zip(again["claims"], before["claims"], after["claims"], strict=True):
                    if came.get("value") == stood.get("value"):  # else it states the other value itself
                        assert claim == stood
    assert count > 100


def changed(chance, model, document, others):
    """Some members of a document as others have them: lists united, shortened or replaced, values replaced."""
    members = {}
    for name in chance.sample(model.claimable, min(3, len(model.claimable))):
        own, other = document.get(name), chance.choice(others).get(name)
        if isinstance(own, list):
            both = own + [item for item in other if item not in own]
            members[name] = chance.choice([other, both, own[1:], own[:-1], own[::-1], []])
        else:
            members[name] = chance.choice([other, None])
    return members


# -- Proposals --


@pytest.fixture
def pia(anna, client):
    """A publisher, where an editor proposed another total with its claim, and a source of the summary."""
    publisher = type(client)()
    publisher.force_login(somebody("publisher", name="pia"))
    client.force_login(somebody("editor", name="ed"))
    rows = row(PREFIX, 2, field="budget", as_stated="EUR 4 million", quote="EUR 4 million", source="paper")
    rows |= row(PREFIX, 3, field="title", as_stated="nexus", quote="The nexus", source="paper")
    confirm(
        client,
        sent(client, NEXUS, budget_amount="4000000", acronym="NX", **rows, **{f"{PREFIX}-TOTAL_FORMS": 4}),
    )
    return publisher


def accept(client, *places):
    page = page_of(Proposal.objects.get())
    seen = client.get(page).context["now"].pk
    return client.post(page, {"decision": "accept", "place": places, "seen": seen}, follow=True)


def test_proposal_shows_the_claims_of_both_values_and_none_apart_from_its_value(pia):
    page = pia.get(page_of(Proposal.objects.get()))
    places = {place["name"]: place for place in page.context["places"]}
    assert list(places) == ["acronym", "budget", "claims:title"]
    assert dict(places["budget"]["cells"])["Current sources"] == [describe(current()["claims"][1])]
    assert "Sources of “Title”" in page.content.decode()


def test_value_is_accepted_with_its_claims_alone(pia):
    accept(pia, "budget")
    assert (nexus().budget_amount, nexus().acronym) == (4_000_000, "")
    assert claims() == {"EUR 3 million": EARLIER, "EUR 4 million": ""}
    assert claims("title") == {"b": ""}


def test_value_that_is_left_keeps_its_claims(pia):
    accept(pia, "acronym", "claims:title")
    assert (nexus().budget_amount, nexus().acronym) == (3_000_000, "NX")
    assert claims() == {"EUR 3 million": ""}
    assert claims("title") == {"b": "", "nexus": ""}


def test_claims_proposed_for_a_value_that_changed_since_do_not_support_the_new_one(pia):
    pia.force_login(User.objects.get(username="anna"))
    change(pia, nexus(), title="Another")
    places = {place["name"]: place for place in pia.get(page_of(Proposal.objects.get())).context["places"]}
    assert places["claims:title"]["is_conflict"]
    accept(pia, "claims:title")
    assert claims("title")["nexus"] == "States the earlier value: The nexus"


def test_proposal_is_not_accepted_where_it_changes_nothing_any_more(pia):
    pia.force_login(User.objects.get(username="anna"))
    change(pia, nexus(), acronym="NX")
    assert "This would change nothing" in messages(accept(pia, "acronym"))
    assert Proposal.objects.get().outcome == "waiting"


def test_proposal_stays_its_authors_under_another_name(pia, client):
    author = User.objects.get(username="ed")
    User.objects.filter(pk=author.pk).update(username="eduard")
    other = somebody("editor", name="ed")
    client.force_login(other)
    page = page_of(Proposal.objects.get())
    assert not client.get(page).context["is_author"]
    assert client.post(page, {"decision": "take-back"}).status_code == 403
    assert not client.get(address(Proposal), {"user__id__exact": other.pk}).context["cl"].result_count
    client.force_login(User.objects.get(username="eduard"))
    assert client.get(page).context["is_author"]
    client.post(page, {"decision": "take-back"})
    assert Proposal.objects.get().outcome == "taken-back"


@pytest.mark.parametrize(
    ("amount", "stand"),
    [
        ("3000000", {"EUR 3 million": "", "EUR 4 million": "States the earlier value: EUR 4,000,000.00"}),
        ("4000000", {"EUR 3 million": EARLIER, "EUR 4 million": ""}),
        ("5", {"EUR 3 million": EARLIER, "EUR 4 million": "States the earlier value: EUR 4,000,000.00"}),
    ],
)
def test_proposal_that_is_edited_is_accepted_with_the_claims_of_the_value_that_was_typed(pia, amount, stand):
    page = f"{address(Project, 'change', 'nexus')}?proposal={Proposal.objects.get().pk}"
    preview = pia.post(page, filled(pia.get(page)) | {"budget_amount": amount})
    assert ("Total budget: no source yet" in preview.content.decode()) is ("" not in stand.values())
    assert confirm(pia, preview).status_code == 302
    assert (nexus().budget_amount, nexus().acronym, claims()) == (int(amount), "NX", stand)


def test_claim_that_is_adopted_by_hand_in_a_proposal_that_is_edited_stays_adopted(pia):
    page = f"{address(Project, 'change', 'nexus')}?proposal={Proposal.objects.get().pk}"
    data = filled(pia.get(page))
    [name] = [name for name, value in data.items() if value == "earlier"]
    confirm(pia, pia.post(page, data | {name: "adopted"}))
    assert claims() == {"EUR 3 million": "", "EUR 4 million": ""}


# -- The migration --


@pytest.fixture
def of_before(anna, monkeypatch):
    """A register as it was recorded before claims had a status: one is an earlier one, one not decided, one refused."""
    as_recorded, new = log.as_recorded, ("status", "value", "reading")

    def without_status(model, document):
        made = as_recorded(model, document)
        claims = [{name: part for name, part in claim.items() if name not in new} for claim in made.get("claims", ())]
        return made | {"claims": claims} if "claims" in made else made

    monkeypatch.setattr(log, "as_recorded", without_status)
    for text in ("Nexus it is", "NEXUS"):
        claim(nexus(), "title", text)
    claim(nexus(), "budget", "EUR 3.000.000")
    Project.objects.update(budget_amount=4_000_000)
    Claim.objects.filter(as_stated="Nexus it is").update(status="undecided", set_aside="Not decided: another came.")
    Claim.objects.filter(as_stated="NEXUS").update(status="set-aside", set_aside="It shouts.")
    record(Project, ["nexus"], user_name="maker")
    stands = {"status": "set-aside", "value": "", "set_aside": EARLIER}
    Claim.objects.update(value="")
    Claim.objects.filter(field="budget").update(**stands)
    monkeypatch.undo()


class Then:
    """The apps as they were: what is imported belonged to projects."""

    @staticmethod
    def get_model(app, name):
        return apps.get_model("imports" if name == "ImportItem" else app, name)


def test_migration_gives_claims_their_values_and_records_anew_once(of_before):
    fields = [column.attname for column in Revision._meta.concrete_fields]
    before, last = list(Revision.objects.order_by("pk").values(*fields)), Revision.objects.order_by("pk").last().pk
    migration = import_module("projects.migrations.0009_claims_say_how_they_stand")
    migration.record_anew(Then, None)
    assert list(Revision.objects.filter(pk__lte=last).order_by("pk").values(*fields)) == before
    assert claims("title") == {"b": "", "Nexus it is": "Not decided: another came.", "NEXUS": "It shouts."}
    assert claims() == {"EUR 3 million": EARLIER, "EUR 3.000.000": EARLIER}
    claims_now = {claim["as_stated"]: (claim["status"], claim["reading"]) for claim in current()["claims"]}
    assert claims_now["EUR 3 million"] == ("earlier", "otherwise")
    assert claims_now["Nexus it is"][0] == "undecided"
    assert claims_now["NEXUS"] == ("set-aside", "as-value")
    new = Revision.objects.filter(pk__gt=last)
    assert set(new.values_list("key", "reason")) == {("nexus", migration.REASON)}
    seal()  # as the later migration does
    assert list(check_register()) == []
    migration.record_anew(Then, None)  # as after one that was killed
    assert new.count() == 1
    update(Project, "nexus", budget_amount=3_000_000)
    assert claims() == {"EUR 3 million": "", "EUR 3.000.000": ""}


def test_claim_of_before_that_is_brought_back_carries_no_sentence_of_the_program_as_a_reason(of_before, anna):
    old = last("project", "nexus")
    assert '"status":"earlier"' not in old.document
    import_module("projects.migrations.0009_claims_say_how_they_stand").record_anew(Then, None)
    change(anna, nexus(), acronym="NX")
    press(anna, anna.get(address(Project, "restore", "nexus", old.pk)), reason="Without.")
    row = Claim.objects.get(as_stated="EUR 3 million")
    assert (nexus().acronym, row.status, row.set_aside) == ("", "earlier", "")
    assert claims()["EUR 3 million"] == EARLIER
    assert Claim.objects.get(as_stated="NEXUS").set_aside == "It shouts."
    change(anna, nexus(), budget_amount="3000000")
    assert claims()["EUR 3 million"] == ""


@pytest.mark.parametrize(
    "wrong",
    [
        {"budget": 3}, {"budget": {"amount": "x", "currency": "EUR"}}, {"budget": {}}, {"start_date": "2012"},
        {"start_date": {"value": "x", "precision": "day", "earliest": "", "latest": "", "planned": False}},
        {"organisations": ["IOM"]}, {"countries": {"code": "MD"}}, {"status": ["ongoing"]},
    ],
)  # fmt: skip
def test_document_of_the_wrong_shape_is_refused_by_its_check_and_breaks_nothing(anna, wrong):
    [member] = wrong
    claim = {"field": member, "as_stated": "3", "quote": "3", "source": {"slug": "paper", "title": "The paper"}}
    for claimed in ({}, {"source": "paper"}, {"source": None}, {"field": ["budget"]}, {"as_stated": 3}):
        with pytest.raises(Refused) as refused:
            submit("maker", Project, {"nexus": current() | wrong | {"claims": [claim | claimed]}})
        assert [fault.key for fault in refused.value.faults] == ["nexus"]
    assert nexus().revision == last("project", "nexus")


@pytest.mark.parametrize(
    "value", [{"precision": "day"}, {"amount": None}, {"slug": 3}, {"amount": "x", "currency": "EUR"}]
)
def test_earlier_value_that_no_member_has_is_told_as_it_came(value):
    source = {"slug": "paper", "title": "The paper"}
    claim = {"field": "status", "as_stated": "Then", "quote": "Then.", "source": source, "value": [value]}
    [earlier] = settle_claims({"status": "ongoing", "claims": [claim]})["claims"]
    assert earlier["status"] == "earlier"
    assert orjson.loads(earlier["set_aside"].removeprefix("States the earlier value: ")) == [value]


def test_migration_records_anew_only_what_reads_differently_now(anna, monkeypatch):
    with monkeypatch.context() as older:
        older.setattr("provenance.documents.claims.reading", lambda claim, document: "as-value")
        claim(nexus(), "budget", "USD 3 million")
    assert list(check_register()) != []
    before = list(Revision.objects.order_by("pk").values())
    migration = import_module("projects.migrations.0022_claims_are_read_by_words_beside_them")
    migration.record_anew(apps, None)
    *earlier, new = Revision.objects.order_by("pk").values()
    assert earlier == before
    assert (new["key"], new["reason"]) == ("nexus", migration.REASON)
    readings = {each["as_stated"]: each["reading"] for each in current()["claims"] if each["field"] == "budget"}
    assert readings == {"EUR 3 million": "as-value", "USD 3 million": "otherwise"}
    assert Claim.objects.get(as_stated="USD 3 million").reads_otherwise
    assert list(check_register()) == []
    migration.record_anew(apps, None)  # as after one that was killed
    assert Revision.objects.count() == len(before) + 1
