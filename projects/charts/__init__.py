"""Charts drawn by the server: geometry and words, which templates/_pictures turn into SVG.

Each function takes Rows of the index (or a project's document, or groups) and returns a dict for its template. Widths
are percentages and heights are pixels, so that text keeps its size on every screen. ``query`` is the query string (a
QueryDict) of the rows, which links keep.
"""

from .bars import bars
from .country_map import country_map
from .flow import flow
from .funding import funding
from .ranked import ranked
from .timeline import timeline
