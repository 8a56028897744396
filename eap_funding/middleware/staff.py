"""Sessions of staff, and the register while nobody may change it."""

from django.conf import settings
from django.contrib.sessions.middleware import SessionMiddleware

from ..errors import refuse


class Session(SessionMiddleware):
    """Public pages ask for no session and set no cookie, also where one is sent that is no session's."""

    def process_response(self, request, response):
        return super().process_response(request, response) if request.kind == "admin" else response


def refuse_changes(get_response):
    """Refuse every form but those to sign in and out while READ_ONLY is set, and say why."""

    def middleware(request):
        if settings.READ_ONLY and request.method == "POST" and request.path not in ("/admin/login/", "/admin/logout/"):
            return refuse(request, 403, f"{settings.READ_ONLY} Nothing was saved.")
        return get_response(request)

    return middleware
