"""Recent changes of records, and histories of projects, from public Revisions."""

import re
from itertools import islice

from django.db.models import Exists, OuterRef, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop
from django.utils.translation import pgettext

from provenance.documents.claims import bare
from provenance.documents.diff import UNSTATED, Words, describe, differences, label, without_readopted
from provenance.models import Revision
from provenance.models.revision import SHOWN, earlier, public_state
from provenance.store.build import upgrade
from provenance.store.log import record_kinds

from ..models import Project
from ..words import phrases

NOTHING = {UNSTATED, "–"}  # lines that mean “nothing” on one side of a difference
SHOWN_NEWS, LOOKED_THROUGH = 3, 100  # changes shown on a page, and read to find them
TERMS = noop("Role as stated"), noop("Component"), noop("set aside")  # which no model names
NOUNS = noop("sheet"), noop("row"), noop("column"), noop("line"), noop("sentence"), noop("activity")  # of places
PLACE = re.compile(rf"\b({'|'.join(NOUNS)})(?= [\dA-Z“])")  # as in “row 4, column C”
IN_WORDS = Words(
    phrases.own_word, phrases.date_in_words, phrases.amount_in_words, phrases.name_in_words,
    lambda label, value: _("%(label)s: %(value)s") % {"label": label, "value": value}, phrases.reason_in_words,
    lambda code: pgettext("abbreviation", code), phrases.quoted,
    lambda place: PLACE.sub(lambda noun: _(noun[0]), place),
)  # fmt: skip
BEFORE = {  # of each Revision, the last published document and the last state before it
    "before": Subquery(earlier().filter(SHOWN).values("document")[:1]),
    "state_before": Subquery(earlier().values("state")[:1]),
    "action_before": Subquery(earlier().values("action")[:1]),
}


def changes_of(model, version):
    """Return the ids of the public Revisions of records of ``model``, up to the number of a version, newest first.

    A record that is no longer public appears only with its withdrawal.
    """
    is_public_now = Exists(model.objects.published().filter(pk=OuterRef("key")))
    rows = Revision.objects.of(model).public().filter(~SHOWN | is_public_now, id__lte=version)
    return rows.order_by("-id").values_list("pk", flat=True)


def news(changes):
    """Return entries for ``changes`` (ids of Revisions), newest first, in one query, without those that show no change.

    An entry has ``id``, ``key``, ``title``, ``url``, ``at``, ``digest``, ``what`` (``new``, ``changed``,
    ``withdrawn``), ``is_deleted``, ``is_again`` (published again), and ``lines``: what changed, in the active language.
    """
    rows = Revision.objects.filter(pk__in=map(int, changes)).order_by("-id").annotate(**BEFORE)
    entries = [_entry(row) for row in rows]
    for entry in entries:
        entry["lines"][:0] = [_("Published again")] if entry["is_again"] else []
    return [entry for entry in entries if entry["lines"] or entry["what"] != "changed"]


def history(keys, window=slice(None)):
    """Return entries, as in ``news``, for all public Revisions of the projects ``keys``, newest first."""
    return [_entry(row) for row in public_revisions(*keys).annotate(**BEFORE)[window]]


def public_revisions(*keys):
    return Revision.objects.of(Project).filter(key__in=keys).public().order_by("-id")


def latest_news(register, rows=None):
    """Return the newest few entries for a Register; ``rows``: only of these projects."""
    changes, entries = iter(register.changes(rows)[:LOOKED_THROUGH]), []
    while len(entries) < SHOWN_NEWS and (batch := list(islice(changes, 2 * SHOWN_NEWS))):
        entries += news(batch)
    return entries[:SHOWN_NEWS]


def _entry(row):
    model, lines, is_again = record_kinds()[row.kind], [], False
    old, document = upgrade(model, row.before) if row.before else None, upgrade(model, row.document)
    if public_state(row.action, row.state) != "published":
        change, document = "withdrawn", old or document
    elif old is None:
        change = "new"
    else:
        change, lines = "changed", _change_lines(model, old, document)
        is_again = public_state(row.action_before, row.state_before) != "published"
    return {
        "id": row.pk, "key": row.key, "title": phrases.full_name(document, row.kind), "url": model.path_of(row.key),
        "at": row.at, "digest": row.public_digest, "what": change, "is_deleted": row.action == "deleted",
        "is_again": is_again, "lines": lines,
    }  # fmt: skip


def _change_lines(model, old, new):
    """Return lines for each member that differs, one for claims set aside, with reasons, and one for adopted again."""
    old, new, judged = without_readopted(old, new)
    lists = {  # with other items, not the same by other names
        label(name, model)
        for name, value in (old | new).items()
        if isinstance(value, list) and bare(value) != bare(old.get(name))
    }
    changed = differences(model, old, new, IN_WORDS)
    lines = [line for member, before, now in changed for line in _lines(_(member), before, now, member in lists)]
    claims = [(describe({**claim, "set_aside": None}, words=IN_WORDS), claim["set_aside"]) for claim in judged]
    aside = [IN_WORDS.labelled(claim, IN_WORDS.reason(why)) for claim, why in claims if why]
    again = [claim for claim, why in claims if not why]
    verdicts = (_("%(member)s: set aside: %(claims)s"), aside), (_("%(member)s: adopted again: %(claims)s"), again)
    return lines + [text % {"member": _("Claims"), "claims": _("; ").join(words)} for text, words in verdicts if words]


def _lines(member, before, now, is_list):
    if not is_list:
        old, new = (
            _("; ").join(_("not known") if line == UNSTATED else line for line in lines) for lines in (before, now)
        )
        words = {"member": member, "old": old, "new": new}
        return [_("%(member)s: %(new)s; before: %(old)s") % words]
    removed, added = (_("; ").join(line for line in lines if line not in NOTHING) for lines in (before, now))
    words = {"member": member, "removed": removed, "added": added}
    if sorted(before) == sorted(now):
        return [_("%(member)s: in another order") % words]
    both = (added, _("%(member)s: added: %(added)s")), (removed, _("%(member)s: removed: %(removed)s"))
    return [text % words for items, text in both if items]
