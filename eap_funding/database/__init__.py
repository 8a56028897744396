"""When the database is unavailable: which errors mean that, how long to wait, and whether to read the replica.

How rows are written is in ``provenance.store``.
"""
