"""Writes IATI files from documents, one at a time. Nothing depends on the current day."""

from lxml import etree

from provenance.models import Original, Source, State
from provenance.store.build import iso_seconds, upgrade

from ..models import Organisation
from ..words.sectors import MIGRATION
from . import code_mappings
from .elements import Context, activity
from .reasons import reasons
from .xml import comment

ROOT = f'<iati-activities version="{code_mappings.VERSION}" generated-datetime="{{at}}">\n'
SAID = (
    "What is written here is what sources state; what no source states has no element. A project that is left out"
    " has a comment in its place; the last comment counts them.",
    f"Sectors are as sources state them. Where none does, {MIGRATION.code} is this register’s reading of its themes.",
)
COUNTED = (
    "Projects: {count}. Here: {held}. Left out: {left_out}, because they cannot be valid activities without"
    " inventing what no source states. Each has a comment in its place, with the rules of the standard and the address"
    " that says why."
)


def context_of(base_url, register, documents=None):
    """Return the Context for a Register: for all that is published, or for ``documents`` only."""
    organisations = sources = None
    if documents is not None:
        organisations = {part["funder"]["slug"] for each in documents for part in each["contributions"]}
        organisations |= {member["slug"] for each in documents for member in each["organisations"]}
        sources = {claim["source"]["slug"] for each in documents for claim in each["claims"]}
    return Context(
        base_url,
        organisations=_members(register, Organisation, organisations, ("identifier", "kind")),
        sources=_members(register, Source, sources, ("address", "language")),
        parts=register.parts(None if documents is None else [each["slug"] for each in documents]),
        originals=_originals(register, documents),
    )


def _originals(register, documents):
    """Return ``{slug: identifiers}`` of the activities in public sources, at the time of the Register."""
    if not register.version.at:
        return {}
    rows = Original.objects.filter(kind="project", source__state=State.PUBLISHED, at__lte=register.version.at)
    if documents is not None:
        rows = rows.filter(key__in=[each["slug"] for each in documents])
    identifiers = {}
    for slug, identifier in rows.order_by("id").values_list("key", "identifier"):
        identifiers.setdefault(slug, {})[identifier] = None
    return identifiers


def _members(register, model, keys, members):
    """Return ``{slug: {member: value}}`` of the records with at least one of ``members``."""
    rows = register.rows(model) if keys is None else register.rows(model).of(keys)
    documents = (upgrade(model, text) for text in rows.stream_documents())
    by_slug = {each["slug"]: {member: each[member] for member in members} for each in documents}
    return {slug: each for slug, each in by_slug.items() if any(each.values())}


def iati_file(documents, context, at, about=()):
    """Yield a file as bytes. Each document that is left out has a comment in its place.

    ``at``: the time of the register's version; ``about``: sentences on the file. A file that is cut off says so.
    """
    held = left_out = 0
    try:
        yield f'<?xml version="1.0" encoding="UTF-8"?>\n{ROOT.format(at=iso_seconds(at))}'.encode()
        for sentence in (*about, *SAID):
            yield _bytes(comment(sentence))
        for document in documents:
            if problems := ", ".join(reason.rule for reason in reasons(document, at)):
                why = f"{context.base_url}/api/v1{document['url']}iati/"
                yield _bytes(comment(f"Left out: {document['slug']} ({problems}). Why: {why}"))
                left_out += 1
            else:
                yield _bytes(activity(document, context))
                held += 1
    except Exception:
        yield _bytes(comment("This file was cut off here. Fetch it again."))
        raise
    counted = COUNTED.format(count=held + left_out, held=held, left_out=left_out)
    yield _bytes(comment(counted)) + b"</iati-activities>\n"


def _bytes(element):
    return etree.tostring(element, encoding="UTF-8", pretty_print=True)
