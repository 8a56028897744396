"""Statements that PostgreSQL prepares once for each connection, because nearly every request runs them."""

from django.db import Error
from psycopg2.extensions import BYTES, register_type


def rows(connection, name, statement, *values):
    """Return the rows of a PostgreSQL ``statement`` with ``values`` for $1, $2 …; texts are bytes."""
    connection.ensure_connection()
    on, names, cursor = getattr(connection, "prepared", (None, set(), None))
    if on is not connection.connection or connection.queries_logged:  # reconnected; or a cursor has to log
        names = names if on is connection.connection else set()
        cursor = connection.cursor()
        register_type(BYTES, cursor.cursor)
        connection.prepared = connection.connection, names, cursor
    ask = f"EXECUTE {name}" + (f"({', '.join(['%s'] * len(values))})" if values else "")
    try:
        cursor.execute(ask if name in names else f"PREPARE {name} AS {statement}; {ask}", values or None)
        names.add(name)
        return cursor.fetchall()
    except Error:
        connection.close_at = 0.0  # reconnect: what is prepared is uncertain
        raise
