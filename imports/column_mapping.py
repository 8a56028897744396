"""Which table a sheet is, and which column is which, as a person chooses it where the headings are not ours."""

from datetime import date

from django.utils import timezone
from django.utils.formats import date_format

from .tables.headings import TITLES, Chosen, plain
from .tables.row_groups import IMPORTED

ASK = "?"  # nothing chosen yet


def sheets(batch):
    """Return the sheets of a table for the page: with the names of their fields, and what is chosen in each."""
    return [_sheet(batch, at, sheet) for at, sheet in enumerate(batch.about.get("sheets", ()))]


def _sheet(batch, at, sheet):
    by_choice = Chosen(batch.options).of(sheet["sheet"])
    table, left_out = sheet["table"], batch.about.get("left_out", ())
    groups = [
        (TITLES[name], IMPORTED[name].headings) for name in ([table] if table else sheet.get("tables") or IMPORTED)
    ]
    known = {heading for _title, headings in groups for heading in headings}
    columns = []
    for number, column in enumerate(sheet["columns"]):
        choice = column["column"] or by_choice.get(plain(column["heading"]), ASK)
        now = choice if choice == "" or choice in known else ASK
        columns.append({**column, "name": f"column-{at}-{number}", "now": now, "on": _on(batch, column, now)})
    now = table or ("" if sheet["sheet"] in left_out else ASK)
    named = {"name": f"table-{at}", "now": now, "title": TITLES.get(now, ""), "titles": TITLES.items()}
    return {**sheet, **named, "columns": columns, "groups": groups, "known": known}


def _on(batch, column, now):
    """Return what the page says of when a column was chosen: a date, or "before"; "" if its own heading says it."""
    if not column.get("chosen") or now in (ASK, plain(column["heading"])):
        return ""
    on = batch.options.get("chosen_on", {}).get(column["heading"])
    return date.fromisoformat(on) if on else "before"


def told(batch):
    """Return sentences: as what a table was read, and what of it is left out or read as somebody chose."""
    about, found = batch.about, []
    if encoding := about.get("encoding"):
        wrong = " If letters look wrong, save it as UTF-8 and upload it again." if about.get("is_supposed") else ""
        found.append(f"It was read as CSV, {encoding}, with a {about['delimiter']} between cells.{wrong}")
    if about.get("is_open"):
        found.append("Its last row has no line end. If the file was cut off, that row lacks something: look at it.")
    for sheet in sheets(batch):
        hidden = "hidden in the workbook, and " if sheet.get("hidden") else ""
        if sheet["sheet"] in about.get("left_out", ()):
            found.append(f"Sheet “{sheet['sheet']}” is {hidden}left out. If it is one of our tables, choose which.")
        elif hidden and sheet["table"]:
            found.append(f"Sheet “{sheet['sheet']}” is {hidden}read, as chosen.")
        found += [_told(sheet, column) for column in sheet["columns"] if column["on"] and sheet["table"]]
    return found


def _told(sheet, column):
    where = f"Sheet “{sheet['sheet']}”, column" if sheet["sheet"] else "Column"
    how = f"read as “{column['now']}”" if column["now"] else "left out"
    on = "before" if column["on"] == "before" else f"on {date_format(column['on'], 'DATE_FORMAT')}"
    return f"{where} {column['letter']} “{column['heading']}” is {how}, as chosen {on}."


def chosen(batch, sent):
    """Return the options of ``batch`` that the form ``sent`` changes: columns by heading, by sheet where several."""
    options = batch.options
    columns, tables, on = (dict(options.get(name) or {}) for name in ("columns", "tables", "chosen_on"))
    found = sheets(batch)
    for sheet in found:
        table = sent.get(sheet["name"], ASK)
        if table != sheet["now"] and (table == "" or table in IMPORTED):
            tables[sheet["sheet"]] = table
        new = _new(sheet, sent)
        on |= dict.fromkeys(new, timezone.localdate().isoformat())
        if len(found) > 1 and new:
            own = columns.get(sheet["sheet"])
            columns[sheet["sheet"]] = (own if isinstance(own, dict) else {}) | new
        else:
            columns |= new
    return {"columns": columns} | {name: value for name, value in (("tables", tables), ("chosen_on", on)) if value}


def _new(sheet, sent):
    """Return {heading: our column} of a sheet as far as ``sent`` says otherwise than it is."""
    told = [(column, sent.get(column["name"], ASK)) for column in sheet["columns"]]
    return {
        column["heading"]: value
        for column, value in told
        if value != column["now"] and (value == "" or value in sheet["known"])
    }
