"""The repository holds what it says: one arrow, documents that agree with the code, nothing of one machine."""

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections import defaultdict
from functools import cache
from pathlib import Path

import orjson
import pytest
from django.apps import apps
from django.core.management import get_commands

from eap_funding.urls import urlpatterns
from projects.api.records import StatsFilter
from projects.api.schema import openapi
from projects.search.filters import ProjectFilter
from provenance.models import Record
from tests.support.documentation import read, sections, tables
from tests.support.loops import at_least_one

pytestmark = pytest.mark.one_database

ROOT = Path(__file__).resolve().parent.parent
APPS = ("provenance", "instruments", "projects")
PAGES = ("README.md", "DEVELOPERS.md", "CHANGELOG.md", "docs/api.md", "docs/data-dictionary.md")


@cache
def tracked():
    """The files that git keeps; those that somebody is just deleting are left out."""
    try:
        listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this copy is not a git repository")
    return [path for path in listing.stdout.split("\0") if path and (ROOT / path).is_file()]


def code_of(path):
    """Return all that stands between back-ticks on a page, in blocks and in lines."""
    blocks = re.findall(r"^```.*?\n(.*?)^```", read(path), flags=re.MULTILINE | re.DOTALL)
    rest = re.sub(r"^```.*?^```", "", read(path), flags=re.MULTILINE | re.DOTALL)
    return "\n".join([*blocks, *re.findall(r"`([^`]+)`", rest)])


# -- The code --


def test_imports_follow_the_one_arrow():
    """In a process of its own: the linter silences the loggers of the one that it runs in."""
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_no_list_of_names_stands_in_two_modules():
    """What is listed once is changed once. A dict is no list: it says something of each."""
    paths_by_names = defaultdict(set)
    for path in tracked():
        if path.endswith(".py") and not path.startswith("tests/") and "/migrations/" not in path:
            for node in ast.walk(ast.parse(read(path))):
                if isinstance(node, ast.List | ast.Tuple | ast.Set):
                    names = [each.value for each in node.elts if isinstance(each, ast.Constant)]
                    paths_by_names[frozenset(name for name in names if isinstance(name, str))].add(path)
    assert {names: paths for names, paths in paths_by_names.items() if len(names) > 4 and len(paths) > 1} == {}


def test_templates_hold_no_inline_style_or_script():
    inline = re.compile(
        r"<style|\sstyle\s*=|<script(?![^>]*\ssrc=| type=.application/ld\+json.>)|\son[a-z]+\s*=|javascript:",
        re.IGNORECASE,
    )
    inline_parts = {
        path: match[0] for path in tracked() if path.endswith(".html") and (match := inline.search(read(path)))
    }
    assert not inline_parts


def test_tracked_files_name_no_path_of_one_machine():
    paths = [
        "/wo" + "rk/",
        "/tm" + "p/",
        "/ho" + "me/[a-z]",
        "/Us" + "ers/[a-z]",
        r"\.\./sha" + "red",
        r"\.lib" + "rary",
    ]
    pattern = re.compile(rb"(?<![\w.-])(?:" + "|".join(paths).encode() + rb")")
    # It is the one file about the machine that it runs on.
    with_paths = {path for path in tracked() if path != ".ci/run" and pattern.search((ROOT / path).read_bytes())}
    assert not with_paths


# -- Dependencies --


def test_dependencies_say_what_they_are_for():
    lines = re.findall(r"^    \"[a-z][^\"]*[~=<>][^\"]*\".*$", read("pyproject.toml"), flags=re.MULTILINE)
    project = tomllib.loads(read("pyproject.toml"))
    assert len(lines) == len(project["project"]["dependencies"] + project["dependency-groups"]["dev"])
    assert not [line for line in lines if not re.search(r"\", # \S+", line)]


@pytest.mark.parametrize("lock", ["requirements.txt", "requirements-dev.txt", "requirements-npm.txt"])
def test_locks_hash_every_line(lock):
    text = re.sub(r"^\s*#.*\n", "", read(lock), flags=re.MULTILINE).replace("\\\n", "")
    wrong = [
        line[:60]
        for line in text.splitlines()
        if line and not re.fullmatch(r"[\w.\[\],-]+==\S+(?: ; [^#]+?)?(?:\s+--hash=sha256:[0-9a-f]{64})+", line)
    ]
    assert text
    assert not wrong


# -- README.md and DEVELOPERS.md --


