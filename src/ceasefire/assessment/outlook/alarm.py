"""Was this week beyond what the weeks before allow: against the lull, against the war, and by a second model.

The first answer takes the weeks of a reference as draws from one negative binomial whose mean and dispersion are not
known, and gives the chance of as many or more in one further week with both unknowns averaged over. The second expects
of each week what the weeks just before it suggest: violence that comes in runs does not surprise it as much.

References
----------
Outbreak alarms against recent weeks: Farrington, Andrews, Beale and Catchpole (1996), JRSS A 159. Beta-negative
binomial prediction with the dispersion averaged over: Noufaily et al. (2013), Statistics in Medicine 32, point out
that leaving it out raises too many alarms. Mid-p: Lancaster (1961), JASA 56. Self-exciting counts: see `members`.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import lgamma, log

import numpy as np
from numpy.typing import NDArray

from ceasefire.assessment.outlook.panel import Panel

Floats = NDArray[np.float64]

REFERENCE_WEEKS = 12
FEWEST_REFERENCE_WEEKS = 8
NOMINAL = 0.01
_SIZES = np.append(np.geomspace(0.2, 50.0, 14), 1e5)
"""Of the negative binomial, 1 / dispersion; the last is, in effect, Poisson."""
_POISSON_SHARE = 0.35
_SIZE_POWER = -0.4
"""Prior weight of a size: towards overdispersion, so that few calm weeks do not promise a Poisson."""
_A, _B = 0.01, 0.5
_MOST_SUMMED = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Surprise:
    """How a week stands to a reference.

    Parameters
    ----------
    p_more : float or None
        Chance of so many or more, half of the chance of exactly so many; None where it cannot be said.
    p_fewer : float or None
        Likewise of so few or fewer.
    weeks : int
        Of the reference that are on record.
    why_not : str or None
        ``week-missing``, ``too-few-weeks`` or ``no-reference``.
    """

    p_more: float | None
    p_fewer: float | None
    weeks: int
    why_not: str | None


def surprise(reference: Floats, count: float) -> Surprise:
    """Compare a week with the weeks of a reference.

    Parameters
    ----------
    reference : ndarray of float64, shape (w,)
        NaN is missing.
    count : float
        Of the week; NaN where it is missing.
    """
    known = reference[np.isfinite(reference)]
    if not np.isfinite(count):
        return Surprise(p_more=None, p_fewer=None, weeks=len(known), why_not="week-missing")
    if len(known) < FEWEST_REFERENCE_WEEKS:
        return Surprise(p_more=None, p_fewer=None, weeks=len(known), why_not="too-few-weeks")
    more = chance_of_more(known, count)
    return Surprise(p_more=more, p_fewer=1 - more, weeks=len(known), why_not=None)


def chance_of_more(reference: Floats, count: float) -> float:
    """Return the predictive mid-p of `count` or more, given the weeks of a reference.

    Parameters
    ----------
    reference : ndarray of float64, shape (w,)
        No value missing; at least one.
    count : float
        Not negative.

    Returns
    -------
    float
        In [0, 1].
    """
    past, count = _scaled(reference, count)
    weights = _size_weights(past)
    return float(
        sum(
            weight * _tail(count, size, _A + len(past) * size, _B + past.sum())
            for size, weight in zip(_SIZES, weights, strict=True)
            if weight > 1e-9
        )
    )


def _scaled(reference: Floats, count: float) -> tuple[Floats, float]:
    """Divide where counts are so large that summing them up one by one would take long: nothing is lost by it."""
    scale = max(1.0, count / _MOST_SUMMED)
    return np.round(reference / scale), float(np.round(count / scale))


def _size_weights(past: Floats) -> Floats:
    """Return the posterior of the sizes, the mean integrated out."""
    n, total = len(past), float(past.sum())
    support = np.empty(len(_SIZES))
    values, often = np.unique(past, return_counts=True)
    for at, size in enumerate(_SIZES):
        a, b = _A + n * size, _B + total
        each = sum(times * (lgamma(size + value) - lgamma(size)) for value, times in zip(values, often, strict=True))
        # the prior of the mean, at the mean seen, is to be the same for every size
        same = (_A + _B) * log(size + total / n) - _A * log(size)
        support[at] = each + lgamma(a) + lgamma(b) - lgamma(a + b) + same
    prior = np.append(_SIZES[:-1] ** _SIZE_POWER, 0.0)
    prior *= (1 - _POISSON_SHARE) / prior.sum()
    prior[-1] = _POISSON_SHARE
    weights = np.exp(support - support.max()) * prior
    return np.asarray(weights / weights.sum())


def _tail(count: float, size: float, a: float, b: float) -> float:
    """Return the mid-p of the beta-negative binomial at a count, its masses summed from 0 up."""
    first = lgamma(a + size) + lgamma(a + b) - lgamma(a) - lgamma(a + b + size)
    k = np.arange(int(count))
    steps = np.log(size + k) + np.log(b + k) - np.log(k + 1) - np.log(a + b + size + k)
    masses = np.exp(first + np.concatenate([[0.0], np.cumsum(steps)]))
    return float(np.clip(1 - masses[:-1].sum() - masses[-1] / 2, 0.0, 1.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """One unit's week.

    Parameters
    ----------
    unit : str
    week : int
        Its number.
    count : float
        NaN where the week is missing.
    lull, war : Surprise
        Against the twelve weeks before it; against the weeks before the truce.
    second : float or None
        Chance of so many or more by the self-exciting model.
    state : str
        ``alarm``: beyond the lull by both; ``one-of-two``: by one of them alone; ``quiet``: by neither;
        ``cannot-tell``.
    """

    unit: str
    week: int
    count: float
    lull: Surprise
    war: Surprise
    second: float | None
    state: str


def alarms(
    panel: Panel, *, weeks: int | None = None, truce_from: tuple[int | None, ...] | None = None
) -> tuple[Alarm, ...]:
    """Look at each unit's weeks in turn.

    Parameters
    ----------
    weeks : int, optional
        Only so many of the last; by default all that have a week before them.
    truce_from : tuple of (int or None), optional
        For each unit the week number in which its truce began at the earliest; None where no start is on record.
        The war is the twelve weeks before.

    Returns
    -------
    tuple of Alarm
        By unit, then week.
    """
    first = max(1, 0 if weeks is None else len(panel.weeks) - weeks)
    starts = truce_from or (None,) * len(panel.units)
    rows = range(first, len(panel.weeks))
    second = {row: _second_opinion(panel, row) for row in rows}
    found = []
    for unit, (name, start) in enumerate(zip(panel.units, starts, strict=True)):
        war = _war(panel, unit, start)
        for row in rows:
            count = float(panel.counts[row, unit])
            lull = surprise(panel.counts[max(0, row - REFERENCE_WEEKS) : row, unit], count)
            other = second[row][unit]
            found.append(
                Alarm(
                    unit=name,
                    week=int(panel.weeks[row]),
                    count=count,
                    lull=lull,
                    war=_against_war(war, panel.weeks[row], start, count),
                    second=None if np.isnan(other) else float(other),
                    state=_state(lull, other),
                )
            )
    return tuple(found)


def _war(panel: Panel, unit: int, start: int | None) -> Floats | None:
    if start is None:
        return None
    before = (panel.weeks < start) & (panel.weeks >= start - REFERENCE_WEEKS)
    return np.asarray(panel.counts[before, unit])


def _against_war(war: Floats | None, week: int, start: int | None, count: float) -> Surprise:
    if war is None or start is None or week < start:
        return Surprise(p_more=None, p_fewer=None, weeks=0, why_not="no-reference")
    return surprise(war, count)


def _state(lull: Surprise, second: float) -> str:
    if lull.p_more is None or np.isnan(second):
        return "cannot-tell"
    beyond = int(lull.p_more <= NOMINAL) + int(second <= NOMINAL)
    return ("quiet", "one-of-two", "alarm")[beyond]


def _second_opinion(panel: Panel, row: int) -> Floats:
    """Return each unit's chance of so many or more in a week, given the weeks before it, by the self-exciting model."""
    from ceasefire.assessment.outlook.members import expected_next

    past = panel.until(row - 1, 104)
    out = np.full(len(panel.units), np.nan)
    able = (np.isfinite(past.counts).sum(axis=0) >= FEWEST_REFERENCE_WEEKS) & np.isfinite(panel.counts[row])
    if able.any():
        mean, dispersion, weeks = expected_next(past)
        for unit in np.flatnonzero(able):
            out[unit] = _excited_tail(float(panel.counts[row, unit]), mean[unit], dispersion[unit], weeks[unit])
    return out


def _excited_tail(count: float, mean: float, dispersion: float, weeks: float) -> float:
    """Return the mid-p of a count around a level that is itself known from so many weeks only.

    The level has a gamma distribution of which `weeks` weeks were seen, the count a negative binomial around it: by
    moments, one negative binomial with the dispersion of both.
    """
    widened = dispersion + (1 + dispersion) * (1 / max(mean, 0.05) + dispersion) / max(weeks, 1.0)
    scale = max(1.0, count / _MOST_SUMMED)
    count, level = float(np.round(count / scale)), max(mean, 0.05) / scale
    size = 1 / widened
    k = np.arange(int(count))
    steps = np.log(size + k) - np.log(k + 1) + log(level / (size + level))
    masses = np.exp(size * log(size / (size + level)) + np.concatenate([[0.0], np.cumsum(steps)]))
    return float(np.clip(1 - masses[:-1].sum() - masses[-1] / 2, 0.0, 1.0))
