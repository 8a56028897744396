"""The schemas of responses, for OpenAPI. Those of documents follow from their members."""

from functools import cache

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers as s

from provenance.documents import declaration as m
from provenance.documents.quotes import NO_TEXT, NOT_FOUND, VERBATIM
from provenance.models import Source
from provenance.store.log import public_models

from .models import Participation, Project
from .models.fields import CurrencyField

AMOUNT = "A decimal string with two places."
VERDICTS = [VERBATIM, NOT_FOUND, NO_TEXT]
PARTIAL_DATE = r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"


def text(**shape):
    """Return a text field class with that JSON schema."""
    return extend_schema_field({"type": "string", **shape})(type("Text", (s.CharField,), {}))


Amount = text(format="decimal", pattern=r"^[0-9]+\.[0-9]{2}$")
Currency = text(pattern="^[A-Z]{3}$")
Day = text(format="date")
Moment = text(format="date-time")
OfAnyPrecision = text(pattern=PARTIAL_DATE)
OnThisSite = text(format="uri-reference")
Address = text(format="uri")


def nullable(field, **options):
    """Return a ``field`` that may be null, which means "not stated"."""
    return field(allow_null=True, **options)


class PartialDateSerializer(s.Serializer):
    value = OfAnyPrecision(help_text="ISO 8601 of its precision: 2010, 2009-02 or 2009-02-01.")
    precision = s.ChoiceField(["year", "month", "day"])
    earliest = Day(help_text="The first day that it may mean.")
    latest = Day(help_text="The last day that it may mean.")
    planned = s.BooleanField(help_text="The source only plans it.")


class MoneySerializer(s.Serializer):
    amount = Amount(help_text=AMOUNT)
    currency = Currency(help_text="ISO 4217 code.")


class EvidenceSerializer(s.Serializer):
    verdict = s.ChoiceField(
        VERDICTS, help_text="Whether the quote stands in the text of its source. no-text: none is kept here."
    )
    edition = nullable(s.CharField, help_text="SHA-256 of the text, as in the source's edition; null if it has none.")
    start = nullable(s.IntegerField, help_text="Its first character in the text, counted from 0; null if not found.")
    end = nullable(s.IntegerField, help_text="The character after its last; null if not found.")


# -- Documents --

PLAIN = {  # members whose field depends on their type only
    m.Within: s.IntegerField, m.Flag: s.BooleanField, m.Amount: Amount, m.Day: Day,
    m.When: OfAnyPrecision, m.Url: OnThisSite,
}  # fmt: skip
WITHIN = {m.Date: PartialDateSerializer, m.Money: MoneySerializer, m.Evidence: EvidenceSerializer}
NAMES = {Participation: "OrganisationRole", Source: "SourceName"}  # where they do not follow from the model


def _field(member, model):
    """Return the field of a member of ``model``."""
    kind = member.like if isinstance(member, m.Derived) else type(member)
    options = {"required": False} if member.added else {"allow_null": True} if member.may_be_null(model) else {}
    if kind in WITHIN:
        return WITHIN[kind](**options)
    if isinstance(member, m.Coded):
        return _coded(member, model)(**options)
    if isinstance(member, m.Many):
        return _reference(member.other(model))(many=True)
    if isinstance(member, m.One):
        return _reference(member.other(model))(**options)
    if isinstance(member, m.Items):
        return part(member.part(model))(many=True)
    return _plain(member, model, options)


def _plain(member, model, options):
    column = None if isinstance(member, m.Url | m.Derived) else model._meta.get_field(member.name)
    if column and column.choices:
        return s.ChoiceField(column.choices, **options)  # a component of its own, which has no words beside it
    options["help_text"] = f"{member.words[0].upper()}{member.words[1:]}."
    if isinstance(member, m.Lines):
        return s.ListField(child=s.CharField(), **options)
    if isinstance(member, m.Json):
        return s.ListField(**options)
    if isinstance(member, m.Number):
        return s.IntegerField(min_value=1, **options)
    if isinstance(column, CurrencyField):
        return Currency(**options)
    return PLAIN.get(type(member), s.SlugField if member.name == "slug" else s.CharField)(**options)


def _serializer(name, model, members):
    fields = {}
    for member in members:
        if isinstance(member, m.One) and member.inline:
            fields |= _reference(member.other(model))().fields
        else:
            fields[member.name] = _field(member, model)
    return type(name, (s.Serializer,), fields)


def _reference(model):
    """Return the schema of the members of a record that other documents show."""
    shown = [member for member in model.members if member.shown]
    if len(shown) == 2 and model not in NAMES:
        return _key_and_name(*(member.name for member in shown))
    return _serializer(NAMES.get(model, f"{model.__name__}Name"), model, shown)


@cache
def _key_and_name(key, name):
    fields = {key: s.SlugField() if key == "slug" else s.CharField(), name: s.CharField()}
    return type(f"{key.title()}And{name.title()}", (s.Serializer,), fields)


@cache
def part(model):
    return _serializer(NAMES.get(model, model.__name__), model, model.members)


@cache
def _coded(member, model):
    code = s.ChoiceField(member.choices.choices, help_text="IATI codelist OrganisationType.")
    return type(f"{model.__name__}{member.name.title()}", (s.Serializer,), {"code": code, "name": s.CharField()})


def _document(model):
    document = _serializer(f"{model.__name__}Document", model, model.members)
    more = {"modified": Moment(help_text="When the record last changed, UTC.")}
    if model is not Project:
        more["project_count"] = s.IntegerField(min_value=0, help_text="Published projects that name it.")
    return type(document.__name__, (document,), more)


DOCUMENTS = {model.__name__: _document(model) for model in public_models()}


# -- Lists --


def page_of(document):
    """Return the serializer of a list of ``document``."""
    name = document.__name__.removesuffix("Document")
    return type(f"{name}Page", (s.Serializer,), {
        "count": s.IntegerField(min_value=0, required=False, help_text="All rows asked for; not with cursor."),
        "next": nullable(Address, help_text="The next page."),
        "previous": nullable(Address, help_text="The page before."),
        "results": document(many=True),
    })  # fmt: skip


@cache
def members_of(model):
    """Return the names of the members of the documents of ``model``, as the API shows them."""
    return tuple(DOCUMENTS[model.__name__]().fields)
