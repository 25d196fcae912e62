"""Building REPORT columns from arrays: local days to instants, lists by code, flags by mask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ceasefire.model.canonical import stable_id
from ceasefire.model.rows import Codes
from ceasefire.model.schemas import INSTANT, REPORT, WORD
from ceasefire.model.time import day_span

Mask = npt.NDArray[np.bool_]


def local_day_starts(days: pa.Array, zone: ZoneInfo) -> pa.Array:
    """Return the first instant of each local day, or null.

    Parameters
    ----------
    days : date32 array
        Local calendar days.
    zone : ZoneInfo
        Whose midnight it is.
    """
    return _by_distinct_day(days, zone, end=False)


def local_day_ends(days: pa.Array, zone: ZoneInfo) -> pa.Array:
    """Return the first instant after each local day, or null."""
    return _by_distinct_day(days, zone, end=True)


def _by_distinct_day(days: pa.Array, zone: ZoneInfo, *, end: bool) -> pa.Array:
    distinct = days.dictionary_encode()
    spans = [day_span(day, zone) for day in distinct.dictionary.to_pylist()]
    instants = pa.array([span.end if end else span.start for span in spans], pa.int64()).cast(INSTANT)
    return instants.take(distinct.indices)


def lists_by_code(values: Sequence[Sequence[Any]], codes: Codes | pa.Array, kind: pa.DataType) -> pa.Array:
    """Return the list array whose row i is ``values[codes[i]]``."""
    return pa.array([list(value) for value in values], kind).take(
        pa.array(codes) if len(codes) else pa.array([], pa.int64())
    )


def flag_lists(masks: Mapping[str, Mask], n: int) -> pa.Array:
    """Return for each of `n` rows the flags whose mask holds there, in the order of `masks`."""
    if not masks:
        return pa.array([[]] * n, pa.list_(pa.string()))
    grid = np.column_stack([np.asarray(mask, dtype=bool) for mask in masks.values()])
    flags = np.nonzero(grid)[1]  # row by row
    offsets = np.concatenate([[0], np.cumsum(grid.sum(axis=1))]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(list(masks), pa.string()).take(pa.array(flags)))


def words(value: str | None, n: int) -> pa.Array:
    """Return a column of one repeated word, or of nulls."""
    dictionary = pa.array([value] if value is not None else [], pa.string())
    indices = pa.array(np.zeros(n, dtype=np.int32)) if value is not None else pa.nulls(n, pa.int32())
    return pa.DictionaryArray.from_arrays(indices, dictionary)


def word_by_code(table: Mapping[int, str], codes: pa.Array) -> pa.Array:
    """Return the word for each code as a dictionary array; a code without one is null."""
    known = list(table)
    places = pc.index_in(pc.cast(codes, pa.int64()), value_set=pa.array(known, pa.int64()))
    # encoded anew: two codes may mean one word, and a dictionary holds each word once
    return pa.array([table[code] for code in known], pa.string()).take(places).dictionary_encode()


def report_ids(source_id: str, ids: pa.Array) -> pa.Array:
    """Return the report id of each of a source's own ids."""
    return pa.array([stable_id("rep", source_id, one) for one in ids.to_pylist()], pa.string())


def report_table(columns: Mapping[str, pa.Array], n: int) -> pa.Table:
    """Return a REPORT table of `n` rows; columns not given are null.

    Raises
    ------
    KeyError
        When a column is not in the schema.
    """
    if unknown := set(columns) - set(REPORT.names):
        raise KeyError(f"not in the schema: {', '.join(sorted(unknown))}")
    arrays = []
    for field in REPORT:
        array = columns.get(field.name)
        if array is None:
            array = words(None, n) if field.type == WORD else pa.nulls(n, field.type)
        elif field.type == WORD and not pa.types.is_dictionary(array.type):
            array = array.dictionary_encode()
        arrays.append(array if array.type == field.type else array.cast(field.type))
    return pa.Table.from_arrays(arrays, schema=REPORT)
