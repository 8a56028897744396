"""The admin of the register itself."""

from . import organisations, parts, projects

__all__ = ["organisations", "parts", "projects"]
