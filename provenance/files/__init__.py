"""Uploaded files, read in a process of its own: HTML, PDF and DOCX to text.

It keeps nothing; texts of sources are stored in ``provenance.store.editions``.
"""
