"""Every rule holds in the database itself, and says to staff what is wrong and what would be right."""

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, connection, transaction

from instruments.models import Country, Instrument
from projects.models import Component, Contribution, Organisation, Participation, Project, Theme
from provenance.models import Claim, Revision
from tests.support.records import record
from tests.support.staff import address, change, faults, filled, last, make_project, row

pytestmark = pytest.mark.django_db


def project_columns(**columns):
    return Project, {"slug": "other", "title": "Other", **columns}


def part_columns(model, **columns):
    return model, {"project_id": "nexus", **columns}


def claim_columns(**columns):
    return Claim, {"object_id": "MD", "field": "name", "as_stated": "b", "quote": "a b", "source_id": "paper"} | columns


IOM = {"organisation_id": "iom", "role": "lead"}
BROKEN = {
    "end before start": (
        *project_columns(start_date="2012-05", end_date="2012-04-30"),
        "The end date is before the start date. Correct one of them.",
    ),
    "start planned, not stated": (
        *project_columns(start_date_planned=True),
        "The start date is marked as planned, but no date is given. Enter the date, or clear the mark.",
    ),
    "end planned, not stated": (
        *project_columns(end_date_planned=True),
        "The end date is marked as planned, but no date is given. Enter the date, or clear the mark.",
    ),
    "day of status without status": (
        *project_columns(status_as_of="2012"),
        "“Status as of” is given without a status. State the status, or empty it.",
    ),
    "negative total": (
        *project_columns(budget_amount=-1, budget_currency="EUR"),
        "The budget is negative. Give 0 or more, or leave it empty if it is not stated.",
    ),
    "total without currency": (
        *project_columns(budget_amount=1),
        "Give the budget and its currency (ISO 4217, such as EUR) together, or leave both empty",
    ),
    "currency without total": (
        *project_columns(budget_currency="EUR"),
        "Give the budget and its currency (ISO 4217, such as EUR) together, or leave both empty",
    ),
    "negative contribution": (
        *part_columns(Contribution, funder_id="iom", amount=-1, currency="EUR"),
        "The amount is negative. Give 0 or more, or leave it empty if it is not stated.",
    ),
    "contribution without currency": (
        *part_columns(Contribution, funder_id="iom", amount=1),
        "Give the amount and its currency (ISO 4217, such as EUR) together, or leave both empty",
    ),
    "contribution twice": (
        *part_columns(Contribution, funder_id="nexus-1", instrument_id="NAT"),
        "The project already has a contribution of this funder under this instrument.",
    ),
    "role twice in a component": (
        *part_columns(Participation, organisation_id="nexus-1", role="partner", component=1),
        "The organisation already has this role in this component.",
    ),
    "component number twice": (
        *part_columns(Component, number=1, title="again"),
        "The project already has a component of this number.",
    ),
    "component number 0": (
        *part_columns(Component, number=0, title="none"),
        "Components are numbered from 1 to 9999.",
    ),
    "identifier twice": (
        Organisation,
        {"slug": "other", "name": "Other", "identifier": "XM-DAC-1"},
        "Another organisation has this identifier. Merge them, or correct it.",
    ),
    "stated value not in the quote": (
        *claim_columns(as_stated="c"),
        "The value as stated is not in the quote. Copy it exactly from the quote.",
    ),
    "stated value in other letters": (
        *claim_columns(as_stated="B"),
        "The value as stated is not in the quote. Copy it exactly from the quote.",
    ),
    "country code in small letters": (
        Country,
        {"code": "ge", "name": "Georgia"},
        "A country code is two capital letters of ISO 3166-1, such as MD.",
    ),
    "country code of one letter": (
        Country,
        {"code": "G", "name": "Georgia"},
        "A country code is two capital letters of ISO 3166-1, such as MD.",
    ),
    "instrument code in small letters": (
        Instrument,
        {"code": "amif", "name": "Asylum", "kind": "eu"},
        "An instrument's code is its abbreviation in capitals, such as ENI.",
    ),
    "instrument before itself": (
        Instrument,
        {"code": "AMIF", "name": "Asylum", "kind": "eu", "predecessor_id": "AMIF"},
        "An instrument cannot be its own predecessor. Choose another, or none.",
    ),
}


def ready(model, columns):
    """Fill in what is known only once there are rows."""
    Organisation.objects.filter(pk="iom").update(identifier="XM-DAC-1")
    columns = dict(columns)
    if columns.get("component") == 1:
        columns["component"] = Component.objects.get()
    if model is Claim:
        columns["content_type"] = ContentType.objects.get_for_model(Country)
    return model(**columns)


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_rule_holds_in_the_database_and_says_what_is_wrong(project, broken):
    model, columns, message = broken
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.bulk_create([ready(model, columns)])
    row, messages = ready(model, columns), []
    for check in (row.clean_fields, row.validate_unique, row.validate_constraints):
        try:
            check()
        except ValidationError as error:
            messages += error.messages
    assert message in " ".join(messages)


def test_same_organisation_may_have_other_roles_and_components(project):
    Participation.objects.create(project=project, **IOM)
    Participation.objects.create(project=project, **IOM, component=Component.objects.get())
    Participation.objects.create(project=project, organisation_id="iom", role="partner")
    Contribution.objects.create(project=project, funder_id="iom")
    Contribution.objects.create(project=project, funder_id="iom", instrument_id="NAT")


@pytest.mark.parametrize("column", ["start_date", "end_date", "status_as_of"])
def test_date_that_is_none_is_refused_by_the_database(project, column):
    rows = Project.objects.filter(pk="nexus")
    rows.update(status="ongoing")
    broken = f"UPDATE projects_project SET {column} = %s WHERE slug = 'nexus'"
    for value in ("2012-13", "2011-02-29", "12", "2012-5", "2012-05-1", "2012-0", "201", "20125", "2012-05-32"):
        with pytest.raises((IntegrityError, DataError)), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(broken, [value])


