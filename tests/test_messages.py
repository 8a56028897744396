"""No word of a public page is forgotten: each is marked, and each marked one has its French."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from django.template.base import Lexer, TokenType
from django.utils import translation
from django.utils.translation import ngettext

from eap_funding import messages

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("language", messages.LOCALES)
def test_every_message_is_translated(language):
    assert messages.faults(language) == []


@pytest.mark.parametrize(
    ("string", "fault"),
    [
        ("", "not translated"),
        ("Projets", "other placeholders"),
        ("%(nombre)s projets", "other placeholders"),
        ("%(n)s projets", None),
    ],
)
def test_faults_of_one_message(string, fault):
    found = messages._faults_of(Message("%(n)s projects"), Message("%(n)s projects", string))
    assert found == ([fault] if fault else [])


def test_faults_of_plurals_and_of_what_is_unsure():
    ids = ("%(n)s project", "%(n)s projects")
    good = Message(ids, ("%(n)s projet", "%(n)s projets"))
    assert messages._faults_of(Message(ids), good) == []
    assert messages._faults_of(Message(ids), Message(ids, ("%(n)s projet", ""))) == ["not translated"]
    assert messages._faults_of(Message(ids), Message(ids, ("un projet", "%(n)s projets"))) == ["other placeholders"]
    assert messages._faults_of(Message(ids), Message(ids, good.string, flags=["fuzzy"])) == ["fuzzy"]
    assert messages._faults_of(Message(ids), None) == ["not in the file"]


def test_french_plural_zero_is_singular(client, db):
    with translation.override("fr"):
        said = [ngettext("%(n)s contribution", "%(n)s contributions", n) % {"n": n} for n in (0, 1, 2)]
    assert said == ["0 contribution", "1 contribution", "2 contributions"]


PUBLIC = [
    path
    for path in sorted((ROOT / "templates").rglob("*.html"))
    if "admin" not in path.parts and path.name != "api_docs.html"  # which are English only
]
NAMES = {"API", "Atom", "JSON", "CSV", "XLSX", "NDJSON", "XML", "IATI", "security", "txt"}  # the same in every language
SHOWN = ("title", "aria-label", "placeholder", "alt", "data-label")
MARKING = {"blocktranslate": "endblocktranslate", "blocktrans": "endblocktrans", "comment": "endcomment"}
WORD = re.compile(r"[^\W\d_]{2,}")


class VisibleWords(HTMLParser):
    """Collects what a reader would see of a template's own text."""

    def __init__(self):
        super().__init__()
        self.found, self.inside = [], []

    def handle_starttag(self, tag, attributes):
        if tag in ("script", "style"):
            self.inside.append(tag)
        self.found += [value or "" for name, value in attributes if name in SHOWN]

    def handle_endtag(self, tag):
        if self.inside and self.inside[-1] == tag:
            self.inside.pop()

    def handle_data(self, data):
        if not self.inside:
            self.found.append(data)


def unmarked(source):
    """Return the words of a template that are shown and not marked for translation."""
    kept, until, found = [], None, []
    for token in Lexer(source).tokenize():
        name = token.contents.split(maxsplit=1)[0] if token.token_type == TokenType.BLOCK else ""
        if until:
            until = None if name == until else until
        elif name in MARKING:
            until = MARKING[name]
        elif token.token_type == TokenType.TEXT:
            kept.append(token.contents)
        elif name in ("include", "with"):
            found += re.findall(r'\b(?:label|what|text|title|body|caption|about|heading)="([^"]*)"', token.contents)
    parser = VisibleWords()
    parser.feed("".join(kept))
    texts = [text for text in [*parser.found, *found] if set(WORD.findall(text)) - NAMES]
    return [" ".join(text.split()) for text in texts]


@pytest.mark.parametrize("path", PUBLIC, ids=lambda path: path.name)
def test_template_has_no_unmarked_word(path):
    assert unmarked(path.read_text()) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("<p>Hello</p>", ["Hello"]),
        ('<a title="Hello">{{ x }}</a>', ["Hello"]),
        ('<input placeholder="Hello" aria-label="{% translate "x" %}">', ["Hello"]),
        ('{% include "x.html" with label="Hello" kind="label" %}', ["Hello"]),
        ("{% if x %}<p>{{ y }} of</p>{% endif %}", ["of"]),
        ('<p>{% translate "Hello" %} · {{ x }} – 12</p>', []),
        ("{% blocktranslate %}Hello{% endblocktranslate %}{% comment %}Hello{% endcomment %}{# Hello #}", []),
        ('<p class="Hello">{% include "x.html" with label=_("Hello") %}</p>', []),
        ('<a href="/x">JSON</a><script>let hello</script>', []),
    ],
)
def test_unmarked_words_are_found(source, found):
    assert unmarked(source) == found


def test_french_keeps_its_marks_with_their_words():
    strings = [message.string for message in messages.translated("fr") if message.id]
    texts = [text for string in strings for text in ([string] if isinstance(string, str) else string)]
    assert not [text for text in texts if re.search(r" [:;?!»]|« ", text)]
