"""What every answer has in common, added to the description once: refusals, headers, 304, examples, and the files."""

import re
from functools import cache
from pathlib import Path

import orjson

from ..published.views import KINDS
from . import files

MODELS = {kind.model.__name__: kind.model for kind in KINDS.values()}
TAGS = {
    "projects": "What is paid for, with the sentence that each value comes from.",
    "countries": "The partner countries.",
    "instruments": "What the money comes from.",
    "partnerships": "The agreements that projects are named under.",
    "organisations": "Who pays, leads, implements and takes part.",
    "sources": "The texts that every value comes from.",
    "stats": "Counts and stated sums.",
    "changes": "What changed, for those who keep a copy.",
    "files": "Every row of a query string in one request.",
    "api": "The API itself.",
}
REFUSALS = {  # status: (name, when)
    "400": ("BadRequest", "The query string is not understood; `errors` says of each parameter what is allowed."),
    "404": ("NotFound", "No such record, or a page past the end."),
    "405": ("MethodNotAllowed", "Only GET, HEAD and OPTIONS are answered."),
    "406": ("NotAcceptable", "`Accept` leaves out the form that the address answers in."),
    "410": ("Gone", "The record was public and is no longer."),
    "429": ("TooManyRequests", "More requests in a minute than one client may make."),
    "503": ("ServiceUnavailable", "The register's database does not answer just now, or all places are taken."),
}
TEXT = {"type": "string"}
HEADERS = {  # name: (what it says, schema, always there)
    "X-Request-ID": ("The id of this request; one that is sent is kept.", TEXT, True),
    "RateLimit": ("How many requests are left, and for how many seconds.", TEXT, False),
    "RateLimit-Policy": ("How many requests a client may make in how many seconds.", TEXT, False),
    "ETag": ("Of this answer; changes with the register. For `If-None-Match`.", TEXT, False),
    "Last-Modified": ("When the register last changed. For `If-Modified-Since`.", TEXT, False),
    "Link": ("Other pages of the list (RFC 8288): `first`, `prev`, `next`, `last`.", TEXT, False),
    "Content-Disposition": ("A name for the file that tells filter and date.", TEXT, False),
    "X-Register-Version": ("The version of the register that the file is of.", TEXT, False),
    "X-Total-Count": ("All rows of the query string.", TEXT, False),
    "Retry-After": ("Seconds to wait.", {"type": "integer", "minimum": 0}, True),
    "Location": ("The address of the record that it was merged into.", TEXT, True),
    "Allow": ("The methods that are answered.", TEXT, True),
}
OF_ALL = ["X-Request-ID", "RateLimit", "RateLimit-Policy"]
OF_REFUSALS = {"405": ["Allow"], "429": ["Retry-After"], "503": ["Retry-After"]}
OF_FILES = ["Content-Disposition", "X-Register-Version", "X-Total-Count"]
OF_READINGS = [*OF_ALL, "ETag", "Last-Modified"]


def complete(result, generator, request, public):
    """Complete the description that drf-spectacular made; one of its post-processing hooks."""
    parts = result["components"]
    _add_members(parts["schemas"])
    parts["headers"] = {name: _header(*told) for name, told in HEADERS.items()}
    parts["responses"] = {name: _refusal(status, name, said) for status, (name, said) in REFUSALS.items()}
    parts["responses"]["NotModified"] = {
        "description": "What the client has still holds.", "headers": _headers(OF_READINGS),
    }  # fmt: skip
    parts["responses"]["Moved"] = {
        "description": "The record was merged into another: its address.", "headers": _headers([*OF_ALL, "Location"]),
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }  # fmt: skip
    result["paths"] |= files.paths()
    for item in result["paths"].values():
        _complete(item["get"])
    result["tags"] = [{"name": name, "description": said} for name, said in TAGS.items()]
    return result


def _add_members(schemas):
    """Beside each kind of whole document, what ``fields`` leaves of it; lists hold either."""
    schemas["About"] = files.ABOUT
    for name, model in MODELS.items():
        schemas[f"{name}Members"] = {
            "type": "object",
            "description": "Those members that `fields` names and the record has.",
            "properties": schemas[f"{name}Document"]["properties"],
        }
        schemas[f"{name}Page"]["properties"]["results"]["items"] = files.whole(model)


def _header(said, schema, is_always):
    return {"description": said, "schema": schema, "required": is_always}


def _headers(names):
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _refusal(status, name, said):
    content = {"schema": {"$ref": "#/components/schemas/Problem"}, "example": examples()["problems"][status]["answer"]}
    headers = _headers([*OF_ALL, *OF_REFUSALS.get(status, ())])
    return {"description": said, "headers": headers, "content": {"application/problem+json": content}}


def _complete(operation):
    answers = operation["responses"]
    told = next(iter(answers["200"]["content"].values()))
    document = re.fullmatch(r"#/components/schemas/(\w+)Document", told["schema"].get("$ref", ""))
    if document:
        told["schema"] = files.whole(MODELS[document[1]])
    if example := examples()["answers"].get(operation["operationId"]):
        told["example"] = example["answer"]
    is_list = any(parameter["name"] == "page_size" for parameter in operation.get("parameters", ()))
    of_file = OF_FILES if operation["tags"] == ["files"] else []
    answers["200"]["headers"] = _headers([*OF_READINGS, *(["Link"] if is_list else []), *of_file])
    answers["200"]["description"] = operation["description"].partition("\n")[0]
    operation["summary"] = operation["description"].partition(".")[0]
    for status in answers.keys() & REFUSALS.keys():
        answers[status] = {"$ref": f"#/components/responses/{REFUSALS[status][0]}"}
    moved = {"301": {"$ref": "#/components/responses/Moved"}} if "410" in answers else {}
    operation["responses"] = {
        "200": answers.pop("200"), **moved, "304": {"$ref": "#/components/responses/NotModified"}, **answers,
    }  # fmt: skip


@cache
def examples():
    """Return ``{"answers": {operation: …}, "problems": {status: …}}``, each with address and answer."""
    return orjson.loads((Path(__file__).parent / "examples.json").read_bytes())
