"""View mixins that pages, files and the API share: which records, by which filter, as documents."""

from contextlib import suppress
from functools import lru_cache
from urllib.parse import quote_plus, urlencode

import orjson
from django.conf import settings
from django.http import Http404
from django.utils.functional import SimpleLazyObject, cached_property
from django.utils.translation import gettext as _

from provenance.documents.declaration import key_of
from provenance.models import Revision, Source
from provenance.models.revision import public_state
from provenance.store.build import upgrade
from provenance.store.log import public_models
from provenance.workflow.merges import redirected_keys

from ..models import Project
from ..search.facets import LEAST_LETTERS, MOST_MEANT
from ..search.filters import AsOfFilter, NoFilter, ProjectFilter
from ..words.phrases import date_in_words, name_in_words
from .past import past_of
from .redirects import Elsewhere, MergedAway, key_in_other_case, redirect_to_tidy

LONGEST_LINK = 8000  # characters; clients and proxies refuse much longer headers

KINDS = {  # the models of records with public pages
    model.collection: model
    for model in sorted(public_models(), key=lambda model: (model is not Project, model is Source))
}


def crumbs(model, titled=None):
    """Return the breadcrumbs of a kind of record, and of a document of it: ``[(label, address, document or None)]``."""
    return [
        (model.heading, f"/{model.collection}/", None),
        *([(titled["title"], titled["url"], titled)] if titled else []),
    ]


class Filtered:
    """A view of published records of ``model``, with the filter of its query string."""

    model: type = Project
    filterset_class: type = NoFilter

    @cached_property
    def filterset(self):
        return filterset_of(self.request, self.filterset_class, self.model)


class LenientPage:
    """A page whose address has parameters: it is shown without those that are not valid, which it names, as 400."""

    @cached_property
    def question(self):
        """The filter as asked for, perhaps with errors."""
        return filterset_of(self.request, self.filterset_class, self.model)

    @cached_property
    def filterset(self):
        return self.question.without_errors()

    def dispatch(self, request, *args, **named):
        request.errors = {}  # base.html shows them
        with suppress(Elsewhere):  # raised again by those who read the filter, and the right key is added there
            if request.method != "OPTIONS" and self.question.data:  # an address allows the same with any parameters
                request.errors = self.question.form.errors
        response = super().dispatch(request, *args, **named)
        if request.errors:
            response.status_code = 400
        return response


class PublishedRecords(Filtered):
    """Published records of ``model`` that match the query string."""

    filterset_class = ProjectFilter

    @cached_property
    def rows(self):
        """The records, in order. BadQuery if the query string is not valid."""
        return self.filterset.narrowed()

    @cached_property
    def count(self):
        return self.rows.count()

    def documents(self):
        """Return the documents of the page, JSON as bytes, in order, in at most one query."""
        _page, window = self.filterset.window(self.count)
        return self.rows.documents(window)


_quoted = lru_cache(maxsize=1000)(quote_plus)  # the links of a list differ in one value


def address(request, path="", **parameters):
    """Return the absolute address of ``path`` (default: this request's) with the query string.

    ``parameters``: set in it; None removes one.
    """
    query = dict(request.GET.lists())
    query |= {name: [] if value is None else [value] for name, value in parameters.items()}
    text = urlencode(query, doseq=True, quote_via=_quoted)
    return request.build_absolute_uri((path or request.path) + (f"?{text}" if text else ""))


def site_of(request):
    """Return the address of this site as the request names it, without a final slash."""
    return request.build_absolute_uri("/").rstrip("/")


def identity(path):
    """Return the permanent identifier for ``path``. Unlike links, it does not depend on the host of the request."""
    return settings.SITE_ADDRESS.rstrip("/") + path


def take_no_parameters(request):
    """BadQuery if the address has parameters; on a page, Elsewhere."""
    return filterset_of(request, NoFilter).asked


def filterset_of(request, filterset_class, model=Project):
    """Return the filter of the query string. On a page, raise Elsewhere if it needs tidying.

    With ``as_of``, ``request.register_version`` becomes that of then.
    """
    filterset = filterset_class(request.GET, request.register, model)
    if "as_of" in filterset.data:
        request.register_version = SimpleLazyObject(lambda: filterset.version)
    if request.is_page:
        redirect_to_tidy(request, filterset)
    return filterset


