"""Dates, sums and queries in words, in the page's language."""

import re
from datetime import UTC, date
from decimal import Decimal
from functools import cache, lru_cache
from itertools import pairwise

from babel import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import get_decimal_symbol, get_group_symbol
from django.conf import settings
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext_lazy, ngettext, ngettext_lazy, npgettext, override, pgettext
from django.utils.translation import gettext as _

from instruments.models import Instrument, Partnership
from provenance.documents.claims import EARLIER
from provenance.documents.declaration import short_name
from provenance.documents.folding import countries
from provenance.store.log import record_kinds

from . import grammar
from .terms import terms_of

NOT_KNOWN = gettext_lazy("not known")
PROJECTS = ngettext_lazy("%(number)s project", "%(number)s projects", "count")
WITHOUT_ABBREVIATION = {  # instruments whose code is not an abbreviation
    "BILATERAL": gettext_lazy("bilateral assistance"),
    "NATIONAL": gettext_lazy("partner countries’ own sources"),
}
KINDS = dict([*Instrument.Kind.choices, *Partnership.Kind.choices])
AMOUNT = re.compile(r"\b([A-Z]{3}) ([\d,]+\.\d\d)\b")  # as recorded texts give it
DIRECTIONS = dict.fromkeys([0x61C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])  # bidi controls
STATES = {name: code for code, name in countries().items()}  # as which organisations are named
TRANSLATED = ("instrument", "partnership", "organisation")  # kinds with official names in other languages
LOCALES = Locale.parse("en_GB"), Locale.parse("fr_FR")


def locale():
    """Return the CLDR locale of the page's language; English is British."""
    return LOCALES[(get_language() or "").startswith("fr")]


def own_word(text):
    """Return a theme, role, kind or other term of this register in the page's language; ``text`` if unknown."""
    return _(KINDS.get(text, text)) if text else ""


def reason_in_words(reason):
    """Return why a claim is not adopted; a sentence of ours in the page's language, a person's as it was written."""
    value = reason.removeprefix(EARLIER.format(value=""))
    if value == reason:
        return reason
    value = AMOUNT.sub(lambda found: amount_in_words(found[2].replace(",", ""), found[1]), value)
    return _("it states the earlier value %(value)s") % {"value": value}


def country_name(code, name):
    """Return the name of a country in the page's language: in English as recorded, else from CLDR."""
    known = locale()
    return name if known.language == "en" else known.territories.get(code, name)


def countries_in_words(document):
    """Return the names of the countries of a project, separated by commas."""
    return ", ".join(country_name(country["code"], country["name"]) for country in document["countries"])


def undirected(text):
    """Return a text without the signs that change the direction of what follows, for where it cannot be isolated."""
    return str(text).translate(DIRECTIONS)


def record_name(kind, name):
    """Return the official name of a record in the page's language, or ``name``.

    ``kind``: the parameter that finds projects by it, which is also the message context of its name.
    """
    if kind == "organisation" and name in STATES:
        return country_name(STATES[name], name)
    return pgettext(kind, name) if name and kind in TRANSLATED else name


def instrument_code(code):
    """Return the abbreviation of an instrument in the page's language (``IEV`` for ENI), or words if it has none."""
    return str(WITHOUT_ABBREVIATION.get(code) or pgettext("abbreviation", code))


def instrument_name(code, name):
    """Return the name of an instrument in the page's language, its abbreviation first, as charts cut names."""
    short = "" if code in WITHOUT_ABBREVIATION else f"{instrument_code(code)} – "
    return short + record_name("instrument", name)


def full_name(record, kind):
    """Return the name of a record in the page's language, with its abbreviation; or its title."""
    if title := record.get("title"):
        return title
    if kind == "country":
        return country_name(record["code"], record["name"])
    name, short = capfirst(record_name(kind, record["name"])), short_name(record_kinds()[kind], record)
    is_short = short and short not in WITHOUT_ABBREVIATION
    return f"{name} ({pgettext('abbreviation', short)})" if is_short else name


def repeated(titles):
    """Return those of ``titles`` that occur more than once or begin another one, as a set."""
    return {title for title, after in pairwise(sorted(titles)) if after.startswith(title)}


