"""The admin of projects, organisations and themes."""

from . import organisations, parts, projects

__all__ = ["organisations", "parts", "projects"]
