"""The elements of an activity: lxml's own, with their lines, languages and clean texts."""

from functools import cached_property

from lxml import etree

from projects.iati.xml import BARE, LANG

from ..items import NotReadable
from .texts import ENGLISH, clean, without_html

MOST_QUOTE = 2500
LONGEST_ATTRIBUTE = 10_000  # characters
ROOT, ACTIVITY = "iati-activities", "iati-activity"
_NARRATIVE = "narrative"
_get = etree.ElementBase.get


class Element(etree.ElementBase):
    """An element with single white space in all that it returns. ``line``: of its file, where its start tag ends."""

    line = 0

    def get(self, name):
        """Return an attribute; "" if there is none. NotReadable if it is too long."""
        value = _get(self, name)
        if not value:
            return ""
        if len(value) > LONGEST_ATTRIBUTE:
            self.refuse(f"an attribute longer than {LONGEST_ATTRIBUTE:,} characters")
        return " ".join(value.split())

    def refuse(self, fault):
        """Refuse the whole file for what this element has."""
        place = f"Line {self.line}, element {self.tag[:60]}"
        raise NotReadable(f"{place}: {fault}. No IATI file has that; it is refused whole.")

    def all(self, tag):
        """Return the children with a tag."""
        return list(self.iterchildren(tag))

    @property
    def path(self):
        """Its name after that of the element around it, but for an activity and its children."""
        around = self.getparent()
        return self.tag if around is None or around.tag in (ROOT, ACTIVITY) else f"{around.tag}/{self.tag}"

    @cached_property
    def language(self):
        """Its language in lower case, by default that of what is around it; "" if there is none."""
        if own := self.get(LANG).casefold().partition("-")[0]:
            return own
        around = self.getparent()
        return "" if around is None else around.language

    @property
    def words(self):
        """Its own text, with that of markup in it; "" if it does not begin with one."""
        own = clean(self.text)
        return self._all_words() if own and len(self) else own

    def _all_words(self):
        return clean(" ".join(self.itertext()) if len(self) else self.text)

    @property
    def texts(self):
        """``[(Element, text)]`` of its narratives, or in 1.0x its own, without HTML that stands in them as text."""
        return self._narratives or [(self, text) for text in [without_html(self.words)] if text]

    @cached_property
    def _narratives(self):  # without itself, which would not be freed
        return [(each, text) for each in self.iterchildren(_NARRATIVE) if (text := without_html(each._all_words()))]

    def in_english(self):
        """Return its English text, else the first; "" if there is none."""
        texts = self.texts
        english = (text for each, text in texts if len(texts) > 1 and each.language == ENGLISH)
        return next(english, texts[0][1] if texts else "")

    def quote(self, as_stated):
        """Return it without its markup: its text if that has ``as_stated``, else with its attributes."""
        words = " ".join([text for _each, text in self.texts])
        if not words or as_stated not in words:
            words = self._written()
        if as_stated not in words:  # white space of its own
            words = f"{words} {as_stated}"
        return words if len(words) <= MOST_QUOTE else f"{words[: MOST_QUOTE - 1]}…"

    def _written(self):
        """Return its attributes and texts, and those of its children after their names, but of an activity."""
        names = {name: "xml:lang" if name == LANG else name for name in self.keys() if name[0] != "{" or name == LANG}
        parts = [f'{shown}="{self.get(name)}"' for name, shown in names.items()]
        for each, text in self.texts:
            language = each is not self and each.get(LANG)
            parts.append(f'xml:lang="{language}" {text}' if language else text)
        for child in () if self.tag == ACTIVITY or self.words else self:
            if child.tag[0] != "{" and child.tag != _NARRATIVE and (inside := child._written()):
                parts.append(f"{child.tag} {inside};")
        return " ".join(parts).removesuffix(";")


ELEMENTS = etree.ElementDefaultClassLookup(element=Element)  # makes parsers make Elements
_PARSER = etree.XMLParser(**BARE)
_PARSER.set_element_class_lookup(ELEMENTS)


def parsed(text):
    """Return an activity's XML as an Element."""
    return etree.fromstring(text, _PARSER)
