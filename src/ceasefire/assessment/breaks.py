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
    # a dip that is later made good looks like weeks that depend on each other, unless it may be one: the dependence is
    # that around the three best levels, whether or not they will be claimed
    cuts = _best_cuts(counts, float(one.spread.size[0]), 0.0, most=2)
    for _ in range(2):  # what several breaks explain is no dependence
        spread = spread_around(counts[None, :], _levels(counts, cuts)[None, :])
        cuts = _best_cuts(counts, float(spread.size[0]), GAIN_NEEDED * float(spread.dependence[0]), most=_MOST)
    levels = _levels(counts, cuts)
    return tuple(Break(cut, float(levels[cut - 1]), float(levels[cut])) for cut in cuts)


def _best_cuts(counts: Floats, size: float, cost: float, *, most: int) -> list[int]:
    """Return the cuts, `most` of them at most, that gain the likelihood most beyond their cost."""
    known = np.concatenate([[0], np.cumsum(np.isfinite(counts))]).astype(np.float64)
    sums = np.concatenate([[0.0], np.nancumsum(counts)])
    length = len(counts)
    weeks = known[None, :] - known[:, None]  # of the segment from row to column
    fits = np.where(weeks >= FEWEST_WEEKS, segment_fit(sums[None, :] - sums[:, None], weeks, np.array(size)), -np.inf)
    best = fits[0].copy()
    came_from = np.zeros((most + 1, length + 1), dtype=np.int64)
    values = [float(best[length])]
    for pieces in range(1, most + 1):
        total = best[:, None] + fits
        came_from[pieces] = total.argmax(axis=0)
        best = total.max(axis=0)
        values.append(float(best[length]) - pieces * cost)
    pieces = int(np.argmax(values))
    cuts: list[int] = []
    at = length
    for left in range(pieces, 0, -1):
        at = int(came_from[left, at])
        cuts.append(at)
    return sorted(cuts)


def _levels(counts: Floats, cuts: list[int]) -> Floats:
    levels = np.empty(len(counts))
    for first, last in zip([0, *cuts], [*cuts, len(counts)], strict=True):
        part = counts[first:last]
        levels[first:last] = np.nansum(part) / max(int(np.isfinite(part).sum()), 1)
    return levels
