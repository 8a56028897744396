"""The whole public register as lines of JSON, which ``restore`` reads into an empty register.

The first line describes the register. Then follow the published records, sources first, each with its recorded
document, and last the records that are no longer public, without their contents.
"""

import orjson
from django.db.models import Subquery

from ..documents.declaration import nullable
from ..models import Revision
from ..models.revision import SHOWN, earlier, iso_milliseconds
from ..store.log import record_kinds, record_models

HEADER = {
    "kind": str, "version": int, "head": str, "at": nullable(str), "licence": nullable(str),
    "records": int, "gone": int,
}  # fmt: skip
LINE = {"kind": str, "version": int, "at": str, "document": dict}
GONE = {"kind": str, "version": int, "at": str, "gone": str, "title": nullable(str)}  # gone: the record's key
CHUNK = 500


def register_lines(version, at, head="", licence=None):
    """Yield the lines, as bytes with line ends. Read them within one ``snapshot``.

    ``version``, ``at``, ``head``: of the newest public Revision; 0, None and "" if there is none.
    """
    last = Revision.objects.public().newest_of_each().filter(~SHOWN).order_by("id")
    removals = last.annotate(shown=Subquery(earlier().filter(SHOWN).values("document")[:1]))
    records = sum(model.objects.published().count() for model in record_models())
    yield _line({
        "kind": "register", "version": version, "head": head, "at": at and iso_milliseconds(at),
        "licence": licence or None, "records": records, "gone": removals.count(),
    })  # fmt: skip
    for model in record_models():
        kind = model._meta.model_name
        rows = model.objects.published().order_by("pk").values_list("revision_id", "revision__at", "revision__document")
        for number, moment, text in rows.iterator(chunk_size=CHUNK):
            # The recorded document, byte for byte.
            head = _line({"kind": kind, "version": number, "at": iso_milliseconds(moment)}).decode()
            yield f'{head[:-2]},"document":{text}}}\n'.encode()
    for revision in removals.iterator(chunk_size=CHUNK):  # nothing of them but the title that the page had
        document = orjson.loads(revision.shown or revision.document)
        yield _line({
            "kind": revision.kind, "version": revision.pk, "at": iso_milliseconds(revision.at), "gone": revision.key,
            "title": document.get("title") if record_kinds()[revision.kind].collection else None,
        })  # fmt: skip


def _line(data):
    return orjson.dumps(data, option=orjson.OPT_APPEND_NEWLINE)
