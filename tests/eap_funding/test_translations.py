"""No word of a public page is forgotten: each is marked, and each marked one has its French."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.template.base import Lexer, TokenType
from django.utils import translation
from django.utils.translation import ngettext

pytestmark = pytest.mark.one_database

ROOT = Path(__file__).resolve().parents[2]


PLACEHOLDER = re.compile(r"%\((\w+)\)[a-z]")


def translated():
    """Return the French messages, each as its English and its French forms."""
    with (ROOT / "locale/fr/LC_MESSAGES/django.po").open("rb") as file:
        catalog = read_po(file, locale="fr")
    assert not catalog.obsolete
    forms = lambda text: [text] if isinstance(text, str) else list(text)  # noqa: E731
    messages = [(forms(each.id), forms(each.string), each) for each in catalog if each.id]
    assert len(messages) > 500
    return messages


def test_every_message_is_translated_for_sure():
    """That each word of the sources has its message, ``make lint`` says."""
    assert [english for english, french, message in translated() if message.fuzzy or not all(french)] == []


def test_every_translation_has_the_placeholders_of_its_message():
    unlike = [
        (text, translation)
        for english, french, _ in translated()
        for text, translation in zip(english[:1] + english[1:] * len(french), french, strict=False)
        if set(PLACEHOLDER.findall(text)) != set(PLACEHOLDER.findall(translation))
    ]
    assert unlike == []


def test_french_plural_zero_is_singular(client, db):
    with translation.override("fr"):
        counts = [ngettext("%(n)s contribution", "%(n)s contributions", n) % {"n": n} for n in (0, 1, 2)]
    assert counts == ["0 contribution", "1 contribution", "2 contributions"]


PUBLIC = [
    path
    for path in sorted((ROOT / "templates").rglob("*.html"))
    if "admin" not in path.parts and path.name != "api_docs.html"  # which are English only
]
NAMES = {
    "BibTeX",
    "PNG",
    "SVG",
    "RIS",
    "CSL",
    "API",
    "Atom",
    "JSON",
    "CSV",
    "XLSX",
    "NDJSON",
    "XML",
    "IATI",
    "security",
    "txt",
}  # the same in every language
SHOWN = ("title", "aria-label", "placeholder", "alt", "data-label")
MARKING = {"blocktranslate": "endblocktranslate", "blocktrans": "endblocktrans", "comment": "endcomment"}
WORD = re.compile(r"[^\W\d_]{2,}")


class VisibleWords(HTMLParser):
    """Collects what a reader would see of a template's own text."""

    def __init__(self):
        super().__init__()
        self.texts, self.inside = [], []

    def handle_starttag(self, tag, attributes):
        if tag in ("script", "style", "textarea"):  # a text area holds what is copied or typed
            self.inside.append(tag)
        self.texts += [value or "" for name, value in attributes if name in SHOWN]

    def handle_endtag(self, tag):
        if self.inside and self.inside[-1] == tag:
            self.inside.pop()

    def handle_data(self, data):
        if not self.inside:
            self.texts.append(data)


def unmarked(source):
    """Return the words of a template that are shown and not marked for translation."""
    kept, until, arguments = [], None, []
    for token in Lexer(source).tokenize():
        name = token.contents.split(maxsplit=1)[0] if token.token_type == TokenType.BLOCK else ""
        if until:
            until = None if name == until else until
        elif name in MARKING:
            until = MARKING[name]
        elif token.token_type == TokenType.TEXT:
            kept.append(token.contents)
        elif name in ("include", "with"):
            arguments += re.findall(r'\b(?:label|what|text|title|body|caption|about|heading)="([^"]*)"', token.contents)
    parser = VisibleWords()
    parser.feed("".join(kept))
    texts = [text for text in [*parser.texts, *arguments] if set(WORD.findall(text)) - NAMES]
    return [" ".join(text.split()) for text in texts]


@pytest.mark.parametrize("path", PUBLIC, ids=lambda path: path.name)
def test_template_has_no_unmarked_word(path):
    assert unmarked(path.read_text()) == []


@pytest.mark.parametrize(
    ("source", "texts"),
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
def test_unmarked_words_are_found(source, texts):
    assert unmarked(source) == texts


def test_french_keeps_its_marks_with_their_words():
    assert not [text for _, french, _ in translated() for text in french if re.search(r" [:;?!»]|« ", text)]
