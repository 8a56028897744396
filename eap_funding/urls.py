"""All addresses."""

from django.contrib import admin
from django.contrib.sitemaps import views as sitemaps
from django.urls import path

from projects.pages.cache import cached
from projects.urls import urlpatterns as of_projects

from .pages import home, status, suggestion
from .pages.sitemaps import SITEMAPS

urlpatterns = [
    *of_projects,
    path("", cached(home.home), name="home"),
    path("about/", home.about, name="about"),
    path("glossary/", home.glossary, name="glossary"),
    path("accessibility/", home.accessibility, name="accessibility"),
    path("know/", suggestion.suggest, name="suggest_source"),
    path("know/<slug:token>/", suggestion.outcome, name="suggestion"),
    path("opensearch.xml", home.opensearch),
    path("healthz", status.health),
    path("readyz", status.readiness),
    path("metrics", status.metrics),
    path("favicon.ico", home.favicon),
    path("robots.txt", home.robots),
    path("sitemap.xml", sitemaps.index, {"sitemaps": SITEMAPS, "sitemap_url_name": "sitemap"}),
    path("sitemap-<section>.xml", sitemaps.sitemap, {"sitemaps": SITEMAPS}, name="sitemap"),
    path(".well-known/security.txt", home.security),
    path("admin/", admin.site.urls),
]
handler400 = "eap_funding.errors.bad_request"
handler403 = "eap_funding.errors.permission_denied"
handler404 = "eap_funding.errors.not_found"
handler500 = "eap_funding.errors.server_error"
