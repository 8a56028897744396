"""The text of a source beside the form of a record: words of it become claims and values, and nothing is lost."""

import re
from datetime import date

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from playwright.sync_api import expect

from projects.models import Project
from provenance.admin.desk import CLAIMS
from provenance.models import Claim, Revision, Source
from provenance.store import editions, log
from provenance.store.database import register_lock
from tests.support.browser import assert_accessible
from tests.support.records import record, update
from tests.support.staff import address, filled, make_project, somebody

pytestmark = pytest.mark.one_database

TEXT = """Examples of projects in Moldova:

  • Currently the EU is co-funding the Bridges for All Project (EUR 2.584.000 including EUR 1.716.000 from the ENI) that
aims to open two crossings, as well as training guards. It started in February 2019 and is led by IOM. It
will go on until 2026.
  • Nothing else stands here, but a sum of EUR 5 million.
"""
ADD = address(Project, "add") + "?default_source=paper"


def keep(text):
    """Keep a text of the source “paper”."""
    with register_lock():
        digest = editions.keep("paper", text.encode(), text, date(2026, 11, 24), User(username="anna"))
    update(Source, "paper", edition=digest)
    return digest


@pytest.fixture
def edition(frame):
    return keep(TEXT)


def send(client, url, edition, **more):
    """Send the form at ``url`` as it stands, with ``more``."""
    sent = filled(client.get(url)) | {"default_source": "paper", "_edition": edition}
    return client.post(url, sent | more)


def claims(response):
    [formset] = [each.formset for each in response.context["inline_admin_formsets"] if each.formset.prefix == CLAIMS]
    names = ("field", "as_stated", "quote", "source", "place")
    return [tuple(form[name].value() for name in names) for form in formset.forms]


def values(response, *names):
    return [response.context["adminform"].form[name].value() for name in names]


def messages(response):
    return [each["words"] for each in response.context["desk"]["outcomes"]]


def offer(member, words):
    start = TEXT.index(words)
    return f"{member}:{start}:{start + len(words)}"


# -- Without a script --


def test_sentence_and_value_are_enough_for_a_claim(staff, edition):
    before = Revision.objects.count()
    more = {
        "_add_claim": "",
        "_claim_sentence": "2",
        "_claim_member": "budget",
        "title": "Typed",
        "summary": "Also typed",
    }
    page = send(staff, ADD, edition, **more)
    [(field, stated, quote, source, place)] = claims(page)
    assert (field, stated, source, place) == ("budget", "EUR 2.584.000", "paper", "sentence 2")
    assert quote.startswith("Currently the EU is co-funding")
    assert quote.endswith("training guards.")
    assert values(page, "budget_amount", "budget_currency") == ["2584000.00", "EUR"]
    assert "Total budget: “EUR 2.584.000” was read as EUR 2,584,000." in messages(page)
    assert values(page, "title", "summary", "slug") == ["Typed", "Also typed", "typed"]
    assert "errornote" not in page.content.decode()
    assert Revision.objects.count() == before


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"_claim_sentence": "2", "_claim_member": ""}, "Choose the value"),
        ({"_claim_sentence": "99", "_claim_member": "title"}, "from 1 to 5"),
        ({"_claim_sentence": "2", "_claim_member": "title", "_claim_words": "EUR 7"}, "does not stand in sentence 2"),
        ({"_take": "title:5:900000"}, "in no sentence"),
        ({"_take": "slug:0:8"}, "not known"),
        ({"_take": "title:0"}, "not known"),
        ({"_take": "title:0:8", "_edition": "another"}, "another text by now"),
    ],
)
def test_what_cannot_be_added_is_said_and_nothing_is_lost(staff, edition, more, words):
    page = send(staff, ADD, edition, **{"_add_claim": "", "title": "Typed"} | more)
    assert words in " ".join(messages(page))
    assert claims(page) == []
    assert values(page, "title") == ["Typed"]
    assert 'value="EUR 7"' in page.content.decode() or "_claim_words" not in more


def test_words_run_over_the_end_of_a_sentence_but_not_of_a_paragraph(staff, edition):
    wide = {
        "_claim_sentence": "2",
        "_claim_member": "summary",
        "_claim_words": "training guards. It  started in February",
    }
    [(_field, stated, quote, *_)] = claims(send(staff, ADD, edition, _add_claim="", **wide))
    assert stated == "training guards. It started in February"
    assert quote.endswith("is led by IOM.")
    wider = wide | {"_claim_words": "until 2026. Nothing else"}
    assert claims(send(staff, ADD, edition, _add_claim="", **wider)) == []


