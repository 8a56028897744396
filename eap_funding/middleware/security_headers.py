"""Security policies for browsers, the same for every response."""

from django.conf import settings

POLICIES = {
    "Content-Security-Policy": settings.CONTENT_SECURITY_POLICY,
    "Permissions-Policy": settings.PERMISSIONS_POLICY,
}


def set_policies(get_response):
    """Set POLICIES unless the view did. Django's debug pages are left out, because they have inline styles."""

    def middleware(request):
        response = get_response(request)
        if not (settings.DEBUG and response.status_code in (404, 500)):
            for name, text in POLICIES.items():
                response.headers.setdefault(name, text)
        return response

    return middleware
