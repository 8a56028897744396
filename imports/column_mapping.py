"""Which table a sheet is and what its columns are, as chosen by a person if the headings are not the register's."""

from django.utils.text import capfirst

from projects.models.amounts import with_units
from provenance.models.fields import as_number

from .answers import WAY
from .iati.texts import listed
from .tables.cells import label
from .tables.headings import offered, plain
from .tables.listings import TITLES
from .tables.questions import ASK, together
from .tables.row_groups import IMPORTED
from .tables.workbook import letters


def sheets(batch):
    """Return the sheets of a table for the page, with the names and values of their fields."""
    return [_sheet(batch, at, sheet) for at, sheet in enumerate(batch.about.get("sheets", ()))]


def _sheet(batch, at, sheet):
    groups = [(TITLES[name], offered(name)) for name in sheet.get("tables") or IMPORTED]
    known = {heading for _title, columns in groups for heading, _words in columns}
    columns = []
    for number, column in enumerate(sheet["columns"]):
        now = column["column"] if column["column"] in known | {""} else ASK
        is_chosen = column.get("chosen") and now not in (ASK, plain(column["heading"]))
        columns.append({**column, "name": f"column-{at}-{number}", "now": now, "is_chosen": is_chosen})
    now = sheet["table"] or ("" if sheet["sheet"] in batch.about.get("left_out", ()) else ASK)
    named = {"name": f"table-{at}", "now": now, "title": TITLES.get(now, ""), "titles": TITLES.items()}
    return {**sheet, **named, "columns": columns, "groups": groups, "known": known}


# -- In words --


def read_as(batch):
    """Return sentences on how a table was read: as what, and what is left out or was chosen."""
    about, sentences = batch.about, []
    if encoding := about.get("encoding"):
        wrong = " If letters look wrong, save it as UTF-8 and upload it again." if about.get("is_supposed") else ""
        sentences.append(f"It was read as CSV, {encoding}, with a {about['delimiter']} between cells.{wrong}")
    if about.get("is_open"):
        sentences.append("Its last row has no line end. If the file was cut off, that row lacks something: look at it.")
    for sheet in sheets(batch):
        hidden = "hidden in the workbook, and " if sheet.get("hidden") else ""
        if sheet["sheet"] in about.get("left_out", ()):
            sentences.append(f"Sheet “{sheet['sheet']}” is {hidden}left out. If it is one of our tables, choose which.")
        if not sheet["table"]:
            continue
        if hidden:
            sentences.append(f"Sheet “{sheet['sheet']}” is {hidden}read, as chosen.")
        if sheet.get("turned"):
            sentences.append("Its headings stand below one another: each further column is read as a project.")
        chosen = [column for column in sheet["columns"] if column["is_chosen"]]
        sentences += [_in_words(sheet, column, column["now"], ", as chosen") for column in chosen]
        sentences += proposed(sheet)
        for unit, line in sheet.get("of_all", {}).items():
            sentences.append(
                f"Sums are read in {unit}, as “{line}” says, unless their column or cell names another unit."
            )
        for country, where in sheet.get("countries", ()):
            sentences.append(f"{capfirst(where)} names the country of its rows: {country}.")
        if unseen := sheet.get("unseen"):
            sentences.append(f"Hidden in the workbook, and read: {', '.join(unseen)} of sheet “{sheet['sheet']}”.")
        if struck := sheet.get("struck"):
            sentences.append(f"Struck out in the workbook, and left off: text in {listed(struck)}.")
        if skipped := sheet.get("skipped"):
            why = "as it is our example, struck out, only adds up others, repeats the headings, or numbers the columns"
            sentences.append(f"Left out, {why}: {_rows(sheet, skipped)}.")
        if short := sheet.get("short"):
            sentences.append(f"Without cells at the end, which are read as empty: row {listed(map(str, short))}.")
        if filled := sheet.get("filled"):
            sentences.append(
                f"Merged cells, each read as the first of them, or signs for the same as above: {', '.join(filled)}."
            )
        if notes := sheet.get("notes"):
            rows = ", ".join(f"{_rows(sheet, [number])} “{text}”" for number, text in notes)
            sentences.append(f"Left out, as a note, or the heading of a group: {rows}.")
    return sentences


