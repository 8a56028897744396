"""SVG to PNG, and lines of text for it, in the fonts that `make` fetches, else in those of the system."""

from contextlib import suppress
from functools import lru_cache
from itertools import chain
from pathlib import Path

import resvg_py
from django.conf import settings
from fontTools.ttLib import TTFont, TTLibError

from ..capacity import PICTURES
from .scale import plain

SANS, BOLD, SERIF = "sans-400.ttf", "sans-700.ttf", "serif-400.ttf"
UNKNOWN = 0.9  # em: a letter that our fonts lack, and any letter without them; generous, so that lines fit
WIDER = 1.35  # as wide is a line in a font of the system, which the whole line takes for one letter that ours lack
SYSTEM_FONTS = ("/usr/share/fonts", "/usr/local/share/fonts")
LONGEST = 2000  # characters of a text that is measured


def png(svg, width=None):
    """Return SVG as a PNG, ``width`` pixels wide; None: as wide as the SVG says. Busy if too many are being drawn."""
    files = [str(path) for path in map(_path, (SANS, BOLD, SERIF)) if path.exists()]
    svg, letters = without_boxes(svg), _advances(_path(SANS)).keys()
    is_covered = bool(files) and all(code in letters or code == 10 for code in set(map(ord, svg)))
    with PICTURES.held():
        return resvg_py.svg_to_bytes(
            svg_string=svg, width=width, font_files=files, skip_system_fonts=is_covered,
            sans_serif_family="Source Sans 3" if files else "DejaVu Sans",
            serif_family="Source Serif 4" if files else "DejaVu Serif",
        )  # fmt: skip


def without_boxes(text):
    """Return ``text`` without the characters that no font has, such as emoji; each would be drawn as a box."""
    ours = _advances(_path(SANS)).keys()
    return "".join(char for char in text if ord(char) in ours or char == "\n" or ord(char) in _of_system())


@lru_cache(maxsize=1)
def _of_system():
    """Return the codes of the letters in fonts of the system."""
    codes = set()
    for path in chain.from_iterable(Path(folder).rglob("*.[ot]t[fc]") for folder in SYSTEM_FONTS):
        with suppress(TTLibError, OSError), TTFont(path, lazy=True, fontNumber=0) as font:
            codes |= (font.getBestCmap() or {}).keys()
    return frozenset(codes)


def lines(text, size, width, most, font=SANS):
    """Break ``text`` into at most ``most`` lines of ``width`` px, with letters of ``size`` px; an ellipsis if cut."""
    words, fitted = plain(without_boxes(text[:LONGEST])).split(" "), [""]
    while words:
        word = words.pop(0)
        longer = f"{fitted[-1]} {word}".strip()
        if _fits(longer, size, width, font):
            fitted[-1] = longer
        elif not fitted[-1]:  # a word longer than a line is cut
            end = next(end for end in range(len(word) - 1, 0, -1) if end == 1 or _fits(word[:end], size, width, font))
            fitted[-1], words = word[:end], [word[end:], *words]
            fitted.append("")
        else:
            fitted.append("")
            words.insert(0, word)
        if len(fitted) > most:
            return [*fitted[: most - 1], _cut(fitted[most - 1], size, width, font)]
    return [line for line in fitted if line]


def _cut(line, size, width, font):
    """Return as many words of ``line`` as leave room for an ellipsis; of a single word, as many letters."""
    while line and not _fits(f"{line}…", size, width, font):
        line = line.rpartition(" ")[0] or line[:-1]
    return f"{line.rstrip(' ,;:–-')}…"


def _fits(text, size, width, font):
    advances = _advances(_path(font))
    wider = 1 if all(ord(letter) in advances for letter in text) else WIDER
    return sum(advances.get(ord(letter), UNKNOWN) for letter in text) * size * wider <= width


def _path(font):
    return settings.FONTS / font


@lru_cache(maxsize=8)
def _advances(path):
    """Return the width of each letter of a font in em, by its code; {} without the font."""
    if not path.exists():
        return {}
    with TTFont(path) as font:
        widths, whole = font["hmtx"].metrics, font["head"].unitsPerEm
        return {code: widths[name][0] / whole for code, name in font.getBestCmap().items()}
