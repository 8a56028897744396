"""Questions about what a file leaves unclear, each asked once for all rows; and the answers, which replace cells."""

from functools import partial

from projects.models.amounts import parse_sum
from provenance.documents.dates import PartialDate, Unclear
from provenance.documents.folding import fold

from ..answers import LEAVE_OUT, NEW, WAY
from .cells import PERIOD

ASK = "?"  # no answer yet
_SHOWN = 10  # texts and places named in a question


def headings_of(listings):
    """Return {our heading: those that the columns with that meaning have in the file}."""
    found = {}
    for one in listings:
        for at, ours in one.columns.items():
            for each in (ours, *PERIOD) if ours == "period" else [ours]:
                found.setdefault(each, set()).add(one.head[at].strip())
    return {ours: " / ".join(sorted(theirs)) for ours, theirs in found.items()}


def collect(questions, faults):
    """Add the questions in the ``faults`` of a record to ``questions``, ``{(heading, text): question}``, each once.

    Those about an organisation are one for all columns and spellings: their heading there is "", their text folded.
    """
    for fault in faults:
        if asked := fault.question:
            text = key_of(asked["ways"]) if asked["ways"] else asked["text"]
            choices = [[way, way] for way in asked["ways"]] or [list(pair) for pair in asked["choices"]]
            new = {
                "heading": asked["heading"], "columns": [], "key": text, "texts": [], "choices": choices,
                "what": fault.what, "places": [], "count": 0, "is_of_column": bool(asked["ways"]),
                "unit": asked["unit"], "is_needed": asked.get("is_needed", False),
                "kind": "" if asked.get("is_body") else asked["heading"],
            }  # fmt: skip
            one = questions.setdefault(("", fold(text)) if asked.get("is_body") else (asked["heading"], text), new)
            one["count"] += 1
            for shown, value in (("columns", fault.column), ("texts", asked["text"]), ("places", fault.place)):
                if value not in one[shown] and len(one[shown]) < _SHOWN:
                    one[shown].append(value)


def together(questions):
    """Return the ``questions`` as they are asked: lists of (number from 0, question) that one choice can answer.

    They are of one kind and have the same choices, as several new organisations do.
    """
    groups = {}
    for number, one in enumerate(questions):
        kind = one.get("kind"), one["is_needed"], *(value for value, _label in one["choices"])
        same = number if one["is_of_column"] else kind
        groups.setdefault(same, []).append((number, one))
    return [*groups.values()]


def key_of(ways):
    """Return the key of the answer that chooses one of ``ways``; a column may need several, each of its own sort."""
    return WAY + "; ".join(ways) if len(ways) == 1 or ", as " in ways[0] else WAY


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
        return answers.meaning(heading, text)
    if any(key.startswith(WAY) for key in meanings):
        for read in (partial(PartialDate.parse, is_end=heading == "end_date"), parse_sum):
            try:
                read(text)
            except Unclear as unclear:
                by_way = dict(zip(unclear.ways, unclear.meanings, strict=False)) | {LEAVE_OUT: LEAVE_OUT}
                if unclear.ways and (way := answers.meaning(heading, key_of(unclear.ways))) in by_way:
                    return by_way[way]
            except ValueError:
                pass
    return text
