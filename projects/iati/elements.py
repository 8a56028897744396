"""An activity from a project's document: one function per element, in the order of the schema."""

import mimetypes
from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings

from provenance.documents.claims import language_of

from ..published.statements import adopted
from ..words.sectors import sectors_given
from . import code_mappings
from .xml import LANG, narrative, node, uri


class Context(NamedTuple):
    """What an activity shows beside its project's document. ``base_url``: scheme and host, without a slash.

    ``organisations`` (``identifier``, ``kind``) and ``sources`` (``address``, ``language``): what their documents
    state, by slug; those that state none of it are not there. ``parts``: slugs of a project's sub-projects;
    ``originals``: the identifiers under which publishers report a project themselves.
    """

    base_url: str
    organisations: dict
    sources: dict
    parts: dict
    originals: dict


def activity(document, context):
    """Return the ``iati-activity`` of a document without ``reasons`` against it."""
    attributes = {
        LANG: code_mappings.LANGUAGE,
        "last-updated-datetime": document["modified"],
        "linked-data-uri": context.base_url + document["url"],
    }
    reporter = {"ref": settings.REPORTING_ORG_REF, "type": settings.REPORTING_ORG_TYPE, "secondary-reporter": "1"}
    return node(
        "iati-activity",
        attributes,
        node("iati-identifier", {}, text=_identifier(document["slug"])),
        # The register reports on projects of others, so it is a secondary reporter.
        node("reporting-org", reporter, narrative(settings.REPORTING_ORG_NAME)),
        node("title", {}, narrative(document["title"], _code(language_of(document, "title")))),
        *descriptions(document, context),
        *participating_orgs(document, context),
        node("activity-status", {"code": code_mappings.STATUSES[document["status"]]}),
        *activity_dates(document),
        *recipients(document, context),
        *sectors(document),
        *tags(document, context),
        *transactions(document, context),
        *document_links(document, context),
        *related_activities(document, context),
    )


def _identifier(slug):
    return f"{settings.REPORTING_ORG_REF}-{slug}"


def related_activities(document, context):
    """The main project, sub-projects, and the publishers' own activities that this one repeats."""
    if named := document["part_of"]:
        yield node("related-activity", {"ref": _identifier(named["slug"]), "type": code_mappings.PARENT})
    for slug in context.parts.get(document["slug"], ()):
        yield node("related-activity", {"ref": _identifier(slug), "type": code_mappings.CHILD})
    for identifier in context.originals.get(document["slug"], ()):
        yield node("related-activity", {"ref": identifier, "type": code_mappings.THIRD_PARTY})


def descriptions(document, context):
    """Summary, objectives, what has no element of its own, and quotes from sources without an address."""
    if document["summary"]:
        yield _description(code_mappings.GENERAL, document["summary"], language_of(document, "summary"))
    for aim in document["objectives"]:
        yield _description(code_mappings.OBJECTIVES, aim, language_of(document, "objectives", aim))
    for sentence in [*code_mappings.remarks(document), *undated_contributions(document)]:
        yield _description(code_mappings.OTHER, sentence)
    for source, quotes in quotes_by_source(document, context):
        if not source["address"]:
            for quote, language in quotes.items():
                yield _description(code_mappings.OTHER, f"“{quote}” ({source['title']})", language)


def _description(kind, text, language=None):
    return node("description", {"type": kind}, narrative(text, _code(language)))


def participating_orgs(document, context):
    """Each funder once, then each role of an organisation, with a narrative that explains the mapping of the role."""
    for slug, name in {part["funder"]["slug"]: part["funder"]["name"] for part in document["contributions"]}.items():
        attributes = {**_organisation(slug, context), "role": code_mappings.FUNDING}
        yield node("participating-org", attributes, narrative(name))
    for member in document["organisations"]:
        attributes = {**_organisation(member["slug"], context), "role": code_mappings.role_code(member)}
        explanation = narrative(code_mappings.role_in_words(member))
        yield node("participating-org", attributes, narrative(member["name"]), explanation)


def _organisation(slug, context):
    """Return the identifier and type of an organisation, if known."""
    document = context.organisations.get(slug, {})
    return {"ref": document.get("identifier"), "type": (document.get("kind") or {}).get("code")}


def activity_dates(document):
    """The first day of a start, the last day of an end; the narrative is the date as stated."""
    for member, bound in (("start_date", "earliest"), ("end_date", "latest")):
        if date := document[member]:
            attributes = {"type": code_mappings.DATE_TYPES[member, date["planned"]], "iso-date": date[bound]}
            yield node("activity-date", attributes, narrative(date["value"]))


