"""Not more requests at once than leave threads free, so that the process can always say that it lives."""

from projects.capacity import REQUESTS

from .cache_headers import OF_THE_PROCESS


def take_place(get_response):
    """Answer at one of the places, which is free again once the client has all of the answer; Busy if there is none."""

    def middleware(request):
        if request.path in OF_THE_PROCESS:
            return get_response(request)
        return REQUESTS.answer(get_response, request)

    return middleware
