"""What page, file and API share: which records, by which filter, as recorded documents."""

from copy import copy
from dataclasses import dataclass

import orjson
from django.conf import settings
from django.http import Http404
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy

from provenance.documents.schema import key_of
from provenance.models import Revision, Source
from provenance.models.revision import public_state
from provenance.store.log import public_models
from provenance.workflow.merges import redirected_keys

from ..documents.phrases import date_in_words
from ..index import figures
from ..models import Project
from ..search.filters import AsOfFilter, ListFilter, NoFilter, ProjectFilter
from . import recent_changes
from .redirects import Elsewhere, MergedAway, lead_to_tidy, spelled


@dataclass(frozen=True)
class PublicKind:
    """A kind of record that has a public address. ``grouping``: what the index keeps its projects under."""

    model: type
    grouping: str

    @property
    def name(self):
        return self.model._meta.verbose_name

    @property
    def plural(self):
        return self.model._meta.verbose_name_plural


LONGEST_LINK = 8000  # characters of a header: much longer ones are refused by clients and proxies

KINDS = {
    model.collection: PublicKind(model, "" if model is Project else model._meta.model_name)
    for model in sorted(public_models(), key=lambda model: (model is not Project, model is Source))
}


class PublishedRecords:
    """A list of published records of ``model``, narrowed by the query string."""

    model: type = Project
    filterset_class = ListFilter

    @cached_property
    def filterset(self):
        return understood(self.request, self.filterset_class, self.model)

    @cached_property
    def rows(self):
        """The records asked for, in the order asked for. BadQuery if that is not understood."""
        return self.filterset.narrowed()

    @cached_property
    def count(self):
        return self.rows.count()

    def documents(self):
        """Return the page's documents, JSON as bytes, in order, in at most one query."""
        *_, window = self.filterset.window(self.count)
        return self.rows.documents(window)


class PublishedProjects(PublishedRecords):
    """The projects of a query string: what page, file and API inherit."""

    filterset_class = ProjectFilter


def address(request, path="", **parameters):
    """Return the absolute address of ``path`` (if not given, of this request) with the query string as understood.

    ``parameters``: those that are set in it, or with None taken out.
    """
    query = copy(request.GET)
    for name, value in parameters.items():
        if value is None:
            query.pop(name, None)
        else:
            query[name] = value
    return request.build_absolute_uri((path or request.path) + (f"?{query.urlencode()}" if query else ""))


def identity(path):
    """Return what names the thing at ``path`` for good: links follow the host that was asked, this does not."""
    return settings.SITE_ADDRESS.rstrip("/") + path


def take_no_parameters(request):
    """BadQuery if the address carries a parameter; of a page, Elsewhere."""
    return understood(request, NoFilter).asked


def view_of(request):
    """Return the View of the newest version of the register, as far as the request has read."""
    return request.register_view


def understood(request, filterset_class, model=Project):
    """Return the filter of the query string. Elsewhere if it is that of a page, and the page has a tidier one."""
    filterset = filterset_class(request.GET, view_of(request), model)
    if request.is_page and not filterset.form.is_valid():
        lead_to_tidy(request, filterset)
    return filterset


class Gone(Http404):
    """A record that was public and is no longer; says since when."""

    status = 410
    sayings = {
        "project": gettext_lazy("This project was withdrawn on %(day)s."),
        "country": gettext_lazy("This country was withdrawn on %(day)s."),
        "instrument": gettext_lazy("This instrument was withdrawn on %(day)s."),
        "partnership": gettext_lazy("This agreement was withdrawn on %(day)s."),
        "organisation": gettext_lazy("This organisation was withdrawn on %(day)s."),
        "source": gettext_lazy("This source was withdrawn on %(day)s."),
    }

    def __init__(self, model, at):
        day = date_in_words(at.date().isoformat())
        super().__init__(str(self.sayings[model._meta.model_name] % {"day": day}))


ABSENT = {
    "project": gettext_lazy("There is no project “%(key)s” in this register."),
    "country": gettext_lazy("There is no country “%(key)s” in this register."),
    "instrument": gettext_lazy("There is no instrument “%(key)s” in this register."),
    "partnership": gettext_lazy("There is no agreement “%(key)s” in this register."),
    "organisation": gettext_lazy("There is no organisation “%(key)s” in this register."),
    "source": gettext_lazy("There is no source “%(key)s” in this register."),
}


