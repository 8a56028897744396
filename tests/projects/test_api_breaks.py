"""The comparer of descriptions finds every sort of break, and no addition is one."""

import copy
import json

import pytest

from tests.projects.test_schema import RELEASED
from tests.support.breaks import breaks

pytestmark = pytest.mark.one_database

LIST, ONE = "/api/v1/projects/", "/api/v1/projects/{key}/"


@pytest.fixture(scope="module")
def released():
    return json.loads(RELEASED.read_text(encoding="utf-8"))


def parameter(schema, name, path=LIST):
    return next(each for each in schema["paths"][path]["get"]["parameters"] if each["name"] == name)


def document(schema, name="ProjectDocument"):
    return schema["components"]["schemas"][name]


def properties(schema, name="ProjectDocument"):
    return document(schema, name)["properties"]


BREAKS = {
    "GET /api/v1/stats/ is gone": lambda s: s["paths"].pop("/api/v1/stats/"),
    "parameter country is gone": lambda s: s["paths"][LIST]["get"]["parameters"].remove(parameter(s, "country")),
    "parameter role no longer takes lead": lambda s: parameter(s, "role")["schema"]["items"]["enum"].remove("lead"),
    "parameter sort no longer takes -budget": lambda s: parameter(s, "sort")["schema"]["enum"].remove("-budget"),
    "parameter page_size has another maximum": lambda s: parameter(s, "page_size")["schema"].update(maximum=50),
    "parameter page has another minimum": lambda s: parameter(s, "page")["schema"].update(minimum=2),
    "parameter q has another maxLength": lambda s: parameter(s, "q")["schema"].update(maxLength=20),
    "parameter page has another type": lambda s: parameter(s, "page")["schema"].update(type="string"),
    "parameter sort has another default": lambda s: parameter(s, "sort")["schema"].update(default="-budget"),
    "parameter active_from has another pattern": lambda s: parameter(s, "active_from")["schema"].update(pattern="^[0-9]{4}$"),
    "parameter fields is written in another way": lambda s: parameter(s, "fields").update(explode=True),
    "parameter q is now required": lambda s: parameter(s, "q").update(required=True),
    "parameter new is now required": lambda s: s["paths"][LIST]["get"]["parameters"].append({"in": "query", "name": "new", "required": True, "schema": {}}),
    "the answer 410 is gone": lambda s: s["paths"][ONE]["get"]["responses"].pop("410"),
    "application/json is gone": lambda s: s["paths"][ONE]["get"]["responses"]["200"]["content"].pop("application/json"),
    "the header ETag is gone": lambda s: s["paths"][ONE]["get"]["responses"]["200"]["headers"].pop("ETag"),
    ".summary is gone": lambda s: properties(s).pop("summary"),
    ".title may now be null": lambda s: properties(s)["title"].update(type=["string", "null"]),
    ".countries may now be null": lambda s: properties(s).update(countries={"oneOf": [properties(s)["countries"], {"type": "null"}]}),
    ".title may now be integer": lambda s: properties(s)["title"].update(type="integer"),
    ".title may now be left out": lambda s: document(s)["required"].remove("title"),
    ".results may now be left out": lambda s: document(s, "ProjectPage")["required"].remove("results"),
    ".modified has another format": lambda s: properties(s)["modified"].update(format="date"),
    ".amount has another pattern": lambda s: properties(s, "Money")["amount"].pop("pattern"),
    ".amount may now be number": lambda s: properties(s, "Money")["amount"].update(type="number"),
    ".url may now be null": lambda s: properties(s, "CountryDocument").update(url={"oneOf": [{"type": "string"}, {"type": "null"}]}),
    ".detail is gone": lambda s: properties(s, "Problem").pop("detail"),
    " is no longer ongoing": lambda s: document(s, "Status")["enum"].remove("ongoing"),
}  # fmt: skip
ADDITIONS = [
    lambda s: s["paths"].update({"/api/v1/new/": copy.deepcopy(s["paths"]["/api/v1/stats/"])}),
    lambda s: s["paths"][LIST]["get"]["parameters"].append(
        {"in": "query", "name": "new", "schema": {"type": "string"}}
    ),
    lambda s: parameter(s, "role")["schema"]["items"]["enum"].append("auditor"),
    lambda s: parameter(s, "page_size")["schema"].update(maximum=500),
    lambda s: properties(s).update(new={"type": "string"}),
    lambda s: document(s)["required"].append("new"),
    lambda s: document(s, "Status")["enum"].append("suspended"),
    lambda s: properties(s)["acronym"].update(type="string"),
    lambda s: s["paths"][ONE]["get"].update(description="Said otherwise."),
]


def test_description_is_no_break_of_itself(released):
    assert breaks(released, released) == []


@pytest.mark.parametrize("words", BREAKS)
def test_break_is_found(released, words):
    changed = copy.deepcopy(released)
    BREAKS[words](changed)
    assert [each for each in breaks(released, changed) if words in each]


@pytest.mark.parametrize("add", ADDITIONS)
def test_addition_is_no_break(released, add):
    changed = copy.deepcopy(released)
    add(changed)
    assert changed != released
    assert breaks(released, changed) == []
