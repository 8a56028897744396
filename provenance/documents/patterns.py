"""Regular expressions kept as data, in a TOML file beside the module that reads texts by them."""

import re
import tomllib
from pathlib import Path
from types import SimpleNamespace


def patterns_of(module: str, **parts: str) -> SimpleNamespace:
    """Return the patterns in the TOML file beside ``module``, the path of a Python file, as attributes.

    ``<NAME>`` in one stands for the pattern of that name: one of ``parts``, or above it in the file.
    """
    for name, pattern in tomllib.loads(Path(module).with_suffix(".toml").read_text(encoding="utf-8")).items():
        parts[name] = re.sub("<([A-Z_]+)>", lambda inner: parts[inner[1]], pattern)
    return SimpleNamespace(**{name: re.compile(pattern) for name, pattern in parts.items()})
