"""Flags that figures give by themselves, and flags that a row has because another row resembles it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ceasefire.model.rows import equal_rows, group_sizes

Mask = npt.NDArray[np.bool_]
DEATHS = ("deaths_a", "deaths_b", "deaths_civilians", "deaths_unknown")
"""The categories of deaths in a UCDP GED row; they add up to the best figure."""
_SPLIT_ID_DISTANCE = 10  # rows cut from one account are coded one after the other


def true_mask(mask: pa.Array) -> Mask:
    """Return where a boolean array is true; null is not."""
    return np.asarray(pc.fill_null(mask, False))


def toll_flags(low: pa.Array, best: pa.Array, high: pa.Array) -> dict[str, Mask]:
    """Return the flags of figures out of order; a figure that is not known gives none."""
    return {
        "high-below-best": true_mask(pc.less(high, best)),
        "low-above-best": true_mask(pc.greater(low, best)),
        "best-zero-high-positive": true_mask(pc.and_(pc.equal(best, 0), pc.greater(high, 0))),
    }


def coding_flags(cells: Mapping[str, pa.Array]) -> dict[str, Mask]:
    """Return the flags that UCDP's coding leaves on rows.

    Parameters
    ----------
    cells : mapping of str to pa.Array
        Typed columns of a UCDP GED file, under their own names.
    """
    parts = [cells[name] for name in DEATHS]
    total = pc.add(pc.add(parts[0], parts[1]), pc.add(parts[2], parts[3]))
    both_two = pc.and_(pc.equal(parts[0], 2), pc.equal(parts[1], 2))
    imputed = true_mask(pc.and_(both_two, pc.equal(cells["best"], 4)))
    place = equal_rows([cells[name] for name in ("latitude", "longitude", "where_coordinates")])
    event = ("side_a", "side_b", "date_start", "date_end", *DEATHS, "low", "best", "high")
    same = [cells[name] for name in event]
    return {
        "toll-parts-differ": true_mask(pc.not_equal(total, cells["best"])),
        "imputed-two-plus-two": imputed,
        "split-toll": _split_tolls(cells, equal_rows([*same, cells["source_office"], cells["source_date"]]), place)
        & ~imputed,
        "exact-duplicate": group_sizes(equal_rows([*same, pa.array(place)])) > 1,
    }


def _split_tolls(cells: Mapping[str, pa.Array], event: npt.NDArray[np.int64], place: npt.NDArray[np.int64]) -> Mask:
    """Return rows next to one, by id, of the same event, source and toll but of another place.

    A toll in one category repeats by chance; one in several, from one source on one day, hardly does.
    """
    n = len(event)
    numeric = pc.if_else(pc.match_substring_regex(cells["id"], "^[0-9]{1,18}$"), cells["id"], None)
    number = np.asarray(pc.fill_null(pc.cast(numeric, pa.int64()), -1))
    positive = sum((true_mask(pc.greater(cells[name], 0)).astype(int) for name in DEATHS), np.zeros(n, int))
    telling = (positive >= 2) & (number >= 0)
    order = np.lexsort((number, event))
    close = (np.diff(event[order]) == 0) & (np.diff(number[order]) <= _SPLIT_ID_DISTANCE)
    close &= (np.diff(place[order]) != 0) & telling[order[1:]]
    split = np.zeros(n, dtype=bool)
    split[order[1:][close]] = True
    split[order[:-1][close]] = True
    return split
