"""The dump's database as others open it: Datasette answers for every table, and every member has its column."""

import asyncio
import json
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from datasette.app import Datasette
from datasette.utils import path_from_row_pks
from django.contrib.auth import get_user_model
from django.core.management import call_command

from projects.dumps.database import OF_KIND, TABLES
from provenance.documents.declaration import nullable, optional, shape_of
from provenance.store.integrity import register_digest
from provenance.store.log import record_models
from tests.provenance.test_restore import empty

pytestmark = pytest.mark.one_database

SHAPES = {model._meta.model_name: shape_of(model) | {"modified": optional(str)} for model in record_models()}


@pytest.fixture
def imported_dump(register, settings, tmp_path):
    """A dump of the register and of a project that an import published: its source has a digest, as no fixture has."""
    settings.DUMPS_DIR, settings.IMPORTS_DIR = tmp_path / "dumps", tmp_path / "imports"
    settings.SITE_ADDRESS = "https://register.example"
    path = tmp_path / "one.csv"
    path.write_text("slug,title,country_codes\nposts,Border posts,GE\n")
    get_user_model().objects.create_superuser("chief")
    call_command("import_table", str(path), "--user", "chief", "--confirm", "--publish")
    call_command("write_dumps", verbosity=0)
    [folder] = [path for path in settings.DUMPS_DIR.iterdir() if path.name.isdecimal()]
    return folder


def test_dump_after_an_import_tells_of_its_source_and_is_read_back_to_the_same_digest(imported_dump):
    with closing(sqlite3.connect(imported_dump / "register.sqlite")) as database:
        [digest] = database.execute("SELECT digest FROM source WHERE digest IS NOT NULL").fetchone()
        assert (
            database.execute("SELECT source FROM claim WHERE project = 'posts'").fetchone()[0]
            == f"import-{digest[:12]}"
        )
    before = register_digest()
    empty()
    call_command("import_records", imported_dump / "register.ndjson")
    assert register_digest() == before


# -- Every member of every kind --


class Full:
    """A document in which all of a shape is stated. ``values``: those that have to be found; ``flags``: columns."""

    def __init__(self):
        self.values, self.flags, self._number = {}, set(), 100

    def of(self, shape, path=""):
        self._number += 1
        while isinstance(shape, nullable | optional):
            shape = shape.shape
        if isinstance(shape, list):
            return [self.of(shape[0], f"{path}[]")]
        if isinstance(shape, dict):
            members = {name: self.of(part, f"{path}.{name}") for name, part in shape.items()}
            if path and {"slug", "code"} & members.keys():  # what else another record is called follows from its key
                self.values = {where: at for where, at in self.values.items() if where not in _called(path)}
            return members
        if shape is bool:
            self.flags.add(path.strip(".").replace(".", "_"))
            return True
        if shape is list:  # of anything, kept as JSON
            self.values[path] = f'["text {self._number}"]'
            return json.loads(self.values[path])
        text = f"{self._number}.00" if path.endswith("amount") else f"text {self._number}"
        self.values[path] = self._number if shape is int else text
        return self.values[path]


def _called(path):
    return {f"{path}.{name}" for name in ("name", "title", "kind")}


@pytest.mark.parametrize("kind", SHAPES)
def test_every_member_of_every_kind_has_its_column(kind):
    full = Full()
    document = full.of(SHAPES[kind])
    assert len(full.values) + len(full.flags) >= len(document) - 1
    with closing(sqlite3.connect(":memory:")) as database:
        for table in TABLES.values():
            database.execute(table.sql())
        for table in OF_KIND[kind]:
            marks = ", ".join("?" * len(table.columns))
            database.executemany(f"INSERT INTO {table.name} VALUES ({marks})", table.rows(kind, [document]))
        values = {value for table in TABLES for row in database.execute(f"SELECT * FROM {table}") for value in row}
    assert {where: value for where, value in full.values.items() if value not in values} == {}
    assert full.flags <= {column.heading for column in OF_KIND[kind][0].columns}


def test_every_reference_of_the_dump_names_its_column(imported_dump):
    with closing(sqlite3.connect(imported_dump / "register.sqlite")) as database:
        keys = [row for table in TABLES for row in database.execute(f"PRAGMA foreign_key_list({table})")]
    assert len(keys) > 20
    assert all(to for _id, _number, _table, _from, to, *_rest in keys)


# -- Datasette --


async def _asked(folder):
    """Return {address: its status} of each table, of its rows with the names of what they refer to, and of a row."""
    metadata = json.loads((folder / "metadata.json").read_text())
    site = Datasette([str(folder / "register.sqlite")], metadata=metadata)
    tables = (await site.client.get("/register.json")).json()["tables"]
    addresses = ["/", "/register"]
    for table in tables:
        address = site.urls.table("register", table["name"])
        addresses += [address, f"{address}.json?_labels=on&_shape=objects&_extra=suggested_facets"]
        keys = table["primary_keys"]
        rows = (await site.client.get(f"{address}.json?_shape=array&_size=3")).json() if table["name"] in TABLES else ()
        addresses += [f"{address}/{path_from_row_pks(row, keys, use_rowid=False)}" for row in rows]
    assert {table["name"] for table in tables} >= {*TABLES, "register", "project_fts"}
    assert len(addresses) > 4 * len(TABLES)
    return {address: (await site.client.get(address)).status_code for address in addresses}


def test_datasette_shows_every_table_and_its_rows(imported_dump):
    with ThreadPoolExecutor(1) as pool:  # browser tests leave a loop running in the main thread
        asked = pool.submit(lambda: asyncio.run(_asked(imported_dump))).result()
    assert {address: status for address, status in asked.items() if status != 200} == {}
