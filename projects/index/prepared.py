"""Statements that nearly every request runs; PostgreSQL prepares them once for each connection.

In a statement ``{among}`` follows a column of the ids, ``{number}`` is the second value, and ``{document}`` a document
as bytes.
"""

import json

from django.db import Error
from psycopg2.extensions import BYTES, register_type

_POSTGRESQL = {"among": "= ANY($1)", "number": "$2", "document": "document"}
_SQLITE = {  # limits the number of values
    "among": "IN (SELECT value FROM json_each(%s))", "number": "%s", "document": "CAST(document AS BLOB)",
}  # fmt: skip


def rows(connection, name, statement, ids, *values):
    """Return the rows of a statement for a list of ids and other values; on PostgreSQL texts are bytes."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            return cursor.execute(statement.format(**_SQLITE), [json.dumps(ids), *values]).fetchall()
    if connection.connection is None:
        connection.connect()
    on, names, cursor = getattr(connection, "prepared", (None, set(), None))
    if on is not connection.connection or connection.queries_logged:  # reconnected; or a cursor has to log
        names = names if on is connection.connection else set()
        cursor = connection.cursor()
        register_type(BYTES, cursor.cursor)
        if not connection.queries_logged:
            cursor = cursor.cursor
        connection.prepared = connection.connection, names, cursor
    ask, values = f"EXECUTE {name}({', '.join(['%s'] * (1 + len(values)))})", [ids, *values]
    if name not in names:  # planning takes longer than running
        ask = f"SET plan_cache_mode = force_generic_plan; PREPARE {name} AS {statement.format(**_POSTGRESQL)}; {ask}"
    try:
        with connection.wrap_database_errors:
            cursor.execute(ask, values)
            names.add(name)
            return cursor.fetchall()
    except Error:
        connection.close_at = 0.0  # reconnect: what is prepared is uncertain
        raise