@pytest.mark.parametrize("value", ["2012-13", "2011-02-29", "12", "May 12", "2012-05-32", "31.2.2012"])
def test_date_that_is_none_is_refused_in_words(staff, project, value):
    response = change(staff, project, start_date=value)
    assert f"“{value}” is not a date. Give a year, a month or a day: 2012" in faults(response)
    assert filled(response)["start_date"] == value


@pytest.mark.parametrize(
    ("value", "earliest", "latest"),
    [
        ("2012", "2012-01-01", "2012-12-31"),
        ("2012-02", "2012-02-01", "2012-02-29"),
        ("2012-12", "2012-12-01", "2012-12-31"),
        ("2012-05-31", "2012-05-31", "2012-05-31"),
    ],
)
def test_bounds_of_a_date_are_the_databases_own(project, value, earliest, latest):
    Project.objects.filter(pk="nexus").update(start_date=value)
    project.refresh_from_db()
    assert (str(project.start_date_earliest), str(project.start_date_latest)) == (earliest, latest)
    assert (str(project.start_date.earliest), str(project.start_date.latest)) == (earliest, latest)


def test_unknown_currency_is_refused(staff, project):
    response = change(staff, project, budget_amount="1", budget_currency="xyz")
    assert "“XYZ” is not a currency. Use its ISO 4217 code, such as EUR or USD." in faults(response)


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({"start_date": "2013", "end_date": "2012"}, "The end date is before the start date."),
        ({"budget_amount": "-1", "budget_currency": "EUR"}, "“-1” is negative. Give an amount of 0 or more."),
        ({"contributions-0-amount": "1"}, "Add the currency of “1”, for example EUR."),
        ({"budget_amount": "5 million"}, "Add the currency of “5 million”, for example EUR."),
        ({"components-0-number": "0"}, "Ensure this value is greater than or equal to 1."),
        ({"provenance-claim-content_type-object_id-0-as_stated": "z"}, "is not in the quote."),
        (
            {"components-TOTAL_FORMS": 2, **row("components", 1, number=1, title="again")},
            "The project already has a component of this number.",
        ),
    ],
)
def test_rule_is_told_on_the_project_page_and_nothing_is_saved(staff, project, sent, message):
    before = Revision.objects.count()
    response = change(staff, project, title="Another title", **sent)
    assert response.status_code == 200
    assert message in faults(response)
    assert filled(response).items() >= {"title": "Another title", **{k: str(v) for k, v in sent.items()}}.items()
    assert Revision.objects.count() == before


def test_rules_of_other_records_are_told_on_their_pages(staff, project):
    Organisation.objects.filter(pk="iom").update(identifier="XM-DAC-1")
    organisation = Organisation.objects.get(pk="nexus-1")
    assert "Another organisation has this identifier." in faults(change(staff, organisation, identifier="XM-DAC-1"))
    page = address(Country, "add")
    response = staff.post(page, filled(staff.get(page)) | {"code": "ge", "name": "Georgia"})
    assert "Use two capital letters of ISO 3166-1, such as MD." in faults(response)
    eni = Instrument.objects.get(pk="ENI")
    assert "An instrument cannot be its own predecessor." in faults(change(staff, eni, predecessor="ENI"))


@pytest.mark.parametrize("text", ["XM-DAC-918 3", "XM-DAC-918\n", "a&b", "a|b", "a?b", "XM/DAC"])
def test_identifier_that_iati_refuses_is_refused(db, text):
    with pytest.raises(ValidationError, match="such as XM-DAC-918-3"):
        Organisation(slug="a", name="A", identifier=text).full_clean()
    Organisation(slug="a", name="A", identifier="XM-DAC-918-3").full_clean()


def test_empty_identifiers_do_not_clash(staff, project):
    for slug in ("iom", "nexus-1"):
        assert change(staff, Organisation.objects.get(pk=slug), acronym="X").status_code == 302
    assert set(Organisation.objects.values_list("identifier", flat=True)) == {None}


def test_component_of_another_project_is_refused(project):
    other = make_project("other").components.get()
    row = Participation(project=project, organisation_id="iom", role="lead", component=other)
    with pytest.raises(ValidationError, match="This component belongs to another project."):
        row.full_clean()
    row.save()
    with pytest.raises(ValidationError, match="a component of another project"), transaction.atomic():
        record(Project, ["nexus"], user_name="anna")


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Côte d’Ivoire", "cote-divoire"),
        ("plan_b", "plan-b"),
        ("Border/visa", "border-visa"),
        ("–", "project"),
        ("Azərbaycan layihəsi", "azerbaycan-layihesi"),
    ],
)
def test_key_made_of_a_name_is_one(db, name, key):
    assert Project.new_key(name) == key
    Project._meta.pk.run_validators(key)


def test_new_record_never_overwrites_another_of_its_key(project):
    with pytest.raises(IntegrityError), transaction.atomic():
        Project(slug="nexus", title="Another").save()
    assert Project.objects.get(pk="nexus").title == "The nexus"


def test_revision_is_never_changed_or_deleted(project):
    revision = last("project", "nexus")
    with pytest.raises(TypeError, match="never changed"):
        revision.save()
    with pytest.raises(TypeError, match="never deleted"):
        revision.delete()


def test_record_without_a_page_has_no_address(project):
    assert Theme(pk="visa").get_absolute_url() == ""
    assert project.get_absolute_url() == "/projects/nexus/"
