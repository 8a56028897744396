"""Completes the OpenAPI description with what all responses share: errors, headers, 304, examples; and the files."""

import re
from functools import cache
from pathlib import Path

import orjson

from ..published.views import KINDS
from . import files

MODELS = {kind.model.__name__: kind.model for kind in KINDS.values()}
TAGS = {
    "projects": "Projects, with the sentence that each value comes from.",
    "countries": "The partner countries.",
    "instruments": "The sources of money.",
    "partnerships": "The agreements that sources name for projects.",
    "organisations": "Funders, lead organisations, implementers and partners.",
    "sources": "The texts that every value comes from.",
    "stats": "Counts and sums.",
    "changes": "All changes, for users who keep a copy.",
    "files": "All matching rows in one request.",
    "api": "The API itself.",
}
REFUSALS = {  # status: (name, when)
    "400": ("BadRequest", "The query string is not valid; `errors` says what is allowed for each parameter."),
    "404": ("NotFound", "There is no such record, or the page is past the end."),
    "405": ("MethodNotAllowed", "Only GET, HEAD and OPTIONS are allowed."),
    "406": ("NotAcceptable", "`Accept` does not allow the format of this address."),
    "410": ("Gone", "The record was withdrawn."),
    "429": ("TooManyRequests", "The client made too many requests in a minute."),
    "503": ("ServiceUnavailable", "The database does not answer, or the register is very busy."),
}
TEXT = {"type": "string"}
HEADERS = {  # name: (description, schema, is required)
    "X-Request-ID": ("The id of this request: the one sent, or a new one.", TEXT, True),
    "RateLimit": ("How many requests are left, and for how many seconds.", TEXT, False),
    "RateLimit-Policy": ("How many requests a client may make in how many seconds.", TEXT, False),
    "ETag": ("Changes with the register. For `If-None-Match`.", TEXT, False),
    "Last-Modified": ("When the register last changed. For `If-Modified-Since`.", TEXT, False),
    "Link": ("Other pages of the list (RFC 8288): `first`, `prev`, `next`, `last`.", TEXT, False),
    "Content-Disposition": ("A file name with the filters and the date.", TEXT, False),
    "X-Register-Version": ("The version of the register that the answer shows.", TEXT, False),
    "X-Register-Seal": ("The register's head at that version; see docs/verify.md.", TEXT, False),
    "X-Total-Count": ("The number of matching rows.", TEXT, False),
    "Retry-After": ("Seconds to wait.", {"type": "integer", "minimum": 0}, True),
    "Location": ("The address of the record that it was merged into.", TEXT, True),
    "Allow": ("The allowed methods.", TEXT, True),
}
OF_ALL = ["X-Request-ID", "RateLimit", "RateLimit-Policy"]
OF_REFUSALS = {"405": ["Allow"], "429": ["Retry-After"], "503": ["Retry-After"]}
OF_FILES = ["Content-Disposition", "X-Total-Count"]
OF_CONTENT = [*OF_ALL, "ETag", "Last-Modified"]
OF_REGISTER = [*OF_CONTENT, "X-Register-Version", "X-Register-Seal"]


def complete(result, generator, request, public):
    """A post-processing hook of drf-spectacular."""
    parts = result["components"]
    schemas = parts["schemas"]
    schemas["About"] = files.ABOUT
    for name, model in MODELS.items():
        schemas[f"{name}Members"] = {
            "type": "object",
            "description": "The members in `fields` that the record has.",
            "properties": schemas[f"{name}Document"]["properties"],
        }
        schemas[f"{name}Page"]["properties"]["results"]["items"] = files.whole(model)  # either
    parts["headers"] = {
        name: {"description": text, "schema": schema, "required": is_required}
        for name, (text, schema, is_required) in HEADERS.items()
    }
    parts["responses"] = {name: _refusal(status, text) for status, (name, text) in REFUSALS.items()}
    parts["responses"]["NotModified"] = {
        "description": "The client's copy is current.", "headers": _headers(OF_CONTENT),
    }  # fmt: skip
    parts["responses"]["Moved"] = {
        "description": "The record was merged into another.", "headers": _headers([*OF_ALL, "Location"]),
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }  # fmt: skip
    for item in result["paths"].values():
        _complete(item["get"])
    result["tags"] = [{"name": name, "description": text} for name, text in TAGS.items()]
    return result


def _headers(names):
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _refusal(status, description):
    content = {"schema": {"$ref": "#/components/schemas/Problem"}, "example": examples()["problems"][status]["answer"]}
    headers = _headers([*OF_ALL, *OF_REFUSALS.get(status, ())])
    return {"description": description, "headers": headers, "content": {"application/problem+json": content}}


def _complete(operation):
    answers = operation["responses"]
    content = next(iter(answers["200"]["content"].values()))
    document = re.fullmatch(r"#/components/schemas/(\w+)Document", content["schema"].get("$ref", ""))
    if document:
        content["schema"] = files.whole(MODELS[document[1]])
    if example := examples()["answers"].get(operation["operationId"]):
        content["example"] = example["answer"]
    is_list = any(parameter["name"] == "page_size" for parameter in operation.get("parameters", ()))
    of_file = OF_FILES if operation["tags"] == ["files"] else []
    answers["200"]["headers"] = _headers([*OF_REGISTER, *(["Link"] if is_list else []), *of_file])
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
    """Return ``{"answers": {operation: …}, "problems": {status: …}}``, each with an address and its response."""
    return orjson.loads((Path(__file__).parent / "examples.json").read_bytes())
