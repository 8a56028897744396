"""The formats of a list, for ``_components/files.html``."""

from django import template

from projects.exports.formats import offered

register = template.Library()


@register.simple_tag
def formats_of(name, past=None, in_iati=False):
    """Return the Formats of the list ``name``: without the feed for a past moment, with IATI only if ``in_iati``."""
    left_out = {suffix for suffix, is_out in {"atom": past, "xml": not in_iati}.items() if is_out}
    return [each for each in offered(name) if each.suffix not in left_out]
