"""How good the forecasts would have been on the user's own data, against what anyone could have said.

Every origin's forecast was made from the weeks up to it; the baselines are made from the same weeks. Skill is the share
of a baseline's score that is saved, over all units, horizons and origins at which both can be scored.

References
----------
Rolling origin: Tashman (2000), International Journal of Forecasting 16. Baselines: the zeros, the last value, and
"conflictology" of the VIEWS prediction challenge, Hegre et al. (2025), Journal of Peace Research 62.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ceasefire.assessment.outlook.alarm import REFERENCE_WEEKS
from ceasefire.assessment.outlook.rolling import Rolled
from ceasefire.assessment.outlook.scores import (
    area_under_curve,
    binned_log_score,
    covered,
    crps_of_values,
    skill_interval,
)

Floats = NDArray[np.float64]

BASELINES = ("zero", "last-value", "conflictology-12")
WARM_UP_WEEKS = 24
"""Origins before which the record holds fewer weeks are not scored: the pool has hardly begun to learn."""
SHARES = (0.5, 0.9)
SEED = 2005
_ESCALATION_FACTOR = 2.0
_ESCALATION_LEAST = 5.0
_FEWEST_ORIGINS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """One forecaster's scores. h horizons.

    Parameters
    ----------
    crps, log_score : float
        Means; see `scores`.
    coverage_50, coverage_90 : float
        Shares of weeks in the central intervals.
    crps_by_horizon, coverage_90_by_horizon : tuple of float, length h
    """

    crps: float
    log_score: float
    coverage_50: float
    coverage_90: float
    crps_by_horizon: tuple[float, ...]
    coverage_90_by_horizon: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Skill:
    """What is saved of a baseline's CRPS.

    Parameters
    ----------
    skill, low, high : float
        ``1 - ours / theirs`` and its 90 % interval over blocks of eight origins; NaN where it cannot be said.
    by_horizon : tuple of (float, float, float)
    """

    skill: float
    low: float
    high: float
    by_horizon: tuple[tuple[float, float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationWarning:
    """Whether the forecasts warn of escalation: a week of more than twice the mean of the last twelve, and five more.

    Parameters
    ----------
    weeks, escalations : int
        Scored, and of them those that were.
    brier_skill, low, high : float
        Against the share of such weeks seen before each origin, in all units.
    area : float
        Under the receiver operating characteristic; one half is no better than a coin.
    has_skill : bool or None
        Whether the interval of the skill lies above zero; None where there are too few of either.
    """

    weeks: int
    escalations: int
    brier_skill: float
    low: float
    high: float
    area: float
    has_skill: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """What `evaluate` finds.

    Parameters
    ----------
    origins, first_week, last_week : int
        How many were scored; week numbers of the first and the last.
    scored : int
        Unit weeks.
    pool : Scored
    members : dict of str to float
        Mean weights of the models.
    baselines : dict of str to Scored
    skills : dict of str to Skill
        Against each baseline.
    best_baseline : str
        That with the smallest CRPS.
    by_unit : dict of str to float
        Skill against the best baseline; NaN where that never errs.
    pit : tuple of float
        Shares of what came in tenths of the forecasts, from the lowest; one tenth each is perfect.
    warning : EscalationWarning
    why_not : str or None
        ``too-few-weeks``: nothing could be scored, and all figures are NaN.
    """

    origins: int
    first_week: int
    last_week: int
    scored: int
    pool: Scored
    members: dict[str, float]
    baselines: dict[str, Scored]
    skills: dict[str, Skill]
    best_baseline: str
    by_unit: dict[str, float]
    pit: tuple[float, ...]
    warning: EscalationWarning
    why_not: str | None


def baseline_values(rolled: Rolled, name: str) -> Floats:
    """Return a baseline's values at every origin, shape (o, n, 1, k): the same for every horizon.

    Raises
    ------
    KeyError
        When there is no such baseline.
    """
    counts, n = rolled.panel.counts, len(rolled.panel.units)
    out = np.full((len(rolled.origins), n, 1, REFERENCE_WEEKS), np.nan)
    if name == "zero":
        out[:] = 0.0
        return out[..., :1]
    for number, row in enumerate(rolled.origins):
        past = counts[max(0, row - REFERENCE_WEEKS + 1) : row + 1]
        for unit in range(n):
            known = past[np.isfinite(past[:, unit]), unit]
            if not len(known):
                continue
            if name == "last-value":
                out[number, unit, 0] = known[-1]
            elif name == "conflictology-12":
                # where weeks are missing, the others stand for them
                level = (np.arange(REFERENCE_WEEKS) + 0.5) / REFERENCE_WEEKS
                place = np.ceil(level * len(known)).astype(np.int64) - 1
                out[number, unit, 0] = np.sort(known)[np.clip(place, 0, len(known) - 1)]
            else:
                raise KeyError(name)
    return out[..., :1] if name == "last-value" else out


def evaluate(rolled: Rolled, *, warm_up: int = WARM_UP_WEEKS) -> Evaluation:
    """Score the forecasts of all origins that have at least `warm_up` weeks up to them.

    Returns
    -------
    Evaluation
        Deterministic: blocks are drawn with one seed.
    """
    keep = rolled.origins >= warm_up - 1
    truth = rolled.truth()[keep]
    values = rolled.values[keep]
    usable = np.isfinite(truth) & np.isfinite(values[..., 0])
    others = {name: baseline_values(rolled, name)[keep] for name in BASELINES}
    for each in others.values():
        usable &= np.isfinite(each[..., 0])
    truth = np.where(usable, truth, np.nan)
    scored_origins = usable.any(axis=(1, 2))
    rows = rolled.origins[keep][scored_origins]
    ours = crps_of_values(values, truth)
    theirs = {name: crps_of_values(each, truth) for name, each in others.items()}
    means = {name: _mean(each) for name, each in theirs.items()}
    best = min(means, key=lambda name: (np.isnan(means[name]), means[name]))
    weeks = rolled.panel.weeks
    return Evaluation(
        origins=len(rows),
        first_week=int(weeks[rows[0]]) if len(rows) else 0,
        last_week=int(weeks[rows[-1]]) if len(rows) else 0,
        scored=int(usable.sum()),
        pool=_scored(values, truth, ours),
        members=_mean_weights(rolled, keep),
        baselines={name: _scored(others[name], truth, theirs[name]) for name in BASELINES},
        skills={name: _skill(ours, each) for name, each in theirs.items()},
        best_baseline=best,
        by_unit={unit: _ratio(ours[:, at], theirs[best][:, at]) for at, unit in enumerate(rolled.panel.units)},
        pit=_pit(values, truth),
        warning=_warning(rolled, keep, values, truth),
        why_not=None if usable.any() else "too-few-weeks",
    )


def _mean(values: Floats) -> float:
    known = np.isfinite(values)
    return float(values[known].mean()) if known.any() else float("nan")


def _ratio(ours: Floats, theirs: Floats) -> float:
    mine, base = _mean(ours), _mean(theirs)
    return 1 - mine / base if base > 0 else float("nan")


def _by_horizon(values: Floats) -> tuple[float, ...]:
    return tuple(_mean(values[:, :, horizon]) for horizon in range(values.shape[2]))


def _scored(values: NDArray[np.floating], truth: Floats, crps: Floats) -> Scored:
    half, most = (covered(values, truth, share) for share in SHARES)
    return Scored(
        crps=_mean(crps),
        log_score=_mean(binned_log_score(values, truth)),
        coverage_50=_mean(half),
        coverage_90=_mean(most),
        crps_by_horizon=_by_horizon(crps),
        coverage_90_by_horizon=_by_horizon(most),
    )


def _mean_weights(rolled: Rolled, keep: NDArray[np.bool_]) -> dict[str, float]:
    held = rolled.weights[keep]
    return {name: _mean(held[:, at]) for at, name in enumerate(rolled.names)}


def _skill(ours: Floats, theirs: Floats) -> Skill:
    rng = np.random.default_rng(SEED)
    whole = (_ratio(ours, theirs), *skill_interval(ours, theirs, rng=rng))
    parts = tuple(
        (_ratio(ours[:, :, at], theirs[:, :, at]), *skill_interval(ours[:, :, at], theirs[:, :, at], rng=rng))
        for at in range(ours.shape[2])
    )
    return Skill(skill=whole[0], low=whole[1], high=whole[2], by_horizon=parts)


def _pit(values: NDArray[np.floating], truth: Floats) -> tuple[float, ...]:
    """Return the shares of what came by tenths; a count on a step is shared among the tenths that the step spans."""
    known = np.isfinite(truth) & np.isfinite(values[..., 0])
    if not known.any():
        return ()
    held, came = values[known], truth[known][:, None]
    lower, upper = (held < came).mean(axis=1), (held <= came).mean(axis=1)
    edges = np.linspace(0, 1, 11)
    width = np.maximum(upper - lower, 1e-9)
    upto = np.clip((edges - lower[:, None]) / width[:, None], 0, 1)
    upto[:, -1] = 1.0  # above the highest value: the last tenth
    return tuple(float(share) for share in np.diff(upto.mean(axis=0)))


def _warning(rolled: Rolled, keep: NDArray[np.bool_], values: NDArray[np.floating], truth: Floats) -> EscalationWarning:
    threshold = escalation_threshold(rolled)[keep][:, :, None]
    known = np.isfinite(truth) & np.isfinite(threshold)
    happened = truth > threshold
    warned = np.where(known, (values > threshold[..., None]).mean(axis=-1), np.nan)
    base = _base_rate(happened, known)
    scored = known & np.isfinite(base)
    ours = np.where(scored, (warned - happened) ** 2, np.nan)
    theirs = np.where(scored, (base - happened) ** 2, np.nan)
    low, high = skill_interval(ours, theirs, rng=np.random.default_rng(SEED))
    enough = int(scored.any(axis=(1, 2)).sum()) >= _FEWEST_ORIGINS and np.isfinite(low)
    return EscalationWarning(
        weeks=int(scored.sum()),
        escalations=int(happened[scored].sum()),
        brier_skill=_ratio(ours, theirs),
        low=low,
        high=high,
        area=area_under_curve(warned[scored], happened[scored]) if scored.any() else float("nan"),
        has_skill=bool(low > 0) if enough else None,
    )


def escalation_threshold(rolled: Rolled) -> Floats:
    """Return above which count a week is an escalation, shape (o, n), by what each origin knew."""
    counts = rolled.panel.counts
    out = np.full((len(rolled.origins), counts.shape[1]), np.nan)
    for number, row in enumerate(rolled.origins):
        past = counts[max(0, row - REFERENCE_WEEKS + 1) : row + 1]
        seen = np.isfinite(past).sum(axis=0)
        mean = np.nan_to_num(past).sum(axis=0) / np.maximum(seen, 1)
        usual = np.maximum(_ESCALATION_FACTOR * mean, mean + _ESCALATION_LEAST)
        out[number] = np.where(seen > 0, usual, np.nan)
    return out


def _base_rate(happened: NDArray[np.bool_], known: NDArray[np.bool_]) -> Floats:
    """Return, for each origin, the share of escalations in the weeks that had come by then; NaN while none had."""
    origins, _, horizons = happened.shape
    out = np.full(happened.shape, np.nan)
    for origin in range(origins):
        yes = total = 0
        for horizon in range(horizons):
            upto = max(0, origin - horizon)  # the week ahead of an earlier origin, come by this one
            yes += int((happened & known)[:upto, :, horizon].sum())
            total += int(known[:upto, :, horizon].sum())
        if total:
            out[origin] = yes / total
    return out
