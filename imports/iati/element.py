"""The elements of an activity as they are read: light copies with their lines, languages and clean texts."""

from itertools import repeat
from typing import NamedTuple

from projects.iati.xml import LANG

from .codes import READ_WHOLE
from .texts import ENGLISH, clean

MOST_QUOTE = 2500
_NARRATIVE = "narrative"
_NO_LINES = repeat(0)


class Element(NamedTuple):
    """An element of an activity, with single white space in its texts and attributes.

    ``path``: its name after that of the element around it, but for the activity. ``texts``: ``[(language, text, its
    language as written)]`` of its narratives, or in 1.0x its own; the language is in lower case, by default that of
    what is around it; "" if there is none. ``text``: its own, with that of markup in it. ``children``: but narratives.
    """

    tag: str
    path: str
    line: int
    attributes: dict
    text: str
    texts: list
    children: list

    def get(self, name):
        """Return an attribute; "" if there is none."""
        return clean(self.attributes.get(name))

    def all(self, tag):
        """Return the children with a tag."""
        return [child for child in self.children if child.tag == tag]

    def first(self, tag):
        """Return the first child with a tag; None if there is none."""
        return next((child for child in self.children if child.tag == tag), None)

    def in_english(self):
        """Return its English text, else the first; "" if there is none."""
        english = (text for language, text, _written in self.texts if language == ENGLISH)
        return next(english, self.texts[0][1] if self.texts else "")

    def quote(self, as_stated):
        """Return it without its markup: its text if that has ``as_stated``, else with its attributes."""
        words = " ".join([text for _language, text, _written in self.texts])
        if not words or as_stated not in words:
            words = self._written()
        if as_stated not in words:  # white space of its own
            words = f"{words} {as_stated}"
        return words if len(words) <= MOST_QUOTE else f"{words[: MOST_QUOTE - 1]}…"

    def _written(self):
        """Return its attributes and texts, and those of its children after their names, but of an activity."""
        parts = [
            f'{"xml:lang" if name == LANG else name}="{clean(value)}"'
            for name, value in self.attributes.items()
            if name[0] != "{" or name == LANG
        ]
        parts += [f'xml:lang="{written}" {text}' if written else text for _language, text, written in self.texts]
        for child in self.children if self.path else ():
            if child.tag[0] != "{" and (inside := child._written()):
                parts.append(f"{child.tag} {inside};")
        return " ".join(parts).removesuffix(";")


def activity_of(source, line=0, lines=(), language=""):
    """Return the Element of an ``iati-activity`` that lxml parsed, with all of it that is ever read.

    ``line``: its own; ``lines``: those of each of its children and of what that holds, in order; nothing: not known.
    ``language``: of the file.
    """
    attributes, children = dict(source.items()), []
    language = _language(attributes.get(LANG), language)
    for child, own in zip(source, lines or repeat(_NO_LINES), strict=bool(lines)):
        tag, numbers = child.tag, iter(own)
        if tag in READ_WHOLE:
            children.append(_copied(child, tag, tag, numbers, language))
        else:
            children.append(Element(tag, tag, next(numbers), {}, "", [], []))
    return Element(source.tag, "", line, attributes, "", [], children)


def _copied(source, tag, path, lines, language):
    line, attributes, text, texts, children = next(lines), dict(source.items()), clean(source.text), [], []
    if LANG in attributes:
        language = _language(attributes[LANG], language)
    for child in source:
        if (name := child.tag) == _NARRATIVE:
            own, words = child.get(LANG), clean(child.text)
            next(lines)
            if len(child):
                words = clean(" ".join(child.itertext()))
                for _ in child.iterdescendants():
                    next(lines)
            if words:
                texts.append((_language(own, language), words, own))
        else:
            children.append(_copied(child, name, f"{tag}/{name}", lines, language))
    if text and not texts:
        if children:
            text, children = clean(" ".join(source.itertext())), []
        texts.append((language, text, ""))
    return Element(tag, path, line, attributes, text, texts, children)


def _language(code, around):
    return code.casefold().partition("-")[0] if code else around