@lru_cache(10_000)
def names_in_every_language(parameter, key, name):
    """Return the names by which projects of the record ``key`` are found: in every language, with instrument codes."""
    names = [name, key] if parameter == "instrument" else [name]
    for language, _label in settings.LANGUAGES:
        with override(language):
            names.append(str(value_in_words(parameter, key, name)))
            names += [instrument_code(key)] if parameter == "instrument" else []
    return list(dict.fromkeys(names))


def number_in_words(number):
    """Return a number with separators, and with cents if there are any: ``2,584,000``."""
    if isinstance(number, int) and 0 <= number < 1000:
        return str(number)
    number = Decimal(number)
    return (f"{number:,.2f}" if number % 1 else f"{number:,.0f}").translate(_signs(locale()))


@cache
def _signs(language):
    """Return the translation table from the English separators to those of a locale."""
    return str.maketrans({",": get_group_symbol(language), ".": get_decimal_symbol(language)})


def counted_in_words(counted, number):
    """Return how many, such as ``1,296 sources``. ``counted``: ngettext_lazy by ``count``, which names ``number``."""
    return counted % {"count": number, "number": number_in_words(number)}


def projects_in_words(number):
    return counted_in_words(PROJECTS, number)


def amount_in_words(amount, currency):
    """Return a sum such as ``EUR 2,584,000``, with cents if there are any."""
    return _("%(currency)s %(number)s") % {"currency": currency, "number": number_in_words(amount)}


def sum_in_words(member):
    """Return ``{"amount", "currency"}`` as ``EUR 2,584,000``; "" if there is none."""
    return amount_in_words(member["amount"], member["currency"]) if member else ""


def not_added_in_words(number):
    """Return that the amounts of ``number`` sub-projects are not added (see ``counted_in_parent`` of figures)."""
    words = ngettext(
        "not added: %(number)s sub-project whose main project gives its own amount",
        "not added: %(number)s sub-projects whose main projects give their own amounts",
        number,
    )
    return words % {"number": number_in_words(number)}


def coverage_in_words(known, number):
    """Return the number of projects for which an amount is ``known``, in words."""
    if not number:
        return _("no projects")
    words = _("known for %(projects)s") if known else _("not known for %(projects)s")
    return words % {"projects": of_projects(known or number, number)}


def of_projects(part, number):
    """Return ``4 of 8 projects``, ``both projects``, ``1 project`` …"""
    if part == number == 2:
        return pgettext("for", "both projects")
    if part == number:
        words = npgettext("for", "1 project", "all %(number)s projects", number)
    else:
        words = npgettext("for", "%(some)s of %(number)s projects", "%(some)s of %(number)s projects", part)
    return words % {"some": number_in_words(part), "number": number_in_words(number)}


def contributed_in_words(contributing):
    """Return ``ProjectFilter.contributing`` in words: ``contributed by France through the ENI``."""
    instruments, funders = (contributing.get(name, {}) for name in ("instrument", "funder"))
    if instruments and funders:
        words = _("contributed by %(funders)s through %(instruments)s")
    else:
        words = _("contributed by %(funders)s") if funders else _("contributed through %(instruments)s")
    names = either(_with_articles("organisation", funders))
    return words % {"instruments": either(_abbreviations(instruments)), "funders": names}


def either(texts):
    """Return ``a, b or c``."""
    return format_list([str(text) for text in texts], style="or", locale=locale())


def date_in_words(value):
    """Return an ISO date of any precision as ``2010``, ``February 2009`` or ``1 February 2009``."""
    return _date_in_words(value, locale())


@lru_cache(10_000)
def _date_in_words(value, language):
    pattern = {4: "y", 7: "MMMM y", 10: "d MMMM y"}[len(value)]
    words = format_date(date.fromisoformat((value + "-01-01")[:10]), pattern, locale=language)
    return re.sub(r"^1 ", "1er ", words) if language.language == "fr" else words


def moment_in_words(moment, is_day=False):
    """Return an aware time as ``24 November 2026, 05:00:00 UTC``, or only its day."""
    moment = moment.astimezone(UTC)
    day = date_in_words(moment.date().isoformat())
    if is_day:
        return day
    part = f".{moment.microsecond // 1000:03}" if moment.microsecond else ""
    return _("%(day)s, %(time)s UTC") % {"day": day, "time": f"{moment:%H:%M:%S}{part}"}


def planned_in_words(text, is_planned):
    return _("%(date)s (planned)") % {"date": text} if is_planned else text


