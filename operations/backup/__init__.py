"""Backups: one file with every row, the uploaded files and their digests, that restores on either database."""
