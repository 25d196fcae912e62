"""Tolls over the accounts of one event: the whole range, and the median of what independent lineages said last."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ceasefire.fusion.groups import Groups, Mask, Values
from ceasefire.model.schemas import TOLLS

_NONE, _MOST = -1, np.iinfo(np.int64).max


def tolls_of(rows: pa.Table, groups: Groups, basis: Mask) -> tuple[dict[str, pa.Array], Mask]:
    """Return the columns of all tolls by group, and whether best figures of any toll differ.

    Parameters
    ----------
    rows : pa.Table
        Reports in canonical order within groups, each column in one piece.
    groups : Groups
    basis : bool array, one a row
        The accounts that count.
    """
    order, family = _by_recency(rows, groups, basis)
    tolls: dict[str, pa.Array] = {}
    disputed = np.zeros(len(groups), dtype=bool)
    for toll in TOLLS:
        low, best, high = (_figures(rows[f"{toll}_{bound}"]) for bound in ("low", "best", "high"))
        said = basis & (best != _NONE)
        lows, highs = basis & (low != _NONE), basis & (high != _NONE)
        least = np.minimum(groups.min(low, lows, _MOST), groups.min(best, said, _MOST))
        most = np.maximum(groups.max(high, highs, _NONE), groups.max(best, said, _NONE))
        # bounds may be out of order in one account: the range holds every figure given
        least = np.where(least == _MOST, least, np.minimum(least, groups.min(high, highs, _MOST)))
        most = np.where(most == _NONE, most, np.maximum(most, groups.max(low, lows, _NONE)))
        some = groups.any(said)
        disputed |= some & (groups.min(best, said, _MOST) != groups.max(best, said, _NONE))
        tolls[f"{toll}_low"] = pa.array(least, mask=least == _MOST)
        tolls[f"{toll}_best"] = pa.array(_medians(best, said, order, family, groups), mask=~some)
        tolls[f"{toll}_high"] = pa.array(most, mask=most == _NONE)
    return tolls, disputed


def _medians(best: Values, said: Mask, order: Values, family: Values, groups: Groups) -> Values:
    """Return the median, rounded down, of the last figure of each lineage; 0 where there is none."""
    telling = order[said[order]]
    last = np.r_[family[telling[1:]] != family[telling[:-1]], True] if len(telling) else np.zeros(0, dtype=bool)
    rows = telling[last]
    rows = rows[np.lexsort((best[rows], groups.of[rows]))]
    counts = np.bincount(groups.of[rows], minlength=len(groups))
    starts = np.cumsum(counts) - counts
    figures = np.r_[best[rows], 0]
    lower, upper = (np.where(counts > 0, starts + middle, len(rows)) for middle in ((counts - 1) // 2, counts // 2))
    return np.asarray((figures[lower] + figures[upper]) // 2)


def _by_recency(rows: pa.Table, groups: Groups, basis: Mask) -> tuple[Values, Values]:
    """Return rows that count by lineage, each lineage's last report last; and the lineage of each row.

    Reports that share a chain are one lineage. Of when it was reported, then recorded, what is not known comes before
    all that is; of equals, the greater report id is the later.
    """
    family = _families(rows, groups, basis)
    keys = []
    for name in ("recorded_at", "reported_at"):
        column = _whole(rows[name])
        keys += [np.asarray(pc.fill_null(column.cast(pa.int64()), 0)), np.asarray(pc.is_valid(column))]
    order = np.lexsort((*keys, family))  # canonical order, which is by id among equals, stays
    return order[basis[order]], family


def _families(rows: pa.Table, groups: Groups, basis: Mask) -> Values:
    """Return for each row that counts the first row whose lineage is its own, directly or through others."""
    n = len(groups.of)
    lineage = _whole(rows["lineage"])
    lengths = np.asarray(pc.fill_null(pc.list_value_length(lineage), 0))
    source = _whole(rows["source_id"]).cast(pa.string())
    # without a lineage, a source is its own
    texts = pa.concat_arrays([lineage.flatten(), source.filter(pa.array(lengths == 0))])
    row = np.r_[np.repeat(np.arange(n), lengths), np.flatnonzero(lengths == 0)]
    chain = np.asarray(texts.dictionary_encode().indices, dtype=np.int64)
    kept = basis[row]
    row, chain = row[kept], chain[kept]
    link = np.unique(groups.of[row] * (int(chain.max(initial=0)) + 1) + chain, return_inverse=True)[1]
    label = np.arange(n)
    while True:
        by_link = np.full(int(link.max(initial=-1)) + 1, n)
        np.minimum.at(by_link, link, label[row])
        after = label.copy()
        np.minimum.at(after, row, by_link[link])
        if np.array_equal(after, label):
            return label
        label = after


def _figures(column: pa.ChunkedArray) -> Values:
    return np.asarray(pc.fill_null(_whole(column).cast(pa.int64()), _NONE))


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays(column.chunks)
