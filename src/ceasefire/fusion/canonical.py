"""Reports in one order, each once, however often and in whatever order they are given."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ceasefire.model.rows import equal_rows, first_rows, list_keys

Rows = npt.NDArray[np.int64]
_WORD = 8  # bytes compared at a time
_OF_THE_RECORDING = ("recorded_at", "document_id")  # how a report came to us, not what it says


def canonical_order(reports: pa.Table) -> tuple[Rows, Rows]:
    """Return the rows to take, each report once, by time and id; and for each row given its place among them.

    Neighbours in time come to lie together, which is what makes comparing them fast.
    """
    ids = whole(reports["report_id"])
    codes = np.asarray(ids.dictionary_encode().indices, dtype=np.int64)
    once = _that_count(reports, codes)
    some = ids if once is None else ids.take(pa.array(once))
    starts = _micros(reports["occurred_from"], np.iinfo(np.int64).min)
    order = np.lexsort((*_id_keys(some), starts if once is None else starts[once]))
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    return (order, place) if once is None else (once[order], place[codes])


def recorded_order(reports: pa.Table) -> Rows:
    """Return the rows to take, each report once, by time of recording and id; those not yet recorded last."""
    ids = whole(reports["report_id"])
    codes = np.asarray(ids.dictionary_encode().indices, dtype=np.int64)
    once = _that_count(reports, codes)
    if once is None:
        return order_by(reports["report_id"], reports["recorded_at"])
    # a report given anew is as old as it was
    recorded = np.full(len(once), np.iinfo(np.int64).max)
    np.minimum.at(recorded, codes, _micros(reports["recorded_at"], np.iinfo(np.int64).max))
    return np.asarray(once[np.lexsort((*_id_keys(ids.take(pa.array(once))), recorded))])


def _that_count(reports: pa.Table, codes: Rows) -> Rows | None:
    """Return for each id, by code, the row that counts; None where no id is given twice.

    Of rows of one id that say different things the last recorded counts, of those recorded together the one whose
    content comes last: whatever order they were given in.
    """
    if not len(codes) or int(codes.max()) + 1 == len(codes):
        return None
    once = first_rows(codes)
    again = np.flatnonzero(np.bincount(codes)[codes] > 1)
    said = reports.select([name for name in reports.column_names if name not in _OF_THE_RECORDING])
    said = said.take(pa.array(again))
    contents = equal_rows([list_keys(c) if pa.types.is_list(c.type) else c for c in map(whole, said.columns)])
    versions = np.bincount(codes[again[first_rows(contents)]], minlength=len(once))
    torn = np.flatnonzero(versions[codes[again]] > 1)
    if not len(torn):
        return once
    recorded = _micros(reports["recorded_at"], -1)[again[torn]].tolist()
    texts = [repr(row) for row in said.take(pa.array(torn)).to_pylist()]
    last: dict[int, tuple[int, str]] = {}
    for row, version in zip(again[torn].tolist(), zip(recorded, texts, strict=True), strict=True):
        code = int(codes[row])
        if code not in last or version > last[code]:
            last[code] = version
            once[code] = row
    return once


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
