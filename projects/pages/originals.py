"""What sources have of a project in their own form: an activity as its publisher wrote it, to be shown as text."""

from django.db.models import Exists, OuterRef
from lxml import etree

from projects.iati.xml import parsed
from provenance.models import Claim, Original, State

LEFT_OUT = ("contact-info",)  # people's names and telephone numbers


def originals_of(key):
    """Return the originals of the project ``key`` whose public sources state something of it, newest first.

    What a source only proposed, and nobody accepted, states nothing.
    """
    claims = Claim.objects.filter(source=OuterRef("source"), content_type__model="project", object_id=key)
    rows = Original.objects.filter(Exists(claims), kind="project", key=key, source__state=State.PUBLISHED)
    return rows.select_related("source").defer("text")


def without_contacts(text):
    """Return an activity's XML without what names people; nothing where it is no XML."""
    root = parsed(text)
    if root is None:
        return ""
    etree.strip_elements(root, *(f"{{*}}{name}" for name in LEFT_OUT), with_tail=False)
    return etree.tostring(root, encoding="unicode")
