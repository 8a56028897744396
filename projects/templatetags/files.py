"""The formats of a list, for ``_components/files.html``."""

from django import template

from projects.exports.formats import offered

register = template.Library()


@register.simple_tag
def formats_of(name, past=None, in_iati=False):
    """Return the Formats of the list ``name``: ``first``, for spreadsheets, and ``others``.

    There is no feed of a past moment, and IATI only if ``in_iati``.
    """
    left_out = {suffix for suffix, is_out in {"atom": past, "xml": not in_iati}.items() if is_out}
    found = {each.suffix: each for each in offered(name) if each.suffix not in left_out}
    first = [found.pop(suffix) for suffix in ("xlsx", "csv") if suffix in found]
    return {"first": first, "others": list(found.values())}
