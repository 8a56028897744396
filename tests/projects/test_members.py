"""What a record has is declared once; this joins the declaration with what does not follow from it.

Where a member is not to be found, it stands here in a list of exceptions, with the reason.
"""

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.contrib import admin
from django.core.management import call_command
from django.template.loader import get_template

from imports.tables.cells import MEMBERS
from instruments.models import Country, Instrument, Partnership
from projects.exports.columns import TABLES, columns_of
from projects.models import Component, Contribution, Organisation, Participation, Project, Theme
from provenance.documents import declaration as m
from provenance.models import Claim, Source
from provenance.store.build import build_documents, check_shape, read
from provenance.store.log import record_models

pytestmark = pytest.mark.one_database

KINDS = [Source, Country, Instrument, Partnership, Organisation, Theme, Project]
DECLARED = [
    pytest.param(model, member, id=f"{model._meta.model_name}-{member.name}")
    for model in KINDS
    for member in model.members
]
PAGES = {  # the others share one
    Project: "projects/project_detail.html", Source: "projects/source_detail.html",
}  # fmt: skip
NO_PAGE = {Theme}  # it has none yet
NOT_TABLED = {Source, Theme}  # they are not imported in tables
NOT_WRITTEN = {"claims": "has a table of its own"}
NOT_CLAIMED = {  # no source is named for these; a kind without claims has none for any member
    Country: {"code", "url", "claims"},
    Instrument: {"url", "claims"},
    Partnership: {"slug", "url", "claims"},
    Organisation: {"slug", "url", "other_identifiers", "claims"},
    Project: {"slug", "url", "themes", "unattributed", "claims"},
}
NOT_IMPORTED = {
    "url": "follows from the key",
    "unattributed": "follows from budget and contributions",
    "contributions": "has a table of its own",
    "organisations": "has a table of its own",
    "claims": "has a table of its own",
}
ROOT = Path(__file__).parents[2]
IN_API = {  # the heading of each kind in docs/api.md; the API tells of themes only where others name them
    Project: "A project", Country: "A country", Instrument: "An instrument", Partnership: "An agreement",
    Organisation: "An organisation", Source: "A source",
}  # fmt: skip
IN_NO_TABLE = {
    "url": "follows from the key",
    "unattributed": "follows from budget and contributions",
    "claims": "stand in a table for all kinds",
}
DIGESTS = ("digest", "edition", "text_withdrawn")
NOT_IN_IATI = {"themes": "they are read in documents/sectors.py"}


def test_every_kind_of_record_declares_its_members():
    assert set(record_models()) == set(KINDS)
    assert all(model.members for model in KINDS)


@pytest.mark.parametrize("model", KINDS)
def test_member_is_claimed_unless_no_source_is_named_for_it(model):
    names = {member.name for member in model.members}
    assert names - set(model.claimable) == NOT_CLAIMED.get(model, names)


# -- There and back --


@pytest.fixture
def filled(register):
    """The register with what its records leave open, and samples."""
    call_command("make_sample_projects", 60, beside_others=True, verbosity=0)
    Project.objects.filter(pk="nexus").update(part_of="enigmma", start_date="2013-02", start_date_planned=True)
    Organisation.objects.filter(pk="iom").update(aliases=["One", "Two"], other_identifiers=["X-1"], kind="40")
    Source.objects.update(digest="0" * 64, date="2012-03", read_date="2026-11-24")
    Claim.objects.filter(object_id="nexus").update(status="set-aside", set_aside="Another says more.", place="page 3")


@pytest.mark.parametrize("model", KINDS)
def test_rows_read_from_a_document_are_those_it_was_built_from(filled, model):
    standing = model.objects.in_bulk()
    for key, document in build_documents(model, standing).items():
        check_shape(model, document)
        record, links, _parts = read(model, document)
        assert columns(record) == columns(standing[key])
        for name, keys in links.items():
            assert keys == sorted(getattr(standing[key], name).values_list("pk", flat=True))
        assert len(document.get("claims", ())) == standing[key].claims.count()
    assert standing


@pytest.mark.parametrize("part", [Component, Contribution, Participation])
def test_parts_read_from_a_document_are_those_it_was_built_from(filled, part):
    documents, compared = build_documents(Project, Project.objects.values_list("pk", flat=True)), 0
    for key, document in documents.items():
        parts = read(Project, document)[2].values()
        read_parts = next((rows for rows in parts if rows and type(rows[0]) is part), [])
        own = list(part.objects.filter(project=key))
        assert [columns(one) for one in read_parts] == [columns(one) for one in own]
        compared += len(own)
    assert compared


