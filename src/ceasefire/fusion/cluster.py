"""From scored pairs to clusters: the best two are joined first, and a third must fit them all.

Two clusters go together as well as the mean log odds of all pairs between them, of which pairs that were too far
apart to be compared count as most unlikely; they are joined, the best first, while that exceeds a threshold. With
the mean, a join never makes another join better than the better of the two it came from; so all pairs of clusters
that are each other's best may be joined at once, and the outcome is that of one join at a time, whatever the order of
the reports. For the same reason what happens in one connected part of the pairs does not depend on the rest.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ceasefire.fusion.key_spaces import KeySpaces

Rows = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
NEVER = -1e9
"""Log odds of a pair that a person called different: no mean recovers from it."""


def agglomerate(
    a: Rows,
    b: Rows,
    log_odds: Floats,
    *,
    start: Rows,
    keys: Rows,
    spaces: Rows,
    threshold: float,
    unseen: float,
) -> Rows:
    """Return the cluster of each report, numbered by its smallest report's row.

    Parameters
    ----------
    a, b : int64 arrays, shape (p,)
        Rows of the pairs; each pair once.
    log_odds : float64 array, shape (p,)
    start : int64 array, shape (n,)
        Reports that are together from the start have one number, the smallest row among them.
    keys, spaces : int64 array, shape (n,)
        Reports that have keys, not -1, of one space are never joined, themselves or through others, unless they are
        together from the start, as those of one key are.
    threshold, unseen : float
        See `weights.Weights`.

    Returns
    -------
    int64 array, shape (n,)
    """
    n = len(start)
    label = start.copy()
    size = np.bincount(start, minlength=n).astype(np.float64)
    held = KeySpaces(start, keys, spaces)
    i, j, total, count = _merged_edges(n, start[a], start[b], log_odds.astype(np.float64), np.ones(len(a)))
    while len(i):
        pairs = size[i] * size[j]
        mean = (total + (pairs - count) * unseen) / pairs
        mean[held.meet(i, j)] = NEVER
        good = np.flatnonzero(mean > threshold)
        if not len(good):
            break
        chosen = _mutual_best(n, i[good], j[good], mean[good])
        low, high = i[good][chosen], j[good][chosen]
        target = np.arange(n)
        target[high] = low
        label = target[label]
        size[low] += size[high]
        held.join(low, high)
        # a cluster with nothing above the threshold will never join another: a mean of two is no better than both
        live = np.zeros(n, dtype=bool)
        live[i[good]] = live[j[good]] = True
        kept = live[i] & live[j]
        i, j, total, count = _merged_edges(n, target[i[kept]], target[j[kept]], total[kept], count[kept])
    return label


def that_may_join(a: Rows, b: Rows, log_odds: Floats, *, start: Rows, threshold: float, unseen: float) -> Mask:
    """Return which pairs can matter to `agglomerate`: no mean is above the threshold where no pair is.

    Parameters
    ----------
    a, b, log_odds, start, threshold, unseen
        As there.

    Returns
    -------
    bool array, shape (p,)
    """
    above = log_odds > threshold
    hopeful = np.full(len(start), unseen > threshold)
    hopeful[start[a[above]]] = hopeful[start[b[above]]] = True
    hopeful = hopeful[start]
    return np.asarray(hopeful[a] & hopeful[b])


def _mutual_best(n: int, i: Rows, j: Rows, mean: Floats) -> Rows:
    """Return the edges that are the best of both their ends; of equals, the first counts."""
    best = np.full(n, -np.inf)
    np.maximum.at(best, i, mean)
    np.maximum.at(best, j, mean)
    order = np.arange(len(i))
    first = np.full(n, len(i))
    for end in (i, j):
        top = mean == best[end]
        np.minimum.at(first, end[top], order[top])
    return np.flatnonzero((first[i] == order) & (first[j] == order))


def _merged_edges(n: int, i: Rows, j: Rows, total: Floats, count: Floats) -> tuple[Rows, Rows, Floats, Floats]:
    """Return edges between different clusters, each once with its sums, by their ends."""
    low, high = np.minimum(i, j), np.maximum(i, j)
    between = low != high
    low, high, total, count = low[between], high[between], total[between], count[between]
    code = low * n + high
    order = np.argsort(code, kind="stable")
    code, total, count = code[order], total[order], count[order]
    firsts = np.flatnonzero(np.r_[True, code[1:] != code[:-1]]) if len(code) else np.zeros(0, dtype=np.int64)
    if not len(firsts):
        return code, code, total, count
    code = code[firsts]
    return code // n, code % n, np.add.reduceat(total, firsts), np.add.reduceat(count, firsts)
