"""The admin of sources and users, and the base classes for the admin of every kind of record.

Pages turn forms into documents; ``provenance.workflow`` decides what may happen to them.
"""

from . import decisions, sources, users
from .inlines import ClaimInline, RowInline
from .records import RecordAdmin

__all__ = ["ClaimInline", "RecordAdmin", "RowInline", "decisions", "sources", "users"]
