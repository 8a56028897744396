"""Whole documents, byte for byte: as one JSON object with metadata, or one per line."""

import orjson

from .streams import CUT_OFF, streamed

_LAST_WORDS = orjson.dumps(CUT_OFF)


def body(about, texts):
    """Yield a file ``{"about", "results"}`` as bytes. If it is cut off, it is not valid JSON.

    ``about``: a function that returns the metadata; ``texts``: documents, JSON as bytes.
    """
    return streamed(_object(about, texts), b"\n%b\n" % _LAST_WORDS)


def _object(about, texts):
    yield b'{"about":%b,\n"results":[' % orjson.dumps(about())
    for number, text in enumerate(texts):
        yield (b",\n%b" if number else b"\n%b") % text
    yield b"\n]}"


def lines(texts):
    """Yield a file with one document per line, as bytes. If it is cut off, it ends with ``{"error": …}``."""
    return streamed((b"%b\n" % text for text in texts), b'{"error":%b}\n' % _LAST_WORDS)
