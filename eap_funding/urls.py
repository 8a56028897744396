"""The whole site map."""

from django.contrib import admin
from django.contrib.sitemaps import views as sitemaps
from django.urls import include, path

from projects.keeping import kept

from . import views
from .sitemaps import SITEMAPS

urlpatterns = [
    path("", kept(views.home), name="home"),
    path("", include("projects.urls")),
    path("about/", views.about, name="about"),
    path("accessibility/", views.accessibility, name="accessibility"),
    path("opensearch.xml", views.opensearch),
    path("healthz", views.health),
    path("readyz", views.readiness),
    path("favicon.ico", views.favicon),
    path("robots.txt", views.robots),
    path("sitemap.xml", sitemaps.index, {"sitemaps": SITEMAPS, "sitemap_url_name": "sitemap"}),
    path("sitemap-<section>.xml", sitemaps.sitemap, {"sitemaps": SITEMAPS}, name="sitemap"),
    path(".well-known/security.txt", views.security),
    path("admin/", admin.site.urls),
]
handler400 = "eap_funding.errors.bad_request"
handler403 = "eap_funding.errors.permission_denied"
handler404 = "eap_funding.errors.not_found"
handler500 = "eap_funding.errors.server_error"
