"""The database tables: records, claims, revisions, proposals, redirects and suggested sources.

They know the declarations in ``provenance.documents`` and nothing of how ``provenance.store`` reads and writes them.
"""

from .edition import Edition, Original, SuggestedSource
from .record import Claim, Record, RecordQuerySet, Slugged, Source
from .revision import AuditEntry, Distinct, Moved, Proposal, Revision, State

__all__ = [
    "AuditEntry", "Claim", "Distinct", "Edition", "Moved", "Original", "Proposal", "Record", "RecordQuerySet",
    "Revision", "Slugged", "Source", "State", "SuggestedSource",
]  # fmt: skip
