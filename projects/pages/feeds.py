"""The Atom feed of a list: what is new, changed and withdrawn in it."""

from datetime import UTC, datetime

from django.conf import settings
from django.http import HttpResponse
from django.utils.feedgenerator import Atom1Feed, get_tag_uri
from django.utils.functional import cached_property
from django.utils.html import format_html, format_html_join
from django.utils.text import capfirst
from django.utils.translation import override

from ..exports.about import REGISTER
from ..exports.views import FileView
from ..iati.xml import for_xml
from ..published.recent_changes import changes_of, news
from ..published.views import PublishedRecords, address, identity
from ..search.filters import NOT_NARROWING, HistoryFilter, ProjectFilter
from ..templatetags.heads import canonical_query

TITLES = {"new": "New in the register: {}", "changed": "Changed: {}", "withdrawn": "Withdrawn: {}"}


class PagedFeed(Atom1Feed):
    """An Atom feed (RFC 4287) in pages (RFC 5005). ``updated``: the feed's time; ``links``: ``{rel: address}``."""

    def latest_post_date(self):
        return self.feed["updated"]

    def add_root_elements(self, handler):
        super().add_root_elements(handler)
        for relation, to in self.feed["links"].items():
            handler.addQuickElement("link", "", {"rel": relation, "href": to})


class RecordFeed(PublishedRecords, FileView):
    """The changes of a kind of record, newest first; ``page`` and ``page_size`` count changes."""

    filterset_class = HistoryFilter

    @cached_property
    def changes(self):
        """The ids of the Revisions in the feed, newest first."""
        return list(changes_of(self.model, self.filterset.register.version.number))

    def get(self, request):
        with override(settings.LANGUAGE_CODE):
            count = len(self.changes)
            page, window = self.filterset.window(count)
            entries = news(self.changes[window])
            feed = self.feed(page.number, last=page.paginator.num_pages, entries=entries)
            return HttpResponse(feed.writeString("utf-8"), content_type=feed.content_type)

    def feed(self, page, last, entries):
        """Return the feed with ``entries``, which is page ``page`` of ``last``."""
        version = self.request.register_version
        links = {"first": 1, "previous": page - 1, "next": page + 1, "last": last}
        feed = PagedFeed(
            title=for_xml(f"{capfirst(self.filterset.in_words())} – {REGISTER}"),
            link=address(self.request, f"/{self.model.collection}/", page=None, page_size=None),
            description="",  # for RSS; Atom has a subtitle
            subtitle=f"New, changed and withdrawn {self.model.heading.lower()}."
            " Missing information does not mean zero."
            f" Version {version.number} of the register. Seal: {version.seal or 'none yet'}.",
            feed_copyright=settings.LICENCE or None,
            language="en",
            author_name=REGISTER,
            feed_url=address(self.request),
            feed_guid=identity(
                f"/{self.model.collection}.atom{canonical_query(self.filterset.data, without=NOT_NARROWING)}"
            ),
            updated=entries[0]["at"] if entries else version.at or datetime(1970, 1, 1, tzinfo=UTC),
            links={name: address(self.request, page=n) for name, n in links.items() if 1 <= n <= last},
        )
        for entry in entries:
            feed.add_item(**self.item(entry))
        return feed

    def item(self, entry):
        at = self.request.build_absolute_uri(entry["url"])
        title = for_xml(TITLES[entry["what"]].format(entry["title"]))
        summary = format_html("<p>{}</p>", title)
        lines = format_html_join("", "<li>{}</li>", ((for_xml(line),) for line in entry["lines"]))
        return {
            "title": title,
            "link": at,
            "unique_id": get_tag_uri(identity(f"{entry['url'].rstrip('/')}#{entry['id']}"), entry["at"]),
            "updateddate": entry["at"],
            "categories": [entry["what"]],
            "description": summary + format_html("<ul>{}</ul>", lines) if lines else summary,
        }


class FeedFilter(ProjectFilter):
    """The parameters of the feed of projects, which covers all times."""

    as_of = None

    @property
    def all_rows(self):
        return self.register.ever_published


class ProjectFeed(RecordFeed):
    """The changes of the projects of the query string."""

    filterset_class = FeedFilter

    @cached_property
    def changes(self):
        narrows = any(value for name, value in self.filterset.asked.items() if name not in NOT_NARROWING)
        return self.filterset.register.changes(self.rows if narrows else None)
