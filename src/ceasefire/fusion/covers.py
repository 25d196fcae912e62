"""Totals and the events they count: "five killed in the province today" is no further event."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

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
    rows: list[int] = []
    events: list[int] = []
    shares: list[float] = []
    others = np.flatnonzero(~traits.total & (traits.time_class != UNDATED))
    others = others[np.argsort(traits.day[others], kind="stable")]
    days = traits.day[others]
    size = np.bincount(event) if size is None else size
    for total in np.flatnonzero(traits.total & (traits.time_class != UNDATED)).tolist():
        half = traits.slack[total] + 0.75
        low, high = np.searchsorted(days, [traits.day[total] - half, traits.day[total] + half])
        near = others[low:high]
        near = near[(traits.slack[near] <= traits.slack[total] + 0.6) & _inside(traits, total, near)]
        if traits.killed[total] >= 0:
            near = near[traits.killed[near] <= traits.killed[total]]
        found, counts = np.unique(event[near], return_counts=True)
        rows += [total] * len(found)
        events += found.tolist()
        shares += (counts / size[found]).tolist()
    return pa.table(
        {
            "report_id": ids.take(pa.array(rows, pa.int64())),
            "event": pa.array(events, pa.int64()),
            "probability": pa.array(shares, pa.float32()),
        },
        schema=COVER,
    )


def _inside(traits: Traits, total: int, near: Rows) -> npt.NDArray[np.bool_]:
    """Return which reports lie where a total counts: in the area it names, else around its point."""
    if traits.province[total] >= 0:
        named = traits.area if traits.place_class[total] <= 2 else traits.province
        mine = traits.area[total] if traits.place_class[total] <= 2 else traits.province[total]
        known = traits.province[near] >= 0
        if known.any():
            return np.asarray(named[near] == mine)
    if np.isnan(traits.latitude[total]):
        return np.zeros(len(near), dtype=bool)
    km = _WITHIN * SPREAD_KM[traits.place_class[total]]
    north = (traits.latitude[near] - traits.latitude[total]) * KM_PER_DEGREE
    east = (traits.longitude[near] - traits.longitude[total]) * KM_PER_DEGREE
    east = east * np.cos(np.radians(traits.latitude[total]))
    return np.asarray(np.hypot(north, east) <= km)
