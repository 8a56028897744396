"""Between documents and tables: the register's lock, its rules, the log of Revisions, its seal.

It checks no permissions; ``provenance.workflow`` does.
"""
