"""Rules of thumb, and the field's published method written anew from its description.

MELTT (Donnay, Dunford, McGrath, Backer and Cunningham 2019, "Integrating Conflict Event Data", Journal of Conflict
Resolution 63(5)) is an R package that no Python registry carries. `meltt` follows the published method: data sets are
joined one after the other; two events of different sets are compared when they lie within a window of days and of km;
along each taxonomy the finest level on which they agree gives a score, and they must agree on some level of every one;
each event then gets at most one partner, so that no two would rather have each other. What comes in is compared by
the entry of the first set that holds it. Which of equal scores wins the description leaves open: by order of entry
the results are those of the package, and giving them to the nearer pair is a kindness that helps a good deal.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

Ids = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]
EARTH_RADIUS_KM = 6371.0088


def positions(frame: pd.DataFrame) -> Numbers:
    """Return points on the sphere in km, shape (n, 3); chords differ from arcs by less than 1 m within 50 km."""
    latitude, longitude = np.radians(frame["latitude"].to_numpy()), np.radians(frame["longitude"].to_numpy())
    flat = np.cos(latitude)
    return EARTH_RADIUS_KM * np.stack([flat * np.cos(longitude), flat * np.sin(longitude), np.sin(latitude)], axis=1)


def near_pairs(frame: pd.DataFrame, *, days: int, km: float) -> tuple[Ids, Ids, Numbers]:
    """Return all pairs of rows with places, at most `days` and `km` apart, with their distances in km."""
    point, day = positions(frame), frame["day"].to_numpy()
    placed = np.flatnonzero(~np.isnan(point[:, 0]))
    placed = placed[np.argsort(day[placed], kind="stable")]
    lefts, rights = [], []
    groups = np.split(placed, np.flatnonzero(np.diff(day[placed])) + 1)
    trees = [(int(day[rows[0]]), rows, cKDTree(point[rows])) for rows in groups if len(rows)]
    for number, (first, rows, tree) in enumerate(trees):
        own = tree.query_pairs(km, output_type="ndarray")
        lefts.append(rows[own[:, 0]])
        rights.append(rows[own[:, 1]])
        for later, other_rows, other in trees[number + 1 :]:
            if later - first > days:
                break
            found = tree.query_ball_tree(other, km)
            lefts.append(np.repeat(rows, [len(one) for one in found]))
            rights.append(other_rows[np.array([row for one in found for row in one], dtype=np.int64)])
    a, b = (np.concatenate(parts).astype(np.int64) for parts in (lefts, rights))
    a, b = np.minimum(a, b), np.maximum(a, b)
    return a, b, np.linalg.norm(point[a] - point[b], axis=1)


def components(n: int, a: Ids, b: Ids) -> Ids:
    """Return the connected components of n rows joined by pairs."""
    graph = coo_matrix((np.ones(len(a), dtype=np.int8), (a, b)), shape=(n, n))
    return connected_components(graph, directed=False)[1].astype(np.int64)


def same_day_within(frame: pd.DataFrame, km: float) -> Ids:
    """Join all that is of one day and within `km`, and what that joins in turn."""
    rows = np.flatnonzero(~frame["total"].to_numpy())
    used = frame.iloc[rows]
    a, b, _ = near_pairs(used, days=0, km=km)
    return components(len(frame), rows[a], rows[b])


def meltt(
    frame: pd.DataFrame, *, days: int, km: float, taxonomies: Sequence[Sequence[str]], nearest_first: bool = False
) -> Ids:
    """Join the sources of `frame` one after the other, the largest first.

    Parameters
    ----------
    frame : pandas.DataFrame
        As `inputs.flat` gives it; rows that are totals match nothing.
    days, km : int, float
        The window.
    taxonomies : sequence of sequences of column names
        Each from its finest level to its coarsest.
    nearest_first : bool
        Of pairs with equal scores the nearest in days, then in km, goes first; else the first in the table.

    Returns
    -------
    int64[n]
        Clusters.
    """
    levels = [[frame[name].fillna("").astype(str).to_numpy() for name in one] for one in taxonomies]
    total, source, day = frame["total"].to_numpy(), frame["source"].to_numpy(), frame["day"].to_numpy()
    entry = np.arange(len(frame))  # the row that stands for each row's event
    a, b, distance = near_pairs(frame, days=days, km=km)
    kept = ~total[a] & ~total[b] & (source[a] != source[b])
    a, b, distance = a[kept], b[kept], distance[kept]
    fit = np.zeros(len(a))
    agreed = np.ones(len(a), dtype=bool)
    for columns in levels:
        same = np.stack([column[a] == column[b] for column in columns])
        agreed &= same.any(axis=0)
        fit += same.argmax(axis=0) / max(1, len(columns) - 1) / len(levels)
    a, b, distance, fit = a[agreed], b[agreed], distance[agreed], fit[agreed]
    order = np.lexsort((b, a, distance, np.abs(day[a] - day[b]), fit) if nearest_first else (b, a, fit))
    names, sizes = np.unique(source[~total], return_counts=True)
    joined: set[str] = set()
    for name in names[np.argsort(-sizes, kind="stable")]:
        joined.add(name)
        is_old = np.isin(source, list(joined - {name})) & (entry == np.arange(len(frame)))
        taken = np.zeros(len(frame), dtype=bool)
        crossing = (is_old[a] & (source[b] == name)) | (is_old[b] & (source[a] == name))
        for pair in order[crossing[order]].tolist():
            old, new = (a[pair], b[pair]) if is_old[a[pair]] else (b[pair], a[pair])
            if not taken[old] and not taken[new]:
                taken[old] = taken[new] = True
                entry[new] = old
    return entry.astype(np.int64)
