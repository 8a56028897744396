"""The shape of documents, for OpenAPI. Documents are built in ``documents.py``; a test holds both together."""

from rest_framework import serializers as s

from instruments.models import Instrument, Partnership

from .models import Organisation, Participation, Project

AMOUNT = {"max_digits": 20, "decimal_places": 2, "coerce_to_string": True, "help_text": "A decimal string."}
URL = {"help_text": "Its page on this site."}


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


class SourceName(s.Serializer):
    slug = s.SlugField()
    title = s.CharField()


class Claim(s.Serializer):
    field = s.CharField(help_text="The member that the source states.")
    as_stated = s.CharField(help_text="The value in the source's own characters.")
    quote = s.CharField(help_text="The sentence, word for word; […] where words are left out.")
    source = SourceName()
    set_aside = s.CharField(
        required=False, help_text="Why the register does not adopt this value; not there where it does."
    )


class PartialDate(s.Serializer):
    value = s.CharField(help_text="ISO 8601 of its precision: 2010, 2009-02 or 2009-02-01.")
    precision = s.ChoiceField(["year", "month", "day"])
    earliest = s.DateField()
    latest = s.DateField()
    planned = s.BooleanField()


class Money(s.Serializer):
    amount = s.DecimalField(**AMOUNT)
    currency = s.CharField(help_text="ISO 4217 code.")


class Contribution(s.Serializer):
    funder = SlugAndName()
    instrument = stated(CodeAndName)
    amount = stated(s.DecimalField, **AMOUNT)
    currency = stated(s.CharField)


class OrganisationRole(SlugAndName):
    role = s.ChoiceField(Participation.Role.choices)
    role_as_stated = stated(s.CharField)
    component = stated(s.IntegerField)


class Component(s.Serializer):
    number = s.IntegerField(min_value=1)
    title = s.CharField()


class ProjectDocument(s.Serializer):
    slug = s.SlugField()
    url = s.CharField(**URL)
    title = s.CharField()
    acronym = stated(s.CharField)
    summary = stated(s.CharField)
    countries = CodeAndName(many=True)
    partnerships = PartnershipName(many=True)
    themes = SlugAndName(many=True)
    status = stated(s.ChoiceField, choices=Project.Status.choices)
    status_as_of = stated(s.CharField)
    start_date = stated(PartialDate)
    end_date = stated(PartialDate)
    budget = stated(Money)
    contributions = Contribution(many=True)
    unattributed = stated(Money, help_text="The total less the stated parts.")
    organisations = OrganisationRole(many=True)
    components = Component(many=True)
    objectives = s.ListField(child=s.CharField())
    claims = Claim(many=True)
    modified = s.DateTimeField()


class Counted(s.Serializer):
    claims = Claim(many=True)
    modified = s.DateTimeField()
    project_count = s.IntegerField(help_text="Published projects that name it.")


class CountryDocument(Counted):
    code = s.CharField()
    url = s.CharField(**URL)
    name = s.CharField()


class InstrumentDocument(CountryDocument):
    kind = s.ChoiceField(Instrument.Kind.choices)
    managed_by = stated(s.CharField)
    is_former = s.BooleanField()
    predecessor = stated(CodeAndName)


class PartnershipDocument(Counted):
    slug = s.SlugField()
    url = s.CharField(**URL)
    name = s.CharField()
    kind = s.ChoiceField(Partnership.Kind.choices)
    countries = CodeAndName(many=True)


class OrganisationKind(s.Serializer):
    code = s.ChoiceField(Organisation.Kind.choices, help_text="IATI codelist OrganisationType.")
    name = s.CharField()


class OrganisationDocument(Counted):
    slug = s.SlugField()
    url = s.CharField(**URL)
    name = s.CharField()
    acronym = stated(s.CharField)
    aliases = s.ListField(child=s.CharField())
    kind = stated(OrganisationKind)
    country = stated(CodeAndName)
    identifier = stated(s.CharField)


class StatedSum(s.Serializer):
    currency = s.CharField(help_text="ISO 4217 code.")
    amount = s.DecimalField(**AMOUNT)
    stated_for = s.IntegerField(help_text="Projects for which it is stated.")


class Total(s.Serializer):
    projects = s.IntegerField()
    amounts = StatedSum(many=True)


class Group(Total):
    key = s.CharField()
    label = s.CharField()


class Stats(s.Serializer):
    total = Total()
    groups = Group(many=True)
    overlapping = s.BooleanField(help_text="A project counts in two groups.")


class Problem(s.Serializer):
    """RFC 9457."""

    type = s.CharField()
    title = s.CharField()
    status = s.IntegerField()
    detail = s.CharField()
    errors = s.DictField(child=s.ListField(child=s.CharField()), required=False)


def page_of(document):
    """Return the serializer of a page of ``document``."""
    name = document.__name__.removesuffix("Document")
    return type(f"{name}Page", (s.Serializer,), {
        "count": s.IntegerField(),
        "next": stated(s.URLField),
        "previous": stated(s.URLField),
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
