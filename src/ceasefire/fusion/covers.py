"""Totals and the events they count: "five killed in the province today" is no further event."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ceasefire.fusion.blocking import expanded
from ceasefire.fusion.traits import KM_PER_DEGREE, SPREAD_KM, UNDATED, Traits

Rows = npt.NDArray[np.int64]
COVER_COLUMNS = ("report_id", "event", "probability")
COVER = pa.schema([("report_id", pa.string()), ("event", pa.int64()), ("probability", pa.float32())])
_WITHIN = 2.5  # spreads of its place class around a total's point


def covered_events(traits: Traits, ids: pa.Array, event: Rows, size: Rows | None = None) -> pa.Table:
    """Return the clusters that each total may count: of its days, in its area, and no deadlier than it.

    Parameters
    ----------
    traits : Traits
        Of n reports.
    ids : string array, shape (n,)
    event : int64 array, shape (n,)
    size : int64 array, optional
        How many reports each cluster has, where they are not all given.

    Returns
    -------
    pa.Table
        Schema `COVER`, by report id and event; `probability` is the share of the cluster's reports that lie within.
    """
    others = np.flatnonzero(~traits.total & (traits.time_class != UNDATED))
    others = others[np.argsort(traits.day[others], kind="stable")]
    size = np.bincount(event) if size is None else size
    none = np.zeros(0, dtype=np.int64)
    clusters = int(event.max(initial=0)) + 1
    found = [(none, none, none), *(_counted(*pairs, event, clusters) for pairs in _near(traits, others))]
    rows, events, counts = (np.concatenate(column) for column in zip(*found, strict=True))
    order = np.lexsort((events, rows))
    rows, events, counts = rows[order], events[order], counts[order]
    return pa.table(
        {
            "report_id": ids.take(pa.array(rows, pa.int64())),
            "event": pa.array(events, pa.int64()),
            "probability": pa.array((counts / size[events]).astype(np.float32)),
        },
        schema=COVER,
    )


def _counted(totals: Rows, reports: Rows, event: Rows, clusters: int) -> tuple[Rows, Rows, Rows]:
    """Return each total with each cluster that it is paired with reports of, and with how many."""
    both, counts = np.unique(totals * clusters + event[reports], return_counts=True)
    return both // clusters, both % clusters, counts


def _near(traits: Traits, others: Rows) -> Iterator[tuple[Rows, Rows]]:
    """Give each total with the reports of its days and its area that are no deadlier; a total's all at once."""
    totals = np.flatnonzero(traits.total & (traits.time_class != UNDATED))
    days, half = traits.day[others], traits.slack[totals] + np.float32(0.75)
    low = np.searchsorted(days, traits.day[totals] - half)
    high = np.searchsorted(days, traits.day[totals] + half)
    placed = np.concatenate([[0], np.cumsum(traits.province[others] >= 0)])
    named = (traits.province[totals] >= 0) & (placed[high] > placed[low])
    by_area = named & (traits.place_class[totals] <= 2)
    for names, which in ((traits.area, by_area), (traits.province, named & ~by_area)):
        # reports of one name lie together, in order of time: a total's are one stretch of them
        code, span = names[others] + 1, len(others) + 1
        order = np.argsort(code, kind="stable")
        key, mine = code[order] * span + order, (names[totals[which]] + 1) * span
        starts, ends = np.searchsorted(key, mine + low[which]), np.searchsorted(key, mine + high[which])
        for some, place in expanded(totals[which], others[order], starts, ends):
            yield _that_fit(traits, some, place)
    alone = ~named & ~np.isnan(traits.latitude[totals])
    for some, near in expanded(totals[alone], others, low[alone], high[alone]):
        around = _around(traits, some, near)
        yield _that_fit(traits, some[around], near[around])


def _that_fit(traits: Traits, totals: Rows, reports: Rows) -> tuple[Rows, Rows]:
    """Return the pairs whose report is as tight in time as its total, and no deadlier."""
    fit = traits.slack[reports] <= traits.slack[totals] + np.float32(0.6)
    fit &= (traits.killed[totals] < 0) | (traits.killed[reports] <= traits.killed[totals])
    return totals[fit], reports[fit]


def _around(traits: Traits, totals: Rows, reports: Rows) -> npt.NDArray[np.bool_]:
    """Return the pairs whose report lies around the total's point: for totals of which no area tells more."""
    some, place = np.unique(totals, return_inverse=True)
    narrow = np.cos(np.radians(traits.latitude[some]))[place]
    north = (traits.latitude[reports] - traits.latitude[totals]) * KM_PER_DEGREE
    east = (traits.longitude[reports] - traits.longitude[totals]) * KM_PER_DEGREE * narrow
    return np.asarray(np.hypot(north, east) <= _WITHIN * SPREAD_KM[traits.place_class[totals]])
