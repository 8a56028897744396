"""Original IATI activities of a project, shown as text."""

from django.db.models import Exists, OuterRef
from lxml import etree

from projects.iati.xml import parsed
from provenance.models import Claim, Original, State

LEFT_OUT = ("contact-info",)  # people's names and telephone numbers


def originals_of(key):
    """Return the originals of the project ``key`` from public sources that support one of its claims, newest first."""
    claims = Claim.objects.filter(source=OuterRef("source"), content_type__model="project", object_id=key)
    rows = Original.objects.filter(Exists(claims), kind="project", key=key, source__state=State.PUBLISHED)
    return rows.select_related("source").defer("text")


def without_contacts(text):
    """Return an activity's XML without contact persons; "" if it is not XML."""
    root = parsed(text)
    if root is None:
        return ""
    etree.strip_elements(root, *(f"{{*}}{name}" for name in LEFT_OUT), with_tail=False)
    return etree.tostring(root, encoding="unicode")
