"""Questions of nearly every request, which PostgreSQL prepares once for each connection."""

from django.db import Error, connection
from psycopg2.extensions import BYTES, register_type


def rows(name, statement, *values):
    """Return the rows of a ``statement`` of PostgreSQL, in which the ``values`` stand as $1, $2 …; texts are bytes."""
    connection.ensure_connection()
    on, names = getattr(connection, "prepared", (None, set()))
    if on is not connection.connection:  # it was opened anew
        on, names = connection.prepared = connection.connection, set()
    ask = f"EXECUTE {name}" + (f"({', '.join(['%s'] * len(values))})" if values else "")
    try:
        with connection.cursor() as cursor:
            register_type(BYTES, cursor.cursor)
            cursor.execute(ask if name in names else f"PREPARE {name} AS {statement}; {ask}", values or None)
            names.add(name)
            return cursor.fetchall()
    except Error:
        connection.close_at = 0.0  # with what may be prepared on it
        raise
