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
    starts, keys = _micros(reports["occurred_from"], np.iinfo(np.int64).min), _id_keys(ids)
    once = None
    if not _all_differ(keys):
        codes = np.asarray(ids.dictionary_encode().indices, dtype=np.int64)
        once = _that_count(reports, codes)
    if once is not None:
        starts, keys = starts[once], _id_keys(ids.take(pa.array(once)))
    order = _by_time_and_id(starts, keys)
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    return (order, place) if once is None else (once[order], place[codes])


def once_each(ids: pa.ChunkedArray) -> Rows:
    """Return the first row of each id, ascending."""
    some = whole(ids)
    if _all_differ(_id_keys(some)):
        return np.arange(len(some))
    return first_rows(np.asarray(some.dictionary_encode().indices, dtype=np.int64))


def _all_differ(keys: list[npt.NDArray[np.uint64]]) -> bool:
    """Tell whether no id is given twice; faster than to number them."""
    if not len(keys[0]):
        return True
    head = _first_to_differ(keys[::-1])
    ordered = np.sort(head)
    again = ordered[1:][ordered[1:] == ordered[:-1]]
    rows = np.flatnonzero(np.isin(head, again)) if len(again) else again
    words = np.array([key[rows] for key in keys])
    return len(np.unique(words, axis=1).T) == len(rows)


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
    times = [] if instants is None else [_micros(instants, np.iinfo(np.int64).max)]
    return np.asarray(np.lexsort((*keys, *times)))


def _micros(column: pa.ChunkedArray, otherwise: int) -> Rows:
    return np.asarray(whole(column).cast(pa.int64()).fill_null(otherwise))


def _by_time_and_id(starts: Rows, keys: list[npt.NDArray[np.uint64]]) -> Rows:
    """Return the order by instant and then by keys, the last one first.

    One number that holds the rank of the instant and the first letters that differ says nearly all of it, and is
    sorted much faster than all keys one after the other.
    """
    if not len(starts):
        return np.zeros(0, dtype=np.int64)
    instants = np.unique(starts)
    letters = _WORD * 8 - len(instants).bit_length()
    code = np.searchsorted(instants, starts).astype(np.uint64) << np.uint64(letters)
    code |= _first_to_differ(keys[::-1]) >> np.uint64(64 - letters)
    order = np.argsort(code)
    code = code[order]
    same = code[1:] == code[:-1]
    tied = np.flatnonzero(np.r_[False, same] | np.r_[same, False])
    rows = order[tied]
    order[tied] = rows[np.lexsort((*(key[rows] for key in keys), starts[rows]))]
    return order


def _first_to_differ(words: list[npt.NDArray[np.uint64]]) -> npt.NDArray[np.uint64]:
    """Return the first 64 bits of texts, given in words, from where they differ."""
    differ = [int(np.bitwise_or.reduce(word ^ word[0])) for word in words]
    first = next((place for place, bits in enumerate(differ) if bits), 0)
    common = np.uint64(64 - max(differ[first].bit_length(), 1))
    head = words[first] << common
    if common and first + 1 < len(words):
        head |= words[first + 1] >> (np.uint64(64) - common)
    return head


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
    codes = ids.dictionary_encode()
    rank = np.empty(len(codes.dictionary), dtype=np.uint64)
    rank[np.asarray(pc.sort_indices(codes.dictionary))] = np.arange(len(rank), dtype=np.uint64)
    return [rank[np.asarray(codes.indices)]]


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
