"""Forecasts from one origin after the other, as they would have been made: pooled, and corrected by how earlier fared.

At each origin the models see the weeks up to it. They are pooled by how well each did at origins before, counting only
weeks that had come by then; and the pool is corrected by where those weeks fell within the forecasts made of them.

References
----------
Linear pool: Stone (1961), Annals of Mathematical Statistics 32; weights by discounted past scores as in Vovk's
aggregating algorithm (1990) and Thorey, Mallet and Baudin (2017), Quarterly Journal of the Royal Meteorological
Society 143. Correction: distributional conformal prediction, Chernozhukov, Wüthrich and Zhu (2021), PNAS 118, with
weights that fall off with age (Barber, Candès, Ramdas and Tibshirani 2023, Annals of Statistics 51). Where counts
fall within a step of a forecast: Czado, Gneiting and Held (2009), Biometrics 65.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ceasefire.assessment.outlook.members import Member, equal_levels, standard_members
from ceasefire.assessment.outlook.panel import FEWEST_WEEKS, Panel
from ceasefire.assessment.outlook.scores import crps_of_values

Floats = NDArray[np.float64]
Progress = Callable[[str, int, int], None]

HORIZONS = 8
LEVELS = 200
"""Equally likely values by which a forecast is held."""
_MEMORY_WEEKS = 208
_LEARNING_RATE = 40.0
"""How far the pool follows the models that did better, with very many units: at 1/40 better, e times the weight."""
_UNITS_TO_LEARN = 12.0
"""With so many units it follows half as far: few units tell less of which model is better."""
_SCORE_DECAY = 0.93
"""A week, of what scores count for the weights: they halve in ten weeks."""
_OWN_SHARE = 0.5
"""Of the weights, what follows from a unit's own scores rather than from those of all."""
_CORRECTION_DECAY = 0.985
_CORRECTION_PRIOR = 500.0
"""So many weeks of units would have to fall otherwise than forecast for the correction to go half of the way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rolled:
    """Forecasts from several origins. o origins, n units, h horizons, k equally likely values, m models.

    Parameters
    ----------
    panel : Panel
        All weeks.
    origins : ndarray of int64, shape (o,)
        Rows of the panel: the last week known.
    values : ndarray of float32, shape (o, n, h, k)
        Ascending; NaN where a unit could not be forecast.
    weights : ndarray of float64, shape (o, m, n)
        Of the models.
    names : tuple of str
        Of the models.
    corrections : ndarray of float64, shape (h, k)
        At the last origin: the level of the pool at which each level of the forecast is taken.
    """

    panel: Panel
    origins: NDArray[np.int64]
    values: NDArray[np.float32]
    weights: Floats
    names: tuple[str, ...]
    corrections: Floats

    def truth(self) -> Floats:
        """Return what came, shape (o, n, h); NaN where it is missing or has not come."""
        counts = self.panel.counts
        origins, units, horizons, _ = self.values.shape
        out = np.full((origins, units, horizons), np.nan)
        for horizon in range(horizons):
            rows = self.origins + horizon + 1
            there = rows < len(counts)
            out[there, :, horizon] = counts[rows[there]]
        return out


class _Record:
    """What earlier origins have taught, by the time of an origin."""

    def __init__(self, models: int, units: int, horizons: int, levels: Floats) -> None:
        self.levels = levels
        self.excess = np.zeros((models, units))
        self.size = np.zeros(units)
        self.below = np.zeros((horizons, len(levels)))
        self.weeks = np.zeros(horizons)

    def age(self) -> None:
        self.excess *= _SCORE_DECAY
        self.size *= _SCORE_DECAY
        self.below *= _CORRECTION_DECAY
        self.weeks *= _CORRECTION_DECAY

    def learn(self, horizon: int, members: Floats, pooled: Floats, came: Floats) -> None:
        """Take in a week that has come: the values of the models (m, n, k) and the pool (n, k), and what came (n,)."""
        known = np.isfinite(came) & np.isfinite(pooled[:, 0]) & np.isfinite(members[:, :, 0]).all(axis=0)
        if not known.any():
            return
        score = crps_of_values(members[:, known], np.broadcast_to(came[known], (len(members), int(known.sum()))))
        typical = score.mean(axis=0)
        self.excess[:, known] += score - typical
        self.size[known] += typical
        lower = (pooled[known] < came[known, None]).mean(axis=1)
        upper = (pooled[known] <= came[known, None]).mean(axis=1)
        width = np.maximum(upper - lower, 1e-9)
        self.below[horizon] += np.clip((self.levels - lower[:, None]) / width[:, None], 0, 1).sum(axis=0)
        self.weeks[horizon] += known.sum()

    def weights(self) -> Floats:
        own = self.excess / np.maximum(self.size, 0.5)
        shared = self.excess.sum(axis=1) / max(self.size.sum(), 0.5)
        loss = _OWN_SHARE * own + (1 - _OWN_SHARE) * shared[:, None]
        units = self.excess.shape[1]
        rate = _LEARNING_RATE * units / (units + _UNITS_TO_LEARN)
        raw = np.exp(-rate * (loss - loss.min(axis=0)))
        return np.asarray(raw / raw.sum(axis=0))

    def corrections(self) -> Floats:
        """Return the level of the pool at which each level of the forecast is taken, shape (h, k)."""
        out = np.empty_like(self.below)
        for horizon, (below, weeks) in enumerate(zip(self.below, self.weeks, strict=True)):
            share = (_CORRECTION_PRIOR * self.levels + below) / (_CORRECTION_PRIOR + weeks)
            out[horizon] = np.interp(self.levels, share, self.levels)
        return out


def roll(
    panel: Panel,
    *,
    origins: int | None = None,
    members: Sequence[Member] | None = None,
    horizons: int = HORIZONS,
    progress: Progress | None = None,
    what: str = "forecasting",
) -> Rolled:
    """Forecast from each origin in turn, from the first week with enough before it to the last.

    Parameters
    ----------
    origins : int, optional
        Only so many of the last; by default all.
    members : sequence of Member, optional
        By default `standard_members`.

    Returns
    -------
    Rolled
        With no origin where no unit has enough weeks.
    """
    from ceasefire.assessment.outlook.loops import pooled_quantiles

    members = standard_members() if members is None else members
    levels = equal_levels(LEVELS)
    first = max(FEWEST_WEEKS - 1, 0 if origins is None else len(panel.weeks) - origins)
    rows = np.arange(first, len(panel.weeks), dtype=np.int64)
    n, size = len(panel.units), len(levels)
    record = _Record(len(members), n, horizons, levels)
    values = np.full((len(rows), n, horizons, size), np.nan, dtype=np.float32)
    weights = np.full((len(rows), len(members), n), np.nan)
    pending: dict[int, tuple[Floats, Floats]] = {}
    for number, row in enumerate(rows):
        if progress is not None:
            progress(what, number, len(rows))
        record.age()
        for horizon in range(horizons):
            made = int(row) - horizon - 1
            if made in pending:
                each, pooled = pending[made]
                record.learn(horizon, each[:, :, horizon], pooled[:, horizon], panel.counts[row])
        pending.pop(int(row) - horizons, None)
        past = panel.until(int(row), _MEMORY_WEEKS)
        each = np.stack([member.forecast(past, horizons, levels) for member in members])
        each[:, [why is not None for why in past.why_not()]] = np.nan
        weights[number] = record.weights()
        flat = each.reshape(len(members), n * horizons, size)
        pooled = pooled_quantiles(flat, np.repeat(weights[number], horizons, axis=1), levels).reshape(n, horizons, size)
        pending[int(row)] = (each, pooled)
        values[number] = _corrected(pooled, record.corrections())
    return Rolled(
        panel=panel,
        origins=rows,
        values=values,
        weights=weights,
        names=tuple(member.name for member in members),
        corrections=record.corrections(),
    )


def _corrected(pooled: Floats, corrections: Floats) -> Floats:
    """Take each horizon's values at the corrected levels."""
    size = pooled.shape[2]
    place = np.clip(np.ceil(corrections * size - 1e-9).astype(np.int64) - 1, 0, size - 1)
    return np.take_along_axis(pooled, np.broadcast_to(place, pooled.shape), axis=2)
