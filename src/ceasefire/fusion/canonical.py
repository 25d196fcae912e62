"""Reports in one order, each once, however often and in whatever order they are given."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ceasefire.model.rows import equal_rows, first_rows

Rows = npt.NDArray[np.int64]
_WORD = 8  # bytes compared at a time


def canonical_order(reports: pa.Table) -> tuple[Rows, Rows]:
    """Return the rows to take, each report once, by time and id; and for each row given its place among them.

    Neighbours in time come to lie together, which is what makes comparing them fast.
    """
    ids = whole(reports["report_id"])
    n = len(ids)
    order = np.lexsort((*_id_keys(ids), _micros(reports["occurred_from"], np.iinfo(np.int64).min)))
    codes = np.asarray(ids.dictionary_encode().indices, dtype=np.int64)
    place = np.empty(n, dtype=np.int64)
    if not n or int(codes.max()) + 1 == n:
        place[order] = np.arange(n)
        return order, place
    again = equal_rows([ids.take(pa.array(order))])
    place[order] = again
    return order[first_rows(again)], place


def recorded_order(reports: pa.Table) -> Rows:
    """Return the rows to take, each report once, by time of recording and id; those not yet recorded last."""
    order = order_by(reports["report_id"], reports["recorded_at"])
    if not len(order):
        return order
    codes = np.asarray(whole(reports["report_id"]).dictionary_encode().indices, dtype=np.int64)
    return order if int(codes.max()) + 1 == len(order) else order[np.sort(first_rows(codes[order]))]


def order_by(ids: pa.ChunkedArray, instants: pa.ChunkedArray | None = None) -> Rows:
    """Return the order by instant, if given and where known, and then id."""
    keys = _id_keys(whole(ids))
    if instants is not None:
        keys = [*keys, _micros(instants, np.iinfo(np.int64).max)]
    return np.asarray(np.lexsort(keys))


def _micros(column: pa.ChunkedArray, otherwise: int) -> Rows:
    return np.asarray(whole(column).cast(pa.int64()).fill_null(otherwise))


def _id_keys(ids: pa.Array) -> list[npt.NDArray[np.uint64] | Rows]:
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


def whole(column: pa.ChunkedArray) -> pa.Array:
    """Return a column in one piece."""
    if column.num_chunks == 1:
        return column.chunk(0)
    return pa.concat_arrays(column.unify_dictionaries().chunks) if column.num_chunks else pa.array([], column.type)


def in_one_piece(table: pa.Table) -> pa.Table:
    """Return the table with each column in one piece, copying only where it is not."""
    if table.num_rows and all(column.num_chunks == 1 for column in table.columns):
        return table
    return table.unify_dictionaries().combine_chunks()


def with_sorted_words(table: pa.Table) -> pa.Table:
    """Return the table with the words of each coded column sorted and all in use, whatever order they came in.

    Parameters
    ----------
    table : pa.Table
        Each column in one piece.
    """
    for place, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type) and table.num_rows:
            table = table.set_column(place, field, _sorted_words(whole(table.column(place))))
    return table


def _sorted_words(column: pa.DictionaryArray) -> pa.Array:
    codes = np.asarray(column.indices.fill_null(-1), dtype=np.int64)
    in_use = np.zeros(len(column.dictionary) + 1, dtype=bool)
    in_use[codes] = True  # -1, not known, is the last place
    used = np.flatnonzero(in_use[:-1])
    words = column.dictionary.take(pa.array(used))
    order = np.asarray(pc.sort_indices(words))
    place = np.full(len(in_use), -1, dtype=np.int32)
    place[used[order]] = np.arange(len(order))
    moved = place[codes]
    return pa.DictionaryArray.from_arrays(pa.array(moved, mask=moved < 0), words.take(pa.array(order)))