class Gone(Http404):
    """A record that was withdrawn; says when."""

    status = 410

    def __init__(self, at):
        day = date_in_words(at.date().isoformat())
        super().__init__(_("This record was withdrawn on %(day)s.") % {"day": day})


class PublishedRecord(Filtered):
    """One published record of ``model``, by its key."""

    filterset_class = AsOfFilter

    def document(self, key):
        """Return the record's document, JSON as bytes. BadQuery if a parameter is wrong.

        Gone or Http404 if there is none; MergedAway if it was merged. If the key is in the wrong case, a page raises
        Elsewhere, and anything else Http404 with the right key.
        """
        try:
            return self._document(key, self.filterset.asked.get("as_of"))
        except Http404 as absent:
            query = getattr(absent, "query", self.request.META.get("QUERY_STRING", ""))
            if new_key := self.moved_to(key):
                raise MergedAway(self.path_with(key, new_key), query) from None
            if not (right_key := key_in_other_case(self.model, key)):
                raise
            if self.request.is_page:
                raise Elsewhere(self.path_with(key, right_key), query) from None
            raise Http404(f"{absent} The correct spelling is “{right_key}”.") from None

    def record(self, key):
        """Return the record's document with every member; errors as of ``document``."""
        return upgrade(self.model, self.document(key))

    def shown(self, key):
        """Return the record's document with every member, and the Past of its page; errors as of ``document``."""
        text, moment = self.document(key), self.filterset.asked["as_of"]
        return upgrade(self.model, text), past_of(self.request.register, self.model, key, text, moment)

    def _document(self, key, moment):
        revisions = Revision.objects.of(self.model, key).public()
        if moment:
            revisions = revisions.filter(at__lte=moment.latest)
        elif text := self.filterset.register.document(self.model, key):
            return text
        last = revisions.first()  # the newest
        if last and public_state(last.action, last.state) != "published":
            raise Gone(last.at)
        if last and moment:
            return last.document.encode()
        if moment:
            words = _("“%(key)s” was not in the register on %(moment)s.")
            absent = Http404(words % {"key": key, "moment": moment.in_words})
        else:
            words = _("This register has no “%(key)s” among its %(kinds)s.")
            absent = Http404(words % {"key": key, "kinds": str(self.model.heading).lower()})
        if len(key) >= LEAST_LETTERS:
            alike, query = self.filterset.register.keys_like(self.model, key), self.filterset.data.urlencode()
            ending = query and f"?{query}"
            meant = self.filterset.register.rows(self.model).of(alike[:MOST_MEANT]).read()
            absent.meant = [  # for errors.py
                (key_of(each), name_in_words(each), self.path_with(key, key_of(each)) + ending) for each in meant
            ]
        raise absent

    def moved_to(self, key):
        """Return the key that the record ``key`` was merged into; None unless both were public."""
        new_key = redirected_keys(self.model, [key]).get(key)
        if new_key is None or not Revision.objects.of(self.model, new_key).public().exists():
            return None
        last = Revision.objects.of(self.model, key).public().first()
        return new_key if last and last.action == "deleted" else None  # else it was created again

    def path_with(self, key, new_key):
        """Return the path of this request with another key."""
        old, new = (self.model.path_of(each).removesuffix("/") for each in (key, new_key))
        return self.request.path.replace(old, new, 1)


def as_shown(model, members, texts, register):
    """Yield documents (JSON) of ``model`` as the API shows them: with ``project_count`` in a Register, and ``url``.

    ``members``: only these, in the documents' order; all if it is empty.
    """
    is_counted = model is not Project and not (members and {"project_count", "url"}.isdisjoint(members))
    for text in texts:
        if is_counted:
            document = orjson.loads(text)
            key = key_of(document)
            url = b"" if "url" in document else b',"url":"%b"' % model.path_of(key).encode()
            number = register.projects.having(model._meta.model_name, [key]).count()
            text = b'%b,"project_count":%d%b}' % (text[:-1], number, url)
        if members:
            text = orjson.dumps({name: value for name, value in orjson.loads(text).items() if name in members})
        yield text
