"""The database of a test, for other processes."""

from urllib.parse import quote

from django.db import connection


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
