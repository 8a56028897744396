"""Every public page, for search engines."""

from django.contrib.sitemaps import GenericSitemap, Sitemap

from projects.published.views import KINDS


class RecordSitemap(GenericSitemap):
    """The published records of one kind."""

    limit = 10_000


class PagesSitemap(Sitemap):
    """Home, the lists, and the pages about the whole register."""

    def items(self):
        pages = ("compare", "gaps", "data", "glossary", "about", "accessibility", "know")
        return ["/", *(f"/{name}/" for name in (*KINDS, *pages))]

    def location(self, address):
        return address


ROWS = {name: model.objects.published().order_by("pk").only("pk", "modified") for name, model in KINDS.items()}
SITEMAPS = {"pages": PagesSitemap()} | {
    name: RecordSitemap({"queryset": rows, "date_field": "modified"}) for name, rows in ROWS.items()
}
