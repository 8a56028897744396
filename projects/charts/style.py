"""The style of charts in files: the pages' rules for drawings, in the light colours of tokens.css."""

import base64
import hashlib
import re
from functools import cache
from pathlib import Path

from django.contrib.staticfiles import finders

_DRAWS = re.compile(r"\b(?:fill|stroke|font-weight|font-size)")
_NAMES = re.compile(r"(--[\w-]+):\s*([^;{}]+)")
_RULES = re.compile(r"([^{}@]+)\{([^{}]*)\}")
_BLOCKS = re.compile(r"@[^{]+\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}")


@cache
def style():
    """Return the style sheet of a chart in a file, without custom properties, which few programs know."""
    tokens, components = _sheet("tokens"), _sheet("components")
    charts = _sheet("charts") + _sheet("map")
    names = dict(_NAMES.findall(tokens.partition("@media")[0])) | dict(_NAMES.findall(charts.partition("@media")[0]))
    rules = [(name, text) for name, text in _RULES.findall(_BLOCKS.sub("", charts)) if "--picture-ink:" not in text]
    rules += [(name, text) for name, text in _RULES.findall(components) if name.strip() in (".torn", ".hatch-line")]
    drawing = [f"{name.strip()} {{ {text.strip()} }}" for name, text in rules if _DRAWS.search(text)]
    text = "\n".join(drawing) + _sheet("files")
    while "var(" in text:
        text = re.sub(r"var\((--[\w-]+)\)", lambda match: names[match[1]].strip(), text)
    return text


def policy():
    """Return the Content-Security-Policy of a file with this style."""
    digest = base64.b64encode(hashlib.sha256(style().encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; frame-ancestors 'none'"


def _sheet(name):
    text = Path(finders.find(f"eap_funding/style/{name}.css")).read_text(encoding="utf-8")
    return re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
