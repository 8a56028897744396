"""The index in memory: which projects, how many and how much, by following the log of Revisions.

The database is asked for documents only, by revision id. Nothing here reads a query string.
"""
