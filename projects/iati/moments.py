"""Of when the register is told: of its newest version, or of a time in the past (``as_of``)."""

from provenance.models import Revision

from .writing import published, published_at


def seen(request, filterset):
    """Return (the time of the version that is asked for, how documents beside a project's are found then)."""
    moment = filterset.asked.get("as_of")
    if not moment:
        return request.register_version.at, published
    newest = Revision.objects.public().filter(at__lte=moment.last).order_by("-id")
    return newest.values_list("at", flat=True).first(), published_at(moment.last)


def as_of(request):
    """Return the query string that asks for the same moment; empty for now."""
    return f"?{request.GET.urlencode()}" if request.GET.get("as_of") else ""
