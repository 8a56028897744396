"""The database of a test: changed by hand, asked and counted, and found by other processes."""

from urllib.parse import quote

from django.db import connection
from django.test.utils import CaptureQueriesContext


def database_url():
    """The database of this test, as another process finds it."""
    database = connection.settings_dict
    if connection.vendor == "postgresql":
        secret, port = f":{quote(database['PASSWORD'])}" if database["PASSWORD"] else "", database["PORT"]
        host = database["HOST"] or database["OPTIONS"].get("host", "")
        place = f"{host}:{port}" if port and not host.startswith("/") else "" if host.startswith("/") else host
        asked = f"?host={host}" if host.startswith("/") else ""
        return f"postgres://{quote(database['USER'])}{secret}@{place}/{database['NAME']}{asked}"
    return f"sqlite:///{database['NAME']}"


def sql(statement, *values):
    """Change rows as somebody does who goes round the program."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        assert cursor.rowcount != 0, "nothing was changed"


def queries(function, *arguments, **options):
    """Return the SQL of the queries that ``function`` makes."""
    with CaptureQueriesContext(connection) as captured:
        function(*arguments, **options)
    return [query["sql"] for query in captured]