def test_value_that_stands_is_kept_and_one_that_cannot_be_read_is_said(staff, edition):
    sent = {"_claim_sentence": "2", "_claim_member": "budget", "budget_amount": "7", "budget_currency": "USD"}
    page = send(staff, ADD, edition, _add_claim="", **sent)
    assert values(page, "budget_amount", "budget_currency") == ["7", "USD"]
    assert "The form keeps the value that it has." in messages(page)[0]
    sent = {"_claim_sentence": "3", "_claim_member": "budget", "_claim_words": "It started"}
    assert "its value cannot be read" in messages(send(staff, ADD, edition, _add_claim="", **sent))[0]


def test_ticked_offers_become_claims_and_values_and_then_a_draft(staff, edition):
    ticked = [
        offer("title", "Bridges for All Project"),
        offer("countries", "Moldova"),
        offer("status", "Currently"),
        offer("budget", "EUR 2.584.000"),
        offer("contributions", "the EU is co-funding"),
        offer("contributions", "EUR 1.716.000 from the ENI"),
        offer("objectives", "training guards"),
        offer("start_date", "February 2019"),
        offer("end_date", "will go on until 2026"),
        offer("organisations", "led by IOM"),
    ]
    shown = staff.get(ADD).content.decode()
    assert [each for each in ticked if f'name="_take" value="{each}"' not in shown] == []
    assert "checked" not in shown.partition('id="desk"')[2].partition("</section>")[0]
    page = send(staff, ADD, edition, _save="Save", _take=ticked)  # also if it is saved with what is ticked
    assert len(claims(page)) == 10
    assert not Project.objects.exists()
    assert "no source yet" not in page.content.decode()
    staff.post(ADD, filled(page))
    project = Project.objects.get(pk="bridges-for-all-project")
    assert (project.state, project.status, str(project.start_date), str(project.end_date)) == (
        "draft", "ongoing", "2019-02", "2026",
    )  # fmt: skip
    assert [(each.funder_id, each.instrument_id, each.amount) for each in project.contributions.all()] == [
        ("european-union", "ENI", 1716000)
    ]
    assert [(each.organisation_id, each.role, each.role_as_stated) for each in project.participations.all()] == [
        ("iom", "lead", "led by")
    ]
    document = log.document_of(project.revision)
    assert {claim["evidence"]["verdict"] for claim in document["claims"]} == {"verbatim"}
    assert {(claim["status"], claim["reading"]) for claim in document["claims"]} <= {
        ("adopted", "as-value"), ("adopted", "ours"),
    }  # fmt: skip
    call_command("check_register")


def test_rows_that_were_typed_are_filled_in_and_not_doubled(staff, project, edition):
    url = address(Project, "change", "nexus")
    sent = {"contributions-0-funder": "european-union", "contributions-0-instrument": ""}
    page = send(staff, url, edition, _take=offer("contributions", "EUR 1.716.000 from the ENI"), **sent)
    [rows] = [each.formset for each in page.context["inline_admin_formsets"] if each.formset.prefix == "contributions"]
    assert [[form[name].value() for name in ("instrument", "amount", "currency")] for form in rows.forms] == [
        ["ENI", "1716000.00", "EUR"]
    ]
    assert len(claims(page)) == 2


def test_value_that_another_source_states_is_offered_from_this_text_too(staff, project, edition):
    words = "Bridges for All Project"
    Claim.objects.create(record=project, field="title", as_stated=words, quote=words, source_id="nexus-1")
    record(Project, ["nexus"], user_name="anna", reason="Because.")
    desk = staff.get(address(Project, "change", "nexus") + "?default_source=paper").context["desk"]
    assert "title" in [each["member"] for passage in desk["passages"] for each in passage["offers"]]


def test_claims_without_a_source_take_that_of_the_form(staff, edition):
    row = {f"{CLAIMS}-TOTAL_FORMS": "1", f"{CLAIMS}-0-field": "title", f"{CLAIMS}-0-as_stated": "Bridges"}
    sent = row | {f"{CLAIMS}-0-quote": "The Bridges.", "title": "Bridges", "slug": "bridges", "_save": "Save"}
    send(staff, ADD, edition, **sent)
    assert [(each.field, each.source_id) for each in Project.objects.get().claims.all()] == [("title", "paper")]


def test_value_without_a_claim_says_so_at_its_field(staff, edition):
    make_project(summary="A summary.")
    page = staff.get(address(Project, "change", "nexus"))
    form = page.context["adminform"].form
    no_source = [name for name in form.fields if "no source yet" in form[name].help_text]
    assert no_source == ["summary", "countries"]
    lists = {each.formset.prefix: each.formset.help_text for each in page.context["inline_admin_formsets"]}
    assert "no source yet" in lists["contributions"]
    assert "no source yet" not in lists[CLAIMS]
    sent = {"_claim_sentence": "4", "_claim_member": "summary", "default_source": "paper"}
    page = send(staff, address(Project, "change", "nexus"), edition, _add_claim="", **sent)
    assert "no source yet" not in page.context["adminform"].form["summary"].help_text


