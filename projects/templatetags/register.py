"""Filters and tags that show documents on pages."""

from decimal import Decimal

from babel.numbers import format_percent
from django import template
from django.template.loader import render_to_string
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext, gettext_lazy, ngettext, pgettext_lazy

from projects.charts.scale import sum_in
from projects.index.figures import by_coverage, main_currency
from projects.models import ThemeCode
from projects.published.quotation import AMOUNT
from projects.published.statements import LANGUAGE
from projects.search import highlight
from projects.search.filters import ProjectFilter, ValuesFilter
from projects.words import phrases, terms
from projects.words.glossary import ANCHORS
from projects.words.sectors import sector_of
from provenance.documents import claims
from provenance.documents.diff import label as member_label
from provenance.store.build import iso_seconds

register = template.Library()

AMOUNT_NOT_KNOWN = pgettext_lazy("amount", "not known")
NOT_KNOWN = {  # where languages inflect it
    "start_date": pgettext_lazy("period", "not known"),
    "contributions": pgettext_lazy("contributions", "not known"),
    "partnerships": pgettext_lazy("agreements", "not known"),
}
MEASURES = {  # what sums are of, and that none is known
    "": (gettext_lazy("in total budgets"), gettext_lazy("no budget published")),
    "contributions": (gettext_lazy("in contributions"), gettext_lazy("no amount published")),
}
UNKNOWN = '<span class="not-known">{}</span>'
QUOTES = "_components/quotes.html"
MOST_SQUARES = 12  # beside a figure; one bar for more projects

register.filter("country_name", phrases.country_name)
register.filter("date", phrases.item_in_words)
register.filter("excerpts", highlight.excerpts)
register.filter("instrument_code", phrases.instrument_code)
register.filter("known_for", phrases.coverage_in_words)
register.filter("marked", highlight.marked)
register.filter("money", phrases.sum_in_words)
register.filter("number", phrases.number_in_words)
register.filter("own_word", phrases.own_word)
register.filter("reason", phrases.reason_in_words)
register.filter("period", phrases.period_in_words)
register.filter("plain_name", phrases.full_name)
register.filter("projects", phrases.projects_in_words)
register.filter("status", phrases.status_in_words)
register.filter("timestamp", iso_seconds)  # for ``<time datetime>``
register.filter("undirected", phrases.undirected)
register.filter("wanted", terms.included_terms)


@register.simple_block_tag(takes_context=True)
def fact(context, content, members, label, term="", always=False):
    """Return a row of a list of facts: ``content``, or that none of ``members`` is stated, and their sentences.

    "" if the record has none of them and no claim on them, unless ``always``. ``term``: an anchor of the glossary.
    """
    record, names = context["record"], members.split()
    if not always and not any(record[name] or name in context["by_member"] for name in names):
        return ""
    if not any(record[name] for name in names):
        words = NOT_KNOWN.get(names[0], phrases.NOT_KNOWN)
        content = format_html(UNKNOWN, words)
    heading = label
    if term:
        heading = format_html('<a class="term" href="{}/glossary/#{}">{}</a>', context["root"], term, label)
    abouts = [label] if len(names) == 1 else [gettext(member_label(name)) for name in names]
    parts = [render_to_string(QUOTES, quotes(context, *pair)) for pair in zip(names, abouts, strict=True)]
    sentences = format_html_join(" ", "{}", ((part,) for part in parts))
    return format_html('<div class="fact"><dt>{}</dt><dd>{}{}</dd></div>', heading, content, sentences)


@register.simple_tag
def not_known():
    """Return that a value is not known, with a hatched swatch."""
    return format_html(UNKNOWN, phrases.NOT_KNOWN)


@register.inclusion_tag(QUOTES, takes_context=True)
def quotes(context, member, about, again=False):
    """The sentences about a member of the page's record; ``again``: they are already on the page."""
    is_stated = bool(context["record"][member]) and not again
    statements = context["by_member"].get(member)
    return {"statements": statements, "about": about, "is_stated": is_stated, "again": again}


