"""Completes the OpenAPI description with what all responses share, and with what does not follow from members.

Both are in ``shared.json``: errors, headers, 304, and the schemas of figures, changes and files.
"""

from http import HTTPStatus

from ..schemas import SCHEMAS
from .description import GONE, PROBLEM, examples, read

REFUSALS = {str(status): HTTPStatus(status).phrase.replace(" ", "") for status, _type in PROBLEM | GONE}
OF_FILES = ["Content-Disposition", "X-Total-Count"]
OF_REGISTER = [
    "X-Request-ID", "RateLimit", "RateLimit-Policy", "ETag", "Last-Modified", "X-Register-Version", "X-Register-Seal",
]  # fmt: skip


def complete(result, generator, request, public):
    """A post-processing hook of drf-spectacular."""
    shared = read("shared")
    parts = result["components"] = shared["components"]
    parts["schemas"] |= SCHEMAS
    for status, name in REFUSALS.items():
        refusal = parts["responses"][name]["content"]["application/problem+json"]
        refusal["example"] = examples()["problems"][status]["answer"]
    for item in result["paths"].values():
        _complete(item["get"])
    result["tags"] = shared["tags"]
    return result


def _complete(operation):
    answers = operation["responses"]
    content = next(iter(answers["200"]["content"].values()))
    if example := examples()["answers"].get(operation["operationId"]):
        content["example"] = example["answer"]
    is_list = any(parameter["name"] == "page_size" for parameter in operation.get("parameters", ()))
    of_file = OF_FILES if operation["tags"] == ["files"] else []
    headers = [*OF_REGISTER, *(["Link"] if is_list else []), *of_file]
    answers["200"]["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in headers}
    answers["200"]["description"] = operation["description"].partition("\n")[0]
    operation["summary"] = operation["description"].partition(".")[0]
    for status in answers.keys() & REFUSALS.keys():
        answers[status] = {"$ref": f"#/components/responses/{REFUSALS[status]}"}
    moved = {"301": {"$ref": "#/components/responses/Moved"}} if "410" in answers else {}
    operation["responses"] = {
        "200": answers.pop("200"), **moved, "304": {"$ref": "#/components/responses/NotModified"}, **answers,
    }  # fmt: skip
