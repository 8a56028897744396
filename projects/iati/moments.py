"""Of when the register is told: of its newest version, or of a time in the past (``as_of``)."""


def as_of(request):
    """Return the query string that asks for the same moment; empty for now."""
    return f"?{request.GET.urlencode()}" if request.GET.get("as_of") else ""
