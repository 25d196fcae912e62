"""Rows of columns compared as wholes: a code for each, equal exactly where the rows are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Codes = npt.NDArray[np.int64]


def equal_rows(columns: Sequence[pa.Array]) -> Codes:
    """Return a code for each row; two rows have the same code exactly when they are equal in all `columns`.

    Codes run from 0 without gaps, in the order in which they first occur. Null equals null.

    Parameters
    ----------
    columns : sequence of pa.Array
        At least one, all of one length n.

    Returns
    -------
    int64 array, shape (n,)

    Examples
    --------
    >>> equal_rows([pa.array(["a", "b", "a"]), pa.array([1, None, 1])]).tolist()
    [0, 1, 0]
    """
    total = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        encoded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode(null_encoding="encode")
        codes = np.asarray(pc.fill_null(encoded.indices, len(encoded.dictionary)), dtype=np.int64)
        # dense again after each column, so that the product of two codes never overflows
        mixed = pa.array(total * (len(encoded.dictionary) + 1) + codes)
        total = np.asarray(mixed.dictionary_encode().indices, dtype=np.int64)
    return total


def group_sizes(codes: Codes) -> Codes:
    """Return for each row how many rows share its code."""
    return np.bincount(codes)[codes] if len(codes) else codes


def first_rows(codes: Codes) -> Codes:
    """Return the first row of each code, in the order of the codes."""
    return np.unique(codes, return_index=True)[1]


def list_keys(column: pa.Array) -> pa.Array:
    r"""Return a text for each row of a column of lists, or of lists of lists, equal exactly where the lists are.

    A null list is the empty list: a record does not tell the two apart.

    Parameters
    ----------
    column : list of string, or list of list of string
        Texts without the control characters U+001D to U+001F.

    Examples
    --------
    >>> list_keys(pa.array([["a", "b"], None])).to_pylist() == ["a\x1fb\x1f", ""]
    True
    """
    if pa.types.is_list(column.type.value_type):
        inner = pa.ListArray.from_arrays(_offsets(column), list_keys(column.flatten()))
        return _joined(inner, "\x1d")
    return _joined(column, "\x1f")


def _joined(column: pa.Array, separator: str) -> pa.Array:
    """Join each list's texts, the separator after each: so that no list and a list of one empty text differ."""
    joined = pc.fill_null(pc.binary_join(column, separator), "")
    filled = pc.greater(pc.fill_null(pc.list_value_length(column), 0), 0)
    return pc.if_else(filled, pc.binary_join_element_wise(joined, "", separator), "")


def _offsets(column: pa.Array) -> pa.Array:
    lengths = np.asarray(pc.fill_null(pc.list_value_length(column), 0))
    return pa.array(np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32))
