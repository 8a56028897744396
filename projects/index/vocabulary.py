"""Which rows contain a word. All distinct words are one string, which ``str.find`` searches."""

from array import array

from pyroaring import BitMap


class WordIndex:
    """The distinct words of the projects' texts, each with the rows that contain it."""

    def __init__(self):
        self._rows = {}
        self._text = "\n"  # each word between newlines

    def add(self, found):
        """Add ``{word: [rows]}``."""
        if new := [word for word in found if word not in self._rows]:
            self._rows.update((word, BitMap()) for word in new)
            self._text += "\n".join(new) + "\n"
        for word, rows in found.items():
            self._rows[word].update(rows if type(rows) is array else array("I", rows))

    def containing(self, part, *, at_start=False, at_end=False):
        """Return the rows with a word that contains ``part``; ``at_start``, ``at_end``: begins, ends with it."""
        if at_start and at_end:
            return self._rows.get(part, BitMap()).copy()
        text, wanted = self._text, "\n" * at_start + part + "\n" * at_end
        found, place = [BitMap()], text.find(wanted)
        while place >= 0:
            found.append(self._rows_at(place + 1))
            place = text.find(wanted, text.index("\n", place + 1))
        return BitMap.union(*found)

    def with_form_of(self, term):
        """Return the rows with a word that is another form of a Term."""
        return BitMap.union(BitMap(), *(self._rows_at(form.start()) for form in term.forms_in(self._text)))

    def _rows_at(self, place):
        """Return the rows of the word around a place of the text."""
        return self._rows[self._text[self._text.rfind("\n", 0, place) + 1 : self._text.index("\n", place)]]
