"""The house style as it is served: the library's style sheet and icons, cut to what the templates name.

Nothing here needs the settings. As a command, which ``make`` calls: ``python -m eap_funding.assets``.
"""

import re
import sys
from pathlib import Path

import tinycss2

BASE_DIR = Path(__file__).resolve().parent.parent
LIBRARY = BASE_DIR / "node_modules/@ecl/preset-eu/dist"
TEMPLATES = BASE_DIR / "templates"
PLACE = BASE_DIR / "assets/ecl"  # its parent is in STATICFILES_DIRS; never committed
_CLASS = re.compile(r"\.(-?[a-z_][\w-]*)", re.IGNORECASE)
_ICON = re.compile(r"""(?:icon\.html" with name="|icons\.svg' %}#)([a-z][\w-]*)""")
_NEGATION = re.compile(r":not\([^()]*\)")
_FETCHING = re.compile(r"url\(", re.IGNORECASE)


def made():
    """Return {file name: text} of what is served. FileNotFoundError if the library has not been fetched."""
    house = _text_of(TEMPLATES / "_house")
    style = (LIBRARY / "styles/ecl-eu.css").read_text(encoding="utf-8")
    sprite = (LIBRARY / "images/icons/sprites/icons.svg").read_text(encoding="utf-8")
    return {
        "ecl.css": cut_style(style, set(re.findall(r"ecl-[\w-]+", house))),
        "icons.svg": cut_icons(sprite, set(_ICON.findall(_text_of(TEMPLATES)))),
    }


def cut_style(style, classes):
    """Return the rules of a style sheet that can apply where ``classes`` are all the classes there are.

    Rules that fetch something by ``url()`` are left out: nothing of it is served.
    """
    licence = re.search(r"/\*!.*?\*/", style, re.DOTALL)
    rules = tinycss2.parse_stylesheet(style, skip_comments=True, skip_whitespace=True)
    return (f"{licence[0]}\n" if licence else "") + "".join(_kept(rules, classes))


def cut_icons(sprite, names):
    """Return a sprite of only the icons ``names``. KeyError if it has no such icon."""
    symbols = {
        re.search(r'\bid="([\w-]+)"', each)[1]: each for each in re.findall(r"<symbol.*?</symbol>", sprite, re.DOTALL)
    }
    return f'<svg xmlns="http://www.w3.org/2000/svg">{"".join(symbols[name] for name in sorted(names))}</svg>\n'


def _kept(rules, classes):
    """Yield the text of each rule that can apply; what is animated, or for fonts, is not."""
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
    """Yield the selectors of a rule as text; commas within brackets part none."""
    one = []
    for token in prelude:
        if token.type == "literal" and token.value == ",":
            yield tinycss2.serialize(one).strip()
            one = []
        else:
            one.append(token)
    yield tinycss2.serialize(one).strip()


def _classes_of(selector):
    """Return the classes that an element must have somewhere for the selector to match."""
    return set(_CLASS.findall(_NEGATION.sub("", selector)))


def _text_of(folder):
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.html")))


def main():
    """Write the files. Exit code 1 if the library has not been fetched."""
    try:
        files = made()
    except FileNotFoundError as missing:
        sys.exit(f"{missing.filename} is not there: `make run` fetches it.")
    PLACE.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (PLACE / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
