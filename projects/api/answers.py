"""How the API answers."""

import orjson
from django.http import HttpResponse


def json(body):
    """Return a response of ``body``: JSON as bytes, or what is to become it."""
    return HttpResponse(body if isinstance(body, bytes) else orjson.dumps(body), content_type="application/json")