def test_settings_are_in_readme():
    asked = {
        node.args[0].value
        for node in ast.walk(ast.parse(read("eap_funding/settings.py")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name) and node.func.value.id == "env" and node.func.attr != "read_env"
    }  # fmt: skip
    asked |= set(re.findall(r"os\.environ(?:\.get\(|\[)['\"](\w+)", read("gunicorn.conf.py")))
    [table] = tables(sections("README.md")["Settings"], "name")
    assert set(table) == asked


def test_make_targets_of_readme_and_developers_exist():
    targets = set(re.findall(r"^([a-z]+):.*## ", read("Makefile"), flags=re.MULTILINE))
    named = set(re.findall(r"\bmake ([a-z]+)\b", code_of("README.md") + "\n" + code_of("DEVELOPERS.md")))
    assert named <= targets
    assert targets - named <= {"help"}


def test_what_operators_make_includes_fonts():
    lines = re.findall(r"\bmake (staticfiles/\S+ locale/\S+)", read("docs/operate.md"))
    assert len(lines) == 2  # to install and to upgrade
    [needed] = re.findall(r"^staticfiles/staticfiles\.json:(.*)", read("Makefile"), flags=re.MULTILINE)
    assert "$(FONTS)" in needed.split()


def test_commands_are_in_readme():
    ours = {path.stem for path in ROOT.glob("*/management/commands/[a-z]*.py")}
    [table] = tables(sections("README.md")["Other commands"], "command")
    assert ours <= set(re.findall(r"\w+", code_of("README.md")))
    assert {code.split()[0] for code in table} <= set(get_commands())


def test_decisions_are_linked_from_developers():
    decisions = sorted(path for path in (ROOT / "docs/adr").iterdir())
    assert [path.name[:5] for path in decisions] == [f"{number:04}-" for number in range(1, len(decisions) + 1)]
    for path in at_least_one(decisions):
        assert f"(docs/adr/{path.name})" in read("DEVELOPERS.md")
        headings = re.findall(r"^## (.+)$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        assert headings == ["Context", "Decision", "Consequences"], path.name


@pytest.mark.parametrize("page", PAGES)
def test_links_of_a_page_lead_to_files(page):
    links = re.findall(r"\]\((?!https?:)([^)#]+)", read(page))
    assert not [link for link in links if not (ROOT / page).parent.joinpath(link).is_file()]


@pytest.mark.parametrize("page", ["DEVELOPERS.md"])
def test_files_that_developers_names_exist(page):
    named = set(re.findall(r"`((?:[a-z_*]+/)+(?:[a-z_]+\.py)?)`", read(page)))
    assert named
    assert not [path for path in named if not any(ROOT.glob(path)) and not any(ROOT.glob(f"*/{path}"))]


def test_pictures_are_small():
    assert all(path.stat().st_size < 150_000 for path in (ROOT / "docs/pictures").iterdir())


# -- docs/api.md --


def test_parameters_of_projects_are_documented():
    [table] = tables(sections("docs/api.md")["Parameters of projects"], "parameter")
    assert set(table) == set(ProjectFilter.base_filters)


def test_parameters_of_figures_are_documented():
    [table] = tables(sections("docs/api.md")["Figures"], "parameter")
    assert set(table) == set(StatsFilter.base_filters) - set(ProjectFilter.base_filters)


def test_allowed_values_of_parameters_are_documented():
    [table] = tables(sections("docs/api.md")["Parameters of projects"], "parameter")
    for name, each in ProjectFilter.base_filters.items():
        values = {str(value).removeprefix("-") for value, _ in each.extra.get("choices", ()) if value}
        assert not [value for value in values if f"`{value}`" not in table[name]], name


@pytest.mark.parametrize(
    ("heading", "names"),
    [
        ("A list", ["ProjectPage"]),
        ("A project", ["ProjectDocument", "PartialDate", "Claim"]),
        ("A country", ["CountryDocument"]),
        ("An instrument", ["InstrumentDocument"]),
        ("An agreement", ["PartnershipDocument"]),
        ("An organisation", ["OrganisationDocument"]),
        ("Figures", ["Stats"]),
    ],
)
def test_members_of_documents_are_documented(heading, names):
    documented = tables(sections("docs/api.md")[heading], "member")
    assert [set(table) for table in documented] == [set(schemas()[name]["properties"]) for name in names]
    for table, name in zip(documented, names, strict=True):
        for member, schema in schemas()[name]["properties"].items():
            missing = [inner for inner in inner_members(schema) if f"`{inner}`" not in table[member]]
            assert not missing, f"{member}: {missing}"


def schemas():
    return orjson.loads(openapi())["components"]["schemas"]


def inner_members(schema):
    """The members within a member, but of lists within it, and of those that have a table of their own."""
    schema = schema.get("items", schema)
    for each in (schema, *schema.get("allOf", ()), *schema.get("oneOf", ()), *schema.get("anyOf", ())):
        name = each.get("$ref", "").rpartition("/")[2]
        if name and name not in ("PartialDate", "Claim", "ProjectDocument", "ProjectMembers", "Group"):
            for inner, shape in schemas()[name].get("properties", {}).items():
                yield inner
                yield from inner_members(shape) if "items" not in shape else ()


@pytest.mark.parametrize(("heading", "names"), [("Figures", ["Group", "StatedSum"]), ("Errors", ["Problem"])])
def test_members_of_figures_and_errors_are_documented(heading, names):
    text = sections("docs/api.md")[heading]
    assert not [member for name in names for member in schemas()[name]["properties"] if f"`{member}`" not in text]


def test_addresses_of_the_api_and_of_files_are_documented():
    text = sections("docs/api.md")["Addresses"]
    ours = [each for pattern in urlpatterns for each in getattr(pattern, "url_patterns", [pattern])]
    routes = {str(each.pattern) for each in ours if re.match(r"api/.*/$|projects.*\.\w+$", str(each.pattern))}
    assert len(routes) > 10
    named = {re.sub(r"<\w+>", "<slug:key>", address) for address in re.findall(r"`/([^`]+)`", text)}
    assert routes <= named


def tells(example, answer):
    """Whether an example is what was answered; “…” stands for anything, in a list for any number of things."""
    if example == "…" or (example == ["…"] and answer):
        return True
    if isinstance(example, dict) and isinstance(answer, dict):
        return list(example) == list(answer) and all(tells(example[name], answer[name]) for name in example)
    if isinstance(example, list) and isinstance(answer, list):
        return len(example) == len(answer) and all(map(tells, example, answer))
    return example == answer


def test_examples_of_the_api_are_what_it_answers(client, register):
    text = read("docs/api.md").replace("http://127.0.0.1:8000/", "http://testserver/")
    examples = re.findall(
        r"(?:`(/[^`]*)`(, shortened)?:\n|```\n(/\S+)\n```)\n+```json\n(.*?)```", text, flags=re.DOTALL
    )
    counted = re.findall(r"^(/api/v1/\S+) +([0-9]+) projects?$", text, flags=re.MULTILINE)
    assert len(examples) == text.count("```json") > 7
    assert counted
    for stated, shortened, asked, example in examples:
        address, example = stated or asked, json.loads(example)
        if address.startswith("/api/v1/changes/"):  # no two registers have the same: its shape is tested elsewhere
            continue
        answer = client.get(address).json()
        assert tells(example, {name: answer[name] for name in example} if shortened else answer), address
    for address, count in counted:
        assert client.get(address).json()["count"] == int(count), address


# -- docs/data-dictionary.md --


def fields_of(model):
    """The names of a model's own fields: those of every record stand in a section of their own."""
    fields = {each.name for each in [*model._meta.concrete_fields, *model._meta.many_to_many]}
    return fields - RECORD_FIELDS if issubclass(model, Record) else fields


RECORD_FIELDS = {each.name for each in [*Record._meta.fields, *Record._meta.private_fields]}
MODELS = [model for name in APPS for model in apps.get_app_config(name).get_models()]


def test_fields_of_every_record_are_in_the_data_dictionary():
    [table] = tables(sections("docs/data-dictionary.md")["Record"], "field")
    assert set(table) == RECORD_FIELDS


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_fields_of_a_table_are_in_the_data_dictionary(model):
    [table] = tables(sections("docs/data-dictionary.md")[model.__name__], "field")
    assert set(table) - {"id"} == fields_of(model) - {"id"}  # "Words" says what it is


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_rules_of_a_table_are_in_the_data_dictionary(model):
    text = sections("docs/data-dictionary.md")[model.__name__].replace("\n  ", " ")  # one rule, one line
    rules = [f'- `{rule.name}`: "{rule.violation_error_message}"' for rule in model._meta.constraints]
    assert not [rule for rule in rules if rule not in text]
    assert len(re.findall(r"^- `\w+`: ", text, flags=re.MULTILINE)) == len(rules)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_choices_of_a_table_are_in_the_data_dictionary(model):
    text = sections("docs/data-dictionary.md")["Record"] + sections("docs/data-dictionary.md")[model.__name__]
    values = [value for each in model._meta.concrete_fields for value, _ in each.choices or () if value]
    assert not [value for value in values if f"`{value}`" not in text]
