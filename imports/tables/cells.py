"""Cells in, members of documents out. What cannot be read is refused with what would be right, never guessed."""

import re
from dataclasses import dataclass
from functools import cache

from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.translation import gettext

from instruments.models import Instrument
from projects.models import Component, Organisation, Participation, Project, funder_fault
from projects.models.amounts import currencies_of, parse_sum
from projects.models.fields import currencies
from provenance.documents import declaration as m
from provenance.documents.claims import REFUSED
from provenance.documents.dates import PartialDate, Unclear
from provenance.documents.declaration import date_member, money_member
from provenance.documents.folding import fold
from provenance.models import Claim, Source
from provenance.store.log import public_models

_ERROR = re.compile(r"#(?:[A-Z]+(?:/0)?!|N/A|NAME\?|GETTING_DATA|##+)|Err:[0-9]{3}")  # of LibreOffice, too
_COMPONENT = re.compile(r"([0-9]{1,4})\.\s+(.*)")
EMPTY = "It is empty, and has to be stated."
DASHES = ("-", "–", "—", "−")  # a cell that holds nothing else is empty
_FLAGS = dict.fromkeys(("true", "yes", "1", "vrai", "oui"), True) | dict.fromkeys(
    ("false", "no", "0", "faux", "non", "", *DASHES), False
)


class Wrong(ValueError):
    """A cell that cannot be read. ``heading``: ours, of its column.

    ``text``: the part of the cell that a person can say the meaning of, for the whole file; None: nobody can.
    ``choices``: [(answer, label)] of what it may mean. ``ways``: as Unclear has them.
    """

    def __init__(self, heading, what, text=None, choices=(), ways=()):
        super().__init__(what)
        self.heading, self.what = heading, what
        asked = {"heading": heading, "text": text, "choices": [tuple(map(str, pair)) for pair in choices], "ways": ways}
        self.question = None if text is None else asked


def label(heading):
    """Return what a column of ours is called on pages: ``country_codes`` is “Country”."""
    return re.sub(r"_(?:slug|code)s?$", "", heading).replace("_", " ").capitalize()


def understood(read, heading, text):
    """Return what ``read`` makes of a text. Wrong, with what it may mean, where it makes nothing of it."""
    try:
        return read(text)
    except Unclear as unclear:
        choices = [(meaning, meaning) for meaning in unclear.meanings]
        raise Wrong(heading, str(unclear), text, choices, unclear.ways) from None
    except ValueError as error:
        raise Wrong(heading, str(error), text) from None


@dataclass(frozen=True)
class CellReader:
    """A member of a document: the columns it is read from, and how: (cells, names) in, value out, or Wrong."""

    name: str
    headings: tuple[str, ...]
    read: object


def column(model, name, heading=None):
    """Return a reader of a text, under the rules of the column ``name`` of ``model``; empty is None."""
    heading, rules = heading or name, model._meta.get_field(name)
    is_plain = rules.max_length and not rules.choices and len(rules.validators) == 1  # asked first, as most are

    def read(cells, _names=None):
        text = cells[heading].strip()
        if is_plain and text and len(text) <= rules.max_length:
            return text
        try:
            return rules.clean(text, None) or None
        except ValidationError as error:
            if not text:
                raise Wrong(heading, EMPTY) from None
            if rules.choices and (value := _choices(rules).get(fold(text))):
                return value
            if rules.choices:
                right = ", ".join(value for value, _label in rules.choices)
                what = f"“{text[:40]}” is not known. Give one of: {right}."
                raise Wrong(heading, what, text, rules.choices) from None
            raise Wrong(heading, " ".join(error.messages)) from None

    return read


@cache
def _choices(rules):
    """Return {name of a choice in English or French, folded: its value}."""
    values = {}
    for language in ("fr", "en"):
        with translation.override(language):
            values |= {fold(gettext(str(name))): value for value, label in rules.choices for name in (value, label)}
    return values


def unreadable(text):
    """Return why a cell cannot be read, whatever its column; "" if it can."""
    if "\0" in text:
        return "It holds a NUL character. Leave it out."
    if text.startswith(("#", "Err:")) and _ERROR.fullmatch(text.strip()):
        return f"It holds the error {text.strip()[:40]}. Put the value there, or empty it."
    return ""


def _text(model, name):
    return CellReader(name, (name,), column(model, name))


