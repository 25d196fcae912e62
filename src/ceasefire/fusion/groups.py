"""Runs of rows that belong together, and what can be said of each run at once."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ceasefire.model.rows import Codes, equal_rows, first_rows

Mask = npt.NDArray[np.bool_]
Values = npt.NDArray[np.int64]


class Groups:
    """Groups of consecutive rows.

    Parameters
    ----------
    codes : int64 array, shape (n,)
        Ascending; rows of one code are one group.

    Attributes
    ----------
    of : int64 array, shape (n,)
        The group of each row, from 0 without gaps.
    starts : int64 array, shape (g,)
        First row of each group.
    """

    def __init__(self, codes: Codes) -> None:
        new = np.r_[True, codes[1:] != codes[:-1]] if len(codes) else np.zeros(0, dtype=bool)
        self.starts: Values = np.flatnonzero(new)
        self.of: Values = np.cumsum(new) - 1

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def offsets(self) -> pa.Array:
        """Where each group begins, and where the last ends: the offsets of lists by group."""
        return pa.array(np.r_[self.starts, len(self.of)].astype(np.int32))

    def empty_lists(self) -> pa.Array:
        """Return an empty list of texts for each group."""
        return pa.ListArray.from_arrays(pa.array(np.zeros(len(self) + 1, dtype=np.int32)), pa.array([], pa.string()))

    def min(self, values: Values, mask: Mask, otherwise: int) -> Values:
        """Return each group's least value where the mask holds, or `otherwise`."""
        return np.asarray(np.minimum.reduceat(np.where(mask, values, otherwise), self.starts))

    def max(self, values: Values, mask: Mask, otherwise: int) -> Values:
        """Return each group's greatest value where the mask holds, or `otherwise`."""
        return np.asarray(np.maximum.reduceat(np.where(mask, values, otherwise), self.starts))

    def any(self, mask: Mask) -> Mask:
        """Return whether the mask holds anywhere in each group."""
        return np.asarray(np.logical_or.reduceat(mask, self.starts))

    def first(self, mask: Mask) -> Values:
        """Return each group's first row where the mask holds, or -1."""
        n = len(self.of)
        found = self.min(np.arange(n), mask, n)
        return np.where(found == n, -1, found)


def unions(lists: pa.Array, groups: Groups, mask: Mask, extra: Mapping[str, Mask] | None = None) -> pa.Array:
    """Return for each group the texts of its rows' lists where the mask holds, sorted, each once.

    Parameters
    ----------
    lists : list of string, length n
    groups : Groups
    mask : bool array, shape (n,)
    extra : mapping of str to bool array, shape (g,), optional
        Texts that further belong to the groups marked.
    """
    lengths = np.diff(np.asarray(lists.offsets))
    rows = np.repeat(np.arange(len(lists)), lengths)
    words = lists.flatten() if lists.null_count == 0 else lists.fill_null([]).flatten()
    if lists.null_count:
        filled = lists.fill_null([])
        rows = np.repeat(np.arange(len(lists)), np.diff(np.asarray(filled.offsets)))
    encoded = words.dictionary_encode()
    known = encoded.dictionary.to_pylist()
    texts = sorted({*known, *(extra or {})})
    place = {text: number for number, text in enumerate(texts)}
    codes = np.array([place[text] for text in known] or [0], dtype=np.int64)[np.asarray(encoded.indices)]
    kept = mask[rows]
    groups_of, items = [groups.of[rows[kept]]], [codes[kept]]
    for text, marked in (extra or {}).items():
        groups_of.append(np.flatnonzero(marked))
        items.append(np.full(int(marked.sum()), place[text]))
    owner, item = _distinct(np.concatenate(groups_of), np.concatenate(items), len(texts))
    offsets = np.r_[0, np.cumsum(np.bincount(owner, minlength=len(groups)))].astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(texts, pa.string()).take(pa.array(item)))


def _distinct(owner: Values, item: Values, n_items: int) -> tuple[Values, Values]:
    """Return the distinct pairs of owner and item, sorted."""
    code = np.sort(owner * (n_items + 1) + item)
    code = code[np.r_[True, code[1:] != code[:-1]]] if len(code) else code
    return code // (n_items + 1), code % (n_items + 1)


def joined_sets(items: Values, groups: Groups) -> tuple[pa.ListArray, Values]:
    """Return the distinct sets of items that groups have, each ascending, and which of them each group has."""
    owner, item = _distinct(groups.of, items, int(items.max(initial=0)) + 1)
    sizes = np.bincount(owner, minlength=len(groups))
    ends = np.cumsum(sizes)
    place = np.arange(len(owner)) - np.repeat(ends - sizes, sizes)
    # the sets are told apart item by item: two that agree in all places up to their sizes are one
    code = sizes.astype(np.int64)
    for position in range(int(sizes.max(initial=0))):
        at = np.flatnonzero(place == position)
        here = np.full(len(groups), -1, dtype=np.int64)
        here[owner[at]] = item[at]
        some = here >= 0 if position else np.ones(len(groups), dtype=bool)
        if position and not some.any():
            break
        code = equal_rows([pa.array(code), pa.array(here)])
    firsts = first_rows(code)
    taken = sizes[firsts]
    index = (
        np.arange(taken.sum()) - np.repeat(np.cumsum(taken) - taken, taken) + np.repeat((ends - sizes)[firsts], taken)
    )
    lists = pa.ListArray.from_arrays(pa.array(np.r_[0, np.cumsum(taken)].astype(np.int32)), pa.array(item[index]))
    return lists, code
