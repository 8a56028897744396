"""How documents read on a page."""

from decimal import Decimal

from babel.numbers import format_percent
from django import template
from django.utils.html import format_html, format_html_join
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext, ngettext

from instruments.models import Instrument, Partnership
from projects.documents import phrases, terms
from projects.documents.glossary import ANCHORS
from projects.documents.sectors import sector_of
from projects.models import ThemeCode
from projects.published.statements import LANGUAGE
from projects.search import highlight
from provenance.documents import claims
from provenance.store.build import iso_seconds

register = template.Library()


@register.filter
def money(member):
    """``{"amount", "currency"}`` as ``EUR 2,584,000``; what is not stated says so."""
    if not member or member.get("amount") is None:
        return phrases.NOT_STATED
    return phrases.amount_in_words(member["amount"], member["currency"])


@register.simple_tag
def sums(figure, of="", what=""):
    """The sums of a figure, each with for how many projects it is known; of contributions or of total budgets.

    ``what``: in other words what is summed. Of many currencies that which is known for most projects is shown, and
    the others are folded.
    """
    first, *others = sorted(figure["amounts"], key=lambda each: (-each["stated_for"], each["currency"])) or [None]
    said = what or (gettext("in contributions") if of == "contributions" else gettext("in total budgets"))
    left_out = figure.get("counted_in_parent", 0)
    parts = [_sum(first, said, figure["projects"])] if first else [] if left_out else [_no_sum(figure, of)]
    if others:
        folded = ngettext("and %(number)s other currency", "and %(number)s other currencies", len(others))
        rows = format_html_join("", "<li>{}</li>", ((_sum(each, said, figure["projects"]),) for each in others))
        parts.append(
            format_html(
                ' <details class="more-sums"><summary>{}</summary><ul>{}</ul></details>',
                folded % {"number": len(others)}, rows,
            )
        )  # fmt: skip
    if left_out:
        words = ngettext(
            "not added: %(number)s sub-project whose main project gives its own amount",
            "not added: %(number)s sub-projects whose main projects give their own amounts",
            left_out,
        )
        parts.append(("; " if first else "") + words % {"number": phrases.number_in_words(left_out)})
    return format_html_join("", "{}", ((part,) for part in parts))


def _sum(each, said, projects):
    known = phrases.coverage_in_words(each["stated_for"], projects)
    return format_html('<span class="sum">{}</span> {} ({})', money(each), said, known)


def _no_sum(figure, of):
    none = gettext("no amount published") if of == "contributions" else gettext("no budget published")
    number = ngettext("%(number)s project", "%(number)s projects", figure["projects"])
    return f"{none} ({number % {'number': phrases.number_in_words(figure['projects'])}})"


@register.filter
def period(project):
    return phrases.period_in_words(project["start_date"], project["end_date"])


@register.filter
def status(project):
    return phrases.status_in_words(project["status"], project["status_as_of"])


@register.filter
def status_in_full(project):
    """The same, and that the source bears no date where that is so."""
    return phrases.status_in_full(project["status"], project["status_as_of"])


@register.filter
def date(member):
    """A date member as people say it, with whether it is only planned."""
    if not member:
        return phrases.NOT_STATED
    return phrases.planned_in_words(phrases.date_in_words(member["value"]), member["planned"])


@register.filter
def day(moment):
    """The day of a document's time: ``24 November 2026``."""
    return phrases.date_in_words(moment[:10])


@register.filter
def moment(at):
    """An aware time to the second: ``24 November 2026, 05:00:00 UTC``."""
    return phrases.moment_in_words(at.replace(microsecond=0))


@register.filter
def timestamp(at):
    """An aware time for ``<time datetime>``, which takes no more than three digits of a second."""
    return iso_seconds(at)


@register.filter
def language_name(code):
    """The name of a language, by its ISO 639 code, in the page's language."""
    return capfirst(phrases.locale().languages.get(code, code))


@register.filter
def given(mapping, key):
    """The value of ``key``, or nothing."""
    return (mapping or {}).get(key)


