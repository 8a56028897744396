"""In which forms a list can be taken away, for ``_components/files.html``."""

from django import template

from projects.exports.formats import offered

register = template.Library()


@register.simple_tag
def formats_of(name, past=None):
    """Return the Formats of the list ``name``; of a past moment without the feed, which tells of all times."""
    return [each for each in offered(name) if not (past and each.suffix == "atom")]
