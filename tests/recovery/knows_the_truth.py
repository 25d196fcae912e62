"""The best that anybody could do: find a break knowing all of the truth but its week.

The rates, their memory and scatter and the size of the fall are given; the likelihood of each week is exact up to a
fine grid of the wandering rate (a forward and a backward pass, Rabiner 1989). What this misses, no method can find.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import nbinom, norm, poisson
from tests.recovery.weekly_truth import Truth

Floats = NDArray[np.float64]
_GRID = np.linspace(-4.0, 4.0, 61)
_EDGE = 5
"""No break is looked for nearer to the ends than this many weeks."""


def break_known_all_but_its_week(truth: Truth, counts: Floats, fall: float) -> NDArray[np.int64]:
    """Return the likeliest week of each series, shape (runs,)."""
    step = norm.pdf((_GRID - truth.memory * _GRID[:, None]) / np.sqrt(1 - truth.memory**2))
    step /= step.sum(axis=1, keepdims=True)
    before, after = _likelihoods(truth, counts, 1.0), _likelihoods(truth, counts, 1 - fall)
    runs, weeks = counts.shape
    forward = np.empty((weeks, runs, len(_GRID)))
    so_far = np.zeros((weeks, runs))
    state, log = np.broadcast_to(norm.pdf(_GRID) / norm.pdf(_GRID).sum(), (runs, len(_GRID))), np.zeros(runs)
    for week in range(weeks):
        seen = state * before[:, week]
        log = log + np.log(seen.sum(axis=1))
        state = seen / seen.sum(axis=1, keepdims=True) @ step
        forward[week], so_far[week] = state, log
    likelihood = np.full((runs, weeks), -np.inf)
    onwards, log = np.ones((runs, len(_GRID))), np.zeros(runs)
    for week in range(weeks - 1, _EDGE - 1, -1):
        seen = after[:, week] * onwards
        likelihood[:, week] = so_far[week - 1] + log + np.log((forward[week - 1] * seen).sum(axis=1))
        log = log + np.log(seen.sum(axis=1))
        onwards = seen / seen.sum(axis=1, keepdims=True) @ step.T
    return likelihood.argmax(axis=1)


def _likelihoods(truth: Truth, counts: Floats, share: float) -> Floats:
    """Return how likely each count is under each rate of the grid, shape (runs, weeks, rates)."""
    rate = share * truth.mean * np.exp(truth.sigma * _GRID - truth.sigma**2 / 2)
    if truth.size is None:
        found = poisson.pmf(counts[..., None], rate)
    else:
        found = nbinom.pmf(counts[..., None], truth.size, truth.size / (truth.size + rate))
    return np.asarray(found, dtype=np.float64)
