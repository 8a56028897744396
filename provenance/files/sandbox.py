"""Runs a reader of uploaded files in a process of its own: `sandbox.py READER MEMORY SECONDS ARGUMENT…`.

A small file can demand all memory and time there is; here only its reader is stopped. Readers are scripts without
Django. One that ends with ``sys.exit("words")`` refuses its file with that message. Of one that has a function
``text_of``, the file comes on stdin, and its text is written to stdout; the only argument is the most bytes of it.
"""

import resource
import runpy
import sys

REFUSED = 4  # exit code: the reason is on stderr


def command(reader, memory, seconds, *arguments):
    """Return the command that runs the script ``reader``, a Path, within ``memory`` bytes and ``seconds`` of CPU."""
    return [sys.executable, "-I", __file__, *map(str, (reader.resolve(), memory, seconds, *arguments))]


def write_text(reader, most):
    """Write the text that ``reader``, the names in a script, finds in the file on stdin."""
    try:
        text = reader["text_of"](sys.stdin.buffer.read()).encode(errors="replace")
    except reader.get("DAMAGES", ()):
        sys.exit(reader["DAMAGED"])
    if len(text) > most:
        sys.exit("There is too much text in it. Paste the part that you need.")
    sys.stdout.buffer.write(text)


if __name__ == "__main__":
    _, reader, memory, seconds, *arguments = sys.argv
    resource.setrlimit(resource.RLIMIT_AS, (int(memory),) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds),) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.argv = [reader, *arguments]
    try:
        names = runpy.run_path(reader, run_name="__main__")
        if "text_of" in names:
            write_text(names, int(arguments[0]))
    except SystemExit as end:
        if not isinstance(end.code, str):
            raise
        sys.stderr.write(end.code)
        sys.exit(REFUSED)
