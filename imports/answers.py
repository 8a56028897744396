"""Answers about what a file leaves unclear: which are kept for other files of their person, and where they hold."""

NEW, LEAVE_OUT = "+", ""  # answers: a new record; nothing at all
WAY = "*"  # begins the keys of answers that say how to read all values of a column


class Meanings(dict):
    """``{text: meaning}`` of a column, given for its file or kept from earlier ones.

    ``kept``: {text: the headings for which it was kept, "" for any}; ``used``: those of them that were looked up.
    """

    def __init__(self, given=()):
        super().__init__(given)
        self.kept, self.used = {}, {}

    def __getitem__(self, text):
        if text in self.kept:
            self.used[text] = self.kept[text]
        return super().__getitem__(text)

    def get(self, text, default=None):
        try:
            return self[text]
        except KeyError:
            return default


def to_keep(answers, headings):
    """Yield (our heading, that of the file or "" for any, text, meaning) of the answers that hold for other files.

    How a column is read, and in which currency, holds for columns with the same heading, so of the same unit. Answers
    about single rows hold for none.
    """
    for ours, meanings in answers.items():
        for text, meaning in meanings.items() if ours else ():
            is_of_column = text.startswith(WAY) or ours.endswith("_currency")
            theirs = headings.get(_with_unit(ours)) if is_of_column else ""
            if theirs is not None:
                yield ours, theirs, text, meaning


def with_kept(given, kept, headings):
    """Return ``{our heading: Meanings}``: the answers ``given`` for a file, then those of ``kept`` that hold for it."""
    answers = {ours: Meanings(meanings) for ours, meanings in given.items()}
    for ours, theirs, text, meaning in kept:
        meanings = answers.setdefault(ours, Meanings())
        if text not in meanings and theirs in ("", headings.get(_with_unit(ours))):
            meanings[text], meanings.kept[text] = meaning, theirs
    return answers


def _with_unit(ours):
    """Return our heading of the column whose heading says how values are read: that of sums, for a currency."""
    return ours.replace("_currency", "_amount")


def used(answers, name_of):
    """Return in words the kept ones of ``answers`` that were used; ``name_of``: as Names.meant."""
    return sorted(
        _in_words(theirs, text, name_of(ours, meanings[text]))
        for ours, meanings in answers.items()
        for text, theirs in meanings.used.items()
    )


def _in_words(theirs, text, meaning):
    where = f"in “{theirs}”, " if theirs else ""
    if text.startswith(WAY):
        return where + (meaning or f"left out instead of {text.removeprefix(WAY)}")
    what = f"“{text[:60]}” is" if text else "sums without a currency are in"
    return f"{where}{what} {({NEW: 'a record of its own', LEAVE_OUT: 'left out'}).get(meaning, meaning)}"