def period_in_words(start, end):
    """Return the period between the start and end members of a document."""
    if not start and not end:
        return pgettext("period", "not known")
    dates = [date_in_words(member["value"]) if member else "" for member in (start, end)]
    if start and end and start != end and start["value"].startswith(end["value"]):
        dates[1] = _("later in %(period)s") % {"period": dates[1]}
    planned = [bool(member and member["planned"]) for member in (start, end)]
    if all(planned):
        return _("planned %(period)s") % {"period": _at_date(start["value"]) if start == end else _span(*dates)}
    if any(planned) and not (start and end):
        words = _("planned start: %(start)s") if start else _("planned end: %(end)s")
        return words % {"start": dates[0], "end": dates[1]}
    return _span(*map(planned_in_words, dates, planned))


def _span(start, end):
    if start == end:
        return start
    return _within(start, end, _("%(first)s to %(last)s"), _("from %(first)s"), _("until %(last)s"))


def _within(first, last, both, since, until):
    """Return ``both``, ``since`` or ``until`` with ``first`` and ``last`` filled in; "" if both of these are empty."""
    words = both if first and last else since if first else until
    return grammar.joined(words % {"first": first, "last": last}) if first or last else ""


def status_in_words(status, as_of):
    """Return a status with the date of its source, because the source does not say what is so today."""
    if not status:
        return NOT_KNOWN
    words = {"status": own_word(status), "day": as_of and date_in_words(as_of)}
    if status == "completed":
        return words["status"]
    known, unknown = _("%(status)s (source of %(day)s)"), _("%(status)s, according to an undated source")
    return (known if as_of else unknown) % words


def query_in_words(asked, phrases):
    """Return the query of a ProjectFilter: ``projects in Georgia funded by the ENI``.

    ``phrases``: ``{parameter: phrase}`` of the parameters that need no grammar of their own.
    """
    themes = [_about_theme(name) for name in _names(asked["theme"])]
    countries = [_in_country(code, name) for code, name in (asked["country"] or {}).items()]
    about = _one_of(_("on %(themes)s"), themes=themes), _one_of(_("in %(countries)s"), countries=countries)
    about = [_("projects"), *filter(None, about)]
    others = list(filter(None, _conditions(asked, phrases)))
    if len(about) == 1:
        about += others[:1]
        del others[:1]
    words = ", ".join([" ".join(about), *others])
    if not asked.get("as_of"):
        return words
    return _("%(projects)s as of %(moment)s") % {"projects": words, "moment": asked["as_of"].in_words}


def _conditions(asked, phrases):
    """Yield the words for each other parameter; "" for those not in the query."""
    words, quotes, without = _terms_in_words(asked["q"])
    yield words and _("matching “%(words)s”") % {"words": words}
    yield quotes and _("with the phrase %(phrases)s") % {"phrases": format_list(quotes, locale=locale())}
    yield without
    yield _one_of(_("funded by %(instruments)s"), instruments=_abbreviations(asked["instrument"] or ()))
    yield _one_of(_("under %(partnerships)s"), partnerships=_with_articles("partnership", asked["partnership"]))
    statuses = [quoted(own_word(name)) for name in _names(asked["status"])]
    yield _one_of(_("with the status %(statuses)s"), statuses=statuses)
    for name, phrase in phrases.items():
        yield _one_of(phrase, values=_names(asked[name]))
    words = _("with %(organisations)s as %(roles)s") if asked["role"] else _("with %(organisations)s")
    organisations = _with_articles("organisation", asked["organisation"])
    yield _one_of(words, organisations=organisations, roles=_names(asked["role"]))
    yield _active(asked)
    yield _total(asked)
    yield _modified(asked)


def search_in_words(query):
    """Return a search as a list: ``visa, “border management”, without “training”``."""
    words, phrases, without = _terms_in_words(query)
    return ", ".join(filter(None, [words, *phrases, without]))


def _terms_in_words(query):
    """Return (words, quoted phrases, words for what is excluded) of a search."""
    terms = [(term, quoted(term.text)) for term in terms_of(query)]
    words = [term.text for term, _text in terms if not (term.is_phrase or term.is_left_out)]
    phrases = [text for term, text in terms if term.is_phrase and not term.is_left_out]
    left_out = [text for term, text in terms if term.is_left_out]
    return " ".join(words), phrases, _one_of(_("without %(words)s"), words=left_out)


