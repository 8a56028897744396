"""IATI files from documents, in pieces: few documents are held at a time, and nothing depends on today."""

from itertools import islice

import orjson
from django.conf import settings
from lxml import etree

from provenance.documents import stamp
from provenance.models import Revision, Source

from ..models import Organisation
from . import readings
from .elements import Frame, Reporter, activity
from .reasons import reasons
from .text import comment

BATCH = 500  # documents for which those of sources and organisations are read at once
ROOT = f'<iati-activities version="{readings.VERSION}" generated-datetime="{{at}}">\n'
SAID = (
    "What is written here is what sources state; what no source states has no element. A project that is left out"
    " has a comment in its place; the last comment counts them.",
    f"Sector {readings.MIGRATION} is this register’s reading: it holds migration, mobility and border management only.",
)


def reporter():
    """Return the Reporter that the settings name."""
    return Reporter(settings.REPORTING_ORG_REF, settings.REPORTING_ORG_NAME, settings.REPORTING_ORG_TYPE)


def published(model, keys):
    """Return the documents, as JSON texts, of those published records of ``model`` that have one of ``keys``."""
    return model.objects.published().filter(pk__in=keys).values_list("revision__document", flat=True)


def published_at(moment):
    """Return what does as ``published``, of an aware time in the past."""
    return lambda model, keys: (
        Revision.objects.public_at(model, moment).filter(key__in=keys).values_list("document", flat=True)
    )


def has_activity(texts, at):
    """Whether any of these documents can be told as a valid activity. A file without one would not be valid."""
    return any(not reasons(orjson.loads(text), at) for text in texts)


def iati_file(texts, base_url, at, about=(), beside=published):
    """Yield a whole file as bytes, from documents as JSON texts; each that is left out has a comment in its place.

    ``base_url``: scheme and host, for addresses; ``at``: the time of the register's version; ``about``: sentences
    on what the file holds; ``beside``: see ``published``. A file that cannot be finished ends by saying so.
    """
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n{ROOT.format(at=stamp(at))}'.encode()
    for sentence in (*about, *SAID):
        yield _bytes(comment(sentence))
    held = left_out = 0
    try:
        for document, frame in framed(texts, base_url, beside):
            found = reasons(document, at)
            held, left_out = (held, left_out + 1) if found else (held + 1, left_out)
            yield _bytes(_why(document, found, base_url) if found else activity(document, frame))
    except Exception:
        yield _bytes(comment("This file was cut off here. Fetch it again."))
        raise
    yield _bytes(comment(_counted(held, left_out))) + b"</iati-activities>\n"


def framed(texts, base_url, beside):
    """Yield (document, its Frame), reading what stands beside the documents for many of them at once."""
    texts = iter(texts)
    while batch := [orjson.loads(text) for text in islice(texts, BATCH)]:
        frame = Frame(base_url, reporter(), **beside_projects(batch, beside))
        yield from ((document, frame) for document in batch)


def beside_projects(documents, beside):
    """Return ``{"organisations": …, "sources": …}``: the documents of what projects name, by slug, in two queries."""
    organisations = {part["funder"]["slug"] for document in documents for part in document["contributions"]}
    organisations |= {member["slug"] for document in documents for member in document["organisations"]}
    sources = {claim["source"]["slug"] for document in documents for claim in document["claims"]}
    found = {"organisations": beside(Organisation, organisations), "sources": beside(Source, sources)}
    return {name: {each["slug"]: each for each in map(orjson.loads, texts)} for name, texts in found.items()}


def _why(document, found, base_url):
    names = ", ".join(reason.rule for reason in found)
    return comment(f"Left out: {document['slug']} ({names}). Why: {base_url}/api/v1{document['url']}iati/")


def _counted(held, left_out):
    return (
        f"{held + left_out} projects: {held} are here, {left_out} are left out, because they cannot be valid"
        " activities without inventing what no source states. Each has a comment in its place, with the rules of"
        " the standard and the address that says why."
    )


def _bytes(element):
    if isinstance(element, etree._Comment):
        return etree.tostring(element, encoding="UTF-8") + b"\n"
    return etree.tostring(element, encoding="UTF-8", pretty_print=True)
