"""Every public page, for search engines."""

from django.contrib.sitemaps import Sitemap
from django.db.models import Max

from projects.published.views import KINDS


class RecordSitemap(Sitemap):
    """The published records of one kind."""

    limit = 10_000

    def __init__(self, model):
        self.model = model

    def items(self):
        return self.model.objects.published().order_by("pk").only("pk", "modified")

    def get_latest_lastmod(self):
        return self.model.objects.published().aggregate(newest=Max("modified"))["newest"]

    def lastmod(self, record):
        return record.modified


class PagesSitemap(Sitemap):
    """Home, the lists, and the pages about the whole register."""

    def items(self):
        pages = ("compare", "gaps", "data", "glossary", "about", "accessibility", "know")
        return ["/", *(f"/{name}/" for name in (*KINDS, *pages))]

    def location(self, address):
        return address


SITEMAPS = {"pages": PagesSitemap()} | {collection: RecordSitemap(model) for collection, model in KINDS.items()}
