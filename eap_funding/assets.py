"""The house style as it is served: the library's style sheet and icons, cut to what the templates name."""

import re

import tinycss2
from django.conf import settings

LIBRARY = settings.BASE_DIR / "node_modules" / "@ecl" / "preset-eu" / "dist"
TEMPLATES = settings.BASE_DIR / "templates"
PLACE = settings.BASE_DIR / "assets" / "ecl"  # in STATICFILES_DIRS, never committed
_CLASS = re.compile(r"\.(ecl-[\w-]+)")
_URL = re.compile(r"url\(", re.IGNORECASE)


def make_assets():
    """Write ``ecl.css`` and ``icons.svg``. FileNotFoundError if the library has not been fetched. Returns their sizes."""
    words = "\n".join(path.read_text(encoding="utf-8") for path in TEMPLATES.rglob("*.html"))
    style = (LIBRARY / "styles" / "ecl-eu.css").read_text(encoding="utf-8")
    sprite = (LIBRARY / "images" / "icons" / "sprites" / "icons.svg").read_text(encoding="utf-8")
    made = {
        "ecl.css": cut_style(style, set(re.findall(r"ecl-[\w-]+", words))),
        "icons.svg": cut_icons(sprite, set(re.findall(r"icon\.html\" with name=\"([\w-]+)\"", words))),
    }
    PLACE.mkdir(parents=True, exist_ok=True)
    for name, text in made.items():
        (PLACE / name).write_text(text, encoding="utf-8")
    return {name: len(text.encode()) for name, text in made.items()}


def cut_style(style, classes):
    """Return the rules of a style sheet that apply where the only ``ecl-`` classes are ``classes``.

    Rules that fetch something by ``url()`` are left out: nothing of it is served.
    """
    rules = tinycss2.parse_stylesheet(style, skip_comments=True, skip_whitespace=True)
    licence = re.search(r"/\*!.*?\*/", style, re.DOTALL)
    return (licence[0] + "\n" if licence else "") + "".join(_kept(rules, classes))


def _kept(rules, classes):
    for rule in rules:
        if rule.type == "qualified-rule":
            body = tinycss2.serialize(rule.content)
            selectors = [each for each in _selectors(rule.prelude) if set(_CLASS.findall(each)) <= classes]
            if selectors and not _URL.search(body):
                yield f"{','.join(selectors)}{{{body}}}\n"
        elif rule.type == "at-rule" and rule.lower_at_keyword in ("media", "supports"):
            inner = "".join(_kept(tinycss2.parse_rule_list(rule.content, skip_whitespace=True), classes))
            if inner:
                yield f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}{{{inner}}}\n"


def _selectors(prelude):
    """Yield the selectors of a rule; commas within brackets part none."""
    one = []
    for token in prelude:
        if token.type == "literal" and token.value == ",":
            yield tinycss2.serialize(one).strip()
            one = []
        else:
            one.append(token)
    yield tinycss2.serialize(one).strip()


def cut_icons(sprite, names):
    """Return a sprite with only the icons ``names``. KeyError if it has no such icon."""
    symbols = dict(re.findall(r'(?=<symbol[^>]*\bid="([\w-]+)")(<symbol.*?</symbol>)', sprite, re.DOTALL))
    return '<svg xmlns="http://www.w3.org/2000/svg">' + "".join(symbols[name] for name in sorted(names)) + "</svg>"
