"""The limit: a WSGI application that reads the same documents by plain SQL, and does nothing else.

It has its own copy of the tables that it asks, with the indexes that suit it: what the register's own tables lose or
gain changes nothing here. Addresses are the API's; what is wrong with a question is not looked for.
"""

import os
import threading
from urllib.parse import parse_qs, quote

import orjson
import psycopg2

PREPARE = """
DROP SCHEMA IF EXISTS bench CASCADE;
CREATE SCHEMA bench;
CREATE TABLE bench.project AS
    SELECT slug, sort_key, revision_id FROM projects_project WHERE state = 'published' AND revision_id IS NOT NULL;
ALTER TABLE bench.project ADD PRIMARY KEY (slug);
CREATE UNIQUE INDEX ON bench.project (sort_key, slug);
CREATE TABLE bench.country AS SELECT project_id AS slug, country_id AS key FROM projects_project_countries;
ALTER TABLE bench.country ADD PRIMARY KEY (slug, key);
CREATE INDEX ON bench.country (key, slug);
CREATE TABLE bench.theme AS SELECT project_id AS slug, theme_id AS key FROM projects_project_themes;
ALTER TABLE bench.theme ADD PRIMARY KEY (slug, key);
CREATE INDEX ON bench.theme (key, slug);
"""
DETAIL = "SELECT document FROM bench.project JOIN provenance_revision ON id = revision_id WHERE slug = %s"
PAGE = """
SELECT document, page.sort_key, page.slug
    FROM (SELECT * FROM bench.project p WHERE {} ORDER BY sort_key, slug OFFSET %s LIMIT %s) page
    JOIN provenance_revision ON id = revision_id ORDER BY page.sort_key, page.slug
"""
LINKED = "EXISTS (SELECT 1 FROM bench.{0} WHERE {0}.slug = p.slug AND {0}.key = ANY (%s))"
ALL = f"SELECT document FROM ({PAGE.format('true').replace('OFFSET %s LIMIT %s', '')}) whole"
COPY = f"COPY ({ALL}) TO STDOUT"

_of_thread = threading.local()


def rows(sql, *values):
    """Return all rows of a query, on the connection that this thread keeps."""
    if not hasattr(_of_thread, "connection"):
        _of_thread.connection = psycopg2.connect(os.environ["DATABASE_URL"])
        _of_thread.connection.autocommit = True
    with _of_thread.connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def detail(slug):
    [[document]] = rows(DETAIL, slug)
    return document


def by_cursor(asked):
    """The page after a place, which is a JSON list of its sort key and slug; empty: the first."""
    place, size = asked["cursor"][0], int(asked["page_size"][0])
    after = orjson.loads(place) if place else ["", ""]
    page_rows = rows(PAGE.format("(sort_key, slug) > (%s, %s)"), *after, 0, size)
    cursor = quote(orjson.dumps(page_rows[-1][1:])) if len(page_rows) == size else ""
    address = f'"/api/v1/projects/?cursor={cursor}&page_size={size}"' if cursor else "null"
    return f'{{"next":{address},"previous":null,"results":[{",".join(row[0] for row in page_rows)}]}}'


def numbered(asked):
    """The page of a number, and the exact count of what countries and themes narrow."""
    named = [name for name in ("country", "theme") if name in asked]
    condition, values = " AND ".join(map(LINKED.format, named)) or "true", [asked[name] for name in named]
    page, size = (int(asked[name][0]) for name in ("page", "page_size"))
    [[count]] = rows(f"SELECT count(*) FROM bench.project p WHERE {condition}", *values)
    page_rows = rows(PAGE.format(condition), *values, (page - 1) * size, size)
    return f'{{"count":{count},"results":[{",".join(row[0] for row in page_rows)}]}}'


def app(environ, start_response):
    """Answer the few addresses of the API that are measured, and /healthz."""
    path, asked = environ["PATH_INFO"], parse_qs(environ["QUERY_STRING"], keep_blank_values=True)
    if path == "/healthz":
        text = "ok\n"
    elif "cursor" in asked:
        text = by_cursor(asked)
    elif "page" in asked:
        text = numbered(asked)
    else:
        text = detail(path.rstrip("/").rpartition("/")[2])
    body = text.encode()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]
