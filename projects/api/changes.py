"""``/api/v1/changes/``: the changes since a version, for users who keep a copy of the register."""

import jsonpatch
import orjson
from django.db.models import Min, Subquery
from drf_spectacular.utils import extend_schema

from provenance.models import Revision
from provenance.models.revision import earlier, iso_milliseconds, public_state
from provenance.store import log

from ..exports.content_negotiation import ReadByPrograms, json_response
from ..published.views import PublishedRecords, address
from ..schemas import reference
from ..search.as_of import SinceField
from ..search.filters import BadQuery, Filter, ListFilter
from ..search.parameters import ChoiceField
from .description import PROBLEM, parameters


class ChangesFilter(ListFilter):
    """Since when, and how many at a time."""

    since = Filter(
        SinceField, "A version of the register, for the changes after it, or a time or day (from 00:00 UTC), for the"
        " changes since. Default: 0, for all changes.",
        example="0",
    )  # fmt: skip
    content = Filter(
        ChoiceField, "How to give a record that changed: as a patch (default), or as the whole document.",
        choices=[("patch", "a JSON Patch"), ("document", "the whole document")], default="patch",
        example="document",
    )  # fmt: skip
    page = as_of = None

    def version(self, newest):
        """Return the version to start after. BadQuery if it is greater than the ``newest``."""
        since = self.asked["since"]
        if since is None or isinstance(since, int):
            if (since or 0) > newest:
                raise BadQuery({"since": [f"{since} is in the future: the newest version is {newest}."]})
            return since or 0
        after = {"at__gte": since.earliest} if since.is_day else {"at__gt": since.earliest}
        first = Revision.objects.public().filter(**after).aggregate(first=Min("id"))["first"]
        return newest if first is None else first - 1


class Changes(PublishedRecords, ReadByPrograms):
    """All public changes to all kinds of record, in the order of versions."""

    filterset_class = ChangesFilter

    @extend_schema(
        operation_id="changes", tags=["changes"], parameters=parameters(ChangesFilter),
        responses={200: reference("ChangesPage")} | PROBLEM,
    )  # fmt: skip
    def get(self, request):
        (newest, _at, head), size = request.register_version, self.filterset.rows_a_page
        since = self.filterset.version(newest)
        is_whole = self.filterset.asked["content"] == "document"
        changes = changes_after(since, until=newest, most=size + 1, is_whole=is_whole)
        goes_on, changes = len(changes) > size, changes[:size]
        following = address(request, since=changes[-1]["version"]) if goes_on else None
        response = json_response({"version": newest, "head": head, "next": following, "results": changes})
        if following:
            response.headers["Link"] = f'<{following}>; rel="next"'
        return response


def changes_after(version, until, most, is_whole=False):
    """Return at most ``most`` changes after ``version``, up to ``until``, in order, in two queries.

    ``is_whole``: with whole documents in place of patches.
    """
    rows = Revision.objects.public().filter(id__gt=version, id__lte=until).order_by("id")
    rows = list(rows.annotate(before=Subquery(earlier().public().values("pk")[:1]))[:most])
    before = Revision.objects.in_bulk([row.before for row in rows if row.before])
    models = log.record_kinds()
    return [_change(row, before.get(row.before), models.get(row.kind), is_whole) for row in rows]


def _change(row, before, model, is_whole):
    """``before``: the public Revision before it, or None; ``model``: None for a kind that no longer exists."""
    change = {"version": row.pk, "at": iso_milliseconds(row.at), "kind": row.kind, "key": row.key}
    change["url"] = model.path_of(row.key) or None if model else None
    state = public_state(row.action, row.state)
    is_new = before is None or public_state(before.action, before.state) != "published"
    change["action"] = state if state != "published" else "created" if is_new else "changed"
    if state == "published" and (is_new or is_whole):
        change["document"] = orjson.Fragment(row.document)
    elif state == "published":
        change["patch"] = patch(orjson.loads(before.document), orjson.loads(row.document))
    return change | {
        "previous": before.public_digest if before else "", "digest": row.public_digest, "head": row.head,
    }  # fmt: skip


def patch(old, new):
    """Return the JSON Patch (RFC 6902) from ``old`` to ``new``; one that replaces all if jsonpatch gets it wrong."""
    operations = jsonpatch.make_patch(old, new)
    if _canonical(operations.apply(old)) == _canonical(new):
        return operations.patch
    return [{"op": "replace", "path": "", "value": new}]


def _canonical(document):
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
