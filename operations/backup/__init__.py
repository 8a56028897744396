"""Backups: one file with every row, the uploaded files and their digests, that restores on either database.

It copies rows as they are. The public dump, which leaves out drafts and users, is in ``provenance.dump``.
"""
