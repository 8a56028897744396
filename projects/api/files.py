"""The files, for the description: they are no views of the API, and take the same query strings."""

from ..doors import KINDS
from ..filters import AsOfFilter, ListFilter, ProjectFileFilter, ProjectFilter, RecordFileFilter, RecordFilter
from .description import KEYS, parameters

TEXT, BYTES = {"type": "string"}, {"type": "string", "format": "binary"}
CSV, XLSX = "text/csv; charset=utf-8", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ATOM, JSON, NDJSON, XML = (f"application/{name}" for name in ("atom+xml", "json", "x-ndjson", "xml"))


def whole(name):
    """Return the schema of a record: whole, or with ``fields`` some of its members."""
    return {"anyOf": [{"$ref": f"#/components/schemas/{name}{form}"} for form in ("Document", "Members")]}


def results(name):
    return {
        "type": "object",
        "properties": {"results": {"type": "array", "items": whole(name)}},
        "required": ["results"],
    }


FILES = {  # path: (operation, what it is, media type, schema, filter)
    "/projects.csv": ("projects_csv", "Projects as CSV, a row each.", CSV, TEXT, ProjectFilter),
    "/projects.xlsx": ("projects_xlsx", "Projects as a workbook.", XLSX, BYTES, ProjectFilter),
    "/projects.json": ("projects_json", "Projects as one JSON file.", JSON, results("Project"), ProjectFileFilter),
    "/projects.ndjson": ("projects_ndjson", "Projects as JSON, one a line.", NDJSON, TEXT, ProjectFileFilter),
    "/projects.xml": ("projects_xml", "Projects as IATI 2.03.", XML, TEXT, ProjectFilter),
    "/projects.atom": ("projects_atom", "What changed among these projects.", ATOM, TEXT, ProjectFilter),
    "/projects/{key}.json": ("project_json", "One project as a file.", JSON, whole("Project"), RecordFilter),
    "/projects/{key}.xml": ("project_xml", "One project as IATI 2.03.", XML, TEXT, AsOfFilter),
}
for collection, kind in KINDS.items():
    if collection != "projects":
        name, said = kind.model.__name__, f"All {collection} as"
        FILES[f"/{collection}.csv"] = (f"{collection}_csv", f"{said} CSV.", CSV, TEXT, ListFilter)
        FILES[f"/{collection}.json"] = (
            f"{collection}_json", f"{said} one JSON file.", JSON, results(name), RecordFileFilter,
        )  # fmt: skip


def paths():
    """Return the paths of the files for OpenAPI, with what each takes and answers."""
    return {path: {"get": _operation(path, *told)} for path, told in FILES.items()}


def _operation(path, operation_id, said, media_type, schema, filterset):
    collection = path.strip("/").partition(".")[0].partition("/")[0]
    given = [as_openapi(each) for each in parameters(filterset, KINDS[collection].model)]
    if "{key}" in path:
        shape = {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$", "examples": [KEYS[collection]]}
        given = [{"in": "path", "name": "key", "required": True, "schema": shape, "description": "Its slug."}, *given]
    return {
        "operationId": operation_id,
        "description": said,
        "parameters": given,
        "tags": ["files"],
        "responses": {
            "200": {"description": "", "content": {media_type: {"schema": schema}}},
            **{status: {} for status in ("400", "404", "405", "406", "410", "429") if "{" in path or status != "410"},
        },
    }


def as_openapi(parameter):
    """Return an OpenApiParameter as OpenAPI writes it."""
    said = {name: getattr(parameter, name) for name in ("style", "explode") if getattr(parameter, name) is not None}
    return {
        "in": parameter.location, "name": parameter.name, "schema": parameter.type,
        "description": parameter.description, **said,
    }  # fmt: skip
