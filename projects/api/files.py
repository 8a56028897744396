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
from ..schemas import reference, whole
from ..search.filters import AsOfFilter, ListFilter, ProjectFileFilter, ProjectFilter, RecordFileFilter, RecordFilter
from .description import described
from .records import RecordDetailApi

IN_IATI = "moldova-targeted-initiative"  # in the register as delivered
VIEWS = {"xml": IatiExport}  # of lists by format, others than FileExport
OF_ONE = {"xml": IatiFile, "json": RecordDetailApi}  # of one project, others than ProjectFile


def addresses():
    """Return the URL patterns of files: of lists and tables, of what their columns mean, and of single projects."""
    lists = [_file(name, form) for name in OFFERED for form in offered(name)]
    return [*lists, *map(_csv_metadata, KINDS.values()), *map(_file_of_a_project, OF_A_PROJECT)]


def refusals():
    """Return the URL patterns of unknown formats; they must come last."""
    patterns = [path(f"{name}.<str:suffix>", UnknownFormat.as_view(name=name)) for name in OFFERED]
    for collection in KINDS:
        view = UnknownFormat.as_view(name=collection)
        patterns.append(path(f"{collection}/<slug:key>.<str:suffix>", view))
        patterns.append(path(f"api/v1/{collection}.<str:suffix>", view))
    return patterns


def _file(name, form):
    """Return the URL pattern of a list or table in a format."""
    model = TABLES[name].model
    view_class, filterset = VIEWS.get(form.suffix, FileExport), _filter_of(model, form.takes_fields)
    if form.suffix == "atom":
        view_class = ProjectFeed if model is Project else RecordFeed
        filterset = view_class.filterset_class
    properties = {
        "about": reference("About"), "results": {"type": "array", "items": whole(model)},
    }  # fmt: skip
    of_list = {"type": "object", "properties": properties, "required": list(properties)}
    schema = of_list if form.suffix == "json" else _schema(form)
    view = described(
        view_class, f"{name.replace('-', '_')}_{form.suffix}",
        {(200, form.media_type): schema}, f"{TABLES[name].title} as {form.label}, {form.note}.",
        name=name, form=form, media_type=form.bare_type, model=model, filterset_class=filterset,
    )  # fmt: skip
    return path(f"{name}.{form.suffix}", view)


def _filter_of(model, takes_fields=False):
    if model is Project:
        return ProjectFileFilter if takes_fields else ProjectFilter
    return RecordFileFilter if takes_fields else ListFilter


def _schema(form):
    return {"type": "string"} | ({"format": "binary"} if form.suffix == "xlsx" else {})


def _csv_metadata(model):
    name = model.collection
    view = described(
        CsvMetadata, f"{name}_csv_metadata", {(200, csvw.MEDIA_TYPE): {"type": "object"}},
        f"{capfirst(name)}: what the columns of CSV mean.", model=model, filterset_class=_filter_of(model),
    )  # fmt: skip
    return path(f"{name}.csv-metadata.json", view)


def _file_of_a_project(suffix):
    form, is_whole = FORMATS[suffix], suffix == "json"
    view = described(
        OF_ONE.get(suffix, ProjectFile), f"project_{suffix}",
        {(200, form.media_type): whole(Project) if is_whole else _schema(form)},
        f"One project as {form.label}.", key=IN_IATI,
        form=form, media_type=form.bare_type, filterset_class=RecordFilter if is_whole else AsOfFilter,
    )  # fmt: skip
    return path(f"projects/<slug:key>.{suffix}", view)
