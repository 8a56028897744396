"""Documents: what a record contains, how two versions differ, and which words support a value.

Functions on plain values, without database or users.
"""
