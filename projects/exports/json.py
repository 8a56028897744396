"""Whole documents, byte for byte: as one JSON object that tells of itself, or one a line."""

import orjson

from .streams import CUT_OFF, streamed

_LAST_WORDS = orjson.dumps(CUT_OFF).decode()


def body(about, texts):
    """Yield a file ``{"about", "results"}`` as bytes. Where it is cut off it is no JSON, so that nobody takes it whole.

    ``about``: a function, called when the file is begun; ``texts``: documents as JSON texts.
    """
    return streamed(_object(about, texts), f"\n{_LAST_WORDS}\n")


def _object(about, texts):
    yield f'{{"about":{orjson.dumps(about()).decode()},\n"results":['
    for number, text in enumerate(texts):
        yield f",\n{text}" if number else f"\n{text}"
    yield "\n]}"


def lines(texts):
    """Yield a file of one document a line, as bytes. One that was cut off ends with ``{"error": …}``."""
    return streamed((f"{text}\n" for text in texts), f'{{"error":{_LAST_WORDS}}}\n')
