"""Several processes answer as one: what was saved in one of them, each shows with the next answer."""

import http.client
import json
import threading
from http.cookies import SimpleCookie
from urllib.parse import quote, urlencode

import pytest
from django.conf import settings
from django.db import connection
from lxml import html

from projects.models import Project
from tests.bench import servers
from tests.support.database import database_url
from tests.support.records import update

pytestmark = pytest.mark.django_db(transaction=True)
READERS = 8


@pytest.fixture
def port(transactional_db, register, monkeypatch):
    """Two processes of the server as it is shipped, on the register of this test."""
    connection.close()
    monkeypatch.setitem(servers.PLAIN, "SECRET_KEY", settings.SECRET_KEY)  # sessions are made here
    with servers.serving(database_url(), settings.BASE_DIR, workers=2) as server:
        yield server.port


def ask(port, path, data=None, cookies=""):
    """Return (status, headers, body) of an answer on a connection of its own."""
    asking = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Cookie": cookies, "Accept-Encoding": "identity"}
    if data is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    asking.request("GET" if data is None else "POST", path, data and urlencode(data), headers)
    response = asking.getresponse()
    answer = response.status, response.headers, response.read().decode()
    asking.close()
    return answer


def saved_in_a_worker(port, admin_client, title):
    """Save the form of a project, as a browser does."""
    path, session = "/admin/projects/project/nexus/change/", f"sessionid={admin_client.cookies['sessionid'].value}"
    _, headers, page = ask(port, path, cookies=session)
    cookies = [
        each.OutputString([]) for text in headers.get_all("Set-Cookie", []) for each in SimpleCookie(text).values()
    ]
    cookies = "; ".join([session, *cookies])
    form = html.fromstring(page).get_element_by_id("project_form")
    typed = [(name, title if name == "title" else value) for name, value in form.form_values()]
    _, _, page = ask(port, path, [*typed, ("_save", "Save")], cookies)
    [form] = html.fromstring(page).xpath('//form[.//*[@name="reason"]]')  # what changes for readers, to be confirmed
    given = [(name, value) for name, value in form.form_values() if name != "reason"]
    buttons = [(each.get("name"), each.get("value", "")) for each in form.xpath('.//*[@type="submit" and @name]')]
    status, _, page = ask(port, path, [*given, ("reason", "A test."), *buttons[:1]], cookies)
    assert status == 302, html.fromstring(page).text_content()


def shows(port, title, number):
    """Whether one of the doors shows the title: each of them in its turn."""
    doors = [
        ("/api/v1/projects/nexus/?fields=title", lambda body: json.loads(body)["title"] == title),
        (f"/api/v1/projects/?fields=title&q={quote(title)}", lambda body: json.loads(body)["count"] == 1),
        ("/projects.ndjson?country=MD", lambda body: title in body),
        ("/projects/?country=MD", lambda body: title in body),
        ("/projects/nexus/", lambda body: title in body),
    ]
    path, is_shown = doors[number % len(doors)]
    status, _, body = ask(port, path)
    return (status, is_shown(body)) in ((200, True), (503, False))  # no place is free: no answer of before


def together(work, number=READERS):
    """Run ``work(number of a thread)`` in threads; return what all of them gave."""
    results = []
    threads = [threading.Thread(target=lambda at=at: results.extend(work(at))) for at in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.slow
def test_every_process_shows_what_was_saved_in_one_of_them(port, admin_client):
    for title in ("First of Two", "Second of Two"):
        saved_in_a_worker(port, admin_client, title)
        shown = together(lambda at, title=title: [shows(port, title, at + each) for each in range(200 // READERS)])
        assert shown == [True] * 200


def test_no_answer_is_older_than_what_was_recorded_when_it_was_asked_for(port):
    recorded = [0]

    def read(_at):
        least = 0
        while least < 20:  # the last is asked for after the last was recorded
            least = recorded[0]
            _, _, body = ask(port, "/api/v1/projects/?country=MD&fields=title&q=Numbered")
            yield [int(each["title"].split()[1]) for each in json.loads(body)["results"]] >= [least] * bool(least)

    readers = []
    reading = threading.Thread(target=lambda: readers.extend(together(read, 4)))
    reading.start()
    for number in range(1, 21):
        update(Project, "nexus", title=f"Numbered {number}", reason="A test.")
        recorded[0] = number
    reading.join()
    assert len(readers) >= 4
    assert all(readers)
