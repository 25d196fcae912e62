"""Content comes back as it went in, under a hash that depends on the content alone."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from ceasefire.ledger.batches import BatchStore
from ceasefire.model.errors import LedgerError
from ceasefire.model.schemas import REPORT, table_of


def reports(count: int) -> pa.Table:
    return table_of(
        [
            {
                "report_id": f"rep-{number}",
                "source_id": "patrol",
                "acts": ["shelling"] if number % 2 else [],
                "sides": [["a"], ["b", "c"]],
                "killed_best": number or None,
                "occurred_from": number,
            }
            for number in range(count)
        ],
        REPORT,
    )


def test_a_table_comes_back_row_by_row(tmp_path: Path) -> None:
    store = BatchStore(tmp_path)
    table = reports(50)
    assert store.get_table(store.put_table(table), REPORT).to_pylist() == table.to_pylist()


def test_the_hash_depends_on_the_rows_not_on_how_they_lie_in_memory(tmp_path: Path) -> None:
    store = BatchStore(tmp_path)
    whole = reports(50)
    pieces = pa.concat_tables([whole.slice(0, 7), whole.slice(7, 20), whole.slice(27)])
    words = pa.array(["unused", "patrol"]).dictionary_encode().take(pa.array([1] * 50, pa.int32()))
    relabelled = whole.set_column(whole.schema.get_field_index("source_id"), "source_id", words)
    digests = {store.put_table(table) for table in (whole, pieces, relabelled)}
    assert len(digests) == 1
    assert store.put_table(reports(49)) not in digests


def test_an_empty_table_is_kept(tmp_path: Path) -> None:
    store = BatchStore(tmp_path)
    assert store.get_table(store.put_table(REPORT.empty_table()), REPORT).num_rows == 0


def test_bytes_are_kept_once_and_without_leftovers(tmp_path: Path) -> None:
    store = BatchStore(tmp_path)
    assert store.put_bytes(b"sealed") == store.put_bytes(b"sealed")
    digest = store.put_bytes(b"sealed")
    assert digest in store
    assert store.get_bytes(digest) == b"sealed"
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [digest]


def test_changed_and_missing_content_is_refused(tmp_path: Path) -> None:
    store = BatchStore(tmp_path)
    digest = store.put_bytes(b"sealed")
    (tmp_path / digest[:2] / digest).write_bytes(b"opened")
    with pytest.raises(LedgerError, match="has changed"):
        store.get_bytes(digest)
    with pytest.raises(LedgerError, match="has changed"):
        store.put_bytes(b"sealed")
    with pytest.raises(LedgerError, match="cannot be read"):
        store.get_bytes("0" * 64)
