"""Tables that people bring: read into documents, refused by row and column."""

import csv
import io

import pytest
from django.test import Client

from projects.imports import tables
from projects.imports.items import NotReadable
from projects.models import Project
from provenance import changing

SOURCE = {"slug": "import-1", "title": "Import of file.csv"}


@pytest.fixture
def bring(tmp_path):
    """Return a function that reads bytes, or rows of texts, as a file is read."""

    def read(content, name="file.csv", **options):
        path = tmp_path / "upload"
        path.write_bytes(content if isinstance(content, bytes) else as_csv(content))
        reading = tables.read(path, name=name, options=options, source=SOURCE)
        return reading, list(reading.items)

    return read


def as_csv(rows, delimiter=",", encoding="utf-8"):
    file = io.StringIO()
    csv.writer(file, delimiter=delimiter).writerows(rows)
    return file.getvalue().encode(encoding)


def fetched(address):
    """Return a file of the register as the public takes it away."""
    return b"".join(Client().get(address).streaming_content)


def faults_of(items):
    return [(fault.place, fault.column, fault.what) for item in items for fault in item.faults]


def assert_same(items):
    """Each item says what stands."""
    assert not faults_of(items)
    for item in items:
        assert item.document == changing.current(item.model, [item.key])[item.key]


def test_tables_of_our_own_come_back_without_difference(register, bring):
    for address in ("projects.csv", "projects.xlsx", "countries.csv", "instruments.csv", "partnerships.csv",
                    "organisations.csv", "projects-contributions.csv", "projects-organisations.csv",
                    "projects-claims.csv"):  # fmt: skip
        reading, items = bring(fetched(f"/{address}"), address)
        assert not reading.faults, address
        assert items, address
        assert_same(items)
