"""The addresses of files, with their OpenAPI descriptions. They take the query strings of lists."""

from django.urls import path
from django.utils.text import capfirst

from ..exports import csvw
from ..exports.columns import TABLES
from ..exports.formats import FORMATS, OF_A_PROJECT, OFFERED, offered
from ..exports.views import CsvMetadata, FileExport, ProjectFile, UnknownFormat
from ..iati.views import IatiExport, IatiFile
from ..models import Project
from ..pages.feeds import ProjectFeed, RecordFeed
from ..published.views import KINDS
from ..search.filters import AsOfFilter, ListFilter, ProjectFileFilter, ProjectFilter, RecordFileFilter, RecordFilter
from .description import described
from .records import RecordDetailApi

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
VIEWS = {"xml": IatiExport}  # of lists by format, others than FileExport
OF_ONE = {"xml": IatiFile, "json": RecordDetailApi}  # of one project, others than ProjectFile


def whole(model):
    """Return the schema of a record of ``model``: whole, or with the members in ``fields``."""
    name = model.__name__
    return {"anyOf": [{"$ref": f"#/components/schemas/{name}{form}"} for form in ("Document", "Members")]}


def addresses():
    """Return the URL patterns of files: of lists and tables, of what their columns mean, and of single projects."""
    lists = [_file(name, form) for name in OFFERED for form in offered(name)]
    return [*lists, *map(_csv_metadata, KINDS), *map(_file_of_a_project, OF_A_PROJECT)]


def refusals():
    """Return the URL patterns of unknown formats; they must come last."""
    patterns = [path(f"{name}.<str:suffix>", UnknownFormat.as_view(collection=name)) for name in OFFERED]
    for collection in KINDS:
        view = UnknownFormat.as_view(collection=collection)
        patterns.append(path(f"{collection}/<slug:key>.<str:suffix>", view))
        patterns.append(path(f"api/v1/{collection}.<str:suffix>", view))
    return patterns


def _file(name, form):
    """Return the URL pattern of a list or table in a format."""
    collection = name if name in KINDS else "projects"  # the others are tables of projects
    model = KINDS[collection].model
    view_class, filterset = VIEWS.get(form.suffix, FileExport), _filter_of(collection, form.takes_fields)
    if form.suffix == "atom":
        view_class = ProjectFeed if model is Project else RecordFeed
        filterset = view_class.filterset_class
    properties = {
        "about": {"$ref": "#/components/schemas/About"}, "results": {"type": "array", "items": whole(model)},
    }  # fmt: skip
    of_list = {"type": "object", "properties": properties, "required": list(properties)}
    schema = of_list if form.suffix == "json" else _schema(form)
    view = described(
        view_class, f"{name.replace('-', '_')}_{form.suffix}",
        {(200, form.media_type): schema},
        tags=["files"], description=f"{TABLES[name].title} as {form.label}, {form.note}.",
        collection=collection, name=name, suffix=form.suffix, model=model, filterset_class=filterset,
    )  # fmt: skip
    return path(f"{name}.{form.suffix}", view)


def _filter_of(collection, takes_fields=False):
    if collection == "projects":
        return ProjectFileFilter if takes_fields else ProjectFilter
    return RecordFileFilter if takes_fields else ListFilter


def _schema(form):
    return {"type": "string"} | ({"format": "binary"} if form.suffix == "xlsx" else {})


def _csv_metadata(collection):
    view = described(
        CsvMetadata, f"{collection}_csv_metadata", {(200, csvw.MEDIA_TYPE): {"type": "object"}},
        tags=["files"], description=f"{capfirst(collection)}: what the columns of CSV mean.",
        collection=collection, model=KINDS[collection].model, filterset_class=_filter_of(collection),
    )  # fmt: skip
    return path(f"{collection}.csv-metadata.json", view)


def _file_of_a_project(suffix):
    form, is_whole = FORMATS[suffix], suffix == "json"
    view = described(
        OF_ONE.get(suffix, ProjectFile), f"project_{suffix}",
        {(200, form.media_type): whole(Project) if is_whole else _schema(form)},
        tags=["files"], description=f"One project as {form.label}.", key=IN_IATI, collection="projects",
        suffix=suffix, filterset_class=RecordFilter if is_whole else AsOfFilter,
    )  # fmt: skip
    return path(f"projects/<slug:key>.{suffix}", view)
