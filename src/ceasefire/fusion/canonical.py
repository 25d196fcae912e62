"""Reports in one order, each once, however often and in whatever order given; and what they say of themselves."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ceasefire.fusion.pass_through import groups_by_key
from ceasefire.model.rows import equal_rows, first_rows
from ceasefire.model.vocabulary import ReportKind

Rows = npt.NDArray[np.int64]
_SELF = ("event_key", "refers_to", "relation", "source_id", "source_report_id")
_WORD = 8  # bytes compared at a time


def canonical_order(reports: pa.Table) -> tuple[Rows, Rows]:
    """Return the rows to take, each report once, by time and id; and for each row given its place among them.

    Neighbours in time come to lie together, which is what makes comparing them fast.
    """
    ids = whole(reports["report_id"])
    n = len(ids)
    times = np.asarray(whole(reports["occurred_from"]).cast(pa.int64()).fill_null(np.iinfo(np.int64).min))
    order = np.lexsort((*_id_keys(ids), times))
    codes = np.asarray(ids.dictionary_encode().indices, dtype=np.int64)
    place = np.empty(n, dtype=np.int64)
    if not n or int(codes.max()) + 1 == n:
        place[order] = np.arange(n)
        return order, place
    again = equal_rows([ids.take(pa.array(order))])
    place[order] = again
    return order[first_rows(again)], place


def _id_keys(ids: pa.Array) -> list[npt.NDArray[np.uint64]]:
    """Return sort keys of ids, the least telling first; ids of one length are compared eight bytes at a time."""
    lengths = pc.unique(pc.binary_length(ids)).to_pylist()
    if len(ids) and len(lengths) == 1 and lengths[0]:
        width = -(-lengths[0] // _WORD) * _WORD
        padded = pc.ascii_rpad(ids, width) if pc.all(pc.string_is_ascii(ids)).as_py() else None
        if padded is not None:
            start = padded.offset * width
            letters = np.frombuffer(padded.buffers()[2], dtype=np.uint8)[start : start + width * len(ids)]
            words = np.ascontiguousarray(letters).view(">u8").reshape(len(ids), -1).astype(np.uint64)
            return [words[:, column] for column in range(words.shape[1] - 1, -1, -1)]
    rank = np.empty(len(ids), dtype=np.uint64)
    rank[np.asarray(pc.sort_indices(ids))] = np.arange(len(ids))
    return [rank]


def key_groups(reports: pa.Table, rows: Rows) -> Rows:
    """Return for each report the smallest place of those that are of one event by what they say of themselves.

    Parameters
    ----------
    reports : pa.Table
        Schema `model.schemas.REPORT`.
    rows : int64 array, shape (n,)
        Of `canonical_order`; totals stand alone.

    Returns
    -------
    int64 array, shape (n,)
    """
    groups = np.arange(len(rows), dtype=np.int64)
    refers = pc.fill_null(pc.list_value_length(reports["refers_to"]), 0)
    if reports["event_key"].null_count == reports.num_rows and not pc.any(pc.greater(refers, 0)).as_py():
        return groups
    kinds = whole(reports["kind"]).cast(pa.string()).take(pa.array(rows))
    events = np.flatnonzero(np.asarray(pc.equal(kinds, ReportKind.EVENT.value).fill_null(False)))
    if len(events):
        some = reports.select(_SELF).take(pa.array(rows[events])).unify_dictionaries().combine_chunks()
        codes = groups_by_key(some)
        groups[events] = events[first_rows(codes)][codes]
    return groups


def whole(column: pa.ChunkedArray) -> pa.Array:
    """Return a column in one piece."""
    if column.num_chunks == 1:
        return column.chunk(0)
    return pa.concat_arrays(column.unify_dictionaries().chunks) if column.num_chunks else pa.array([], column.type)