@register.simple_tag
def amount(amount, currency):
    """Return a sum with its currency small: ``EUR 2,584,000``."""
    small = format_html('<span class="currency">{}</span>', currency)
    words = {"currency": small, "number": phrases.number_in_words(amount)}
    return mark_safe(gettext("%(currency)s %(number)s") % words)  # noqa: S308  both are escaped


@register.simple_tag
def squares(known, number):
    """Return a square for each of ``number`` projects, filled for those that are ``known``; above 12, one bar."""
    if number > MOST_SQUARES:
        share = f"{known * 100 / number:.1f}%"
        return format_html(
            '<svg class="bar" width="96" height="13" aria-hidden="true" focusable="false">'
            '<rect class="torn" width="100%" height="13" fill="url(#hatch)"/>'
            '<rect class="known" width="{}" height="13"/></svg>',
            share,
        )
    known_ones, unknown = mark_safe("<i></i>" * known), mark_safe('<i class="unknown"></i>' * (number - known))  # noqa: S308
    return format_html('<span class="squares" aria-hidden="true">{}{}</span>', known_ones, unknown)


@register.simple_tag
def sums(figure, of="", own_label=None, currency=""):
    """Return the sums of a figure, each with the number of projects for which it is known.

    ``of``: "contributions", or "" for total budgets; ``own_label``: another label for these. The sum in ``currency`` is
    shown, that of the figure that this one stands beside; by default that known for most projects. Others are folded.
    """
    label, none = MEASURES[of]
    label = label if own_label is None else own_label
    currency, number = currency or main_currency(figure), figure["projects"]
    if not number:
        return gettext("no projects")
    if shown := sum_in(currency, figure):
        words = _sum(shown, label, number)
    elif figure["amounts"]:
        words = format_html(UNKNOWN, gettext("none known in %(currency)s") % {"currency": currency})
    elif not figure.get("counted_in_parent"):
        words = format_html(UNKNOWN, f"{none} ({phrases.projects_in_words(number)})")
    else:
        words = ""
    return format_html("{}{}", words, other_sums(figure, label, currency))


@register.simple_tag
def measure(figure, of=""):
    """Return the first sum of a figure large, with the number of projects for which it is known; see ``sums``."""
    if not figure["amounts"]:
        return sums(figure, of)
    first, number = by_coverage(figure)[0], figure["projects"]
    return format_html(
        '<strong class="amount-m">{}</strong> <span class="coverage">{}{}</span>{}',
        amount(first["amount"], first["currency"]), squares(first["stated_for"], number),
        phrases.coverage_in_words(first["stated_for"], number), other_sums(figure, ""),
    )  # fmt: skip


@register.simple_tag
def unattributed(figure, is_large=False, currency=""):
    """Return the part of total budgets that no source attributes to a funder, a figure of ``figures.funding``.

    ``currency``: see ``sums``.
    """
    first, *others = by_coverage(figure) or [None]
    if figure["projects"] and not first:
        return format_html(UNKNOWN, gettext("cannot be calculated: no total budget is known"))
    if first and not others and not Decimal(first["amount"]):
        known = phrases.coverage_in_words(first["stated_for"], figure["projects"])
        return gettext("Nothing: the contributions add up to the total budgets (%(known)s)") % {"known": known}
    if is_large:
        return measure(figure)
    return format_html('<div class="not-known">{}</div>', sums(figure, "", gettext("of the total budgets"), currency))


@register.simple_tag
def other_sums(figure, label=MEASURES[""][0], currency=""):
    """Return what follows the sum shown of a figure: the other currencies, folded, and the sums that are not added."""
    currency = currency or main_currency(figure)
    others = [each for each in by_coverage(figure) if each["currency"] != currency]
    left_out, parts = figure.get("counted_in_parent", 0), []
    if left_out:
        separator = gettext("; ") if figure["amounts"] else ""
        parts.append(format_html('{}<span class="note">{}</span>', separator, phrases.not_added_in_words(left_out)))
    if others:
        folded = ngettext("and %(number)s other currency", "and %(number)s other currencies", len(others))
        if len(others) == len(figure["amounts"]):
            folded = ngettext("known in %(number)s other currency", "known in %(number)s other currencies", len(others))
        rows = format_html_join("", "<li>{}</li>", ((_sum(each, label, figure["projects"]),) for each in others))
        parts.append(
            format_html(
                ' <details class="more-sums"><summary>{}</summary> <ul>{}</ul></details>',
                folded % {"number": len(others)}, rows,
            )
        )  # fmt: skip
    return format_html_join("", "{}", ((part,) for part in parts))


