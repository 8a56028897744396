"""The style sheet and icons of the Europa Component Library, cut to what the templates use.

``make`` runs this as ``python -m eap_funding.assets``; it needs no settings.
"""

import re
import sys
from pathlib import Path

import tinycss2

BASE_DIR = Path(__file__).resolve().parent.parent
LIBRARY = BASE_DIR / "node_modules/@ecl/preset-eu/dist"
TEMPLATES = BASE_DIR / "templates"
PLACE = BASE_DIR / "assets/ecl"  # not committed; its parent is in STATICFILES_DIRS
_CLASS = re.compile(r"\.(-?[a-z_][\w-]*)", re.IGNORECASE)
_ICON = re.compile(r"""(?:icon\.html" with name="|icons\.svg' %}#)([a-z][\w-]*)""")
_NEGATION = re.compile(r":not\([^()]*\)")
_FETCHING = re.compile(r"url\(", re.IGNORECASE)


def made():
    """Return ``{file name: text}``. FileNotFoundError if the library is not installed."""
    house = _text_of(TEMPLATES / "_house")
    style = (LIBRARY / "styles/ecl-eu.css").read_text(encoding="utf-8")
    sprite = (LIBRARY / "images/icons/sprites/icons.svg").read_text(encoding="utf-8")
    return {
        "ecl.css": cut_style(style, set(re.findall(r"ecl-[\w-]+", house))),
        "icons.svg": cut_icons(sprite, set(_ICON.findall(_text_of(TEMPLATES)))),
    }


def cut_style(style, classes):
    """Return the rules of a style sheet that can apply on pages with only these ``classes``.

    Rules with ``url()`` are left out, because those files are not served.
    """
    licence = re.search(r"/\*!.*?\*/", style, re.DOTALL)
    rules = tinycss2.parse_stylesheet(style, skip_comments=True, skip_whitespace=True)
    return (f"{licence[0]}\n" if licence else "") + "".join(_kept(rules, classes))


def cut_icons(sprite, names):
    """Return a sprite with only the icons ``names``. KeyError if there is no such icon."""
    symbols = {
        re.search(r'\bid="([\w-]+)"', each)[1]: each for each in re.findall(r"<symbol.*?</symbol>", sprite, re.DOTALL)
    }
    return f'<svg xmlns="http://www.w3.org/2000/svg">{"".join(symbols[name] for name in sorted(names))}</svg>\n'


def _kept(rules, classes):
    """Yield the text of each rule that can apply. Animations and fonts are left out."""
    for rule in rules:
        if rule.type == "qualified-rule":
            body = tinycss2.serialize(rule.content)
            selectors = [each for each in _selectors(rule.prelude) if _classes_of(each) <= classes]
            if selectors and not _FETCHING.search(body):
                yield f"{','.join(selectors)}{{{body}}}\n"
        elif rule.type == "at-rule" and rule.lower_at_keyword in ("media", "supports"):
            inner = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
            if text := "".join(_kept(inner, classes)):
                yield f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}{{{text}}}\n"


def _selectors(prelude):
    """Yield the selectors of a rule as text. Commas within brackets do not separate selectors."""
    one = []
    for token in prelude:
        if token.type == "literal" and token.value == ",":
            yield tinycss2.serialize(one).strip()
            one = []
        else:
            one.append(token)
    yield tinycss2.serialize(one).strip()


def _classes_of(selector):
    """Return the classes that a selector requires."""
    return set(_CLASS.findall(_NEGATION.sub("", selector)))


def _text_of(folder):
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.html")))


def main():
    """Write the files. Exit code 1 if the library is not installed."""
    try:
        files = made()
    except FileNotFoundError as missing:
        sys.exit(f"{missing.filename} is missing. `make run` fetches it.")
    PLACE.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (PLACE / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
