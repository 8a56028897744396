"""The header and footer of an installation, and the sections of the site."""

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from projects.exports.about import is_address

NAME = _("Eastern Partnership migration funding register")  # unless HEADER_NAME is set
SECTIONS = {
    "/projects/": _("Projects"),
    "/countries/": _("Countries"),
    "/instruments/": _("Instruments"),
    "/partnerships/": _("Agreements"),
    "/organisations/": _("Organisations"),
    "/sources/": _("Sources"),
    "/data/": _("Data"),
    "/about/": _("About"),
}


def of_page(request):
    """Context processor: ``house`` (from the settings) and ``sections``.

    ``sections``: ``[{"address", "label", "current"}]``, where ``current`` is the value for ``aria-current``.
    ``changed``: when the register last changed; only to be used where the database answers.
    """
    path = request.path_info  # without the language in front
    return {
        "house": {
            "name": settings.HEADER_NAME or NAME,
            "emblem": settings.HEADER_EMBLEM,
            "footer": settings.FOOTER_TEXT,
            "contact": settings.CONTACT_EMAIL,
            "publisher": settings.PUBLISHER_NAME,
            "publisher_address": settings.PUBLISHER_ADDRESS,
            "licence": settings.LICENCE,
            "licence_is_linked": is_address(settings.LICENCE),
            "fonts": bool(settings.STATICFILES_DIRS),
            "changed": lambda: request.register_version.at,
            "sections": [
                {
                    "address": address, "label": label,
                    "current": "page" if path == address else "true" if path.startswith(address) else "",
                }
                for address, label in SECTIONS.items()
            ],
        }
    }  # fmt: skip
