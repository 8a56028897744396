"""Runs a reader of uploaded files in a process of its own: `sandbox.py READER MEMORY SECONDS ARGUMENT…`.

A small file can demand all memory and time there is; here only its reader is stopped. Readers are scripts without
Django. One that ends with ``sys.exit("words")`` refuses its file with that message.
"""

import resource
import runpy
import sys

REFUSED = 4  # exit code: the reason is on stderr


def command(reader, memory, seconds, *arguments):
    """Return the command that runs the script ``reader``, a Path, within ``memory`` bytes and ``seconds`` of CPU."""
    return [sys.executable, "-I", __file__, *map(str, (reader.resolve(), memory, seconds, *arguments))]


if __name__ == "__main__":
    _, reader, memory, seconds, *arguments = sys.argv
    resource.setrlimit(resource.RLIMIT_AS, (int(memory),) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds),) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.argv = [reader, *arguments]
    try:
        runpy.run_path(reader, run_name="__main__")
    except SystemExit as end:
        if not isinstance(end.code, str):
            raise
        sys.stderr.write(end.code)
        sys.exit(REFUSED)
