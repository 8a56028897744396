"""The addresses of the register: pages, files, API."""

from django.urls import path

from provenance.models import Source

from .api import changes, lists, records, schema
from .api.description import detail_view, list_view
from .api.files import addresses, refusals
from .dumps import views as data
from .dumps.catalogue import FORMS as CATALOGUES
from .exports.annotations import SourceAnnotations
from .exports.citations import FORMATS as CITATIONS
from .exports.citations import CitationFile
from .models import Project
from .pages import compare, embed, history, pictures, projects
from .pages import records as record_views
from .pages.cache import cached
from .pages.completions import Completions
from .published.views import KINDS

urlpatterns = [
    path("api/v1/projects/<slug:key>/", detail_view(Project, records.RecordDetailApi)),  # asked most: found first
    path("api/v1/", records.Root.as_view(), name="api"),
    path("api/v1/projects/", list_view(Project, lists.ProjectListApi)),
    path("api/v1/projects/<slug:key>/iati/", records.IatiReasons.as_view()),
    path("api/v1/changes/", changes.Changes.as_view(), name="changes"),
    path("api/v1/stats/", records.Stats.as_view(), name="stats"),
    path("api/v1/schema/", schema.Schema.as_view(), name="schema"),
    path("api/v1/docs/", schema.Docs.as_view(), name="docs"),
    *addresses(),
    path("projects/", cached(projects.ProjectList.as_view()), name="projects"),
    path("projects/pictures/", cached(projects.ProjectPictures.as_view()), name="pictures"),
    *(
        path(f"projects/pictures/<slug:key>.{each}", cached(pictures.ChartFile.as_view(suffix=each)))
        for each in pictures.TYPES
    ),
    *(
        path(f"projects/<slug:key>/funding.{each}", cached(pictures.FundingFile.as_view(suffix=each)))
        for each in pictures.TYPES
    ),
    path("share/home.png", cached(pictures.RegisterCard.as_view())),
    path("share/projects.png", cached(pictures.ListCard.as_view())),
    path("share/projects/<slug:key>.png", cached(pictures.RecordCard.as_view())),
    path("suggestions/", Completions.as_view(), name="completions"),
    path("data/", data.Data.as_view(), name="data"),
    path("data/codebook/", data.Codebook.as_view(), name="codebook"),
    path("data/codebook.csv", data.CodebookFile.as_view()),
    path("data/checkpoint", data.Checkpoint.as_view(), name="checkpoint"),
    path("data/datapackage.json", data.Package.as_view()),
    path("data/catalog", data.Catalogue.as_view(), name="catalogue"),
    *(path(f"data/catalog.{form.suffix}", data.Catalogue.as_view(forms=[form])) for form in CATALOGUES),
    path("data/latest/<str:name>", data.LatestFile.as_view()),
    path("data/<str:version>/<str:name>", data.DumpFile.as_view(), name="dump-file"),
    path("compare/", cached(compare.ProjectComparison.as_view()), name="compare"),
    path(
        "embed/projects/",
        embed.framed(cached(projects.ProjectList.as_view(template_name="embed/projects.html"))),
        name="embed",
    ),
    path(
        "embed/projects/pictures/",
        embed.framed(cached(projects.ProjectPictures.as_view(template_name="embed/pictures.html"))),
    ),
    path("embed/projects/<slug:key>/", embed.framed(embed.EmbeddedProject.as_view())),
    path("oembed.json", embed.OEmbed.as_view(), name="oembed"),
    path("gaps/", cached(projects.Gaps.as_view()), name="gaps"),
    path("projects/<slug:key>/", record_views.ProjectDetail.as_view(), name="project"),
    path("projects/<slug:key>/history/", history.ProjectHistory.as_view(), name="history"),
    path("projects/<slug:key>/history/<int:version>/", history.ProjectVersion.as_view(), name="version"),
    path("projects/<slug:key>/originals/<int:number>/", record_views.ProjectOriginal.as_view(), name="original"),
    path("projects/values/<slug:name>/", projects.FacetValues.as_view(), name="values"),
    *(path(f"projects/<slug:key>.{suffix}", CitationFile.as_view(suffix=suffix)) for suffix in CITATIONS),
]
for collection, model in KINDS.items():
    if model is Project:
        continue
    page = record_views.SourceDetail if model is Source else record_views.RecordDetail
    urlpatterns += [
        path(f"{collection}/", cached(record_views.RecordList.as_view(model=model)), name=collection),
        path(f"{collection}/<slug:key>/", cached(page.as_view(model=model))),
        path(f"share/{collection}/<slug:key>.png", cached(pictures.RecordCard.as_view(model=model))),
        path(f"api/v1/{collection}/", list_view(model, lists.RecordListApi)),
        path(f"api/v1/{collection}/<slug:key>/", detail_view(model, records.RecordDetailApi)),
    ]
urlpatterns += [
    path("sources/<slug:key>.jsonld", SourceAnnotations.as_view(), name="annotations"),
    path("sources/<slug:key>/text/", record_views.SourceText.as_view(), name="source-text"),
    path("sources/<slug:key>/<slug:collection>/<slug:record>/", record_views.SourceClaims.as_view(), name="claims"),
    *refusals(),
]
