"""Projects and their organisations, and every way to read them.

Files are read in ``imports``; sources, claims and the recording of changes are in ``provenance``.
"""
