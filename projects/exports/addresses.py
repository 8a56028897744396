"""The addresses of files, and of formats that do not exist."""

from django.urls import path

from ..published.views import KINDS
from ..search.filters import ListFilter, ProjectFileFilter, ProjectFilter, RecordFileFilter
from .formats import OFFERED, offered
from .views import CsvMetadata, FileExport, ProjectCsvMetadata, ProjectExport, UnknownFormat


def addresses():
    """Return the URL patterns of all lists and tables as files."""
    found = [_file(name, each) for name in OFFERED for each in offered(name) if each.body]
    for collection, kind in KINDS.items():
        view, of = (CsvMetadata, ListFilter) if kind.grouping else (ProjectCsvMetadata, ProjectFilter)
        side = view.as_view(collection=collection, model=kind.model, filterset_class=of)
        found.append(path(f"{collection}.csv-metadata.json", side, name=f"{collection}-metadata"))
    return found


def refusals():
    """Return the URL patterns of unknown formats; they must come last."""
    found = [path(f"{name}.<str:suffix>", UnknownFormat.as_view(collection=name)) for name in OFFERED]
    for collection in KINDS:
        view = UnknownFormat.as_view(collection=collection)
        found.append(path(f"{collection}/<slug:key>.<str:suffix>", view))
        found.append(path(f"api/v1/{collection}.<str:suffix>", view))
    return found


def _file(name, form):
    collection = name if name in KINDS else "projects"  # the others are tables of projects
    view, whole, part = FileExport, RecordFileFilter, ListFilter
    if collection == "projects":
        view, whole, part = ProjectExport, ProjectFileFilter, ProjectFilter
    return path(
        f"{name}.{form.suffix}",
        view.as_view(
            collection=collection, name=name, suffix=form.suffix, model=KINDS[collection].model,
            filterset_class=whole if form.takes_fields else part,
        ),
        name=f"{name}-{form.suffix}",
    )  # fmt: skip
