"""Builders of documents, the JSON that every door serves. Pieces that all kinds of record share."""

from collections import defaultdict

import orjson
from django.contrib.contenttypes.models import ContentType

from .models import Claim, Source
from .shapes import DATE, Rows, check, stated

SOURCE = {
    "slug": str, "title": str, "publisher": stated(str), "address": stated(str), "language": stated(str),
    "date": stated(DATE), "read_date": stated(str), "digest?": str, "modified": str,
}  # fmt: skip


def as_text(document):
    """Return ``document`` as the JSON text that is recorded and served."""
    return orjson.dumps(document).decode()


def stamp(moment):
    """Return an aware time as documents show it: UTC, whole seconds, ``2026-11-24T05:00:00Z``."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def date_member(date, planned=False):
    """Return a PartialDate as a document shows it; None if it is not stated."""
    if date is None:
        return None
    return {
        "value": date.value,
        "precision": date.precision,
        "earliest": date.earliest.isoformat(),
        "latest": date.latest.isoformat(),
        "planned": planned,
    }


def money_member(amount, currency):
    """Return a sum as a document shows it: a decimal string and its ISO 4217 code; None if not stated."""
    return None if amount is None else {"amount": f"{amount:.2f}", "currency": currency}


def grouped(rows):
    """Return ``{first column: [rest of the row …]}``, in the order of ``rows``."""
    groups = defaultdict(list)
    for key, *rest in rows:
        groups[key].append(rest)
    return groups


def claim_member(field, as_stated, quote, source, source_title, set_aside="", place=""):
    """Return one claim as a document shows it.

    ``set_aside``, why its value is not adopted, only where it is not; ``place``, where it stands, only where told.
    """
    member = {
        "field": field,
        "as_stated": as_stated,
        "quote": quote,
        "source": {"slug": source, "title": source_title},
    }
    return member | {name: text for name, text in (("set_aside", set_aside), ("place", place)) if text}


def claims(model, keys):
    """Return ``{key: [claim members]}`` for records of ``model``, in one query."""
    rows = Claim.objects.filter(content_type=ContentType.objects.get_for_model(model), object_id__in=keys).values_list(
        "object_id", "field", "as_stated", "quote", "source_id", "source__title", "set_aside", "place"
    )
    return {key: [claim_member(*row) for row in found] for key, found in grouped(rows.order_by("pk")).items()}


def sources(keys):
    """Return ``{slug: document}`` of sources."""
    return {
        source.slug: {
            "slug": source.slug,
            "title": source.title,
            "publisher": source.publisher or None,
            "address": source.address or None,
            "language": source.language or None,
            "date": date_member(source.date),
            "read_date": source.read_date and source.read_date.isoformat(),
            **({"digest": source.digest} if source.digest else {}),
        }
        for source in Source.objects.filter(pk__in=keys)
    }


def read_source(document):
    """Return the Rows that ``sources`` builds ``document`` from. WrongShape if it is none of its."""
    check(document, SOURCE)
    texts = {name: document[name] or "" for name in ("publisher", "address", "language")}
    date = document["date"] and document["date"]["value"]
    texts |= {"slug": document["slug"], "title": document["title"], "digest": document.get("digest", "")}
    return Rows(Source(date=date, read_date=document["read_date"], **texts))
