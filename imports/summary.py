"""Words for what confirming an import would do, and for what waits for a person."""

from .models import Import
from .preview import WRITTEN

_SENTENCES = {
    "new": ("1 new record is added, {how_one}.", "{count:,} new records are added, {how}."),
    "changed": ("1 record is changed.", "{count:,} records are changed."),
    "proposed": ("1 change waits for a publisher.", "{count:,} changes wait for a publisher."),
    "originals": (
        "1 activity changed only in what the register has no place for: its own form is kept.",
        "{count:,} activities changed only in what the register has no place for: their own forms are kept.",
    ),
    "refused": ("1 record is refused: {then}", "{count:,} records are refused: {then}"),
    "faults": (
        "There is a problem with the whole file: {then}",
        "There are {count:,} problems with the whole file: {then}",
    ),
}
_GOOD_ONLY = "nothing is written, unless you choose to import the valid records."
_NOTHING = "nothing can be written until that is fixed."


def writes(batch):
    """Whether confirming would write anything: a record, or the original of an activity."""
    return any(batch.counts.get(name) for name in WRITTEN) or bool(batch.about.get("originals"))


def plan(batch):
    """Return what confirming would do: a sentence for each kind of record; none if there is nothing to write."""
    details = {
        "how": "published at once" if batch.options.get("publish") else "as drafts",
        "how_one": "published at once" if batch.options.get("publish") else "as a draft",
        "then": _GOOD_ONLY if writes(batch) else _NOTHING,
    }
    about = batch.about
    counts = batch.counts | {"originals": about.get("originals", 0), "faults": len(about.get("faults", ()))}
    counted = [(pair[counts[name] > 1], counts[name]) for name, pair in _SENTENCES.items() if counts.get(name)]
    return [sentence.format(count=count, **details) for sentence, count in counted]


def in_short(batch):
    """Return a line on the contents of a file: the number of records of each kind; if there are none, why."""
    if fault := next(iter(batch.about.get("faults", ())), None):
        return f"Refused: {fault['place']}, {fault['what']}"
    counts = ", ".join(f"{count:,} {name}" for name, count in batch.counts.items() if count)
    return counts or batch.note or batch.about.get("asked", "")


def state_in_words(batch):
    """Return the state of an import in words."""
    return "Undone" if batch.about.get("undone") else batch.get_state_display()


def is_not_asked(batch):
    """Whether a file has activities, but none that was asked for."""
    return bool(batch.about.get("activities")) and not batch.about.get("chosen")


def nothing(batch):
    """Return a sentence why confirming writes nothing although nothing is wrong; "" if ``plan`` has sentences."""
    if plan(batch):
        return ""
    if is_not_asked(batch):
        return "Nothing of this file was asked for. Upload it again, and choose other countries (* for any)."
    if any(count for name, count in batch.counts.items() if name != "vanished"):
        return "The register has all of it already: nothing is written."
    return "The file has headings, and no records below them: there is nothing to write."


def waits(batch):
    """Whether an import that is done has refused records, or records to look at, that wait for a person."""
    is_open = batch.state == Import.State.DONE and not batch.about.keys() & {"closed", "undone"}
    return is_open and bool(batch.counts.get("refused") or batch.about.get("unsure"))
