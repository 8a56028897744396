"""What sources have of a project in their own form: an activity as its publisher wrote it, to be shown as text."""

from lxml import etree

from provenance.models import Original, State

LEFT_OUT = ("contact-info",)  # people's names and telephone numbers


def originals_of(key):
    """Return the originals of the project ``key`` whose sources are public, newest first, with their sources."""
    rows = Original.objects.filter(kind="project", key=key, source__state=State.PUBLISHED)
    return rows.select_related("source").defer("text")


def without_contacts(text):
    """Return an activity's XML without what names people; nothing where it is no XML."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(text.encode(), parser)
    except (etree.XMLSyntaxError, ValueError):
        return ""
    etree.strip_elements(root, *(f"{{*}}{name}" for name in LEFT_OUT), with_tail=False)
    return etree.tostring(root, encoding="unicode")
