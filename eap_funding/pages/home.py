"""Pages about the whole register: home, about, glossary, robots.txt, security.txt."""

from datetime import timedelta

from babel.lists import format_list
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.utils import timezone
from django.utils.text import capfirst

from projects.charts import country_map, ranked
from projects.charts.scale import sum_in
from projects.index import figures
from projects.pages.overview import gaps_of
from projects.published.quotation import quotation
from projects.published.recent_changes import latest_news
from projects.published.views import site_of, take_no_parameters
from projects.words.glossary import TERMS
from projects.words.grammar import with_article
from projects.words.phrases import locale
from provenance.documents.folding import fold
from provenance.models import Source

SHOWN_ROWS = 5  # countries, instruments and themes there, the largest
SHOWN_SOURCES = 100  # on the page about the register


def home(request):
    take_no_parameters(request)
    register = request.register
    projects = register.projects
    total = figures.totals(projects)
    by = {name: figures.groups(projects, name) for name in ("country", "instrument", "theme")}
    shared = figures.groups(projects.in_several_countries(), "country")
    countries = ranked(by["country"], "country", pieces=True)
    context = {
        "total": total,
        "main": next(iter(figures.by_coverage(total)), None),
        "funder": largest_funder(projects),
        "rest": sum_in(figures.main_currency(total), {"amounts": figures.unattributed(projects)}),
        "map": country_map(countries),
        "columns": {
            name: ranked(groups, name, SHOWN_ROWS, name == "country", shared=shared if name == "country" else ())
            for name, groups in by.items()
        },
        "countries": format_list(sorted(row["name"] for row in countries), locale=locale()),
        "counts": {name: len(groups) for name, groups in by.items()},
        "quotation": quotation(register),
        "source_count": register.rows(Source).count(),
        "gaps": gaps_of(projects, total["projects"]),
        "news": latest_news(register),
        "feed": "/projects.atom",
    }
    return render(request, "home.html", context)


def largest_funder(projects):
    """Return the row of ``ranked`` of the largest funder, with its name to begin a sentence as ``who``; or None."""
    for row in ranked(figures.groups(projects, "organisation"), "organisation", 1):
        if row["amount"]:
            return row | {"who": capfirst(with_article(row["name"], locale().language))}
    return None


def about(request):
    take_no_parameters(request)
    sources = request.register.rows(Source)
    shown = sources.read(slice(SHOWN_SOURCES))
    return render(request, "about.html", {"sources": shown, "source_count": sources.count()})


def glossary(request):
    take_no_parameters(request)
    return render(request, "glossary.html", {"terms": sorted(TERMS, key=lambda term: fold(term["name"]))})


def accessibility(request):
    take_no_parameters(request)
    return render(request, "accessibility.html")


def opensearch(request):
    """Lets browsers search the register from their address bar."""
    context = {"site": site_of(request)}
    return render(request, "opensearch.xml", context, content_type="application/opensearchdescription+xml")


def favicon(request):
    return redirect(static("eap_funding/icon.svg"))


def robots(request):
    sitemap = request.build_absolute_uri("/sitemap.xml")
    lines = f"User-agent: *\nDisallow: /admin/\nSitemap: {sitemap}\n"
    return HttpResponse(lines, content_type="text/plain; charset=utf-8")


def security(request):
    """The contact for security reports (RFC 9116)."""
    expires = (timezone.now() + timedelta(days=180)).strftime("%Y-%m-%dT00:00:00Z")
    lines = f"Contact: {settings.SECURITY_CONTACT}\nExpires: {expires}\nPreferred-Languages: en\n"
    return HttpResponse(lines, content_type="text/plain; charset=utf-8")
