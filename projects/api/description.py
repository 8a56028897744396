"""Parameters, responses and errors in the OpenAPI description; schemas are in ``schemas.py``."""

from functools import cache
from pathlib import Path

import orjson
from django.conf import settings
from django.utils.translation import override
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view

from provenance.models.fields import PartialDateFormField

from ..models import Project
from ..models.fields import AmountFormField, CurrencyCodeFormField
from ..schemas import members_of, reference, whole
from ..search.as_of import AsOfField, MomentField, SinceField
from ..search.parameters import ChoiceField, ChoicesField, MembersField, NumberField, RecordsField, WordsField

PROBLEM = {(status, "application/problem+json"): reference("Problem") for status in (400, 404, 405, 406, 429, 503)}
GONE = {(410, "application/problem+json"): reference("Problem")}


@cache
def examples():
    """Return ``{"answers": {operation: …}, "problems": {status: …}}``, each with an address and its response."""
    return read("examples")


def read(name):
    """Return what a JSON file beside this module holds."""
    return orjson.loads(Path(__file__).with_name(f"{name}.json").read_bytes())


def parameters(filterset, model=Project):
    """Return the OpenAPI parameters of a filter set."""
    with override(settings.LANGUAGE_CODE):  # the first request may be French
        return [_parameter(name, each, model) for name, each in filterset.base_filters.items()]


def _parameter(name, parameter, model):
    is_list = parameter.is_repeatable or parameter.field_class is MembersField
    example = members_of(model)[:2] if parameter.field_class is MembersField else parameter.example
    return OpenApiParameter(
        name,
        _schema(parameter, model) | ({"examples": [example]} if example else {}),
        description=str(parameter.extra["help_text"]),
        style="form" if is_list else None,
        explode=parameter.is_repeatable if is_list else None,
    )


def _schema(parameter, model):
    """Return the JSON schema of a parameter."""
    kind, extra = parameter.field_class, parameter.extra
    choices = [key for key, _label in extra.get("choices", ()) if key]
    items = {
        MembersField: {"enum": members_of(model)}, ChoicesField: {"enum": choices},
        RecordsField: {"minLength": 1, "maxLength": 100},
    }  # fmt: skip
    if kind in items:
        return {"type": "array", "items": {"type": "string"} | items[kind]}
    if kind is ChoiceField:
        return {"type": "string", "enum": choices} | ({"default": extra["default"]} if "default" in extra else {})
    if kind is NumberField:
        return {"type": "integer", "minimum": 1} | ({"maximum": extra["most"]} if "most" in extra else {})
    return {"type": "string"} | SHAPES.get(kind, {})


# A date, or a time with optional seconds, fraction and offset (projects/search/as_of.py).
MOMENT = r"[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?([Zz]|[+ -][0-9]{2}:[0-9]{2})?)?"
SHAPES = {
    WordsField: {"maxLength": 200},
    PartialDateFormField: {"pattern": r"^([0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?)?$"},
    CurrencyCodeFormField: {"pattern": "^([A-Za-z]{3})?$", "default": "EUR"},
    AmountFormField: {"pattern": "[0-9]|^$"},
    AsOfField: {"pattern": rf"^({MOMENT})?$"},
    MomentField: {"pattern": rf"^({MOMENT})?$"},
    SinceField: {"pattern": rf"^([0-9]{{1,18}}|{MOMENT})?$"},
}


def described(view, operation_id, answer, description, *, tag="files", key=None, **attributes):
    """Return ``view`` with ``attributes``, to be called, and described with the parameters of its filter.

    ``answer``: its response; ``key``: an example of the key in its address.
    """
    subclass = type(view.__name__, (view,), {"__doc__": description} | attributes)  # OPTIONS answers it
    from_filter = parameters(subclass.filterset_class, subclass.model)
    schema = extend_schema(
        operation_id=operation_id, tags=[tag], description=description,
        parameters=[key_parameter(key), *from_filter] if key else from_filter,
        responses=answer | PROBLEM | (GONE if key else {}),
    )  # fmt: skip
    return extend_schema_view(get=schema)(subclass).as_view()


def key_parameter(example):
    """Return the parameter in an address that names a record."""
    schema = {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$", "examples": [example]}
    return OpenApiParameter("key", schema, "path", description="Its code or slug.")


def list_view(model, base):
    """Return the view of a list of records, with its description."""
    about = base.__doc__.format(model._meta.verbose_name_plural)
    answer = {200: reference(f"{model.__name__}Page")}
    return described(base, f"list_{model.collection}", answer, about, tag=model.collection, model=model)


def detail_view(model, base):
    """Return the view of a record, with its description."""
    operation = f"get_{model._meta.model_name}"
    key = examples()["answers"][operation]["address"].split("/")[4]
    about = base.__doc__.format(model._meta.verbose_name)
    return described(base, operation, {200: whole(model)}, about, tag=model.collection, key=key, model=model)