def quoted(text):
    """Return ``text`` in the quotation marks of the page's language."""
    return _("“%(words)s”") % {"words": text}


def _about_theme(name):
    """Return a theme within a sentence: ``border management``, ``de gestion des frontières``."""
    if locale().language == "en":
        return name.lower()
    known = pgettext("on", name)
    return known if known != name else f"sur le thème {quoted(name)}"


def _in_country(code, name):
    name = country_name(code, name)
    return name if locale().language == "en" else grammar.in_country(code, name)


def _abbreviations(codes):
    """Return instruments within a sentence: ``the ENI``, ``l’IEV``."""
    names, language = [(instrument_code(code), code not in WITHOUT_ABBREVIATION) for code in codes], locale().language
    return [grammar.with_article(name, language, is_abbreviation=is_short) for name, is_short in names]


def _with_articles(kind, records):
    names, language = [record_name(kind, name) for name in _names(records)], locale().language
    return [grammar.with_article(name, language, is_agreement=kind == "partnership") for name in names]


def _names(records):
    return list((records or {}).values())


def _one_of(words, /, **values):
    """Return ``words`` with ``values`` filled in as ``a, b or c``; "" if the first has none."""
    first = next(iter(values.values()))
    return words % {name: either(texts) for name, texts in values.items()} if first else ""


def _at_date(value):
    """Return an ISO date of any precision as ``in 2010`` or ``on 1 February 2009``."""
    return (_("on %(period)s") if len(value) == 10 else _("in %(period)s")) % {"period": date_in_words(value)}


def _active(asked):
    first, last = (asked[name] and _at_date(str(asked[name])) for name in ("active_from", "active_to"))
    if first and last and first != last:
        first, last = (date_in_words(str(asked[name])) for name in ("active_from", "active_to"))
    both = first if first == last else _("between %(first)s and %(last)s")
    span = _within(first, last, both, _("%(first)s or later"), _("%(last)s or earlier"))
    words = {
        "possible": _("possibly active %(span)s"),
        "certain": _("certainly active %(span)s"),
        "dated": _("possibly active %(span)s, with at least one known date"),
    }[asked["certainty"] or "possible"]
    return span and words % {"span": span}


def _total(asked):
    least, most = (
        "" if bound is None else amount_in_words(bound, asked["currency"] or "EUR")
        for bound in (asked["amount_min"], asked["amount_max"])
    )
    return _within(
        least,
        most,
        _("with a total budget of at least %(first)s and at most %(last)s"),
        _("with a total budget of at least %(first)s"),
        _("with a total budget of at most %(last)s"),
    )


def _modified(asked):
    first, last = (asked[name] and asked[name].in_words for name in ("modified_from", "modified_to"))
    both = _("last changed on %(first)s") if first == last else _("last changed from %(first)s to %(last)s")
    return _within(first, last, both, _("last changed since %(first)s"), _("last changed up to %(last)s"))


def item_in_words(item):
    """Return a member of a document, or one item of a list, in words: a date, a sum, a record, a part."""
    if isinstance(item, bool):
        return _("yes") if item else _("no")
    if not isinstance(item, dict):
        return own_word(str(item))
    if "precision" in item:
        return planned_in_words(date_in_words(item["value"]), item["planned"])
    words = [name_in_words(part) for part in (item, item.get("funder"), item.get("instrument")) if part]
    if "amount" in item:
        is_known = item["amount"] is not None
        words.append(amount_in_words(item["amount"], item["currency"]) if is_known else _("amount not stated"))
    return ", ".join(filter(None, [*words, own_word(item.get("role"))]))


def name_in_words(item):
    """Return the name or title of a record or part; empty if it has neither."""
    name, code = item.get("title") or item.get("name") or "", item.get("code") or ""
    if len(code) == 2 and code.isalpha():
        return country_name(code, name)
    return next((words for kind in TRANSLATED if (words := record_name(kind, name)) != name), own_word(name))


def value_in_words(parameter, key, label):
    """Return one value of a parameter in the page's language."""
    if parameter == "country":
        return country_name(key, label)
    if parameter in TRANSLATED:
        return record_name(parameter, label)
    return own_word(label) if parameter in ("theme", "status", "role", "not_stated") else label
