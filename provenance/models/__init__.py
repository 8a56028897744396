"""The tables of provenance: what each record, claim and Revision is in the database, and nothing of how it is written.

Documents are declared in ``provenance.documents``, which knows no table; ``provenance.store`` goes between the two.
"""

from .proposal import Proposal
from .record import Claim, Record, RecordQuerySet, Source
from .redirect import Distinct, Moved, Original
from .revision import Revision, State

__all__ = [
    "Claim", "Distinct", "Moved", "Original", "Proposal", "Record", "RecordQuerySet", "Revision", "Source", "State",
]  # fmt: skip