def several(heading, model, text, names):
    """Return the faces of the records that a cell names, each once: ``GE; AM``, ``Georgia and Armenia``."""
    texts = [text] if names.knows(model, text) else [one.strip() for one in re.split(r"[;,\n]", text) if one.strip()]
    if twice := next((one for one in texts if texts.count(one) > 1), None):
        raise Wrong(heading, f"It names “{twice}” twice. Name it once.")
    faces = {}
    for each in texts:
        pieces = [each] if names.knows(model, each) else re.split(r"\s*(?:[/&+|]|\band\b|\bet\b)\s*", each)
        pieces = pieces if any(names.knows(model, piece) for piece in pieces) else [each]
        faces |= {
            face[m.shown_members(model)[0]]: face for piece in pieces if (face := names.face(model, piece, heading))
        }
    return [faces[key] for key in sorted(faces)]


def _linked(name, heading, model):
    return CellReader(name, (heading,), lambda cells, names: several(heading, model, cells[heading].strip(), names))


def one(heading, model):
    """Return a reader of one key; empty is None."""

    def read(cells, names):
        key = cells[heading].strip()
        return names.face(model, key, heading) if key else None

    return read


def flag(cells, heading):
    """Read true or false; empty is false."""
    try:
        return _FLAGS[cells[heading].strip().casefold()]
    except KeyError:
        raise Wrong(heading, f"“{cells[heading].strip()[:40]}” is neither true nor false.") from None


def partial_date(cells, heading):
    """Read a date as precise as it is; empty is None."""
    text = cells[heading].strip()
    return understood(PartialDate.parse, heading, text) if text else None


def _date(name):
    planned = f"{name}_planned"

    def read(cells, _names):
        date, is_planned = partial_date(cells, name), flag(cells, planned)
        if is_planned and not date:
            raise Wrong(planned, f"It is true, and “{label(name)}” is empty. State the date, or empty this.")
        return date_member(date, is_planned)

    return CellReader(name, (name, planned), read)


def money(cells, amount, currency, names):
    """Return (amount as a Decimal, currency) of two cells; (None, None) where none is stated."""
    text, code = cells[amount].strip(), cells[currency].strip()
    if not text:
        if code:
            raise Wrong(currency, f"It is stated, and “{label(amount)}” is empty. State both, or neither.")
        return None, None
    amount_read, named = understood(parse_sum, amount, text)
    asked = code or ", ".join(sorted(named))  # what a person is asked about: no currency, or those of a sign such as $
    if not code and len(named) != 1:
        code = names.answers.get(currency, {}).get(asked, "")
    codes = (currencies_of(code) or {code.upper()} & currencies()) if code else named
    if code and not codes:
        raise Wrong(currency, f"“{code[:40]}” is not a currency. Use its ISO 4217 code, such as EUR or USD.", code)
    if named and not codes & named:
        raise Wrong(amount, f"“{text}” names another currency than “{code}”. State one.", text)
    codes = codes & named or codes
    if not codes:
        what = f"“{label(amount)}” is stated without its currency. Give its ISO 4217 code, such as EUR."
        raise Wrong(currency, what, asked, [(each, each) for each in ("EUR", "USD")])
    if len(codes) > 1:
        what = f"“{code or text}” may be any of {', '.join(sorted(codes))}. Give the ISO 4217 code."
        raise Wrong(currency, what, asked, [(each, each) for each in sorted(codes)])
    return amount_read, next(iter(codes))


def _money(name):
    amount, currency = headings = f"{name}_amount", f"{name}_currency"
    return CellReader(name, headings, lambda cells, names: money_member(*money(cells, amount, currency, names)))


def _lines(name):
    def read(cells, _names):
        return [line.strip() for line in cells[name].splitlines() if line.strip()]

    return CellReader(name, (name,), read)


def _components(cells, _names):
    """Read ``1. Training``, one a line or with ``;`` between them; without numbers, in their order."""
    lines = _texts(re.split(r"\n|;\s*(?=[0-9]{1,4}\.\s)", cells["components"]))
    if not any(_COMPONENT.fullmatch(line) for line in lines):
        lines = [f"{at}. {text}" for at, text in enumerate(_texts(re.split(r"[\n;|]", cells["components"])), 1)]
    parts = {}
    for line in lines:
        if not (match := _COMPONENT.fullmatch(line)) or not int(match[1]):
            raise Wrong(
                "components", f"“{line[:60]}” is no component. Number all of them, as in “1. Training”, or none."
            )
        number = int(match[1])
        if number in parts:
            raise Wrong("components", f"It has the number {number} twice. Number each once.")
        title = column(Component, "title", "components")({"components": match[2]})
        parts[number] = {"number": number, "title": title}
    return [parts[number] for number in sorted(parts)]


