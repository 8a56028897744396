"""Regular expressions kept as data, in a TOML file beside the module that reads texts by them."""

import re
import tomllib
from pathlib import Path
from types import SimpleNamespace


def patterns_of(module: str, **parts: str) -> SimpleNamespace:
    """Return the patterns, and lists of them, in the TOML file beside ``module``, the path of a Python file.

    ``<NAME>`` in one stands for the pattern of that name: one of ``parts``, or above it in the file.
    """
    patterns = SimpleNamespace()
    for name, value in tomllib.loads(Path(module).with_suffix(".toml").read_text(encoding="utf-8")).items():
        each = value if isinstance(value, list) else [value]
        whole = [re.sub("<([A-Z_]+)>", lambda inner: parts[inner[1]], pattern) for pattern in each]
        parts[name] = whole[0]
        compiled = [re.compile(pattern) for pattern in whole]
        setattr(patterns, name, compiled if isinstance(value, list) else compiled[0])
    return patterns
