"""Answers about what a file leaves unclear: which are kept for other files of their person, and where they hold."""

NEW, LEAVE_OUT = "+", ""  # answers: a new record; nothing at all
WAY = "*"  # begins the keys of answers that say how to read all values of a column


class Answers(dict):
    """``{our heading: {text: meaning}}`` of a file: the answers ``given`` for it, then those ``kept`` that hold for it.

    ``kept``: the headings for which each of these was kept, "" for any, by (our heading, text); ``used``: which of
    them were needed.
    """

    def __init__(self, given=None, kept=(), headings=None):
        super().__init__({ours: dict(meanings) for ours, meanings in (given or {}).items()})
        self.kept, self.used = {}, set()
        for ours, theirs, text, meaning in kept:
            is_new = text not in self.setdefault(ours, {})
            if is_new and theirs in ("", headings.get(_of_sums(ours, text))):
                self[ours][text], self.kept[ours, text] = meaning, theirs

    def meaning(self, ours, text):
        """Return the meaning of a text under our heading, None if nobody gave one. A kept one counts as used."""
        if (ours, text) in self.kept:
            self.used.add((ours, text))
        return self.get(ours, {}).get(text)


def to_keep(answers, headings):
    """Yield (our heading, that of the file or "" for any, text, meaning) of the answers that hold for other files.

    How a column is read, in which currency, and who pays its sums, holds for columns with the same heading, so of the
    same unit. Answers about single rows hold for none.
    """
    for ours, meanings in answers.items():
        for text, meaning in meanings.items() if ours else ():
            is_of_column = not text or text.startswith(WAY) or ours.endswith("_currency")
            theirs = headings.get(_of_sums(ours, text)) if is_of_column else ""
            if theirs is not None:
                yield ours, theirs, text, meaning


def _of_sums(ours, text):
    """Return our heading of the column whose heading says how values are read: that of sums, for their currency, and
    for who pays those without a funder."""
    return "funder_amount" if (ours, text) == ("funder_slugs", "") else ours.replace("_currency", "_amount")


def used(answers, name_of):
    """Return in words the kept ones of ``answers`` that were used; ``name_of``: as Names.meant."""
    return sorted(
        _in_words(ours, answers.kept[ours, text], text, name_of(answers[ours][text])) for ours, text in answers.used
    )


def _in_words(ours, theirs, text, meaning):
    where = f"in “{theirs}”, " if theirs else ""
    if text.startswith(WAY):
        return where + (meaning or f"left out instead of {text.removeprefix(WAY)}")
    lacking, how = ("funder", "from") if ours == "funder_slugs" else ("currency", "in")
    meaning = {NEW: "a record of its own", LEAVE_OUT: "left out"}.get(meaning, meaning if text else f"{how} {meaning}")
    return where + (f"“{text[:60]}” is {meaning}" if text else f"sums without a {lacking} are {meaning}")
