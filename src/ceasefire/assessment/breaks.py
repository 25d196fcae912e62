"""Several breaks in the level of a series, found exactly and claimed only where each gains enough."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ceasefire.assessment.kernels import FEWEST_WEEKS, segment_fit, single_breaks, spread_around

Floats = NDArray[np.float64]

GAIN_NEEDED = 8.0
"""Log likelihood that a break must gain, over the dependence of the weeks: see `tests/recovery/test_breaks.py`."""
_MOST = 8


@dataclass(frozen=True, slots=True)
class Break:
    """A week from which a level held that differs from the one before.

    Parameters
    ----------
    week : int
        Position of the first week of the new level.
    before, after : float
        Weekly levels, up to the neighbouring breaks.
    """

    week: int
    before: float
    after: float


def breaks_in(counts: Floats) -> tuple[Break, ...]:
    """Return the breaks of one series, in order of time; none where too few weeks are known.

    Among all ways to cut the series into segments of at least eight known weeks, the best by dynamic programming
    (Jackson et al. 2005, bibliography key jackson2005), where each break costs `GAIN_NEEDED` times the dependence.

    Parameters
    ----------
    counts : ndarray, shape (weeks,)
        NaN where not known.
    """
    one = single_breaks(counts[None, :])
    if one.best[0] < 0 or np.nansum(counts) == 0:
        return ()
    spread = one.spread
    cuts: list[int] = []
    for _ in range(2):  # what several breaks explain is no dependence
        cuts = _best_cuts(counts, float(spread.size[0]), GAIN_NEEDED * float(spread.dependence[0]))
        spread = spread_around(counts[None, :], _levels(counts, cuts)[None, :])
    levels = _levels(counts, cuts)
    return tuple(Break(cut, float(levels[cut - 1]), float(levels[cut])) for cut in cuts)


def _best_cuts(counts: Floats, size: float, cost: float) -> list[int]:
    known = np.concatenate([[0], np.cumsum(np.isfinite(counts))]).astype(np.float64)
    sums = np.concatenate([[0.0], np.nancumsum(counts)])
    length = len(counts)
    best = np.full(length + 1, -np.inf)
    best[0] = 0.0
    came_from = np.zeros(length + 1, dtype=np.int64)
    pieces = np.zeros(length + 1, dtype=np.int64)
    k = np.array(size)
    for end in range(1, length + 1):
        starts = np.flatnonzero((known[end] - known[:end] >= FEWEST_WEEKS) & np.isfinite(best[:end]))
        if not len(starts):
            continue
        fit = segment_fit(sums[end] - sums[starts], known[end] - known[starts], k)
        value = best[starts] + fit - np.where(starts > 0, cost, 0.0)
        at = int(value.argmax())
        best[end], came_from[end] = value[at], starts[at]
        pieces[end] = pieces[starts[at]] + 1
    cuts: list[int] = []
    at = length
    while at > 0 and came_from[at] > 0:
        at = int(came_from[at])
        cuts.append(at)
    return sorted(cuts)[:_MOST]


def _levels(counts: Floats, cuts: list[int]) -> Floats:
    levels = np.empty(len(counts))
    for first, last in zip([0, *cuts], [*cuts, len(counts)], strict=True):
        part = counts[first:last]
        levels[first:last] = np.nansum(part) / max(int(np.isfinite(part).sum()), 1)
    return levels
