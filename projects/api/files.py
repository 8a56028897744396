"""The files in the OpenAPI description. They are not views of the API, but take the same query strings."""

from django.utils.text import capfirst

from ..exports import csvw
from ..exports.columns import TABLES
from ..exports.formats import FORMATS, OFFERED, offered
from ..pages.feeds import FeedFilter
from ..published.views import KINDS
from ..search.filters import AsOfFilter, ListFilter, ProjectFileFilter, ProjectFilter, RecordFileFilter, RecordFilter
from .description import KEYS, parameters

JSON = FORMATS["json"].media_type
ABOUT = {
    "type": "object",
    "description": "Metadata of the file.",
    "properties": {
        "title": {"type": "string", "description": "The query in words."},
        "register": {"type": "string"},
        "address": {"type": "string", "format": "uri-reference"},
        "version": {"type": "integer", "description": "The version of the register."},
        "head": {"type": "string", "description": "The register's head at that version; see docs/verify.md."},
        "at": {"type": ["string", "null"], "format": "date-time", "description": "The time of that version."},
        "count": {"type": "integer", "minimum": 0, "description": "The number of matching rows."},
        "licence": {"type": ["string", "null"]},
        "blanks": {"type": "string", "description": "What empty values mean."},
        "dates": {"type": "string", "description": "How to read dates."},
        "amounts": {"type": "array", "items": {"$ref": "#/components/schemas/StatedSum"}},
        "amounts_cover": {"type": "string", "description": "How to read amounts."},
        "contributions": {"type": "array", "items": {"$ref": "#/components/schemas/StatedSum"}},
        "contributions_cover": {"type": "string", "description": "How to read contributions."},
        "fields": {"type": "array", "items": {"type": "string"}},
        "page": {"type": "integer", "minimum": 1},
        "page_size": {"type": "integer", "minimum": 1},
    },
    "required": ["title", "register", "address", "version", "head", "at", "count", "licence", "blanks"],
}

IN_IATI = "moldova-targeted-initiative"  # in the register as delivered


def whole(model):
    """Return the schema of a record of ``model``: whole, or with the members in ``fields``."""
    name = model.__name__
    return {"anyOf": [{"$ref": f"#/components/schemas/{name}{form}"} for form in ("Document", "Members")]}


def paths():
    """Return the OpenAPI paths of the files."""
    found = dict(_list(name, each) for name in OFFERED for each in offered(name))
    for collection in KINDS:
        title, taken = f"{capfirst(collection)}: what the columns of CSV mean.", _taken(collection, with_fields=False)
        path, kind = f"/{collection}.csv-metadata.json", {"schema": {"type": "object"}}
        found[path] = _operation(f"{collection}_csv_metadata", title, {csvw.MEDIA_TYPE: kind}, taken)
    key = {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$", "examples": [KEYS["projects"]]}
    key = {"in": "path", "name": "key", "required": True, "schema": key, "description": "Its slug."}
    content = {JSON: {"schema": whole(KINDS["projects"].model)}}
    taken = [key, *_parameters(RecordFilter, "projects")]
    found["/projects/{key}.json"] = _operation("project_json", "One project as a file.", content, taken, "410")
    key = key | {"schema": key["schema"] | {"examples": [IN_IATI]}}
    content, taken = _content(FORMATS["xml"], None), [key, *_parameters(AsOfFilter, "projects")]
    found["/projects/{key}.xml"] = _operation("project_xml", "One project as IATI 2.03.", content, taken, "410")
    return found


def _list(name, each):
    """Return (path, operation) of a list or table in one format."""
    collection = name if name in KINDS else "projects"  # the others are tables of projects
    description = f"{TABLES[name].title} as {each.label}, {each.note}."
    taken = _taken(collection, with_fields=each.takes_fields)
    if each is FORMATS["atom"]:
        taken = _parameters(FeedFilter, collection)
    content = _content(each, KINDS[collection].model)
    return f"/{name}.{each.suffix}", _operation(f"{name.replace('-', '_')}_{each.suffix}", description, content, taken)


def _taken(collection, with_fields):
    of_projects = collection == "projects"
    if with_fields:
        return _parameters(ProjectFileFilter if of_projects else RecordFileFilter, collection)
    return _parameters(ProjectFilter if of_projects else ListFilter, collection)


def _parameters(filterset, collection):
    return [as_openapi(each) for each in parameters(filterset, KINDS[collection].model)]


def _content(each, model):
    schema = {"type": "string"}
    if each.suffix == "xlsx":
        schema = {"type": "string", "format": "binary"}
    if each.suffix == "json":
        results = {"type": "array", "items": whole(model)}
        about = {"$ref": "#/components/schemas/About"}
        schema = {
            "type": "object",
            "properties": {"about": about, "results": results},
            "required": ["about", "results"],
        }
    return {each.media_type: {"schema": schema}}


def _operation(operation_id, description, content, taken, *errors):
    return {
        "get": {
            "operationId": operation_id,
            "description": description,
            "parameters": taken,
            "tags": ["files"],
            "responses": {
                "200": {"description": "", "content": content},
                **{status: {} for status in ("400", "404", "405", "406", *errors, "429", "503")},
            },
        }
    }


def as_openapi(parameter):
    """Return an OpenApiParameter as a dict for OpenAPI."""
    style = {name: getattr(parameter, name) for name in ("style", "explode") if getattr(parameter, name) is not None}
    return {
        "in": parameter.location, "name": parameter.name, "schema": parameter.type,
        "description": parameter.description, **style,
    }  # fmt: skip
