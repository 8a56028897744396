"""What lists sort by and search is folded anew; no Revision, and nothing that anybody reads, changes."""

import orjson
from django.db import migrations

CHUNK = 500
SORTED = (
    ("provenance", "Revision"), ("provenance", "Source"), ("instruments", "Country"), ("instruments", "Instrument"),
    ("instruments", "Partnership"), ("projects", "Theme"), ("projects", "Organisation"), ("projects", "Project"),
)  # fmt: skip


def fill(apps, schema_editor):
    """Write what recording would write now, a chunk at a time."""
    if not apps.get_model("provenance", "Revision").objects.exists():
        return  # a new register: nothing here has to be known
    for app, name in SORTED:
        _renew(apps.get_model(app, name), "sort_key", _sort_keys)
    _renew(apps.get_model("projects", "Organisation"), "search_text", _names)
    _renew(apps.get_model("projects", "Project"), "search_text", _texts)


def _renew(model, column, values_of):
    """Set ``column`` in all recorded rows in which it differs from ``values_of`` their documents."""
    path = "document" if model.__name__ == "Revision" else "revision__document"
    rows, last = model.objects.filter(**{f"{path}__isnull": False}).order_by("pk"), None
    while chunk := list((rows.filter(pk__gt=last) if last else rows).values_list("pk", column, path)[:CHUNK]):
        values = values_of(model, {pk: orjson.loads(document) for pk, _value, document in chunk})
        changed = [model(pk=pk, **{column: values[pk]}) for pk, value, _document in chunk if values[pk] != value]
        if changed:
            from provenance.store import database

            database.update(changed, [column])
        last = chunk[-1][0]


def _sort_keys(model, documents):
    from provenance.documents.folding import fold

    return {pk: fold(document.get("name") or document["title"])[:200] for pk, document in documents.items()}


def _names(model, documents):
    from provenance.models.record import as_search_text

    return {
        pk: as_search_text([document["name"], document["acronym"], *document["aliases"]])
        for pk, document in documents.items()
    }


def _texts(model, documents):
    from projects.words.search_text import texts_of
    from provenance.models.record import as_search_text

    others = {pk: set() for pk in documents}
    for organisation in ("contributions__funder", "participations__organisation"):
        rows = model.objects.filter(pk__in=documents, **{f"{organisation}__isnull": False}).order_by()
        for pk, acronym, aliases in rows.values_list("pk", f"{organisation}__acronym", f"{organisation}__aliases"):
            others[pk].update([acronym, *aliases])
    return {
        pk: as_search_text([document["title"], document["acronym"]], [*texts_of(document), *sorted(others[pk])])
        for pk, document in documents.items()
    }


class Migration(migrations.Migration):
    dependencies = [
        ("instruments", "0002_delegations"),
        ("projects", "0006_part_of"),
        ("provenance", "0006_proposal_user"),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=False)]
