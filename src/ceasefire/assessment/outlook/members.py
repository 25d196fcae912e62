"""The models that a forecast pools: each simple, fast, and known for what it misses.

Each takes the weeks up to an origin and returns, for every unit and horizon, equally likely values in ascending order.
None looks at a week after the origin, because it is not given any.

References
----------
Recency-weighted resampling: the "conflictology" baseline, Hegre et al. (2025), *The 2023/24 VIEWS prediction
challenge*, Journal of Peace Research 62, with weights that fall off. Negative binomial with pooled lags: a direct
forecast (Marcellino, Stock and Watson 2006, Journal of Econometrics 135) by ridge-penalised log-linear regression.
Self-exciting counts: the integer GARCH of Ferland, Latour and Oraichi (2006), Journal of Time Series Analysis 27, with
negative binomial counts (Zhu 2011, the same journal 32).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ceasefire.assessment.outlook.panel import Panel, recency_weights, recent_mean, running_means

Floats = NDArray[np.float64]
Forecaster = Callable[[Panel, int, Floats], Floats]

LEAST_DISPERSION, MOST_DISPERSION = 0.05, 8.0
_LARGEST_MEAN = 2_000.0
_LEAST_MEAN = 0.05
"""What is expected of an area in which nothing has happened for long: not that nothing ever will."""
_WEEKS_TO_BELIEVE = 4.0
"""A dispersion estimated from weeks weighs as much as eight against this many of a dispersion of one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One model of the pool.

    Parameters
    ----------
    name : str
        As results name it.
    forecast : callable
        Takes a panel, a number of horizons h and levels (k,); returns an array (n, h, k), NaN for a unit that it
        cannot forecast.
    """

    name: str
    forecast: Forecaster


def equal_levels(size: int) -> Floats:
    """Return the levels at which a forecast is held: the middles of equal parts of probability.

    Examples
    --------
    >>> equal_levels(4).tolist()
    [0.125, 0.375, 0.625, 0.875]
    """
    return (np.arange(size) + 0.5) / size


def dispersion_of(counts: Floats, half_life: float, *, believed: float = _WEEKS_TO_BELIEVE) -> Floats:
    """Return each unit's dispersion around its recent mean, by moments, drawn towards one.

    Parameters
    ----------
    believed : float
        What the dispersion of one weighs, against eight of that seen.

    Returns
    -------
    ndarray of float64, shape (n,)
        ``(variance - mean) / mean**2``, at least 0.05; NaN for a unit without weeks.
    """
    weights = recency_weights(np.isfinite(counts), half_life)
    total = weights.sum(axis=0)
    weights = np.divide(weights, total, out=np.zeros_like(weights), where=total > 0)
    filled = np.nan_to_num(counts)
    mean = (weights * filled).sum(axis=0)
    left = np.maximum(1 - (weights**2).sum(axis=0), 1e-9)
    variance = (weights * (filled - mean) ** 2).sum(axis=0) / left
    raw = np.maximum((variance - mean) / np.maximum(mean, 0.1) ** 2, LEAST_DISPERSION)
    drawn = (8 * np.minimum(raw, MOST_DISPERSION) + believed) / (8 + believed)
    return np.asarray(np.where(total > 0, drawn, np.nan))


def resampling(half_life: float) -> Member:
    """Return the model that what comes next is like one of the past weeks, the recent ones more likely."""

    def forecast(past: Panel, horizons: int, levels: Floats) -> Floats:
        from ceasefire.assessment.outlook.loops import weighted_quantiles

        weights = recency_weights(np.isfinite(past.counts), half_life)
        values = weighted_quantiles(np.ascontiguousarray(past.counts.T), np.ascontiguousarray(weights.T), levels)
        return np.repeat(values[:, None], horizons, axis=1)

    return Member(name=f"resampling, half-life {half_life:g} weeks", forecast=forecast)


def steady_level(half_life: float) -> Member:
    """Return the model of a negative binomial around the recent mean."""

    def forecast(past: Panel, horizons: int, levels: Floats) -> Floats:
        mean = recent_mean(past.counts, half_life)
        return _around(mean, dispersion_of(past.counts, half_life), horizons, levels)

    return Member(name=f"negative binomial, half-life {half_life:g} weeks", forecast=forecast)


def incidents_first(
    half_life: float, *, mixed_with: float | None = None, ratio_half_life: float = 26.0, shrink: float = 5.0
) -> Member:
    """Return the model of how many incidents there are, times what one has come to in the last half year.

    Incidents tell the level sooner than what few large ones add up to.

    Parameters
    ----------
    mixed_with : float, optional
        A half-life: then the level is the geometric mean of this one and that of the counts themselves.
    shrink : float
        How many incidents of all units together stand beside a unit's own in the ratio.
    """

    def forecast(past: Panel, horizons: int, levels: Floats) -> Floats:
        both = np.isfinite(past.counts) & np.isfinite(past.incidents)
        weights = recency_weights(both, ratio_half_life)
        summed = (weights * np.nan_to_num(past.counts)).sum(axis=0)
        number = (weights * np.nan_to_num(past.incidents)).sum(axis=0)
        overall = summed.sum() / max(number.sum(), 1.0)
        ratio = (summed + shrink * overall) / (number + shrink)
        mean = recent_mean(past.incidents, half_life) * ratio
        own = recent_mean(past.counts, mixed_with or half_life)
        if mixed_with is not None:
            mean = np.sqrt((mean + _LEAST_MEAN) * (own + _LEAST_MEAN))
        return _around(np.where(np.isfinite(own), mean, np.nan), dispersion_of(past.counts, 8.0), horizons, levels)

    mixed = "" if mixed_with is None else " with the counts"
    return Member(name=f"incidents first{mixed}, half-life {half_life:g} weeks", forecast=forecast)


def pooled_lags() -> Member:
    """Return the model of a negative binomial regression on recent means over three spans, fitted to all units."""
    return Member(name="negative binomial with pooled lags", forecast=_pooled_lags)


_SPANS = (1.0, 4.0, 16.0)
_PRIOR = np.array([0.0, 0.1, 0.4, 0.5])
"""Of constant and spans: where the fit starts from and is drawn to."""
_RIDGE = np.array([0.2, 2.0, 2.0, 2.0])
_FIRST_WEEK = 6
_FIT_HALF_LIFE = 52.0
_FIT_STEPS = 8


def _pooled_lags(past: Panel, horizons: int, levels: Floats) -> Floats:
    from ceasefire.assessment.outlook.loops import count_quantiles

    features = np.stack(
        [np.ones(past.counts.shape), *(np.log(running_means(past.counts, span) + 0.3) for span in _SPANS)], axis=-1
    )
    out = np.full((len(past.units), horizons, len(levels)), np.nan)
    for horizon in range(1, horizons + 1):
        rows = np.arange(_FIRST_WEEK, len(past.counts) - horizon)
        if not len(rows):
            continue
        x, y = features[rows], past.counts[rows + horizon]
        usable = np.isfinite(y) & np.isfinite(x).all(axis=-1)
        weight = np.broadcast_to((0.5 ** ((rows[-1] - rows) / _FIT_HALF_LIFE))[:, None], y.shape)[usable]
        if usable.sum() < 2 * len(_PRIOR):
            continue
        fitted, dispersion = fit_log_linear(x[usable], y[usable], weight, prior=_PRIOR, ridge=_RIDGE)
        mean = np.exp(np.clip(features[-1] @ fitted, -6, 12))
        known = np.where(np.isfinite(mean), dispersion, np.nan)
        out[:, horizon - 1] = count_quantiles(np.maximum(mean, _LEAST_MEAN), known, levels, _LARGEST_MEAN)
    return out


def fit_log_linear(
    x: Floats, y: Floats, weight: Floats, *, prior: Floats, ridge: Floats, dispersion: float | None = None
) -> tuple[Floats, float]:
    """Fit a log-linear negative binomial by penalised iteratively reweighted least squares.

    Parameters
    ----------
    x : ndarray of float64, shape (m, p)
    y, weight : ndarray of float64, shape (m,)
    prior, ridge : ndarray of float64, shape (p,)
        What the coefficients are drawn to, and how strongly.
    dispersion : float, optional
        Where it is known; by default it follows by moments.

    Returns
    -------
    tuple of (ndarray, float)
        Coefficients, shape (p,), and the dispersion.
    """
    fitted, spread = prior.copy(), 1.0 if dispersion is None else dispersion
    for _ in range(_FIT_STEPS if dispersion is None else 50):
        mean = np.exp(np.clip(x @ fitted, -6, 12))
        working = weight / (1 + spread * mean)
        gradient = x.T @ (working * (y - mean)) - ridge * (fitted - prior)
        curvature = (x * (working * mean)[:, None]).T @ x + np.diag(ridge)
        fitted = fitted + np.linalg.solve(curvature, gradient)
        if dispersion is None:
            spread = _pearson_dispersion(y, np.exp(np.clip(x @ fitted, -6, 12)), weight)
    return fitted, spread


def _pearson_dispersion(y: Floats, mean: Floats, weight: Floats) -> float:
    """Return the dispersion that squared errors show, each against the mean it has: large means do not decide alone."""
    scaled = ((y - mean) ** 2 - mean) / np.maximum(mean, 1.0) ** 2
    share = weight * np.minimum(mean, 1.0)
    return float(np.clip((share * np.minimum(scaled, 30.0)).sum() / max(share.sum(), 1e-9), 0.1, MOST_DISPERSION))


def self_exciting() -> Member:
    """Return the model in which each week's violence raises what is expected of the next."""
    return Member(name="self-exciting counts", forecast=_self_exciting)


