"""The innermost loops of forecasting, compiled: quantiles of counts and of pooled forecasts, and filtered levels.

All figures come as arguments: what is compiled is kept on disk and would not notice that a figure changed elsewhere.
Import this module where it is needed, late: it loads the compiler.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

P = ParamSpec("P")
T = TypeVar("T")
Floats = NDArray[np.float64]


def _compiled(function: Callable[P, T]) -> Callable[P, T]:
    """Compile a function at its first call, and keep the result on disk where that can be written."""
    try:
        return cast(Callable[P, T], numba.njit(nogil=True, cache=True)(function))
    except RuntimeError:  # neither beside the source nor in the user's folder is there a place to write
        return cast(Callable[P, T], numba.njit(nogil=True)(function))


@_compiled
def count_quantiles(mean: Floats, dispersion: Floats, levels: Floats, largest: float) -> Floats:
    """Return quantiles of negative binomial counts.

    Parameters
    ----------
    mean, dispersion : float64 arrays, shape (n,)
        Variance is ``mean + dispersion * mean**2``; dispersion at least 0.01. NaN in, NaN out.
    levels : float64 array, shape (k,)
        Ascending, between 0 and 1.
    largest : float
        A mean above it is scaled down to it and its quantiles up again: so large a count is told apart from its
        neighbours by nothing.

    Returns
    -------
    float64 array, shape (n, k)
    """
    out = np.full((len(mean), len(levels)), np.nan)
    for row in range(len(mean)):
        if np.isnan(mean[row]) or np.isnan(dispersion[row]):
            continue
        scale = max(mean[row] / largest, 1.0)
        centre = max(mean[row] / scale, 1e-9)
        size = 1.0 / dispersion[row]
        odds = centre / (size + centre)
        mass = math.exp(size * math.log(size / (size + centre)))
        below = mass
        count = 0.0
        for k in range(len(levels)):
            while below < levels[k] and mass > 1e-300:
                mass *= odds * (size + count) / (count + 1.0)
                count += 1.0
                below += mass
                if mass < 1e-13 and count > centre:
                    break
            out[row, k] = count * scale
    return out


@_compiled
def weighted_quantiles(values: Floats, weights: Floats, levels: Floats) -> Floats:
    """Return quantiles of weighted values; NaN where no value has a weight.

    Parameters
    ----------
    values, weights : float64 arrays, shape (n, m)
        A value that is NaN, or of no weight, is left out.
    levels : float64 array, shape (k,)

    Returns
    -------
    float64 array, shape (n, k)
    """
    out = np.full((len(values), len(levels)), np.nan)
    for row in range(len(values)):
        order = np.argsort(values[row])
        total = 0.0
        for at in order:
            if not np.isnan(values[row, at]):
                total += weights[row, at]
        if total <= 0.0:
            continue
        k, below, last = 0, 0.0, 0.0
        for at in order:
            if np.isnan(values[row, at]) or weights[row, at] <= 0.0:
                continue
            below += weights[row, at] / total
            last = values[row, at]
            while k < len(levels) and below >= levels[k] - 1e-12:
                out[row, k] = last
                k += 1
        while k < len(levels):
            out[row, k] = last
            k += 1
    return out


@_compiled
def pooled_quantiles(members: Floats, weights: Floats, levels: Floats) -> Floats:
    """Return quantiles of a mixture of forecasts, each given by equally likely values.

    Parameters
    ----------
    members : float64 array, shape (m, n, k)
        Ascending along k. A member whose first value is NaN gives no forecast and has no part.
    weights : float64 array, shape (m, n)
    levels : float64 array, shape (k,)

    Returns
    -------
    float64 array, shape (n, k)
        NaN where no member gives a forecast.
    """
    m, n, size = members.shape
    out = np.full((n, size), np.nan)
    at = np.zeros(m, dtype=np.int64)
    for row in range(n):
        total = 0.0
        for member in range(m):
            at[member] = 0
            if np.isnan(members[member, row, 0]):
                at[member] = size
            else:
                total += weights[member, row]
        if total <= 0.0:
            continue
        k, below = 0, 0.0
        while k < size:
            least = -1
            for member in range(m):
                if at[member] < size and (
                    least < 0 or members[member, row, at[member]] < members[least, row, at[least]]
                ):
                    least = member
            if least < 0:
                for rest in range(k, size):
                    out[row, rest] = out[row, k - 1] if k else 0.0
                break
            value = members[least, row, at[least]]
            below += weights[least, row] / total / size
            at[least] += 1
            while k < size and below >= levels[k] - 1e-12:
                out[row, k] = value
                k += 1
    return out


@_compiled
def filtered_levels(counts: Floats, average: Floats, excitation: float, persistence: float) -> Floats:
    """Return the expected count of each week and the week after the last, given all weeks before it.

    ``level[t + 1] = average * (1 - excitation - persistence) + excitation * count[t] + persistence * level[t]``; a week
    that is missing leaves what was expected of it in its place.

    Parameters
    ----------
    counts : float64 array, shape (weeks, units)
        NaN is missing.
    average : float64 array, shape (units,)

    Returns
    -------
    float64 array, shape (weeks + 1, units)
    """
    weeks, units = counts.shape
    out = np.empty((weeks + 1, units))
    for unit in range(units):
        out[0, unit] = average[unit]
        for week in range(weeks):
            seen = counts[week, unit]
            if np.isnan(seen):
                seen = out[week, unit]
            out[week + 1, unit] = (
                average[unit] * (1.0 - excitation - persistence) + excitation * seen + persistence * out[week, unit]
            )
    return out


@_compiled
def excitation_support(
    counts: Floats, average: Floats, dispersion: Floats, weights: Floats, excitations: Floats, persistences: Floats
) -> Floats:
    """Return the log likelihood of each pair of excitation and persistence, but for what does not depend on them.

    Parameters
    ----------
    counts, weights : float64 arrays, shape (weeks, units)
        NaN is missing; what each week's support counts.
    average, dispersion : float64 arrays, shape (units,)
    excitations, persistences : float64 arrays, shape (pairs,)

    Returns
    -------
    float64 array, shape (pairs,)
    """
    out = np.zeros(len(excitations))
    for pair in range(len(excitations)):
        expected = filtered_levels(counts, average, excitations[pair], persistences[pair])
        total = 0.0
        for week in range(counts.shape[0]):
            for unit in range(counts.shape[1]):
                seen = counts[week, unit]
                if np.isnan(seen) or weights[week, unit] <= 0.0:
                    continue
                size = 1.0 / dispersion[unit]
                level = max(expected[week, unit], 1e-6)
                total += weights[week, unit] * (
                    seen * math.log(level / (size + level)) + size * math.log(size / (size + level))
                )
        out[pair] = total
    return out


@_compiled
def circle_sums(
    by_cell: Floats, first: NDArray[np.int64], neighbour: NDArray[np.int64], ring: NDArray[np.int64], rings: int
) -> Floats:
    """Return the sums over the cells within each radius of each cell.

    Parameters
    ----------
    by_cell : float64 array, shape (w, c)
    first : int64 array, shape (c + 1,)
        Where the neighbours of each cell start in the next two.
    neighbour, ring : int64 array, shape (s,)
        Cells near a cell, itself among them; and the smallest radius, by number, that reaches them.
    rings : int
        How many radii, ascending.

    Returns
    -------
    float64 array, shape (w, c * rings)
        Of cell i and radius j in column ``i * rings + j``.
    """
    w, c = by_cell.shape
    out = np.zeros((w, c * rings))
    for week in range(w):
        for centre in range(c):
            for at in range(first[centre], first[centre + 1]):
                amount = by_cell[week, neighbour[at]]
                if amount != 0.0:
                    out[week, centre * rings + ring[at]] += amount
            for radius in range(1, rings):
                out[week, centre * rings + radius] += out[week, centre * rings + radius - 1]
    return out


@_compiled
def most_likely(
    inside: Floats, everywhere: Floats, by_window: Floats, total: float, least: float, half: float
) -> Floats:
    """Return the log of the generalised likelihood ratio of each cylinder; zero where it holds no more than expected.

    Parameters
    ----------
    inside : float64 array, shape (w, n)
        Incidents in each circle over each window.
    everywhere : float64 array, shape (n,)
        In each circle over all weeks.
    by_window : float64 array, shape (w,)
        In each window everywhere.
    total : float
        All incidents.
    least, half : float
        A cylinder with fewer inside, or with more expected than this share of the total, is none.

    Returns
    -------
    float64 array, shape (w, n)
    """
    out = np.zeros(inside.shape)
    for week in range(inside.shape[0]):
        for circle in range(inside.shape[1]):
            seen = inside[week, circle]
            if seen < least:
                continue
            expected = by_window[week] * everywhere[circle] / total
            if seen <= expected or expected > half * total:
                continue
            value = seen * math.log(seen / expected)
            rest = total - seen
            if rest > 1e-9:
                value += rest * math.log(rest / (total - expected))
            out[week, circle] = value
    return out
