"""Questions about what a file leaves unclear, each asked once for all rows; and the answers, which replace cells."""

from projects.models import amounts
from provenance.documents import dates
from provenance.documents.dates import PartialDate, Unclear

NEW, LEAVE_OUT, WAY = "+", "", "*"  # answers: a new record; nothing at all; how to read all values of a column
_READERS = ((PartialDate.parse, dates.WAYS), (amounts.parse_sum, amounts.WAYS))
_SHOWN = 10  # texts and places named in a question


def collect(questions, faults):
    """Add the questions in the ``faults`` of a record to ``questions``, ``{(heading, text): question}``, each once."""
    for fault in faults:
        if asked := fault.question:
            text = WAY if asked["ways"] else asked["text"]
            choices = [[way, way] for way in asked["ways"]] or [list(pair) for pair in asked["choices"]]
            new = {
                "heading": asked["heading"], "column": fault.column, "key": text, "texts": [], "choices": choices,
                "what": fault.what, "places": [], "count": 0,
            }  # fmt: skip
            one = questions.setdefault((asked["heading"], text), new)
            one["count"] += 1
            for shown, value in (("texts", asked["text"]), ("places", fault.place)):
                if value not in one[shown] and len(one[shown]) < _SHOWN:
                    one[shown].append(value)


def in_cell(answers, heading, text):
    """Return the same, but the text itself if it names something new, because it is its name."""
    answer = answered(answers, heading, text)
    return text if answer == NEW else answer


def answered(answers, heading, text):
    """Return the meaning that somebody gave ``text`` in the column ``heading``; ``text`` itself if nobody did."""
    meanings = answers.get(heading)
    if not meanings:
        return text
    if text in meanings:
        return meanings[text]
    for read, ways in _READERS:
        if meanings.get(WAY) in ways:
            try:
                read(text)
            except Unclear as unclear:
                return unclear.meanings[ways.index(meanings[WAY])] if unclear.ways == ways else text
            except ValueError:
                pass
    return text
