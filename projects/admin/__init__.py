"""The admin of projects, organisations and themes, and the rules that read a text for them.

What all kinds of record share, such as forms, history and proposals, is in ``provenance.admin``.
"""

from . import organisations, parts, projects

__all__ = ["organisations", "parts", "projects"]
