"""What is recorded and written in a turn of its own: for tests that change a row, or a document, at a time."""

from provenance import changing, recording
from provenance.turns import turn


def record(*arguments, **said):
    """Record, as ``recording.record`` does."""
    with turn():
        return recording.record(*arguments, **said)


def write(*arguments, **said):
    """Write documents, as ``changing.write`` does."""
    with turn():
        return changing.write(*arguments, **said)
