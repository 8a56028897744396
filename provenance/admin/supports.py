"""Claims of a record that a form changed: which of them still support what the record says."""

from django.contrib.contenttypes.models import ContentType

from provenance import bulk, changing, recording
from provenance.models import Claim
from provenance.supporting import supported, unsupported

KEPT = "; the earlier claim is kept, set aside"


def settle(model, keys, begun=None):
    """Set aside those claims of the records ``keys`` whose value changed without them since it was recorded.

    ``begun``: ``{key: document}`` of those whose form began with another document than what is recorded.
    """
    kind, before = ContentType.objects.get_for_model(model), changing.current(model, keys) | (begun or {})
    for key, document in recording.build(model, before).items():
        settled = supported(model, before[key], document)
        if settled != document:
            rows = Claim.objects.filter(content_type=kind, object_id=key).order_by("pk")
            for row, claim in zip(rows, settled["claims"], strict=True):
                row.set_aside = claim["set_aside"] or ""
            bulk.update(list(rows), ["set_aside"])


def in_words(model, old, new):
    """Return a sentence for each member whose new value no claim supports."""
    found = unsupported(model, old, new)
    return [f"{label}: no source yet for the new value{KEPT if is_kept else ''}." for label, is_kept in found]
