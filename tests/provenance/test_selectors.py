"""Beside the selectors of related records: links that are of use, and none that deletes the record."""

import re

import pytest
from django.contrib import admin
from django.contrib.auth.models import User

from projects.models import Project
from tests.support.staff import address, make_frame, make_project, somebody

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def links(client, page):
    """Return ``{name of a selector: the links beside it}``."""
    response = client.get(page)
    assert response.status_code in (200, 302, 403)  # a Revision leads to its history
    matches = re.findall(r'id="(add|change|delete|view)_id_([^"]+)"', response.content.decode())
    return {name: {link for link, other in matches if other == name} for _, name in matches}


def test_no_form_offers_to_delete_what_a_selector_names(client):
    client.force_login(User.objects.create_superuser("anna"))
    make_frame()
    make_project(parts=2)
    by_form = {}
    for model in admin.site._registry:
        one = model._default_manager.first()
        pages = [address(model, "add"), *([address(model, "change", one.pk)] if one else [])]
        by_form |= {(model, page): links(client, page) for page in pages}
    assert {
        where for where, selectors in by_form.items() if any("delete" in shown for shown in selectors.values())
    } == set()
    assert {model for (model, _), selectors in by_form.items() if selectors} > {Project}


def test_links_lead_where_something_can_be_done_without_loss(client):
    client.force_login(somebody("editor"))
    make_frame()
    make_project(state="draft")
    selectors = links(client, address(Project, "change", "nexus"))
    assert selectors["contributions-0-funder"] == {"add", "change", "view"}
    assert selectors["contributions-__prefix__-instrument"] == {"add", "change", "view"}
    assert selectors["countries"] == {"add"}
    assert not {name for name in selectors if name.endswith("component")}


def test_viewer_is_offered_nothing_to_write(client):
    client.force_login(somebody("viewer"))
    make_frame()
    make_project()
    selectors = links(client, address(Project, "change", "nexus"))
    assert {link for shown in selectors.values() for link in shown} <= {"view"}
