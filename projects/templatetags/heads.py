"""The head of a page, for search engines, other sites and feed readers."""

from urllib.parse import urlencode

from django import template
from django.utils.text import capfirst

from projects.published import in_short
from projects.published.schema_org import linked_data_of
from projects.published.views import KINDS
from projects.search.filters import NOT_NARROWING, ONLY_WITH, PAGE_SIZE, ProjectFilter
from projects.words.phrases import full_name, locale, undirected

register = template.Library()

DEFAULTS = {"page": "1", "page_size": str(PAGE_SIZE)} | {
    name: each.extra["default"] for name, each in ProjectFilter.base_filters.items() if "default" in each.extra
}
LISTS = ("/projects/", "/projects/pictures/")  # which other sites can show, as they can the pages of projects


@register.simple_tag(takes_context=True)
def page_head(context):
    """Return the context of ``head_links.html``.

    Reads from the view's context, if there: ``status`` and ``errors`` (an error page), ``publication`` (a draft),
    ``page_obj``, ``languages``, ``project`` or ``record`` (a document), ``past``, ``words``, ``feed``, ``schema_org``.
    """
    request = context.get("request")
    if request is None:
        return {}
    is_draft, past = context.get("publication"), context.get("past")
    is_error = bool(is_draft or context.get("status") or getattr(request, "errors", None))
    document, page = context.get("project") or context.get("record"), context.get("page_obj")
    is_empty = page is not None and not document and not page.paginator.count
    path, query = request.path_info, canonical_query(request.GET)  # without the language in front
    title, short = title_of(context, document), None if is_error else short_of(context, document)
    absolute, codes = request.build_absolute_uri, [each["code"] for each in context.get("languages") or ()]
    alternates = [*((code, f"/{code}{path}{query}") for code in codes), ("x-default", path + query)]
    has_alternates = codes and not is_error and not path.startswith("/api/")
    is_embedded = path in LISTS or (path.startswith("/projects/") and (document or {}).get("url") == path)
    feed = context.get("feed")
    if context.get("filter"):
        feed = "/projects.atom" + canonical_query(context["filter"].data, without=NOT_NARROWING)
    return {
        "is_hidden": bool(is_error or past or is_empty),
        "canonical": None if is_error else absolute(language_root(context, path) + path + query),
        "alternates": [(code, absolute(there)) for code, there in alternates] if has_alternates else [],
        "locale": str(locale()),
        "title": title,
        "shared_title": undirected(short.headline if short else title),
        "description": undirected(context.get("description") or (short.description if short and short.summary else "")),
        "money": f"{short.description} " if short else "",
        "image": None if is_error else absolute(picture_of(document, path, query)),
        "feed": None if is_error or past else feed,
        "oembed": absolute(f"/oembed.json?{urlencode({'url': absolute()})}") if is_embedded and not is_error else None,
        "linked_data": context.get("linked_data")
        or (document and not (is_error or past) and linked_data_of(document, request)),
    }


def language_root(context, path):
    """Return the language prefix of the canonical address: as requested, always for French, never for the API."""
    if path.startswith("/api/"):
        return ""
    return context.get("root") or ("" if locale().language == "en" else f"/{locale().language}")


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


def title_of(context, document):
    """Return the title of the record, or the view's ``words``."""
    if document:
        return undirected(full_name(document, context.get("grouping")))
    return capfirst(context.get("words") or "")


def short_of(context, document):
    """Return the page InShort, or None if it is not about money."""
    if context.get("project"):
        return in_short.of_project(document)
    total = context.get("total")
    is_figure = isinstance(total, dict)  # a page of a record, or of a list
    return in_short.of_projects(title_of(context, document), total) if is_figure else None


def picture_of(document, path, query):
    """Return the address of the picture that other sites show of this page (see ``pages/pictures.py``)."""
    start = f"/{locale().language}/share"
    if document and document.get("url", "").startswith(tuple(f"/{name}/" for name in KINDS if name != "sources")):
        return f"{start}{document['url'].removesuffix('/')}.png{query}"
    return f"{start}/projects.png{query}" if path in LISTS else f"{start}/home.png"
