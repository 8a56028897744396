"""The shape of documents, for OpenAPI. Documents are built in ``documents.py``; a test holds both together."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers as s

from instruments.models import Instrument, Partnership

from .models import Organisation, Participation, Project

AMOUNT = "A decimal string with two places."
PARTIAL_DATE = r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"


def text(**shape):
    """Return a kind of field: text of that JSON schema."""
    return extend_schema_field({"type": "string", **shape})(type("Text", (s.CharField,), {}))


Amount = text(format="decimal", pattern=r"^[0-9]+\.[0-9]{2}$")
Currency = text(pattern="^[A-Z]{3}$")
Day = text(format="date")
Moment = text(format="date-time")
OfAnyPrecision = text(pattern=PARTIAL_DATE)
OnThisSite = text(format="uri-reference")
Address = text(format="uri")


def stated(field, **options):
    """Return ``field`` as one that may be null, which is "not stated"."""
    return field(allow_null=True, **options)


class CodeAndName(s.Serializer):
    code = s.CharField()
    name = s.CharField()


class SlugAndName(s.Serializer):
    slug = s.SlugField()
    name = s.CharField()


class PartnershipName(SlugAndName):
    kind = s.ChoiceField(Partnership.Kind.choices)


class SlugAndTitle(s.Serializer):
    slug = s.SlugField()
    title = s.CharField()


class SourceName(SlugAndTitle):
    pass


class Claim(s.Serializer):
    field = s.CharField(help_text="The member that the source states.")
    as_stated = s.CharField(help_text="The value in the source's own characters.")
    quote = s.CharField(help_text="The sentence, word for word; […] where words are left out.")
    source = SourceName()
    set_aside = s.CharField(
        required=False, help_text="Why the register does not adopt this value; not there where it does."
    )
    place = s.CharField(
        required=False,
        help_text="Where in the source it stands, such as sheet and row; not there where not told.",
    )


class PartialDate(s.Serializer):
    value = OfAnyPrecision(help_text="ISO 8601 of its precision: 2010, 2009-02 or 2009-02-01.")
    precision = s.ChoiceField(["year", "month", "day"])
    earliest = Day(help_text="The first day that it may mean.")
    latest = Day(help_text="The last day that it may mean.")
    planned = s.BooleanField(help_text="The source only plans it.")


class Money(s.Serializer):
    amount = Amount(help_text=AMOUNT)
    currency = Currency(help_text="ISO 4217 code.")


class Contribution(s.Serializer):
    funder = SlugAndName()
    instrument = stated(CodeAndName)
    amount = stated(Amount, help_text=AMOUNT)
    currency = stated(Currency, help_text="ISO 4217 code.")


class OrganisationRole(SlugAndName):
    role = s.ChoiceField(Participation.Role.choices)
    role_as_stated = stated(s.CharField)
    component = stated(s.IntegerField)


class Component(s.Serializer):
    number = s.IntegerField(min_value=1)
    title = s.CharField()


class ProjectDocument(s.Serializer):
    slug = s.SlugField()
    url = OnThisSite(help_text="Its page on this site.")
    title = s.CharField()
    acronym = stated(s.CharField)
    summary = stated(s.CharField)
    countries = CodeAndName(many=True)
    partnerships = PartnershipName(many=True)
    themes = SlugAndName(many=True)
    status = stated(s.ChoiceField, choices=Project.Status.choices)
    status_as_of = stated(OfAnyPrecision, help_text="The date that the source of the status bears.")
    start_date = stated(PartialDate)
    end_date = stated(PartialDate)
    budget = stated(Money)
    contributions = Contribution(many=True)
    unattributed = stated(Money, help_text="The total less the stated parts.")
    organisations = OrganisationRole(many=True)
    components = Component(many=True)
    objectives = s.ListField(child=s.CharField())
    part_of = SlugAndTitle(required=False, help_text="The larger project that it is part of; not there where none is.")
    claims = Claim(many=True)
    modified = Moment(help_text="When the record last changed, UTC.")


class Counted(s.Serializer):
    claims = Claim(many=True)
    modified = Moment(help_text="When the record last changed, UTC.")
    project_count = s.IntegerField(min_value=0, help_text="Published projects that name it.")


class CountryDocument(Counted):
    code = s.CharField()
    url = OnThisSite(help_text="Its page on this site.")
    name = s.CharField()


class InstrumentDocument(CountryDocument):
    kind = s.ChoiceField(Instrument.Kind.choices)
    managed_by = stated(s.CharField)
    is_former = s.BooleanField()
    predecessor = stated(CodeAndName)


class PartnershipDocument(Counted):
    slug = s.SlugField()
    url = OnThisSite(help_text="Its page on this site.")
    name = s.CharField()
    kind = s.ChoiceField(Partnership.Kind.choices)
    countries = CodeAndName(many=True)


class OrganisationKind(s.Serializer):
    code = s.ChoiceField(Organisation.Kind.choices, help_text="IATI codelist OrganisationType.")
    name = s.CharField()


class OrganisationDocument(Counted):
    slug = s.SlugField()
    url = OnThisSite(help_text="Its page on this site.")
    name = s.CharField()
    acronym = stated(s.CharField)
    aliases = s.ListField(child=s.CharField())
    kind = stated(OrganisationKind)
    country = stated(CodeAndName)
    identifier = stated(s.CharField)
    other_identifiers = s.ListField(
        child=s.CharField(), required=False, help_text="Under which sources name it besides; not there where none do."
    )


class StatedSum(s.Serializer):
    currency = Currency(help_text="ISO 4217 code.")
    amount = Amount(help_text=AMOUNT)
    stated_for = s.IntegerField(min_value=1, help_text="Projects for which it is stated.")


class Figure(s.Serializer):
    projects = s.IntegerField(min_value=0)
    amounts = StatedSum(many=True)
    counted_in_parent = s.IntegerField(
        min_value=1,
        required=False,
        help_text="Projects with amounts that are not added: what they are part of states a total in the same currency,"
        " or a contribution of the same funder in the same currency.",
    )


class Group(Figure):
    key = s.CharField()
    label = s.CharField()


class Total(Figure):
    contributions = StatedSum(
        many=True,
        required=False,
        help_text="With instrument, or organisation and role funder: what these contributed to the projects.",
    )
    contributions_counted_in_parent = s.IntegerField(
        min_value=1,
        required=False,
        help_text="Projects with such contributions that are not added: what they are part of states one of the same"
        " funder in the same currency.",
    )


class Stats(s.Serializer):
    total = Total()
    groups = Group(many=True)
    overlapping = s.BooleanField(help_text="A project counts in two groups.")


class Problem(s.Serializer):
    """RFC 9457."""

    type = OnThisSite()
    title = s.CharField()
    status = s.IntegerField(min_value=400, max_value=599)
    detail = s.CharField(help_text="What was wrong, in words.")
    instance = OnThisSite(required=False, help_text="The id of the request, that of X-Request-ID.")
    errors = s.DictField(child=s.ListField(child=s.CharField()), required=False, help_text="The messages by parameter.")


def page_of(document):
    """Return the serializer of a page of ``document``."""
    name = document.__name__.removesuffix("Document")
    return type(f"{name}Page", (s.Serializer,), {
        "count": s.IntegerField(min_value=0, required=False, help_text="All rows asked for; not with cursor."),
        "next": stated(Address, help_text="The next page."),
        "previous": stated(Address, help_text="The page before."),
        "results": document(many=True),
    })  # fmt: skip


DOCUMENTS = {
    document.__name__.removesuffix("Document"): document
    for document in (
        ProjectDocument, CountryDocument, InstrumentDocument, PartnershipDocument, OrganisationDocument,
    )
}  # fmt: skip


def members_of(model):
    """Return the names of the members of the documents of ``model``, as the API shows them."""
    return list(DOCUMENTS[model.__name__]().fields)
