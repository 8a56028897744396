"""The index in memory: which projects, how many and how much. It follows the log of Revisions.

The database is only asked for documents, by revision id. Nothing here reads a query string.
"""
