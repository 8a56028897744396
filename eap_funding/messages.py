"""The words of the public interface: found in code and templates, translated in ``locale/``, compiled for Django.

All by Babel, so that no gettext binaries are needed. Nothing here needs the settings. As a command:
``python -m eap_funding.messages renew | compile | check``.
"""

import io
import json
import os
import re
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_file, extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

BASE_DIR = Path(__file__).resolve().parent.parent
LOCALES = {"fr": BASE_DIR / "locale/fr/LC_MESSAGES/django.po"}
KEYWORDS = DEFAULT_KEYWORDS | {
    "gettext_lazy": None, "gettext_noop": None, "noop": None, "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2), "npgettext_lazy": ((1, "c"), 2, 3),
}  # fmt: skip
SOURCES = {  # pattern: how its messages are found. The admin and the commands are English only
    "templates/**/*.html": "eap_funding.messages:extract_template",
    "*/**/*.py": "python",
    "fixtures/themes.json": "eap_funding.messages:extract_themes",
}
LEFT_OUT = {"admin", "management", "migrations", "tests"}
_OF_ONE_MACHINE = re.compile(rb'^"(Report-|POT-|PO-|Last-|Generated-).*\n', re.MULTILINE)  # headers nobody needs
_PLACEHOLDER = re.compile(r"%\((\w+)\)[a-z]")


def extract_template(file, keywords, comment_tags, options):
    """Babel extractor for Django templates, which ``templatize`` turns into something like Python."""
    source = templatize(file.read().decode())
    lines = "\n".join(line.strip() for line in source.splitlines())
    return extract_python(io.BytesIO(lines.encode()), keywords, comment_tags, options)


def extract_themes(file, keywords, comment_tags, options):
    """Babel extractor for the names of themes: the register's own index words."""
    for row in json.load(file):
        yield 1, "gettext", row["fields"]["name"], []


def extracted():
    """Return the catalog of all messages, as they are in the sources now."""
    catalog = Catalog(fuzzy=False)
    for pattern, method in SOURCES.items():
        for path in sorted(BASE_DIR.glob(pattern)):
            place = path.relative_to(BASE_DIR)
            if place.parts[0].startswith(".") or LEFT_OUT & set(place.parts):
                continue
            for _line, message, comments, context in extract_from_file(method, path, KEYWORDS, ["Translators:"]):
                catalog.add(message, None, [(place.as_posix(), None)], auto_comments=comments, context=context)
    return catalog


def translated(language):
    """Return the catalog of a language as its file has it."""
    with LOCALES[language].open("rb") as file:
        return read_po(file, locale=language)


def renew(language):
    """Bring the file up to date: new messages come in untranslated, those that nobody uses go."""
    catalog = translated(language)
    catalog.update(extracted(), no_fuzzy_matching=True, update_creation_date=False)
    written = io.BytesIO()
    write_po(written, catalog, width=110, ignore_obsolete=True, sort_by_file=True, include_lineno=False)
    LOCALES[language].write_bytes(_OF_ONE_MACHINE.sub(b"", written.getvalue()))


def compiled(language):
    """Compile the file for Django, unless that was done after its last change, and that of this module."""
    target = LOCALES[language].with_suffix(".mo")
    newest = max(path.stat().st_mtime for path in (LOCALES[language], Path(__file__)))
    if target.exists() and target.stat().st_mtime >= newest:
        return
    written = io.BytesIO()
    write_mo(written, translated(language))
    beside = target.with_suffix(f".{os.getpid()}.new")
    beside.write_bytes(written.getvalue())
    beside.replace(target)  # at once, so that no other process reads half of it


def faults(language):
    """Return what is wrong with a language's file, a line each: what is missing, left over, unsure or unlike."""
    catalog, sources = translated(language), extracted()
    found = [f"no longer used: {message_id!r}" for message_id in catalog.obsolete]
    for message in sources:
        if message.id:
            known = catalog.get(message.id, message.context)
            found += [f"{fault}: {message.id!r}" for fault in _faults_of(message, known)]
    left = [message for message in catalog if message.id and not sources.get(message.id, message.context)]
    return found + [f"no longer used: {message.id!r}" for message in left]


def _faults_of(message, known):
    if not known:
        return ["not in the file"]
    singular, plural = (message.id, message.id) if isinstance(message.id, str) else message.id
    texts = [known.string] if isinstance(known.string, str) else list(known.string)
    wanted = [singular, *[plural] * (len(texts) - 1)]
    if not all(texts):
        return ["not translated"]
    unlike = any(_placeholders(text) != _placeholders(like) for text, like in zip(texts, wanted, strict=True))
    return ["fuzzy"] * known.fuzzy + ["other placeholders"] * unlike


def _placeholders(text):
    return set(_PLACEHOLDER.findall(text))


def main(task):
    """Do one task for every language; return what is wrong, as text for ``sys.exit``, or nothing."""
    done = {language: {"renew": renew, "compile": compiled, "check": faults}[task](language) for language in LOCALES}
    return "\n".join(f"{language}: {fault}" for language, found in done.items() for fault in found or ())


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) or 0)
