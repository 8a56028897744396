"""Uploaded files: read into items, previewed before anything is written, then written completely or not at all.

It reads files and submits documents; ``provenance.workflow.submission`` writes them.
"""
