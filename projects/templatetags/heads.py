"""The head of a page, for search engines, other sites and feed readers."""

from urllib.parse import urlencode

from django import template
from django.utils.text import capfirst
from django.utils.translation import get_language

from projects.documents.phrases import full_name
from projects.published import in_short
from projects.published.schema_org import linked_data_of
from projects.published.views import KINDS
from projects.search.filters import NOT_NARROWING, ONLY_WITH, PAGE_SIZE, ProjectFilter

register = template.Library()

DEFAULTS = {"page": "1", "page_size": str(PAGE_SIZE)} | {
    name: each.extra["default"] for name, each in ProjectFilter.base_filters.items() if "default" in each.extra
}
LOCALES = {"en": "en_GB", "fr": "fr_FR"}


@register.simple_tag(takes_context=True)
def page_head(context):
    """Return the context of ``head_links.html``.

    Reads from the view's context, if there: ``status`` and ``errors`` (an error page), ``publication`` (a draft),
    ``page_obj``, ``languages``, ``project`` or ``record`` (a document), ``past``, ``words``, ``feed``, ``schema_org``.
    """
    request = context.get("request")
    if request is None:
        return {}
    is_error = bool(
        context.get("status") or getattr(request, "errors", None) or context.get("publication")
    )  # drafts, too
    document = context.get("project") or context.get("record")
    path, query = request.path_info, canonical_query(request.GET)  # without the language in front
    title, short = title_of(context, document), None if is_error else short_of(context, document)
    page = context.get("page_obj")
    return {
        "is_hidden": bool(
            is_error or context.get("past") or (page is not None and not document and not page.paginator.count)
        ),
        "canonical": None if is_error else request.build_absolute_uri(language_root(context, path) + path + query),
        "alternates": [] if is_error or path.startswith("/api/") else _alternates(context, request, path + query),
        "locale": LOCALES.get(language(), LOCALES["en"]),
        "title": title,
        "shared_title": short.headline if short else title,
        "description": context.get("description") or (short.description if short and short.summary else ""),
        "money": f"{short.description} " if short else "",
        "image": None if is_error else request.build_absolute_uri(picture_of(context, document, path, query)),
        "feed": None if is_error or context.get("past") else feed_of(context),
        "oembed": None if is_error or not _is_embedded(path, document) else _oembed(request),
        "linked_data": context.get("linked_data")
        or (document and not (is_error or context.get("past")) and linked_data_of(document, request)),
    }


def _is_embedded(path, document):
    """Whether the page can be shown on other sites (see ``pages/embed.py``)."""
    is_project = path.startswith("/projects/") and (document or {}).get("url") == path
    return is_project or path in ("/projects/", "/projects/pictures/")


def _oembed(request):
    return request.build_absolute_uri(f"/oembed.json?{urlencode({'url': request.build_absolute_uri()})}")


def language():
    return (get_language() or "en")[:2]


def language_root(context, path):
    """Return the language prefix of the canonical address: as requested, always for French, never for the API."""
    if path.startswith("/api/"):
        return ""
    return context.get("root") or ("" if language() == "en" else f"/{language()}")


def canonical_query(query, without=()):
    """Return the query string ``?…`` in canonical form: in one order, without parameters that have no effect."""
    asked = {name: sorted(filter(str.strip, query.getlist(name))) for name in ProjectFilter.base_filters}
    effective = {
        name: values
        for name, values in asked.items()
        if values and values != [DEFAULTS.get(name)] and name not in without
        and (name not in ONLY_WITH or any(asked[other] for other in ONLY_WITH[name]))
    }  # fmt: skip
    return "?" + urlencode(effective, doseq=True, safe=":") if effective else ""


def feed_of(context):
    """Return the address of the feed of the projects on the page, or the view's ``feed``."""
    if context.get("filter"):
        return "/projects.atom" + canonical_query(context["filter"].data, without=NOT_NARROWING)
    return context.get("feed")


def title_of(context, document):
    """Return the title of the record, or the view's ``words``."""
    if document:
        return full_name(context.get("grouping"), document)
    return capfirst(context.get("words") or "")


def short_of(context, document):
    """Return the page InShort, or None if it is not about money."""
    if context.get("project"):
        return in_short.of_project(document)
    total = context.get("total")
    is_figure = isinstance(total, dict)  # a page of a record, or of a list
    return in_short.of_projects(title_of(context, document), total) if is_figure else None


def picture_of(context, document, path, query):
    """Return the address of the picture that other sites show of this page (see ``pages/pictures.py``)."""
    start = f"/{language()}/share"
    if document and document.get("url", "").startswith(tuple(f"/{name}/" for name in KINDS if name != "sources")):
        return f"{start}{document['url'].removesuffix('/')}.png{query}"
    return f"{start}/projects.png{query}" if path in ("/projects/", "/projects/pictures/") else f"{start}/home.png"


def _alternates(context, request, address):
    """Return ``[(language, address)]``, the default last; [] if there is only one language."""
    codes = [each["code"] for each in context.get("languages") or ()]
    addresses = [(code, request.build_absolute_uri(f"/{code}{address}")) for code in codes]
    return [*addresses, ("x-default", request.build_absolute_uri(address))] if addresses else []