def columns(row):
    """What the columns of a row hold that a document tells; a component by its number."""
    editable = [column for column in row._meta.concrete_fields if column.editable and not column.generated]
    values = {column.attname: column.to_python(getattr(row, column.attname)) for column in editable}
    if isinstance(row, Participation):
        values["component_id"] = row.component and row.component.number
    return {name: value for name, value in values.items() if name not in ("id", "state")}


# -- What does not follow --


@pytest.mark.parametrize(("model", "member"), DECLARED)
def test_member_is_typed_in_its_form(model, member):
    if isinstance(member, m.Url | m.Derived | m.Claims) or (model is Source and member.name in DIGESTS):
        return  # nobody types what follows, nor the digest of a file or text; claims have rows of their own
    form = admin.site.get_model_admin(model)
    if isinstance(member, m.Parts):
        assert member.part(model) in [inline.model for inline in form.inlines]
        return
    groups = form.fieldsets or [(None, {"fields": form.fields})]
    fields = {name for _title, group in groups for name in flat(group["fields"])}
    names = [member.name] if isinstance(member, m.One) else member.lookups(model)
    assert set(names) <= fields


def flat(names):
    for name in names:
        yield from (name,) if isinstance(name, str) else name


@pytest.mark.parametrize(("model", "member"), DECLARED)
def test_member_that_is_claimed_shows_its_claims_on_the_page(model, member):
    if model in NO_PAGE or member.name not in model.claimable:
        return
    template = get_template(PAGES.get(model, "projects/record_detail.html")).template.source
    assert re.search(rf'{{% (fact|quotes) "(\w+ )*{member.name}[ "]', template)


@pytest.mark.parametrize("model", record_models())
def test_claims_are_the_last_member(model):
    """CSV files leave them out unread (``projects/exports/csv.py``)."""
    assert not any(isinstance(member, m.Claims) for member in model.members[:-1])


@pytest.mark.parametrize(("model", "member"), DECLARED)
def test_member_comes_and_goes_by_table(model, member):
    if model in NOT_TABLED:
        return
    written = [column.heading for column in columns_of(model, member)]
    assert set(written) <= set(TABLES[model.collection].headings)
    assert bool(written) != (member.name in NOT_WRITTEN)
    read_from = {cell.name for cell in MEMBERS[model.collection]}
    assert (member.name in read_from) != (member.name in NOT_IMPORTED or isinstance(member, m.Key))


def described(file, heading):
    """What stands in `code` in the tables under a heading of one of the documents."""
    text = (ROOT / "docs" / file).read_text(encoding="utf-8")
    [section] = re.findall(rf"^#+ {heading}$(.*?)(?=^#|\Z)", text, re.MULTILINE | re.DOTALL)
    return {name for row in re.findall(r"^\|.*", section, re.MULTILINE) for name in re.findall(r"`([a-z_]+)`", row)}


@pytest.mark.parametrize(("model", "member"), DECLARED)
def test_member_is_described_for_users_of_the_api(model, member):
    if model in IN_API:
        assert member.name in described("api.md", IN_API[model])


@pytest.mark.parametrize(("model", "member"), DECLARED)
def test_member_is_described_in_the_data_dictionary(model, member):
    if isinstance(member, m.Parts):
        part = member.part(model)
        for each in part.members:
            assert {name.split("__")[0].removesuffix("_id") for name in each.lookups(part)} <= described(
                "data-dictionary.md", part.__name__
            ) | {"name"}
    elif member.name not in IN_NO_TABLE:
        columns = member.lookups(model) or (member.name,)
        names = {column.removesuffix("_id") for column in columns if "__" not in column}
        assert names <= described("data-dictionary.md", model.__name__)


@pytest.mark.parametrize("member", [pytest.param(member, id=member.name) for member in Project.members])
def test_member_of_a_project_is_told_in_iati_or_left_out_for_a_reason(member):
    written = "".join((ROOT / "projects/iati" / f"{name}.py").read_text() for name in ("elements", "code_mappings"))
    is_written = f'"{member.name}"' in written or member.name in m.further_name_members(Project)
    assert is_written != (member.name in NOT_IN_IATI)
    assert member.name in described("api.md", "What becomes of each member")


def test_words_for_members_are_french_too():
    with open(ROOT / "locale/fr/LC_MESSAGES/django.po", "rb") as file:
        french = read_po(file, locale="fr")
    words = [str(text) for member in Project.members for text in (member.label, member.gap) if text not in ("", True)]
    assert len(words) > len(Project.members)
    assert [text for text in words if not french[text].string] == []
