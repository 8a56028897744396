"""The JSON schemas of documents, for OpenAPI, which follow from their members. Others are in ``api/shared.json``."""

from django.utils.text import capfirst

from provenance.documents import declaration as m
from provenance.models import Source
from provenance.store.log import public_models

from .models import Project
from .models.fields import CurrencyField

NAMES = {  # of schemas that are not called after their model and member
    "Participation": "OrganisationRole", "ParticipationRole": "Role", "ProjectStatus": "Status",
    "ClaimStatus": "ClaimStatusEnum", "SourceText_shown": "TextShownEnum",
}  # fmt: skip
SCHEMAS: dict[str, dict] = {}


def reference(name):
    """Return a reference to a schema in the description."""
    return {"$ref": f"#/components/schemas/{name}"}


def _text(**shape):
    return {"type": "string", **shape}


OF_KINDS = {  # by class of member; others are texts
    m.Within: {"type": "integer"}, m.Number: {"type": "integer", "minimum": 1}, m.Flag: {"type": "boolean"},
    m.Amount: _text(format="decimal", pattern=r"^[0-9]+\.[0-9]{2}$"), m.Day: _text(format="date"),
    m.When: _text(pattern=r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"), m.Url: _text(format="uri-reference"),
    m.Lines: {"type": "array", "items": _text()}, m.Json: {"type": "array", "items": {}},
    m.Date: reference("PartialDate"), m.Money: reference("Money"), m.Evidence: reference("Evidence"),
}  # fmt: skip
NUMBER, LINK = {"type": "integer", "minimum": 0}, {"type": ["string", "null"], "format": "uri"}
PAGE = {
    "count": NUMBER | {"description": "All rows asked for; not with cursor."},
    "next": LINK | {"description": "The next page."}, "previous": LINK | {"description": "The page before."},
}  # fmt: skip


def _named(name, schema):
    """Add a schema to SCHEMAS, and return a reference to it."""
    name = NAMES.get(name, name)
    SCHEMAS[name] = schema
    return reference(name)


def _object(properties, optional=frozenset()):
    return {"type": "object", "properties": properties, "required": sorted(properties.keys() - optional)}


def _choices(name, choices):
    words = "\n".join(f"* `{code}` - {label}" for code, label in choices)
    return _named(name, _text(enum=[code for code, _label in choices], description=words))


def _of_members(model, members, more=()):
    """Return the schema of an object with ``members`` of ``model``, and the properties ``more``."""
    properties = {}
    for member in members:
        schema = _of_member(member, model)
        if member.inline:
            schema = SCHEMAS[schema["$ref"].rpartition("/")[2]]["properties"]
        elif not member.added and member.may_be_null(model):
            is_named = "$ref" in schema
            schema = {"oneOf": [schema, {"type": "null"}]} if is_named else schema | {"type": [schema["type"], "null"]}
        properties |= schema if member.inline else {member.name: schema}
    return _object(properties | dict(more), {member.name for member in members if member.added})


def _of_member(member, model):
    """Return the schema of a stated member of ``model``."""
    kind, name = getattr(member, "like", type(member)), f"{model.__name__}{member.name.capitalize()}"
    if isinstance(member, m.Items):
        part = member.part(model)
        return {"type": "array", "items": _named(part.__name__, _of_members(part, part.members))}
    if isinstance(member, m.Many):
        return {"type": "array", "items": _of_shown(member.other(model))}
    if isinstance(member, m.One):
        return _of_shown(member.other(model))
    if isinstance(member, m.Coded):
        code = {"allOf": [_choices(f"{name}Code", member.choices.choices)]}
        code["description"] = "IATI codelist OrganisationType."
        return _named(name, _object({"code": code, "name": _text()}))
    column = model._meta.get_field(member.name) if member.lookups(model) == (member.name,) else None
    if column and column.choices:
        return _choices(name, column.choices)
    if "$ref" in (schema := OF_KINDS.get(kind, _text())):
        return schema
    if isinstance(column, CurrencyField):
        schema = _text(pattern="^[A-Z]{3}$")
    if member.name == "slug":
        schema = _text(pattern="^[-a-zA-Z0-9_]+$")
    return schema | {"description": f"{capfirst(member.words)}."}


def _of_shown(model):
    """Return the schema of the members of a record that other documents show."""
    shown = [member for member in model.members if member.shown]
    schema = _of_members(model, shown)
    if len(shown) > 2 or model is Source:
        return _named(f"{model.__name__}Name", schema)
    for member in schema["properties"].values():
        del member["description"]  # which differs by model
    return _named("And".join(member.name.title() for member in shown), schema)


def whole(model):
    """Return the schema of a record of ``model``: whole, or with the members in ``fields``."""
    name = model.__name__
    return {"anyOf": [reference(f"{name}Document"), reference(f"{name}Members")]}


def _add_document(model):
    """Add the schemas of a document of ``model``, of one with some of its members, and of a page of them."""
    more = {"modified": _text(format="date-time", description="When the record last changed, UTC.")}
    if model is not Project:
        more["project_count"] = NUMBER | {"description": "Published projects that name it."}
    document = SCHEMAS[f"{model.__name__}Document"] = _of_members(model, model.members, more)
    words = "The members in `fields` that the record has."
    SCHEMAS[f"{model.__name__}Members"] = {
        "type": "object", "description": words, "properties": document["properties"],
    }  # fmt: skip
    SCHEMAS[f"{model.__name__}Page"] = _object(PAGE | {"results": {"type": "array", "items": whole(model)}}, {"count"})


for model in public_models():
    _add_document(model)


def members_of(model):
    """Return the names of the members of the documents of ``model``, as the API shows them."""
    return tuple(SCHEMAS[f"{model.__name__}Document"]["properties"])
