"""Ways to reuse a page: its citation, its address, its files."""

from urllib.parse import quote

from django import template
from django.utils.html import conditional_escape, escape, format_html
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from projects.exports.about import register_name
from projects.exports.formats import offered
from projects.published.in_short import money_of
from projects.published.statements import LANGUAGE
from projects.words.phrases import date_in_words, quoted, undirected
from provenance.models.revision import iso_milliseconds

from .heads import canonical_query, language_root, short_of, title_of

register = template.Library()
INNER = str.maketrans("“”", "‘’")  # quotation marks within quotation marks


@register.simple_tag(takes_context=True)
def citation(context, title, total=None, sources=(), page="", language=""):
    """Return a citation of the page: register, title, sums, version, seal, address and sources; "" before version 1.

    The address, of this page or of ``page``, always gives the same answer. ``total``: the figure of a list;
    ``sources``: documents; ``language``: of the title, if it is not the page's. It is HTML.
    """
    request = context["request"]
    version = request.register_version
    if not version.head:
        return ""
    asked = request.GET.copy()
    asked["as_of"] = iso_milliseconds(version.at)
    called = quoted(_marked(title, language).translate(INNER))
    parts = {
        "register": escape(register_name()), "title": f"{called}, {escape(money_of(total))}" if total else called,
        "number": version.number, "day": date_in_words(version.at.date().isoformat()), "seal": version.seal,
        "address": escape(_address(context, canonical_query(asked), page)),
    }  # fmt: skip
    cited = [_("%(register)s: %(title)s, version %(number)s (%(day)s), seal %(seal)s. %(address)s") % parts]
    for source in sources:
        title = _marked(source["title"], source["language"] or LANGUAGE)
        parts = {"title": title, "day": source["read_date"] and date_in_words(source["read_date"])}
        cited.append((_("Source: %(title)s, read on %(day)s.") if parts["day"] else _("Source: %(title)s.")) % parts)
    return mark_safe(undirected(" ".join(cited)))  # noqa: S308 (its parts are escaped)


def _marked(text, language):
    """Return a text as HTML, marked with its language unless this is the page's."""
    if get_language().startswith(language):
        return conditional_escape(text)
    return format_html('<span lang="{}">{}</span>', language, text)


@register.simple_tag(takes_context=True)
def shared(context):
    """Return ``{"address", "mail"}``: the page's address, and that of an e-mail with its title, money and address."""
    document = context.get("project") or context.get("record")
    address, short = _address(context, canonical_query(context["request"].GET)), short_of(context, document)
    lines = filter(None, [short and short.money, address])
    mail = f"mailto:?subject={quote(title_of(context, document))}&body={quote(chr(10).join(lines))}"
    return {"address": address, "mail": mail}


@register.simple_tag
def formats_of(name, in_iati=False):
    """Return the Formats of the list ``name``: ``first``, for spreadsheets, and ``others``, IATI only if ``in_iati``.

    The feed is not among them: pages offer to follow it.
    """
    by_suffix = {each.suffix: each for each in offered(name, in_iati) if each.suffix != "atom"}
    first = [by_suffix.pop(suffix) for suffix in ("xlsx", "csv") if suffix in by_suffix]
    return {"first": first, "others": list(by_suffix.values())}


def _address(context, query, page=""):
    request = context["request"]
    path = page or request.path_info
    return request.build_absolute_uri(language_root(context, path) + path + query)
