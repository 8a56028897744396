"""The public register as lines of JSON, and back into an empty one; the fixtures that come with the project.

A dump has no drafts and no users. For everything, see ``operations.backup``.
"""