@register.filter
def instruments(project):
    """The codes of the instruments that a project's contributions name, each once."""
    codes = dict.fromkeys(
        phrases.instrument_code(part["instrument"]["code"]) for part in project["contributions"] if part["instrument"]
    )
    return ", ".join(codes) or phrases.NOT_STATED


KINDS = dict([*Instrument.Kind.choices, *Partnership.Kind.choices])


@register.filter
def kind_words(kind):
    """The kind of an instrument or a partnership as words."""
    return phrases.own_word(KINDS[kind])


@register.filter
def country_name(country):
    """The name of a country, ``{"code", "name"}``, in the page's language."""
    return phrases.country_name(country["code"], country["name"])


@register.filter
def plain_name(record, kind):
    """The name of a record in the page's language, with its abbreviation."""
    return phrases.full_name(kind, record)


@register.filter
def name(record, kind):
    """The same; a name without an official translation is marked as English."""
    words = plain_name(record, kind)
    if get_language() == "en" or kind == "country" or phrases.record_name(kind, record["name"]) != record["name"]:
        return words
    return format_html('<span lang="en">{}</span>', words)


@register.filter
def instrument_code(code):
    """The abbreviation of an instrument in the page's language."""
    return phrases.instrument_code(code)


@register.filter
def glossary(key):
    """The anchor in the glossary of an instrument's code, an agreement's kind or an organisation's slug, if any."""
    return key.lower() if key.lower() in ANCHORS else ""


@register.filter
def own_word(text):
    """A word of the register's own, such as a theme's name, in the page's language."""
    return phrases.own_word(text)


@register.simple_tag
def lang(document, member, text=""):
    """The attributes of an element that shows a member in its source's words, or the item ``text`` of it."""
    return format_html('lang="{}" dir="auto"', claims.language_of(document, member, text) or LANGUAGE)


@register.filter
def sector(line):
    """A sector in words: its vocabulary, code, name and share."""
    vocabulary, code, share, name = sector_of(line)
    kinds = gettext(dict(ThemeCode.Vocabulary.choices).get(vocabulary, "IATI SectorVocabulary"))
    share = share and format_percent(Decimal(share) / 100, decimal_quantization=False, locale=phrases.locale())
    return f"{kinds}{gettext(':')} {', '.join(filter(None, (code, name, share)))}"


@register.filter
def group_label(group, by):
    """The label of a group of figures, ``{"key", "label"}``, by country, theme, status …, in the page's language."""
    return phrases.value_in_words(by, group["key"], group["label"])


@register.filter
def number(count):
    """A whole number with its thousands apart."""
    return phrases.number_in_words(count)


@register.simple_tag
def missing(label, some, number):
    """For how many of ``number`` projects no source states something."""
    words = {"label": capfirst(label), "value": phrases.missing_in_words(some, number)}
    return gettext("%(label)s: %(value)s") % words


@register.filter
def count_of_projects(count):
    """How many projects a choice would give, in a column of numbers; None: nothing."""
    if count is None:
        return ""
    words = ngettext("project", "projects", count)
    said = '<span class="count">{}<span class="visually-hidden"> {}</span></span>'
    return format_html(said, phrases.number_in_words(count), words)


@register.filter
def wanted(query):
    """What is to be found by a search: its words and phrases, without those that it leaves out."""
    return terms.wanted(query)


@register.filter
def marked(text, wanted):
    """A text with what was searched for marked in it."""
    return highlight.marked(text, wanted)


@register.filter
def found_in(project, wanted):
    """Where else than in its title a project says what was searched for."""
    return highlight.found_in(project, wanted)


@register.filter
def names_instrument(project):
    """Whether a contribution names an instrument."""
    return any(part["instrument"] for part in project["contributions"])


@register.filter
def facet_label(value, name):
    """The label of a facet's value in the page's language; an instrument's with its code."""
    label = phrases.value_in_words(name, value.key, value.label)
    if name == "instrument" and value.key not in phrases.WITHOUT_ABBREVIATION:
        return f"{phrases.instrument_code(value.key)} – {label}"
    return label
