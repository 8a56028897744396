"""Documents by revision id: in the order asked for, read once, bounded, and forgotten with their log."""

import orjson
import pytest

from projects.index import documents
from projects.index.documents import clear_cache, documents_by_id
from provenance.models import Revision
from tests.support.database import queries

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_kept_of_other_tests():
    clear_cache()
    yield
    clear_cache()


@pytest.fixture
def ids(register):
    return list(Revision.objects.order_by("id").values_list("pk", flat=True))


def test_documents_are_in_the_order_of_their_ids(ids):
    asked = [ids[3], ids[0], ids[7], ids[0]]
    stored = dict(Revision.objects.values_list("pk", "document"))
    assert documents_by_id(asked) == [stored[pk].encode() for pk in asked]
    assert orjson.loads(documents_by_id([ids[0]])[0]) == orjson.loads(stored[ids[0]])
    assert documents_by_id([]) == []


def test_documents_of_a_page_are_read_once(ids):
    assert len(queries(documents_by_id, ids[:10])) == 1
    assert len(queries(documents_by_id, ids[:10])) == 0
    assert len(queries(documents_by_id, ids[5:15])) == 1  # only those that are new
    assert len(queries(documents_by_id, ids[:15])) == 0


def test_documents_of_a_file_push_out_nothing(ids, monkeypatch):
    monkeypatch.setattr(documents, "PAGE", 5)
    assert len(queries(documents_by_id, ids[:5])) == 1
    assert len(queries(documents_by_id, ids)) == 1
    assert len(queries(documents_by_id, ids[:5])) == 0
    assert len(queries(documents_by_id, ids[5:6])) == 1


def test_as_many_ids_as_a_batch_holds_are_one_query(ids):
    some = documents_by_id(ids * 40)  # more than SQLite takes as single values
    assert len(some) == len(ids) * 40


def test_documents_kept_are_bounded_and_the_oldest_go_first(ids, monkeypatch):
    first, second = documents_by_id([ids[0]])[0], documents_by_id([ids[1]])[0]
    clear_cache()
    monkeypatch.setattr(documents, "MOST_BYTES", len(first) + len(second) + 100)
    documents_by_id([ids[0]])
    documents_by_id([ids[1]])
    documents_by_id([ids[0]])  # used again, so the other is the oldest
    documents_by_id([ids[2]])
    assert documents.cache._bytes <= documents.MOST_BYTES
    assert len(queries(documents_by_id, [ids[1]])) == 1


def test_documents_read_while_the_log_is_replaced_are_not_kept(ids, monkeypatch):
    read = documents._read

    def replaced_meanwhile(batch):
        read_before = read(batch)
        clear_cache()
        return read_before

    monkeypatch.setattr(documents, "_read", replaced_meanwhile)
    documents_by_id([ids[0]])
    monkeypatch.undo()
    assert len(queries(documents_by_id, [ids[0]])) == 1


def test_revision_that_is_not_there_is_a_lookup_error(ids):
    with pytest.raises(LookupError):
        documents_by_id([ids[-1] + 1000])
