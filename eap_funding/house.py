"""Whose house this is: what an installation says in header and footer."""

from django.conf import settings


def of_page(request):
    """Context processor: ``house`` with ``name``, ``emblem`` (a static file), ``footer`` and ``contact``."""
    return {
        "house": {
            "name": settings.HEADER_NAME,
            "emblem": settings.HEADER_EMBLEM,
            "footer": settings.FOOTER_TEXT,
            "contact": settings.CONTACT_EMAIL,
        }
    }
