"""The database tables: records, claims, revisions, proposals, redirects and suggested sources.

They know the declarations in ``provenance.documents`` and nothing of how ``provenance.store`` reads and writes them.
"""

from .audit import AuditEntry
from .edition import Edition
from .proposal import Proposal
from .record import Claim, Record, RecordQuerySet, Source
from .redirect import Distinct, Moved, Original
from .revision import Revision, State
from .suggestion import SuggestedSource

__all__ = [
    "AuditEntry", "Claim", "Distinct", "Edition", "Moved", "Original", "Proposal", "Record", "RecordQuerySet",
    "Revision", "Source", "State", "SuggestedSource",
]  # fmt: skip
