"""The pages of single records, and the lists of countries, instruments, agreements and organisations."""

from django.db.models import Exists, OuterRef
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.views import View
from lxml import etree

from instruments.models import Instrument
from provenance.documents.declaration import key_of
from provenance.models import Claim, Original, Source, State
from provenance.store.build import upgrade
from provenance.store.editions import public_text

from .. import charts
from ..charts.scale import sum_in
from ..iati.reasons import iati_status
from ..iati.xml import parsed
from ..index import figures
from ..index.rows import Records
from ..models import Participation, Project
from ..published.past import Past
from ..published.source_page import addresses, citing, of_documents, page_count, quoted, read, with_addresses
from ..published.statements import not_stated, statements
from ..published.views import KINDS, LenientPage, PublishedRecord, PublishedRecords, crumbs, take_no_parameters
from ..search.filters import ListFilter, NoFilter
from ..words.phrases import counted_in_words
from .overview import overview

SHOWN_RELATED = 6
SHOWN_PARTS = 100


class ProjectDetail(LenientPage, PublishedRecord, View):
    """The page of a project."""

    def get(self, request, key):
        project, past = self.shown(key)
        return project_page(request, project, self.filterset.register, past)


def public_page(request, model, text, more):
    """Return the page of a record as it will look when published; ``text``: its document; ``more``: context for staff.

    Draft sources are shown, because they will be published with it.
    """
    document, sources = upgrade(model, text), Source.objects.filter(revision__isnull=False)
    if model is Project:
        return project_page(request, document, request.register, sources=sources, **more)
    if model is Source:
        return source_page(request, document, request.register, public_text(document), 1, more)
    return record_page(request, model, document, request.register, more, sources)


def project_page(request, project, register, past=None, sources=None, **more):
    """Return the page of a project's document.

    ``register``: where to look for related projects; None: show none. ``past``: the Past of the page; None: now.
    ``sources``: see ``statements``.
    """
    at, parts = request.register_version.at or timezone.now(), project["organisations"]
    roles = [(label, [part for part in parts if part["role"] == role]) for role, label in Participation.Role.choices]
    context = {
        "project": project,
        "record": project,
        "past": past,
        **evidence(project, register, past, sources),
        "funders": {part["funder"]["slug"]: part["funder"] for part in project["contributions"]}.values(),
        "funding": charts.funding(project),
        "roles": [(label, members) for label, members in roles if members],
        "unstated": not_stated(project),
        "has_passed": has_passed(project, at),
        "originals": [] if past else list(originals_of(project["slug"])),
        "iati": None if past else iati_status(project, at),
        "crumbs": crumbs(Project),
    }
    return render(
        request, "projects/project_detail.html", context | (related(register, project) if register else {}) | more
    )


def evidence(document, register, past, sources):
    """Return the context of a record's claims: by member, their sources, and the sentences, each once."""
    by_member, sources = statements(document["claims"], sources, addresses(register, document, past))
    return {"by_member": by_member, "sources": sources, "quoted": quoted(by_member, sources, past)}


class ProjectOriginal(PublishedRecord, View):
    """The page of an original IATI activity of a published project: its text, without contacts."""

    def get(self, request, key, number):
        take_no_parameters(request)
        project = self.record(key)
        original = originals_of(key).defer(None).filter(pk=number).first()
        if original is None:
            raise Http404(gettext("This project has no original %(number)s.") % {"number": str(number)[:40]})
        context = {
            "project": project,
            "original": original,
            "text": without_contacts(original.text),
            "crumbs": crumbs(Project, project),
        }
        return render(request, "projects/project_original.html", context)


class RecordList(LenientPage, PublishedRecords, View):
    """The list of countries, instruments, agreements or organisations by name as shown, with figures."""

    filterset_class = ListFilter

    @cached_property
    def rows(self):
        register = self.filterset.register
        return Records(register, self.model, register.by_name_shown(self.model._meta.model_name))

    def get(self, request):
        kind = self.model._meta.model_name
        page, _window = self.filterset.window(self.count)
        documents, moment = [upgrade(self.model, text) for text in self.documents()], self.filterset.asked["as_of"]
        keys, projects = [key_of(document) for document in documents], self.filterset.register.projects
        groups = sums = figures_by_key(projects, kind, keys)
        if kind == "organisation":  # its sums are of the projects that it funds
            funded = figures.numbers(projects, "funder")
            sums = {key: group | {"projects": funded.get(key, 0)} for key, group in groups.items()}
        shared = figures_by_key(projects.in_several_countries(), "country", keys) if kind == "country" else {}
        context = {
            "grouping": kind, "collection": self.model.collection, "heading": self.model.heading,
            "past": Past(moment) if moment else None,
            "count": counted_in_words(self.model.counted, self.count),
            "rows": [
                {
                    "record": document,
                    "projects": groups[key]["projects"] if key in groups else 0,
                    "figure": sums.get(key),
                    "shared": key in shared and sum_in(figures.main_currency(groups[key]), shared[key]),
                }
                for key, document in zip(keys, documents, strict=True)
            ],
            "page_obj": page,
            "feed": f"/{self.model.collection}.atom",
        }  # fmt: skip
        return render(request, "projects/record_list.html", context)