ABSENT_THEN = {
    "project": gettext_lazy("The project “%(key)s” was not in the register on %(moment)s."),
    "country": gettext_lazy("The country “%(key)s” was not in the register on %(moment)s."),
    "instrument": gettext_lazy("The instrument “%(key)s” was not in the register on %(moment)s."),
    "partnership": gettext_lazy("The agreement “%(key)s” was not in the register on %(moment)s."),
    "organisation": gettext_lazy("The organisation “%(key)s” was not in the register on %(moment)s."),
    "source": gettext_lazy("The source “%(key)s” was not in the register on %(moment)s."),
}


class PublishedRecord:
    """One published record of ``model``, by its key."""

    model: type = Project
    filterset_class = AsOfFilter

    @cached_property
    def filterset(self):
        return understood(self.request, self.filterset_class, self.model)

    def document(self, key):
        """Return its document, JSON as bytes. BadQuery if a parameter is wrong.

        Gone or Http404 if there is none; MergedAway if it was merged into another; Elsewhere if a page's key is spelled
        otherwise, which anywhere else is only pointed out.
        """
        try:
            moment = self.filterset.asked.get("as_of")
            return self.document_of(key, moment) if moment else self.document_now(key)
        except Http404 as absent:
            query = getattr(absent, "query", self.request.META.get("QUERY_STRING", ""))
            if new_key := self.moved_to(key):
                raise MergedAway(self.path_with(key, new_key), query) from None
            if not (right_key := spelled(self.model, key)):
                raise
            if self.request.is_page:
                raise Elsewhere(self.path_with(key, right_key), query) from None
            raise Http404(f"{absent} It is spelled “{right_key}”.") from None

    def moved_to(self, key):
        """Return the key that the record ``key`` was merged into; None if the public was never told of both."""
        new_key = redirected_keys(self.model, [key]).get(key)
        if new_key is None or not Revision.objects.of(self.model, new_key).public().exists():
            return None
        last = Revision.objects.of(self.model, key).public().first()
        return new_key if last and last.action == "deleted" else None  # else it was made again since

    def path_with(self, key, new_key):
        """Return the path of this request with another key."""
        old, new = (self.model.path_of(each).removesuffix("/") for each in (key, new_key))
        return self.request.path.replace(old, new, 1)

    def document_now(self, key):
        """Return its document of today, JSON as bytes. Gone or Http404 if there is none."""
        if text := self.filterset.view.document(self.model, key):
            return text
        if at := recent_changes.withdrawn_at(self.model, key):
            raise Gone(self.model, at)
        raise Http404(str(ABSENT[self.model._meta.model_name] % {"key": key}))

    def document_of(self, key, moment):
        """Return what its document was at a Moment. Gone if it was withdrawn by then, Http404 if it was not there."""
        told = Revision.objects.of(self.model, key).public().filter(at__lte=moment.last).first()
        if told is None:
            words = {"key": key, "moment": moment.in_words}
            raise Http404(str(ABSENT_THEN[self.model._meta.model_name] % words))
        if public_state(told.action, told.state) != "published":
            raise Gone(self.model, told.at)
        return told.document.encode()


def only(members, texts):
    """Yield documents (JSON) with only these of their members, in the documents' order; whole if none are named.

    A member that a document lacks is left out: it is there only where told, or was not told of yet.
    """
    for text in texts:
        yield _part(text, members) if members else text


def _part(text, members):
    return orjson.dumps({name: value for name, value in orjson.loads(text).items() if name in members})


def as_shown(collection, members, texts, view):
    """Yield documents of a kind as the API shows them: with their number of projects in a View, ``only(members)``."""
    kind = KINDS[collection]
    if kind.grouping and not (members and {"project_count", "url"}.isdisjoint(members)):
        texts = counted(kind, texts, view)
    return only(members, texts)


def counted(kind, texts, view):
    """Yield documents (JSON) of a PublicKind with their number of projects in a View, and with their page."""
    for text in texts:
        document = orjson.loads(text)
        key = key_of(document)
        url = b"" if "url" in document else b',"url":"%b"' % kind.model.path_of(key).encode()
        number = view.projects.having(kind.grouping, [key]).count()
        yield b'%b,"project_count":%d%b}' % (text[:-1], number, url)


def figures_by_key(grouping, documents, view):
    """Return ``{key: group of stats}`` over all published projects of a View, for the records in ``documents``."""
    groups, _ = figures.groups(view.projects, grouping, {key_of(document) for document in documents})
    return {group["key"]: group for group in groups}
