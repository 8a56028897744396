"""What a file leaves unclear, asked once for all of its rows; and the answers, which stand for what the cells say."""

from projects.models import amounts
from provenance.documents import dates
from provenance.documents.dates import PartialDate, Unclear

NEW, LEAVE_OUT, WAY = "+", "", "*"  # answers: a new record, nothing at all; and what all values of a column are read by
_READERS = ((PartialDate.parse, dates.WAYS), (amounts.parse_sum, amounts.WAYS))
_SHOWN = 10  # texts and places of a question that are named


def collect(questions, faults):
    """Add what the ``faults`` of a record ask to ``questions``, ``{(heading, text): question}``: each once."""
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
    """Return the same, but of a text that names something new the text itself, which is its name."""
    answer = answered(answers, heading, text)
    return text if answer == NEW else answer


def answered(answers, heading, text):
    """Return what a person said that ``text`` means in the column ``heading``; itself where nobody did."""
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
