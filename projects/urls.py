"""The addresses of the register: pages, files, API."""

from django.urls import path

from . import api, record_views, views
from .doors import KINDS
from .feeds import ProjectFeed
from .keeping import kept

OTHERS = [collection for collection in KINDS if collection != "projects"]

urlpatterns = [
    path("projects/", kept(views.ProjectList.as_view()), name="projects"),
    path("projects.json", views.ProjectExport.as_view(), name="projects-file"),
    path("projects.atom", ProjectFeed.as_view(), name="projects-feed"),
    path("gaps/", kept(views.Gaps.as_view()), name="gaps"),
    path("projects/<slug:key>/", record_views.ProjectDetail.as_view(), name="project"),
    path("projects/<slug:key>.json", views.ProjectFile.as_view(), name="project-file"),
    path("api/v1/", api.Root.as_view(), name="api"),
    path("api/v1/projects/", api.list_view("projects", api.ProjectList)),
    path("api/v1/projects/<slug:key>/", api.detail_view("projects")),
    path("api/v1/stats/", api.Stats.as_view(), name="stats"),
    path("api/v1/schema/", api.Schema.as_view(), name="schema"),
    path("api/v1/docs/", api.Docs.as_view(), name="docs"),
]
for collection in OTHERS:
    shared = {"collection": collection, "model": KINDS[collection].model}
    urlpatterns += [
        path(f"{collection}/", kept(record_views.RecordList.as_view(**shared)), name=collection),
        path(f"{collection}/<slug:key>/", kept(record_views.RecordDetail.as_view(**shared))),
        path(f"api/v1/{collection}/", api.list_view(collection)),
        path(f"api/v1/{collection}/<slug:key>/", api.detail_view(collection)),
    ]
