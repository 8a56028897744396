"""Why something is done: asked where readers notice it, kept through errors, recorded."""

from django.core.exceptions import ValidationError

LONGEST = 300
ASKED = "Say why: the history keeps it."


def typed(request):
    """Return the reason that was sent; empty if there is none."""
    return request.POST.get("reason", "").strip()[:LONGEST]


def demanded(request):
    """Return the reason that was sent; ValidationError if there is none."""
    if reason := typed(request):
        return reason
    raise ValidationError(ASKED)
