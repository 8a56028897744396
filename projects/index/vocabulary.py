"""Which rows contain a word. All distinct words are one string, which ``str.find`` searches."""

from itertools import chain, islice

from pyroaring import BitMap

from ..words.word_forms import is_one_edit, root_of

MOST_COMPARED = 50_000  # words, to find those that are spelled alike


class WordIndex:
    """The distinct words of the projects' texts, each with the rows that contain it."""

    def __init__(self):
        self._rows = {}
        self._text = "\n"  # each word between newlines

    def add(self, words_by_row):
        """Add the words of rows: an iterable of ``(row, words)``."""
        new = []
        for row, words in words_by_row:
            for word in words:
                if word not in self._rows:
                    self._rows[word] = BitMap()
                    new.append(word)
                self._rows[word].add(row)
        if new:
            self._text += "\n".join(new) + "\n"

    def containing(self, part, *, at_start=False, at_end=False):
        """Return the rows with a word that contains ``part``; ``at_start``, ``at_end``: begins, ends with it."""
        if at_start and at_end:
            return self._rows.get(part, BitMap()).copy()
        words = self._words_with("\n" * at_start + part + "\n" * at_end)
        return BitMap.union(BitMap(), *(self._rows[word] for word in words))

    def containing_all(self, phrase):
        """Return the rows that may contain a folded phrase: with its words, the first and the last perhaps as parts."""
        words = phrase.split()
        return BitMap.intersection(*(
            self.containing(word, at_start=number > 0, at_end=number < len(words) - 1)
            for number, word in enumerate(words)
        ))  # fmt: skip

    def with_form_of(self, term):
        """Return the rows with a word that is another form of a Term."""
        return BitMap.union(BitMap(), *(self._rows[self._word_at(form.start())] for form in term.forms_in(self._text)))

    def like(self, word):
        """Return the words that differ from ``word`` by one mistake, or begin with its root."""
        half = len(word) // 2  # one half has no mistake, or the mistake is between them
        swapped = word[: half - 1] + word[half] + word[half - 1] + word[half + 1 :]
        alike = chain(self._words_with("\n" + word[:half]), self._words_with(word[half:] + "\n"))
        words = {each for each in islice(alike, MOST_COMPARED) if is_one_edit(word, each)}
        words |= {*islice(self._words_with("\n" + root_of(word)), MOST_COMPARED)}
        return {each for each in words | ({swapped} & self._rows.keys()) - {word} if each.isalnum()}

    def _words_with(self, part):
        """Yield each word that has ``part``, in which newlines are its beginning and its end."""
        place = self._text.find(part)
        while place >= 0:
            yield self._word_at(place)
            place = self._text.find(part, self._text.index("\n", place + 1))

    def _word_at(self, place):
        """Return the word at a place of the text, or that begins after it."""
        return self._text[self._text.rfind("\n", 0, place + 1) + 1 : self._text.index("\n", place + 1)]
