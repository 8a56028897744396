"""The whole site, walked as a crawler does: no link leads nowhere, and every page is valid HTML.

Validity is asked of the Nu HTML Checker (vnu), which needs Java; without it these tests are named as left out.
``make check`` walks a register of 300 projects too (``WALK_PROJECTS``).
"""

import json
import os
import subprocess

import pytest
from django.core.management import call_command

from projects.models import Project
from provenance.store.log import set_state
from tests.conftest import VNU
from tests.support.staff import WITHDRAWN
from tests.support.walk import walked

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
ERRORS = [
    f"{root}{address}"
    for root in ("", "/fr")
    for address in (
        "/nothing/", "/projects/nothing/", "/projects/?amount_min=2.584", "/projects/?q=nothing-of-this",
        "/projects/?page=99", "/countries/?page=x", "/projects/nexus/?as_of=1999", "/projects/cmba/",
        "/projects/?as_of=2999-01-01", "/organisations/?page_size=1&page=2",
    )
]  # fmt: skip


@pytest.fixture
def site(register, settings, tmp_path):
    """The register as it comes, with a dump and a project that was withdrawn."""
    settings.DUMPS_DIR = tmp_path / "dumps"
    set_state(Project, ["cmba"], WITHDRAWN, user_name="tester")
    call_command("write_dumps", verbosity=0)


@pytest.fixture(scope="module")
def walks():
    return []


@pytest.fixture
def walk(client, site, walks):
    """The walk over the whole site, which every test of it looks at."""
    if not walks:
        walks.append(walked(client, "/", *ERRORS))
    return walks[0]


def faults_of(walk):
    assert len(walk.pages) > 40
    assert len(walk.links) > 1000
    outside = {link for link in walk.outside if not link.startswith(("mailto:", "https://", "http://"))}
    return [*walk.faults(), *sorted(outside)]


@pytest.mark.slow
def test_no_link_leads_nowhere(walk):
    assert faults_of(walk) == []
    assert {walk.statuses[address] for address in ERRORS} == {200, 400, 404, 410}


@pytest.mark.slow
def test_no_link_leads_nowhere_among_many_projects(client, db, settings, tmp_path):
    many = int(os.environ.get("WALK_PROJECTS", "0"))
    if not many:
        pytest.skip("WALK_PROJECTS does not say how many")
    settings.DUMPS_DIR = tmp_path / "dumps"
    call_command("make_sample_projects", many, verbosity=0)
    call_command("write_dumps", verbosity=0)
    assert faults_of(walked(client, "/", languages=("",))) == []


def test_walk_finds_what_is_broken(client, site, monkeypatch):
    """A dead link, a dead part of a page, and a link round a corner."""
    walk = walked(client, "/about/", languages=())
    for address, fragment in (("/nowhere/", ""), ("/about/", "nothing"), ("/projects", "")):
        walk.links.append(("/about/", address, fragment))
        walk.statuses[address] = client.get(address).status_code
    assert [fault.split(": ")[1] for fault in walk.faults()] == [
        "/nowhere/ is 404", "/about/ has no part #nothing", "/projects is 301",
    ]  # fmt: skip


def checked(pages, folder):
    """Return what the Nu HTML Checker finds in ``pages``, ``{address: HTML}``, as ``[(address, line, message)]``."""
    names = {}
    for number, (address, page) in enumerate(pages.items()):
        path = folder / f"{number}.html"
        path.write_text(page, encoding="utf-8")
        names[path.as_uri().replace("///", "/")] = address
    command = [
        "java",
        "-Xss4m",
        "-jar",
        str(VNU),
        "--format",
        "json",
        "--exit-zero-always",
        *sorted(map(str, folder.glob("*.html"))),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    messages = json.loads(done.stderr)["messages"]
    return [(names[each["url"]], each.get("lastLine"), each["message"]) for each in messages]


@pytest.mark.java
def test_every_page_is_valid(walk, tmp_path):
    assert len(walk.pages) > 100
    assert checked(walk.pages, tmp_path) == []


@pytest.mark.java
def test_checker_finds_what_is_broken(tmp_path):
    page = '<!DOCTYPE html><html lang="en"><title>A</title><p>One <p>two</p></p><time datetime="2026-11-28T16:21:02.123456Z">now</time></html>'
    messages = checked({"/broken/": page}, tmp_path)
    assert {address for address, _, _ in messages} == {"/broken/"}
    assert len(messages) >= 2
