"""Pictures of a narrowed queryset, drawn by the server: geometry and words, which templates/_pictures turn into SVG.

Each is asked for with a queryset of projects (or a project's document) and gives a dict for its template, in as many
queries for many rows as for few. Lengths along the page are percentages, heights are pixels, so that text keeps
its size on every screen. ``query`` is the query string (a QueryDict) that the rows answer to: links keep it.
"""

from .bars import bars
from .flow import flow
from .funding import funding
from .timeline import timeline

__all__ = ["bars", "flow", "funding", "timeline"]