def test_passage_that_names_the_record_is_offered_without_a_title(staff, frame):
    keep("Others\n\nWork on nexus started in May 2014.\n\nMore is known of other things since 2013.")
    make_project(acronym="nexus")
    shown = staff.get(address(Project, "change", "nexus") + "?default_source=paper")
    [passage] = shown.context["desk"]["passages"]
    assert (passage["is_own"], passage["title"]) == (
        True,
        "Work on nexus started in May 2014.",
    )
    assert ("Start date", "May 2014", "2014-05") in [
        (each["label"], each["words"], each["reads"]) for each in passage["offers"]
    ]


def test_change_of_a_published_record_is_shown_before_it_is_saved(staff, edition):
    make_project(state="published")
    url = address(Project, "change", "nexus")
    page = send(staff, url, edition, _take=offer("budget", "EUR 2.584.000"))
    preview = staff.post(url, filled(page) | {"_save": "Save", "default_source": "paper"})
    assert preview.context["title"] == "Check your change"
    assert Project.objects.get().budget_amount is None
    back = staff.post(
        url, {name: preview.context[name] for name in ("typed",)} | {"_typed": preview.context["typed"], "_back": ""}
    )
    assert values(back, "budget_amount", "default_source") == ["2584000.00", "paper"]
    assert len(claims(back)) == 2


def test_marks_show_what_claims_state(staff, edition):
    page = send(
        staff, ADD, edition,
        _take=[offer("budget", "EUR 2.584.000"), *(offer(each, "Bridges for All Project") for each in ("title", "acronym"))],
        _claim_member="contributions", _claim_sentence="2", _claim_words="EUR 2.584.000 including EUR 1.716.000 from the ENI",
    )  # fmt: skip
    shown = re.sub('<mark class="amount">([^<]*)</mark>', r"\1", page.content.decode())  # amounts are marked in full
    inside = '<mark title="Contributions"> including EUR 1.716.000 from the ENI</mark>'
    assert f'<mark title="Total budget">EUR 2.584.000</mark>{inside}' in shown
    assert '<mark title="Title, Acronym">Bridges for All Project</mark>' in shown
    assert f'value="{offer("budget", "EUR 2.584.000")}"' not in shown  # it is no offer any more


def test_other_records_have_the_text_too(staff, edition):
    url = "/admin/instruments/country/MD/change/"
    page = send(staff, url, edition, _add_claim="", _claim_sentence="1", _claim_member="name", _claim_words="Moldova")
    assert claims(page)[0][:2] == ("name", "Moldova")
    keep("Work in MD began.\n\nMoldova is next.")  # its code is a name that no source states
    shown = staff.get(url + "?default_source=paper").context["desk"]["passages"]
    assert [[offer["words"] for offer in passage["offers"]] for passage in shown] == [["Moldova"]]
    assert "Show its text" not in staff.get("/admin/provenance/source/paper/change/").content.decode()


def test_form_without_a_text_says_so(staff, frame):
    assert "No text of this source is kept." in staff.get(ADD).content.decode()
    assert "Show its text" in staff.get(address(Project, "add")).content.decode()
    for key in ("nobody", "x" * 5000):
        assert staff.get(address(Project, "add"), {"default_source": key}).status_code == 200


def test_long_text_is_shown_in_parts(staff, frame):
    edition = keep("\n\n".join(f"This is sentence number {number}." for number in range(1, 451)))
    shown = staff.get(ADD).content.decode()
    assert 'data-sentence="200"' in shown
    assert 'data-sentence="201"' not in shown
    page = send(staff, ADD, edition, _show_text="", _from="301", title="Typed")
    assert 'data-sentence="301"' in page.content.decode()
    assert values(page, "title") == ["Typed"]


def test_viewer_sees_no_text_and_adds_nothing(client, edition):
    make_project()
    client.force_login(somebody("viewer"))
    url = address(Project, "change", "nexus")
    assert 'id="desk"' not in client.get(url).content.decode()
    assert client.post(url, {"_take": "title:0:8", "default_source": "paper"}).status_code == 403
    assert client.get(address(Project, "in_text"), {"default_source": "paper"}).status_code == 403