EXCITATIONS, PERSISTENCES = (
    np.array(values)
    for values in zip(
        *((a, b) for a in (0.02, 0.1, 0.2, 0.3, 0.45, 0.6) for b in (0.0, 0.2, 0.4, 0.6, 0.8) if a + b <= 0.95),
        strict=True,
    )
)
"""Pairs that are tried: what a week adds to the next, and what carries over."""
_AVERAGE_HALF_LIFE = 26.0


def excitation_weights(past: Panel, average: Floats, dispersion: Floats) -> Floats:
    """Return how well each pair of excitation and persistence fits all units together, summing to one."""
    from ceasefire.assessment.outlook.loops import excitation_support

    weights = recency_weights(np.isfinite(past.counts), _FIT_HALF_LIFE)
    filled = np.where(np.isfinite(average), past.counts, np.nan)
    support = excitation_support(
        filled, np.nan_to_num(average), np.nan_to_num(dispersion, nan=1.0), weights, EXCITATIONS, PERSISTENCES
    )
    return np.asarray(np.exp(support - support.max()) / np.exp(support - support.max()).sum())


def _excited(past: Panel, average_half_life: float) -> tuple[Floats, Floats, float, float]:
    """Return averages, shape (n,), and levels, shape (w + 1, n); excitation and persistence."""
    from ceasefire.assessment.outlook.loops import filtered_levels

    average = recent_mean(past.counts, average_half_life)
    weights = excitation_weights(past, average, dispersion_of(past.counts, 8.0))
    excitation, persistence = float(weights @ EXCITATIONS), float(weights @ PERSISTENCES)
    level = filtered_levels(past.counts, np.nan_to_num(average), excitation, persistence)
    return average, level, excitation, persistence


