"""The whole public register as lines of JSON: what ``restore`` reads back into an empty one.

The first line tells of the register, then one for each published record, sources first, each with its document
as it was recorded; at the end one for each record that was public and is no longer, without its contents.
"""

import orjson
from django.db.models import Exists, OuterRef, Subquery

from ..documents.schema import nullable
from ..models import Revision
from ..models.revision import SHOWN, earlier
from ..store.digests import iso_milliseconds
from ..store.log import record_models

HEADER = {
    "kind": str, "version": int, "at": nullable(str), "licence": nullable(str), "records": int, "gone": int,
}  # fmt: skip
LINE = {"kind": str, "version": int, "at": str, "document": dict}
GONE = {"kind": str, "version": int, "at": str, "gone": str, "title": nullable(str)}  # gone: its key
CHUNK = 500


def register_lines(version, at, licence=None):
    """Yield the lines, as bytes with their ends. To be read within one ``snapshot``, whose version it is.

    ``version``, ``at``: of the newest public Revision; 0 and None if there is none.
    """
    gone = _gone()
    records = sum(model.objects.published().count() for model in record_models())
    yield _line({
        "kind": "register", "version": version, "at": at and iso_milliseconds(at), "licence": licence or None,
        "records": records, "gone": gone.count(),
    })  # fmt: skip
    for model in record_models():
        kind = model._meta.model_name
        rows = model.objects.published().order_by("pk").values_list("revision_id", "revision__at", "revision__document")
        for number, moment, text in rows.iterator(chunk_size=CHUNK):
            # The document as it was recorded, byte for byte.
            head = _line({"kind": kind, "version": number, "at": iso_milliseconds(moment)}).decode()
            yield f'{head[:-2]},"document":{text}}}\n'.encode()
    for revision in gone.iterator(chunk_size=CHUNK):
        yield _line(_gone_line(revision))


def _line(data):
    return orjson.dumps(data, option=orjson.OPT_APPEND_NEWLINE)


def _gone():
    """Return, oldest first, the public Revisions by which records ceased to be public."""
    public = Revision.objects.public()
    later = public.filter(kind=OuterRef("kind"), key=OuterRef("key"), id__gt=OuterRef("id"))
    last = public.filter(~SHOWN, ~Exists(later)).order_by("id")
    return last.annotate(shown=Subquery(earlier().filter(SHOWN).values("document")[:1]))


def _gone_line(revision):
    """Of what is no longer public, only the title that the public knew of a project is told."""
    told = revision.kind == "project"
    return {
        "kind": revision.kind,
        "version": revision.pk,
        "at": iso_milliseconds(revision.at),
        "gone": revision.key,
        "title": orjson.loads(revision.shown or revision.document)["title"] if told else None,
    }