def test_projects_in_text_open_in_the_form(staff, edition):
    page = staff.get(address(Project, "in_text"), {"default_source": "paper"})
    shown = page.content.decode()
    assert [each["title"] for each in page.context["passages"]] == ["Bridges for All Project"]
    assert "checked" not in shown.partition('id="content"')[2]
    sent = {"default_source": "paper", "_edition": edition, "_add_ticked": "", "_from": "2"}
    opened = staff.post(address(Project, "add"), sent | {"_take": offer("title", "Bridges for All Project")})
    assert values(opened, "title", "slug") == ["Bridges for All Project", "bridges-for-all-project"]
    staff.post(address(Project, "add"), filled(opened))
    shown = staff.get(address(Project, "in_text"), {"default_source": "paper"}).content.decode()
    assert "/admin/projects/project/bridges-for-all-project/change/?default_source=paper#desk" in shown
    assert staff.get(address(Project, "in_text"), {"default_source": "nothing"}).status_code == 404


# -- In the browser --

MARKED = [  # what a desk officer marks, and for which value
    ("Bridges for All Project", "title"),
    ("Moldova", "countries"),
    ("Currently", "status"),
    ("EUR 2.584.000", "budget"),
    ("the EU is co-funding", "contributions"),
    ("EUR 1.716.000 from the ENI", "contributions"),
    ("open two crossings", "objectives"),
    ("training guards", "objectives"),
    ("February 2019", "start_date"),
    ("is led by IOM", "organisations"),
]
MARK = """(box, words) => {
    const texts = document.createTreeWalker(box, NodeFilter.SHOW_TEXT), range = document.createRange();
    for (let text; (text = texts.nextNode());) {
        const at = text.data.indexOf(words);
        if (at < 0) continue;
        range.setStart(text, at); range.setEnd(text, at + words.length);
        getSelection().removeAllRanges(); getSelection().addRange(range);
        return;
    }
}"""


@pytest.mark.slow
def test_ten_claims_are_marked_in_at_most_forty_steps(signed_in, live_server, edition):
    page, steps = signed_in, 0
    page.set_viewport_size({"width": 1300, "height": 900})
    page.goto(live_server.url + ADD)  # from the page of the source
    for words, member in MARKED:
        page.locator("#desk .text").evaluate(MARK, words)
        expect(page.locator("[name=_claim_words]")).to_have_value(words)
        page.locator("[name=_claim_member]").select_option(member)
        page.get_by_role("button", name="Add claim").click()
        expect(page.locator("#desk .outcomes")).to_contain_text(f"“{words}” was ")
        steps += 3
    page.get_by_role("button", name="Save", exact=True).click()
    steps += 1
    expect(page.locator(".messagelist")).to_contain_text("was added as a draft")
    project = Project.objects.get()
    assert (project.claims.count(), project.contributions.count(), str(project.budget_amount)) == (10, 1, "2584000.00")
    assert steps <= 40


def test_enter_in_the_words_adds_the_claim_and_elsewhere_saves(signed_in, live_server, edition):
    signed_in.goto(live_server.url + ADD)
    signed_in.locator("[name=_claim_member]").select_option("title")
    signed_in.locator("[name=_claim_sentence]").fill("2")
    signed_in.locator("[name=_claim_words]").press("Enter")
    expect(signed_in.locator("#id_title")).to_have_value("Bridges for All Project")
    assert not Project.objects.exists()
    signed_in.locator("#id_title").press("Enter")
    expect(signed_in.locator(".messagelist")).to_contain_text("was added as a draft")


def test_page_works_without_javascript(browser, live_server, edition, admin_client):
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(
        [{"name": "sessionid", "value": admin_client.cookies["sessionid"].value, "url": live_server.url}]
    )
    page = context.new_page()
    page.goto(live_server.url + ADD)
    page.locator("[name=_claim_sentence]").fill("2")
    page.locator("[name=_claim_member]").select_option("title")
    page.get_by_role("button", name="Add claim").click()
    page.get_by_role("checkbox", name="Total budget").first.check()
    page.get_by_role("button", name="Add what is ticked").click()
    assert page.locator("#id_budget_amount").input_value() == "2584000.00"
    page.locator("input[name=_save]").click()
    assert Project.objects.get().claims.count() == 2
    context.close()


def test_pages_have_no_accessibility_finding(signed_in, live_server, edition):
    for url in (address(Project, "in_text") + "?default_source=paper", ADD):
        signed_in.goto(live_server.url + url)
        for each in signed_in.locator("#desk details").all():
            each.evaluate("it => it.open = true")
        assert_accessible(signed_in, 360, 1300)
    for width in (360, 1300):
        signed_in.set_viewport_size({"width": width, "height": 900})
        assert (signed_in.locator("#desk").bounding_box()["x"] > 600) == (width == 1300)