_SECOND_HALF_LIFE = 8.0
_SURE_OF_ONE = 0.5


def expected_next(past: Panel) -> tuple[Floats, Floats, Floats]:
    """Return what the self-exciting model expects of the week after the last.

    Returns
    -------
    tuple of ndarray of float64, shape (n,)
        Level; dispersion around the levels so far, drawn a little towards one; and by how many weeks, in effect, the
        level is known. A unit without weeks has a level of zero and NaN for the rest.
    """
    _, level, _, _ = _excited(past, _SECOND_HALF_LIFE)
    weights = recency_weights(np.isfinite(past.counts), 2 * _SECOND_HALF_LIFE)
    expected = np.maximum(level[:-1], _LEAST_MEAN)
    apart = (np.nan_to_num(past.counts) - expected) ** 2 - expected
    size = (weights * expected**2).sum(axis=0)
    none = np.full(len(size), np.nan)
    raw = np.divide((weights * apart).sum(axis=0), size, out=none.copy(), where=size > 0)
    drawn = (8 * np.clip(raw, LEAST_DISPERSION, MOST_DISPERSION) + _SURE_OF_ONE) / (8 + _SURE_OF_ONE)
    recent = recency_weights(np.isfinite(past.counts), _SECOND_HALF_LIFE)
    summed = recent.sum(axis=0)
    weeks = np.divide(summed**2, (recent**2).sum(axis=0), out=none, where=summed > 0)
    return level[-1], drawn, weeks


def _self_exciting(past: Panel, horizons: int, levels: Floats) -> Floats:
    from ceasefire.assessment.outlook.loops import count_quantiles

    average, levels_so_far, excitation, persistence = _excited(past, _AVERAGE_HALF_LIFE)
    level, dispersion = levels_so_far[-1], dispersion_of(past.counts, 8.0)
    out = np.empty((len(past.units), horizons, len(levels)))
    spread = np.zeros(len(level))  # variance of the level itself, which grows with the horizon
    for horizon in range(horizons):
        mean = np.maximum(average + (excitation + persistence) ** horizon * (level - average), _LEAST_MEAN)
        widened = dispersion + (1 + dispersion) * spread / mean**2
        out[:, horizon] = count_quantiles(mean, np.minimum(widened, 2 * MOST_DISPERSION), levels, _LARGEST_MEAN)
        shock = mean + dispersion * mean**2 + (1 + dispersion) * spread
        spread = (excitation + persistence) ** 2 * spread + excitation**2 * shock
    return out


def _around(mean: Floats, dispersion: Floats, horizons: int, levels: Floats) -> Floats:
    """Return the same negative binomial for every horizon."""
    from ceasefire.assessment.outlook.loops import count_quantiles

    values = count_quantiles(np.maximum(mean, _LEAST_MEAN), dispersion, levels, _LARGEST_MEAN)
    return np.repeat(values[:, None], horizons, axis=1)


def standard_members() -> tuple[Member, ...]:
    """Return the pool that `ceasefire outlook` uses."""
    return (
        resampling(8.0),
        steady_level(4.0),
        steady_level(12.0),
        steady_level(26.0),
        incidents_first(3.0),
        incidents_first(2.0, mixed_with=4.0),
        pooled_lags(),
        self_exciting(),
    )