def _sum(known_sum, label, projects):
    known = phrases.coverage_in_words(known_sum["stated_for"], projects)
    return format_html('<span class="sum">{}</span> {} ({})', phrases.sum_in_words(known_sum), label, known)


@register.filter
def day(moment):
    """Return the day of a document's time: ``24 November 2026``."""
    return phrases.date_in_words(moment[:10])


@register.filter
def moment(at):
    """Return an aware time to the second: ``24 November 2026, 05:00:00 UTC``."""
    return phrases.moment_in_words(at.replace(microsecond=0))


@register.filter
def language_name(code):
    """The name of a language, by its ISO 639 code, in the page's language."""
    return capfirst(phrases.locale().languages.get(code, code))


@register.filter
def anchor(url):
    """The fragment of an address."""
    return url.partition("#")[2]


@register.filter
def name(record, kind):
    """Return ``plain_name``; if it has no official translation, mark it as English."""
    words = phrases.full_name(record, kind)
    if get_language() == "en" or kind == "country" or phrases.record_name(kind, record["name"]) != record["name"]:
        return words
    return format_html('<span lang="en">{}</span>', words)


@register.filter
def glossary(key):
    """Return the glossary's anchor for an instrument's code, agreement's kind or organisation's slug, or ""."""
    return key.lower() if key.lower() in ANCHORS else ""


@register.simple_tag
def lang(document, member, text=""):
    """The attributes of an element that shows a member in its source's words, or the item ``text`` of it."""
    language = claims.language_of(document, member, text) or document.get("language") or LANGUAGE
    return format_html('lang="{}" dir="auto"', language)


@register.filter
def sector(line):
    """A sector in words: its vocabulary, code, name and share."""
    vocabulary, code, share, name, _uri = sector_of(line)
    kinds = gettext(dict(ThemeCode.Vocabulary.choices).get(vocabulary, "IATI SectorVocabulary"))
    share = share and format_percent(Decimal(share) / 100, decimal_quantization=False, locale=phrases.locale())
    return f"{capfirst(kinds)}{gettext(':')} {', '.join(filter(None, (code, name, share)))}"


@register.simple_tag
def missing(label, part, number):
    """Return words for how many of ``number`` projects lack ``label``."""
    value = gettext("missing for %(projects)s") % {"projects": phrases.of_projects(part, number)}
    return gettext("%(label)s: %(value)s") % {"label": capfirst(label), "value": value}


@register.filter
def with_amounts(text):
    """Return words of a source with the amounts in them marked."""
    return mark_safe(AMOUNT.sub(r'<mark class="amount">\g<0></mark>', escape(text)))  # noqa: S308  no sum has an entity


@register.filter
def parameter_label(name):
    """Return the label of a parameter of the list; ``name`` of others."""
    return ValuesFilter.base_filters[name].label if name in ValuesFilter.base_filters else name


@register.filter
def field_id(name):
    """Return the id of the field of a parameter on the list, or "" if it has none."""
    if name in ("page", "as_of") or name not in ProjectFilter.base_filters:
        return ""
    return f"facet-{name}" if ProjectFilter.base_filters[name].is_repeatable else f"id_{name}"


@register.simple_tag
def tick(value, name):
    """Return the checkbox of a facet's value. It is not in a template, because a page has a hundred of them."""
    return format_html(
        '<label><input type="checkbox" name="{0}" value="{1}"{2}>'
        ' {3} <span class="count">{4}</span></label>',
        name, value.key, " checked" if value.is_picked else "", facet_label(value, name),
        phrases.number_in_words(value.count),
    )  # fmt: skip


@register.filter
def facet_label(value, name):
    """Return the label of a facet's value, for instruments with the code."""
    if name == "instrument":
        return capfirst(phrases.instrument_name(value.key, value.label))
    return phrases.value_in_words(name, value.key, value.label)
