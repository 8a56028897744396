"""The admin of provenance, and what the admin of every app is built on."""

from . import people, proposals, revisions, sources
from .claims import ClaimInline
from .records import RecordAdmin
from .rows import RowFormSet, RowInline

__all__ = ["ClaimInline", "RecordAdmin", "RowFormSet", "RowInline", "people", "proposals", "revisions", "sources"]
