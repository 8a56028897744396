"""What lists of projects call their columns, their totals and nothing at all, in other words than ours: ``words.json``.

English and French, then Romanian, Russian, Ukrainian, Georgian, Armenian, Azerbaijani and German. They are compared
without case and accents.

``headings``: {our heading, "" for what is left out though like one of ours: what lists call it}, without endings,
``fillers`` and ``times``, in any order. ``beside``: what adds nothing beside a word with that meaning, as in “target
country” and “start of implementation”; then the cells have to fit, too. ``of_eu``: amounts that the European Union
pays. ``doubtful``: columns that are looked at, as their “beneficiaries” may be people. ``times``: without meaning
beside the start or end. ``planned``: what is said of dates and sums that were only planned. ``notes``: how a note below
a table begins. ``ditto``: the same as the cell above. ``true``, ``false``: flags. ``open``: ends of periods that have
none. ``nothing``: cells that state nothing. ``republics``: as states are called.

``others``: {heading of a table that is not of projects: what else it is called}.

``extra``: columns that our own files do not have, in words. ``examples``: cells of the project in our template.
"""

from pathlib import Path
from types import SimpleNamespace

import orjson

from provenance.documents.folding import WORDS

words = SimpleNamespace(**orjson.loads(Path(__file__).with_name("words.json").read_bytes()))
words.headings["start_date"] += WORDS["since"]  # “From” and “To” head columns as they stand before dates
words.headings["end_date"] += WORDS["until"]
