"""TTF files of the fonts, for pictures: the converter from SVG to PNG reads neither WOFF2 nor variable fonts.

`python -m eap_funding.generators.fonts FOLDER` makes them beside the WOFF2 files of `fonts.css`, one for each weight.
"""

import io
import logging
import sys
from pathlib import Path

from fontTools.merge import Merger
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

MADE = (  # (file to make, family, style, weight, files that it is made from)
    ("sans-400.ttf", "Source Sans 3", "Regular", 400, "source-sans-3-{}-wght-normal.woff2"),
    ("sans-700.ttf", "Source Sans 3", "Bold", 700, "source-sans-3-{}-wght-normal.woff2"),
    ("serif-400.ttf", "Source Serif 4", "Regular", 400, "source-serif-4-{}-400-normal.woff2"),
)
LETTERS = ("latin", "latin-ext")
NOT_MERGED = ("GDEF", "GPOS", "GSUB", "HVAR", "STAT")  # ligatures, kerning, and what variable fonts add


def make(folder):
    for name, family, style, weight, pattern in MADE:
        parts = [_plain(TTFont(folder / pattern.format(letters)), weight) for letters in LETTERS]
        font = Merger().merge(parts)
        _rename(font["name"], family, style)
        font["OS/2"].usWeightClass = weight
        font.save(folder / name)


def _plain(font, weight):
    """Return a font of one weight, without compression, as a file."""
    font.flavor = None
    if "fvar" in font:
        font = instantiateVariableFont(font, {"wght": weight})
    for table in NOT_MERGED:
        if table in font:
            del font[table]
    file = io.BytesIO()
    font.save(file)
    file.seek(0)
    return file


def _rename(names, family, style):
    names.names = []
    for number, text in ((1, family), (2, style), (4, f"{family} {style}"), (6, f"{family}-{style}".replace(" ", ""))):
        names.setName(text, number, 3, 1, 0x409)  # Windows, Unicode, English


if __name__ == "__main__":
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    make(Path(sys.argv[1]))
