"""Which column of a table is which, as a person chooses it where the headings are not ours."""

ASK = "?"  # nothing chosen yet


def sheets(batch):
    """Return the sheets of a table with their columns, each with the name of its field and what is chosen."""
    chosen = batch.options.get("columns", {})
    found = []
    for at, sheet in enumerate(batch.about.get("sheets", ())):
        own = chosen.get(sheet["sheet"]) if isinstance(chosen.get(sheet["sheet"]), dict) else {}
        columns = [
            {**column, "name": f"column-{at}-{number}", "chosen": _now(column, own, chosen)}
            for number, column in enumerate(sheet["columns"])
        ]
        found.append({**sheet, "columns": columns, "unknown": [each for each in columns if each["chosen"] == ASK]})
    return found


def _now(column, own, chosen):
    """Return the column that a heading is now; "" if it is left out, ASK if nobody knows."""
    heading = column["heading"]
    if column["column"]:
        return column["column"]
    return "" if own.get(heading, chosen.get(heading)) == "" else ASK


def chosen(batch, sent):
    """Return ``options["columns"]`` as the form ``sent`` says: by heading, and by sheet where there are several."""
    columns = dict(batch.options.get("columns", {}))
    found = sheets(batch)
    for sheet in found:
        target = columns
        if len(found) > 1:
            before = columns.get(sheet["sheet"])
            target = columns[sheet["sheet"]] = dict(before) if isinstance(before, dict) else {}
        for column in sheet["columns"]:
            value = sent.get(column["name"], ASK)
            if value != column["chosen"] and (value == "" or value in sheet["known"]):
                target[column["heading"]] = value
    return columns
