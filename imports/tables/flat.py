"""What the row of a project says of its parts: who leads, implements and pays, under which instrument."""

from instruments.models import Instrument
from projects.models import EUROPEAN_UNION, Organisation

from .cells import Wrong, money, several

ROLES = {"lead_slugs": "lead", "implementer_slugs": "implementer", "partner_slugs": "partner"}
PAYING = ("funder_slugs", "instrument_codes", "funder_amount", "funder_currency")
EXTRA = ("identifier", "funder_amount", "funder_currency")  # columns that our own files do not have


def organisations(cells, standing, names):
    """Return the participations of a project: those of each role are what its cell says; an empty one changes none."""
    found = list(standing)
    for heading, role in ROLES.items():
        if text := cells[heading].strip():
            faces = {face["slug"]: face for face in several(heading, Organisation, text, names)}
            found = [part for part in found if part["role"] != role or part["slug"] in faces]
            there = {part["slug"] for part in found if part["role"] == role}
            new = {"role": role, "role_as_stated": None, "component": None}
            found += [face | new for slug, face in faces.items() if slug not in there]
    return found


def contributions(cells, standing, names):
    """Return the contributions of a project, with those that its row names: added, or with another amount."""
    amount, currency = money(cells, "funder_amount", "funder_currency", names)
    pairs = _pairs(cells, names)
    if amount is not None and len(pairs) != 1:
        raise Wrong("funder_amount", "It needs one funder or instrument in the same row.")
    found = [dict(part) for part in standing]
    for funder, instrument in pairs:
        code = instrument and instrument["code"]
        of = [
            part
            for part in found
            if part["funder"] == funder and code in (None, (part["instrument"] or {}).get("code"))
        ]
        if not of:
            of = [{"funder": funder, "instrument": instrument, "amount": None, "currency": None}]
            found += of
        if amount is not None:
            of[0] |= {"amount": f"{amount:.2f}", "currency": currency}
    return found


def _pairs(cells, names):
    """Return [(funder, instrument or None)] that a row names. An EU instrument is paid by the European Union."""
    instruments = several("instrument_codes", Instrument, cells["instrument_codes"].strip(), names)
    funders = several("funder_slugs", Organisation, cells["funder_slugs"].strip(), names)
    pairs = []
    for instrument in instruments:
        if names.kinds.get(instrument["code"]) == Instrument.Kind.EU:
            pairs.append((names.face(Organisation, EUROPEAN_UNION, "instrument_codes"), instrument))
        elif len(funders) == 1:
            pairs.append((funders[0], instrument))
        else:
            what = f"Give the funder of {instrument['code']}, one in the row, or use the table “Contributions”."
            raise Wrong("instrument_codes", what, cells["instrument_codes"].strip())
    paying = [funder["slug"] for funder, _instrument in pairs]
    return pairs + [(funder, None) for funder in funders if funder["slug"] not in paying]