def recipients(document, context):
    """One country as such; several, whose shares are unknown, as one region made of them."""
    countries = document["countries"]
    if len(countries) == 1:
        return [node("recipient-country", {"code": countries[0]["code"]}, narrative(countries[0]["name"]))]
    attributes = {
        "vocabulary": code_mappings.OWN_VOCABULARY,
        "vocabulary-uri": f"{context.base_url}/countries/",
        "code": "-".join(country["code"] for country in countries),
    }
    return [node("recipient-region", attributes, *(narrative(country["name"]) for country in countries))]


def sectors(document):
    for sector in sectors_given(document):
        attributes = {"vocabulary": sector.vocabulary, "vocabulary-uri": sector.uri, "code": sector.code}
        yield node(
            "sector", attributes | {"percentage": sector.share}, *([narrative(sector.name)] if sector.name else [])
        )


def tags(document, context):
    """Agreements and instruments, with their addresses in the register."""
    for partnership in document["partnerships"]:
        yield _tag(f"{context.base_url}/partnerships/{partnership['slug']}/", partnership["slug"], partnership["name"])
    named = [part["instrument"] for part in document["contributions"] if part["instrument"]]
    for code, name in {instrument["code"]: instrument["name"] for instrument in named}.items():
        yield _tag(f"{context.base_url}/instruments/{code}/", code, name)


def _tag(address, code, name):
    attributes = {"vocabulary": code_mappings.OWN_VOCABULARY, "vocabulary-uri": address, "code": code}
    return node("tag", attributes, narrative(name))


def committed(document):
    """Return the contributions that become transactions: those with an amount, if the project has an actual start.

    A commitment needs a date, and the start is the only one available. A planned start does not count.
    """
    start = document["start_date"]
    return [part for part in document["contributions"] if part["amount"] and start and not start["planned"]]


def undated_contributions(document):
    """Yield sentences for contributions with an amount but without a date for a transaction."""
    if not committed(document):
        for part in document["contributions"]:
            if part["amount"]:
                by = ". ".join(filter(None, [part["funder"]["name"], code_mappings.under(part["instrument"])]))
                money = code_mappings.money(part)
                yield f"Contribution: {money}, from {by}. No transaction: no actual start is stated."


def transactions(document, context):
    """An outgoing commitment for each contribution with an amount and a date."""
    for part in committed(document):
        start, funder = document["start_date"], part["funder"]
        sentences = [code_mappings.under(part["instrument"]), f"Date: start of the project as stated, {start['value']}"]
        value = {"currency": part["currency"], "value-date": start["earliest"]}
        yield node(
            "transaction",
            {},
            node("transaction-type", {"code": code_mappings.OUTGOING_COMMITMENT}),
            node("transaction-date", {"iso-date": start["earliest"]}),
            node("value", value, text=part["amount"]),
            node("description", {}, *map(narrative, filter(None, sentences))),
            node("provider-org", _organisation(funder["slug"], context), narrative(funder["name"])),
        )


def document_links(document, context):
    """The project's page in the register, then sources with an address, with their quotes."""
    page = {"title": f"{document['title']}: what sources state, value by value", "language": code_mappings.LANGUAGE}
    yield _document_link(context.base_url + document["url"], page, {})
    for source, quotes in quotes_by_source(document, context):
        if source["address"]:
            yield _document_link(uri(source["address"]), source, quotes)


def _document_link(url, source, quotes):
    # An address without a file extension is taken for a web page.
    attributes = {"url": url, "format": mimetypes.guess_type(urlsplit(url).path)[0] or "text/html"}
    code = _code(source["language"])
    quoted = [narrative(f"“{quote}”", _code(language)) for quote, language in quotes.items()]
    description = [node("description", {}, *quoted)] if quotes else []
    language = [node("language", {"code": code})] if code and len(code) == 2 else []
    category = node("category", {"code": code_mappings.ACTIVITY_WEB_PAGE})
    return node(
        "document-link",
        attributes,
        node("title", {}, narrative(source["title"], code)),
        *description,
        category,
        *language,
    )


def quotes_by_source(document, context):
    """Yield (source, {sentence: its language}), each once, of the claims that the register adopts."""
    by_source = {}
    for claim in adopted(document["claims"]):
        by_source.setdefault(claim["source"]["slug"], (claim["source"], {}))[1][claim["quote"]] = claim["language"]
    for slug, (named, quotes) in by_source.items():
        source = context.sources.get(slug, {"address": None, "language": None})
        languages = {quote: language or source["language"] for quote, language in quotes.items()}
        yield {**source, "title": named["title"]}, languages


def _code(language):
    """Return IATI's code for a language: ``zh`` for CLDR's ``zh_Hans``."""
    return language and language.partition("_")[0]
