"""What browsers may do with an answer: the same constant texts on each."""

from django.conf import settings

POLICIES = {
    "Content-Security-Policy": settings.CONTENT_SECURITY_POLICY,
    "Permissions-Policy": settings.PERMISSIONS_POLICY,
}


def say_policies(get_response):
    """Add POLICIES, where the view says no other; but not to Django's own pages for developers, which have styles."""

    def middleware(request):
        response = get_response(request)
        if not (settings.DEBUG and response.status_code in (404, 500)):
            for name, text in POLICIES.items():
                response.headers.setdefault(name, text)
        return response

    return middleware
