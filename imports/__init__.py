"""Files that people upload: read into items, previewed before anything is written, then written all or not at all.

It reads files and hands in documents; ``provenance.workflow.submission`` writes them.
"""
