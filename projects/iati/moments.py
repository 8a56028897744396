"""Of when the register is told: of its newest version, or of a time in the past (``as_of``)."""

from ..exports.about import version_of
from .writing import published, published_at


def seen(filterset):
    """Return (the time of the version that is asked for, how documents beside a project's are found then)."""
    moment = filterset.asked.get("as_of")
    return version_of(filterset).at, published_at(moment.last) if moment else published


def as_of(request):
    """Return the query string that asks for the same moment; empty for now."""
    return f"?{request.GET.urlencode()}" if request.GET.get("as_of") else ""
