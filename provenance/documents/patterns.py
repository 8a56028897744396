"""Regular expressions kept as data, in a TOML file beside the module that reads texts by them."""

import re
import tomllib
from pathlib import Path
from types import SimpleNamespace


def fill(pattern: str, parts: dict[str, str]) -> str:
    """Return ``pattern`` with the part of its name in place of each ``<NAME>``; KeyError if there is none."""
    return re.sub("<([A-Z_]+)>", lambda name: parts[name[1]], pattern)


def patterns_of(module: str, **parts: str) -> SimpleNamespace:
    """Return the patterns, and lists of them, in the TOML file beside ``module``, the path of a Python file.

    ``<NAME>`` in one stands for the pattern of that name: one of ``parts``, or above it in the file.
    """
    patterns = SimpleNamespace()
    for name, value in tomllib.loads(Path(module).with_suffix(".toml").read_text(encoding="utf-8")).items():
        each = value if isinstance(value, list) else [value]
        filled = [fill(pattern, parts) for pattern in each]
        parts[name] = filled[0]
        compiled = [re.compile(pattern) for pattern in filled]
        setattr(patterns, name, compiled if isinstance(value, list) else compiled[0])
    return patterns