def _texts(parts):
    return [text for part in parts if (text := part.strip(" \t\r•-–"))]


def _coded(name, model, choices):
    read, heading = column(model, name, f"{name}_code"), f"{name}_code"

    def coded(cells, _names):
        code = read(cells)
        return code and {"code": code, "name": str(choices(code).label)}

    return CellReader(name, (heading,), coded)


def members_of(model):
    """Return the Members that the table of a kind of record is read from. What is in none follows from others."""
    readers = (_member(each, model) for each in model.members if not isinstance(each, m.Key))
    return tuple(member for member in readers if member)


def _member(member, model):
    name = member.name
    if isinstance(member, m.Text):
        return _text(model, name)
    if isinstance(member, m.Many | m.One):
        other = member.other(model)
        key = m.shown_members(other)[0]
        if isinstance(member, m.Many):
            return _linked(name, f"{other._meta.model_name}_{key}s", other)
        return CellReader(name, (f"{name}_{key}",), one(f"{name}_{key}", other))
    if isinstance(member, m.Coded):
        return _coded(name, model, member.choices)
    if isinstance(member, m.Flag):
        return CellReader(name, (name,), lambda cells, _names: flag(cells, name))
    if isinstance(member, m.When):
        return CellReader(name, (name,), lambda cells, _names: member.out(partial_date(cells, name)))
    if isinstance(member, m.Date):
        return _date(name)
    if isinstance(member, m.Money):
        return _money(name)
    if isinstance(member, m.Lines):
        return _lines(name)
    if name == "components":  # the one list of parts that stands in a cell of its record
        return CellReader(name, (name,), _components)
    return None


MEMBERS = {model.collection: members_of(model) for model in public_models()}


def contribution(cells, names):
    """Read a row of contributions."""
    amount, currency = money(cells, "amount", "currency", names)
    funder = _required("funder_slug", Organisation, cells, names)
    instrument = one("instrument_code", Instrument)(cells, names)
    code = instrument and instrument["code"]
    if fault := funder_fault(code, names.kinds.get(code), funder["slug"], funder["name"]):
        raise Wrong("funder_slug", fault)
    amount = None if amount is None else f"{amount:.2f}"
    return {"funder": funder, "instrument": instrument, "amount": amount, "currency": currency}


def participation(cells, names):
    """Read a row of participations."""
    component = cells["component"].strip()
    if component and not re.fullmatch("[0-9]{1,4}", component):
        raise Wrong("component", f"“{component[:40]}” is no number of a component.")
    return {
        **_required("organisation_slug", Organisation, cells, names),
        "role": column(Participation, "role")(cells),
        "role_as_stated": column(Participation, "role_as_stated")(cells),
        "component": int(component) if component else None,
    }


def claim(cells, names):
    """Read a row of claims: texts as they stand, without blanks around them."""
    texts = ("field", "as_stated", "quote", "set_aside", "place", "language")
    row = {name: column(Claim, name)(cells) for name in texts}
    if row["field"] not in Project.claimable:
        raise Wrong("field", f"“{row['field']}” cannot be claimed. Give one of: {', '.join(Project.claimable)}.")
    if row["as_stated"] not in row["quote"]:
        raise Wrong("as_stated", "It does not stand in the quote. Copy it from there, character by character.")
    row["source"] = names.face(Source, cells["source_slug"].strip(), "source_slug")
    row["status"] = column(Claim, "status")(cells) if cells["status"].strip() else None
    if row["status"] in REFUSED and not row["set_aside"]:
        raise Wrong("set_aside", "It is empty. Say why the claim is not adopted.")
    return row


def _required(heading, model, cells, names):
    if not cells[heading].strip():
        raise Wrong(heading, EMPTY)
    if face := names.face(model, cells[heading].strip(), heading):
        return face
    raise Wrong(heading, EMPTY)
