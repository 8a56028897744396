"""Limits concurrent requests, so that a thread is always free for health checks."""

from projects.capacity import REQUESTS

from .cache_headers import OF_THE_PROCESS


def limit_concurrency(get_response):
    """Hold a place until the client has the whole response. Busy if none is free."""

    def middleware(request):
        if request.path in OF_THE_PROCESS:
            return get_response(request)
        return REQUESTS.answer(get_response, request)

    return middleware