def proposed(sheet):
    """Return sentences that propose a meaning for the columns of a sheet that nobody has chosen one for."""
    sentences = []
    for column in sheet["columns"] if sheet["table"] else ():
        if column.get("proposed"):
            unit = f", in {column['unit']}" if column.get("unit") else ""
            why = column.get("why") or ("" if column["column"] else "the register has no such column")
            sentences.append(_in_words(sheet, column, column["column"], unit + (f", as {why}" if why else "")))
    return sentences


def _in_words(sheet, column, ours, more):
    where = f"Sheet “{sheet['sheet']}”, {column['line']}" if sheet["sheet"] else capfirst(column["line"])
    how = f"read as “{label(ours)}”" if ours else "left out"
    named = f" “{column['heading']}”" if column["heading"].strip() else ", which has no heading,"
    return f"{where}{named} is {how}{more}."


def _rows(sheet, numbers):
    return f"column {listed(map(letters, numbers))}" if sheet.get("turned") else f"row {listed(map(str, numbers))}"


def left_out(batch):
    """Return the places of the records that somebody left out."""
    answers = batch.options.get("answers", {}).get("", ())
    return sorted(place for place in answers if not place.startswith(WAY))


# -- What the form says --


def chosen(batch, sent):
    """Return the options of ``batch`` as changed by the form ``sent``: columns by heading, and by sheet if there are
    several."""
    names = ("columns", "tables", "heading_rows")
    options = {name: dict(batch.options.get(name) or {}) for name in names}
    all_sheets = sheets(batch)
    for sheet in all_sheets:
        title, table = sheet["sheet"], sent.get(sheet["name"], ASK)
        if table != sheet["now"] and (table == "" or table in IMPORTED):
            options["tables"][title] = table
        new = {}
        for column in sheet["columns"]:
            value = sent.get(column["name"], ASK)
            if value != column["now"] and value in sheet["known"] | {""}:
                new[column["heading"]] = value
        if len(all_sheets) > 1 and new:
            own = options["columns"].get(title)
            options["columns"][title] = (own if isinstance(own, dict) else {}) | new
        else:
            options["columns"] |= new
        row = as_number(sent.get(f"heading-row-{sheet['name']}", ""))
        if row and row != sheet["heading_row"]:
            options["heading_rows"][title] = row
    non_empty = {name: value for name, value in options.items() if value or name == "columns"}
    return non_empty | {"answers": _answers(batch, sent)}


def _answers(batch, sent):
    """Return the answers of ``batch`` with those of the form ``sent``: ``{heading: {text: its meaning}}``.

    Under the heading "" are places of records: those shown in the form that are left out.
    """
    answers = {heading: dict(meanings) for heading, meanings in (batch.options.get("answers") or {}).items()}
    for alike in together(batch.about.get("questions", ())):
        for number, question in alike:
            typed, unit = sent.get(f"other-{number}", "").strip()[:300], question.get("unit")
            if typed and unit and not (with_unit := with_units(typed, unit)).endswith(")"):
                typed = with_unit  # what is typed with a unit of its own stands as it is
            one = sent.get(f"answer-{number}", ASK)
            answer = typed or (sent.get(f"all-{alike[0][0]}", ASK) if one == ASK else one)
            if answer != ASK:
                answers.setdefault(question["heading"], {})[question["key"]] = answer
    left_out = answers.setdefault("", {})
    for place in sent.getlist("shown"):
        left_out.pop(place, None)
    left_out |= dict.fromkeys(sent.getlist("out"), "")
    return {heading: meanings for heading, meanings in answers.items() if meanings}
