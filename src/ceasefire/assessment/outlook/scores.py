"""How good forecasts were: proper scores of equally likely values, coverage, and how sure a difference is.

References
----------
Continuous ranked probability score of an ensemble: Gneiting and Raftery (2007), JASA 102, the form with sorted values.
Log score in bins: the ignorance score of the VIEWS prediction challenge, Hegre et al. (2025), Journal of Peace
Research 62. Moving block bootstrap: Künsch (1989), Annals of Statistics 17.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Floats = NDArray[np.float64]

BIN_EDGES = np.array([0.5, 2.5, 5.5, 10.5, 25.5, 50.5, 100.5, 250.5, 500.5, 1000.5])
"""Between 0, 1-2, 3-5, 6-10, 11-25, 26-50, 51-100, 101-250, 251-500, 501-1000 and more."""


def crps_of_values(values: NDArray[np.floating], came: Floats) -> Floats:
    """Return the continuous ranked probability score of forecasts given by equally likely values.

    Parameters
    ----------
    values : ndarray, shape (..., k)
        Ascending along the last axis.
    came : ndarray, shape (...)

    Returns
    -------
    ndarray of float64, shape (...)
        In the unit of the counts; smaller is better; NaN where either is NaN.

    Examples
    --------
    >>> float(crps_of_values(np.array([2.0, 4.0]), np.array(3.0)))
    0.5
    """
    size = values.shape[-1]
    rank = 2 * np.arange(1, size + 1) - size - 1
    apart = np.abs(values - came[..., None]).mean(axis=-1)
    return np.asarray(apart - (rank * values).sum(axis=-1) / size**2, dtype=np.float64)


def binned_log_score(values: NDArray[np.floating], came: Floats) -> Floats:
    """Return the negative log2 probability of the bin that came, each bin given one value beside the forecast's.

    Parameters
    ----------
    values : ndarray, shape (..., k)
    came : ndarray, shape (...)

    Returns
    -------
    ndarray of float64, shape (...)
        Bits; smaller is better; NaN where either is NaN.
    """
    bins = len(BIN_EDGES) + 1
    same = (np.digitize(values, BIN_EDGES) == np.digitize(came, BIN_EDGES)[..., None]).sum(axis=-1)
    score = -np.log2((same + 1) / (values.shape[-1] + bins))
    return np.asarray(np.where(np.isfinite(came) & np.isfinite(values[..., 0]), score, np.nan))


def covered(values: NDArray[np.floating], came: Floats, share: float) -> Floats:
    """Return 1 where what came lies in the interval of a share of probability, ends included, 0 where not.

    Returns
    -------
    ndarray of float64, shape (...)
        NaN where either is NaN.
    """
    low, high = interval(values, share)
    inside = ((came >= low) & (came <= high)).astype(np.float64)
    return np.asarray(np.where(np.isfinite(came) & np.isfinite(low), inside, np.nan))


def interval(values: NDArray[np.floating], share: float) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """Return the ends of the interval of a share of probability, each of the shape of `values` but the last.

    As much is left out above as below. Where less lies below the lower end, as when that is zero, half of what cannot
    be left out there is left out above instead: with none of it the interval of a count that is often zero holds far
    more than its share, and with all of it an interval that is a little too narrow anyway holds less.

    Parameters
    ----------
    values : ndarray, shape (..., k)
        Ascending along the last axis.
    """
    size = values.shape[-1]
    edge = (1 - share) / 2
    low = values[..., int(np.clip(np.ceil(edge * size - 1e-9) - 1, 0, size - 1))]
    below = (values < low[..., None]).mean(axis=-1)
    left_out = np.where(below + 1 / size >= edge - 1e-9, edge, (edge + below) / 2)
    place = np.clip(np.ceil((share + left_out) * size - 1e-9).astype(np.int64) - 1, 0, size - 1)
    high = np.take_along_axis(values, place[..., None], axis=-1)[..., 0]
    return low, np.maximum(low, high)


def skill_interval(
    score: Floats, baseline: Floats, *, rng: Generator, block: int = 8, draws: int = 500, share: float = 0.9
) -> tuple[float, float]:
    """Return the interval of the skill ``1 - mean(score) / mean(baseline)`` over resampled blocks of origins.

    Parameters
    ----------
    score, baseline : ndarray of float64, shape (o, ...)
        By origin, in order of time; what is NaN in either is left out of both.
    block : int
        Origins that stay together: weeks hang together with those before.

    Returns
    -------
    tuple of float
        NaN twice where there are fewer than two blocks, or the baseline never errs.
    """
    known = np.isfinite(score) & np.isfinite(baseline)
    axes = tuple(range(1, score.ndim))
    ours, theirs = (np.where(known, each, 0).sum(axis=axes) for each in (score, baseline))
    origins = len(ours)
    if origins < 2 * block or theirs.sum() <= 0:
        return float("nan"), float("nan")
    starts = rng.integers(0, origins - block + 1, (draws, -(-origins // block)))
    rows = (starts[:, :, None] + np.arange(block)).reshape(draws, -1)[:, :origins]
    mine, base = ours[rows].sum(axis=1), theirs[rows].sum(axis=1)
    skill = 1 - mine[base > 0] / base[base > 0]
    low, high = np.quantile(skill, [(1 - share) / 2, (1 + share) / 2])
    return float(low), float(high)


def area_under_curve(warned: Floats, happened: NDArray[np.bool_]) -> float:
    """Return the chance that a week in which it happened had been given more than one in which it did not.

    Parameters
    ----------
    warned : ndarray of float64, shape (m,)
        Probabilities.
    happened : ndarray of bool, shape (m,)

    Returns
    -------
    float
        One half: no better than a coin. NaN where it always or never happened.
    """
    yes, no = int(happened.sum()), int((~happened).sum())
    if not yes or not no:
        return float("nan")
    ordered, which, counts = np.unique(warned, return_inverse=True, return_counts=True)
    upto = np.cumsum(counts)
    rank = (upto - counts + 1 + upto) / 2  # ties share their mean rank
    return float((rank[which][happened].sum() - yes * (yes + 1) / 2) / (yes * no)) if len(ordered) else float("nan")
