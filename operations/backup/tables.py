"""Rows of all tables as lines of JSON, the same from SQLite and PostgreSQL, and back.

Tables are those of the applied migrations, not of today's models: so a backup can be made before an upgrade, and an
older one restored after it.
"""

from itertools import islice

import orjson
from django.db import connection, models
from django.db.migrations.executor import MigrationExecutor

from provenance.store import database

SHORT_LIVED = {"sessions", "axes"}  # apps without rows in a backup: who is signed in, and who failed to
_ROWS = 2000  # at a time
_PLAIN = (models.CharField, models.TextField, models.IntegerField, models.BooleanField)  # JSON has them as they are


def applied():
    """Return the applied migrations as a sorted list of [app, name]."""
    return sorted(map(list, MigrationExecutor(connection).loader.applied_migrations))


def unknown(migrations):
    """Return those of ``migrations`` that this program does not have."""
    known = MigrationExecutor(connection).loader.graph.nodes
    return [each for each in migrations if tuple(each) not in known]


def waiting():
    """Return the migrations that are not applied."""
    executor = MigrationExecutor(connection)
    return executor.migration_plan(executor.loader.graph.leaf_nodes())


def migrate_to(migrations):
    """Apply ``migrations`` to an empty database."""
    executor = MigrationExecutor(connection)
    executor.migrate(_last(executor.loader, migrations))


def _last(loader, migrations):
    """Return the last of ``migrations`` in each app."""
    nodes = set(map(tuple, migrations))
    parents = {parent.key for node in nodes for parent in loader.graph.node_map[node].parents if parent[0] == node[0]}
    return sorted(nodes - parents)


def models_at(migrations):
    """Return ``{table: model}`` after ``migrations``, but for SHORT_LIVED."""
    loader = MigrationExecutor(connection).loader
    apps = loader.project_state(_last(loader, migrations)).apps
    by_table = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}
    return {
        table: model for table, model in sorted(by_table.items())
        if model._meta.app_label not in SHORT_LIVED and not model._meta.proxy
    }  # fmt: skip


def lines_of(model):
    """Yield the rows of a model in order of their keys, as bytes: lines of JSON, a list of values each."""
    names = [field.attname for field in _columns(model)]
    number = _at_once(model)
    rows = model._base_manager.order_by("pk").values_list(*names).iterator(chunk_size=number)
    option = orjson.OPT_APPEND_NEWLINE | orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATACLASS  # of partial dates
    while chunk := list(islice(rows, number)):
        yield b"".join([orjson.dumps(row, _text, option) for row in chunk])


def _text(value):
    """Return a value without a JSON type as text; bytes as hexadecimal digits."""
    return bytes(value).hex() if isinstance(value, bytes | memoryview) else str(value)


def _at_once(model):
    """Return how many rows to hold in memory: one, if they hold files."""
    return 1 if any(isinstance(field, models.BinaryField) for field in _columns(model)) else _ROWS


def empty():
    """Delete what the migrations wrote."""
    with connection.cursor() as cursor:
        for table in connection.introspection.django_table_names(only_existing=True, include_views=False):
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")  # noqa: S608 (a name of ours)


def load(model, lines):
    """Insert the rows in ``lines`` into the table of a model."""
    fields = _columns(model)
    names, writers = [field.column for field in fields], [_writer(field) for field in fields]
    while chunk := list(islice(lines, _at_once(model))):
        rows = [
            tuple([value if write is None or value is None else write(value, connection) for write, value in pairs])
            for pairs in (zip(writers, orjson.loads(line), strict=True) for line in chunk)
        ]
        database.write(model, names, rows)


def _columns(model):
    return [field for field in model._meta.local_concrete_fields if not field.generated]


def _writer(field):
    """Return the function from (value in JSON, connection) to the database's value; None: no conversion."""
    named = field.target_field if field.remote_field else field
    if isinstance(named, models.BinaryField):
        return lambda digits, _: rf"\x{digits}" if connection.vendor == "postgresql" else bytes.fromhex(digits)
    return None if isinstance(named, _PLAIN) else named.get_db_prep_save
