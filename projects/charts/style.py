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
_OWN = """
.picture { color: var(--ink); }
.picture .heading { font-size: 22px; font-weight: 700; }
.picture .chart-title { font-size: 16px; font-weight: 700; }
.picture .paper { fill: var(--paper); }
.picture .rule { stroke: var(--rule-2); }
.picture .source { font-size: 13px; fill: var(--ink-2); }
.card .band { fill: var(--masthead); }
.card .on-band { font-size: 26px; font-weight: 700; fill: var(--paper); }
.card .card-title { font-size: 44px; font-weight: 700; }
.card .card-places { font-size: 28px; fill: var(--ink-2); }
.card .card-figure { font-size: 84px; font-weight: 700; fill: var(--deep); }
.card .card-measure { font-size: 30px; }
.card .card-quote { font-size: inherit; font-family: 'Source Serif 4', Georgia, 'Noto Serif', serif; }
.card .card-address { font-size: 24px; fill: var(--ink-2); }
.card .mark-rule { stroke: var(--mark-rule); stroke-width: 6px; }
"""


@cache
def style():
    """Return the style sheet of a chart in a file, without custom properties, which few programs know."""
    tokens, components = _sheet("tokens"), _sheet("components")
    charts = _sheet("charts") + _sheet("map")
    names = dict(_NAMES.findall(tokens.partition("@media")[0])) | dict(_NAMES.findall(charts.partition("@media")[0]))
    rules = [(name, text) for name, text in _RULES.findall(_BLOCKS.sub("", charts)) if "--picture-ink:" not in text]
    rules += [(name, text) for name, text in _RULES.findall(components) if name.strip() in (".torn", ".hatch-line")]
    drawing = [f"{name.strip()} {{ {text.strip()} }}" for name, text in rules if _DRAWS.search(text)]
    text = "\n".join(drawing) + _OWN
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