def figures_by_key(projects, grouping, keys):
    """Return ``{key: group of figures}`` (see ``figures.groups``) of ``projects``, rows of the index."""
    return {group["key"]: group for group in figures.groups(projects, grouping, set(keys))}


class RecordDetail(LenientPage, PublishedRecord, View):
    """The page of a country, instrument, agreement or organisation."""

    def get(self, request, key):
        document, past = self.shown(key)
        more = overview(self.model, document, self.filterset.register, past) | {"past": past}
        if self.model is Instrument:
            more["successors"] = successors(self.filterset.register, key)
        return record_page(request, self.model, document, self.filterset.register, more)


def record_page(request, model, document, register, more, sources=None):
    """Return the page of another document than a project's; ``more``: context; ``sources``: see ``statements``."""
    context = {
        "collection": model.collection,
        "grouping": model._meta.model_name,
        "key": key_of(document),
        "record": document,
        "crumbs": crumbs(model),
        **evidence(document, register, more.get("past"), sources),
    }
    return render(request, "projects/record_detail.html", context | more)


class ReadingFilter(ListFilter):
    """The parameters of the page of a source: ``as_of``, and the page of its text or of the records that quote it."""

    page_size = None
    rows_a_page = 1


class SourceDetail(LenientPage, PublishedRecord, View):
    """One source: what it is, its text or the sentences quoted from it, and what each of them supports."""

    model = Source
    filterset_class = ReadingFilter

    def get(self, request, key):
        (document, past), register = self.shown(key), self.filterset.register
        text = None if past else public_text(document)
        page, _window = self.filterset.window(page_count(register, document, text))
        more = {"past": past, "page_obj": page}
        return source_page(request, document, register, text, page.number, more)


def source_page(request, document, register, text, page, more):
    """Return a page of a source's document in a Register; ``text``: all of it, if it is shown; ``more``: context."""
    by_model = citing(register, document["slug"])
    context = {
        "record": document,
        "is_whole": text is not None,
        **read(register, document, text, page),
        "citing": [counted_in_words(model.counted, records.count()) for model, records in by_model],
        "crumbs": crumbs(Source),
        "feed": "/sources.atom",
    }
    return render(request, "projects/source_detail.html", context | more)


class SourceClaims(LenientPage, PublishedRecord, View):
    """What one source says about one record: the sentences, and what each supports."""

    model = Source

    def get(self, request, key, collection, record):
        if collection not in KINDS:
            raise Http404(gettext("Nothing in this record comes from this source."))
        source = self.record(key)
        self.model = KINDS[collection]  # it is withdrawn, merged or elsewhere as on its own page
        document, past = self.shown(record)
        passages = of_documents(source, [(self.model, document)])
        if not passages:
            raise Http404(gettext("Nothing in this record comes from this source."))
        passages = with_addresses(passages, self.filterset.register, source, document["url"], past)
        context = {
            "source": source, "about": document, "kind": self.model._meta.model_name, "passages": passages,
            "past": past, "crumbs": crumbs(Source, source),
            "words": source["title"],
        }  # fmt: skip
        return render(request, "projects/source_claims.html", context)


class SourceText(PublishedRecord, View):
    """The text of a source as it was read, where readers may see all of it."""

    model = Source
    filterset_class = NoFilter

    def get(self, request, key):
        text = public_text(self.record(key))
        if text is None:
            raise Http404(gettext("The text of this source cannot be read here."))
        return HttpResponse(text, content_type="text/plain; charset=utf-8")


def has_passed(project, at):
    """Whether a project's end had passed at a time, while its sources call it planned or ongoing."""
    end = project["end_date"]
    is_open = project["status"] in ("planned", "ongoing") or (end and end["planned"])
    return bool(end and is_open and end["latest"] < at.date().isoformat())


def related(register, project):
    """Return the context about sub-projects and related projects of ``project``, a document.

    ``parts``: the first sub-projects; ``more_parts``: the number of others; ``related``: ``[(document, shared
    members)]`` of the first related projects.
    """
    rows, names = register.projects.having("part_of", [project["slug"]]), ("partnerships", "countries", "themes")
    parts = rows.read(slice(SHOWN_PARTS))
    return {
        "parts": parts,
        "more_parts": rows.count() - len(parts),
        "related": [
            (document, {name: [member for member in document[name] if member in project[name]] for name in names})
            for document in register.projects.related_to(project).read(slice(SHOWN_RELATED))
        ],
    }


def successors(register, code):
    """Return the documents of the published instruments that succeeded the instrument ``code``."""
    instruments = register.cached("instruments", register.rows(Instrument).read)
    return [each for each in instruments if each["predecessor"] and each["predecessor"]["code"] == code]


def originals_of(key):
    """Return the originals of the project ``key`` from public sources that support one of its claims, newest first."""
    claims = Claim.objects.filter(source=OuterRef("source"), content_type__model="project", object_id=key)
    rows = Original.objects.filter(Exists(claims), kind="project", key=key, source__state=State.PUBLISHED)
    return rows.select_related("source").defer("text")


def without_contacts(text):
    """Return an activity's XML without contact persons; "" if it is not XML."""
    root = parsed(text)
    if root is None:
        return ""
    etree.strip_elements(root, "{*}contact-info", with_tail=False)
    return etree.tostring(root, encoding="unicode")
