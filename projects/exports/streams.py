"""Bodies that are sent while they are made, and that say so where they could not be finished."""

CHUNK = 64 * 1024  # characters
CUT_OFF = (
    "INCOMPLETE: this file was cut off here by an error of the register. Nothing after this was read. Fetch it again."
)


def streamed(pieces, cut_off):
    """Yield texts as UTF-8, in chunks. If one cannot be made, ``cut_off`` is the last that is said.

    The error goes on: the server then breaks the connection off, so that no cache keeps the half as a whole.
    """
    held, size = [], 0
    try:
        for piece in pieces:
            held.append(piece)
            size += len(piece)
            if size >= CHUNK:
                yield "".join(held).encode()
                held, size = [], 0
    except Exception:
        yield ("".join(held) + cut_off).encode()
        raise
    yield "".join(held).encode()
