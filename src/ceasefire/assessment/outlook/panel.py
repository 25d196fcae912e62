"""Weekly counts of several areas side by side, as forecasting takes them: what is missing is NaN, never zero."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FEWEST_WEEKS = 12
"""An area with fewer weeks on record is not forecast."""
_RECENT_WEEKS = 8
_FEWEST_RECENT = 4
"""Of the last eight weeks so many must be on record: what was long ago does not tell what comes next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """What is to be forecast.

    Parameters
    ----------
    units : tuple of str, length n
        Ids of areas.
    weeks : ndarray of int64, shape (w,)
        Consecutive week numbers, see `assessment.weeks`.
    counts : ndarray of float64, shape (w, n)
        What is forecast: not negative; NaN where the week is missing or covered in part.
    incidents : ndarray of float64, shape (w, n)
        How many incidents the counts come from.

    Raises
    ------
    ValueError
        When the shapes do not fit, or a count is negative or infinite.
    """

    units: tuple[str, ...]
    weeks: Ints
    counts: Floats
    incidents: Floats

    def __post_init__(self) -> None:
        """Refuse what is no panel."""
        shape = (len(self.weeks), len(self.units))
        if self.counts.shape != shape or self.incidents.shape != shape:
            raise ValueError(
                f"{shape[0]} weeks of {shape[1]} units do not fit counts of shape {self.counts.shape} and "
                f"incidents of shape {self.incidents.shape}"
            )
        for name, values in (("counts", self.counts), ("incidents", self.incidents)):
            if np.isinf(values).any() or (values < 0).any():
                raise ValueError(f"{name} hold a value that is negative or infinite")

    def until(self, week: int, memory: int | None = None) -> Panel:
        """Return the weeks up to a row, that row included: all that may be known at that origin.

        Parameters
        ----------
        week : int
            A row of `counts`.
        memory : int, optional
            How many weeks at most.
        """
        start = 0 if memory is None else max(0, week + 1 - memory)
        rows = slice(start, week + 1)
        return Panel(units=self.units, weeks=self.weeks[rows], counts=self.counts[rows], incidents=self.incidents[rows])

    def why_not(self) -> tuple[str | None, ...]:
        """Return for each unit why it cannot be forecast from the last week on; None where it can.

        Returns
        -------
        tuple of (str or None)
            ``too-few-weeks``, or ``nothing-recent``: fewer than four of the last eight weeks are on record.
        """
        seen = np.isfinite(self.counts)
        recent = seen[-_RECENT_WEEKS:].sum(axis=0) if len(seen) else np.zeros(len(self.units))
        return tuple(
            "too-few-weeks" if weeks < FEWEST_WEEKS else "nothing-recent" if late < _FEWEST_RECENT else None
            for weeks, late in zip(seen.sum(axis=0), recent, strict=True)
        )


def recency_weights(seen: NDArray[np.bool_], half_life: float) -> Floats:
    """Return weights that halve every `half_life` weeks back from the last, zero where a week is missing.

    Parameters
    ----------
    seen : ndarray of bool, shape (w, n)

    Returns
    -------
    ndarray of float64, shape (w, n)
    """
    age = np.arange(len(seen) - 1, -1, -1, dtype=np.float64)
    return np.asarray(np.where(seen, (0.5 ** (age / half_life))[:, None], 0.0))


def recent_mean(values: Floats, half_life: float) -> Floats:
    """Return each unit's mean with recency weights; NaN for one without any week."""
    weights = recency_weights(np.isfinite(values), half_life)
    total = weights.sum(axis=0)
    summed = (weights * np.nan_to_num(values)).sum(axis=0)
    return np.asarray(np.divide(summed, total, out=np.full(len(total), np.nan), where=total > 0))


def running_means(values: Floats, half_life: float) -> Floats:
    """Return, for each week, the mean with recency weights of that week and all before it.

    Returns
    -------
    ndarray of float64, shape (w, n)
        NaN before a unit's first week.
    """
    decay = 0.5 ** (1 / half_life)
    total, weight = np.zeros(values.shape[1]), np.zeros(values.shape[1])
    out = np.full(values.shape, np.nan)
    seen, filled = np.isfinite(values), np.nan_to_num(values)
    for row in range(len(values)):
        total = total * decay + filled[row]
        weight = weight * decay + seen[row]
        np.divide(total, weight, out=out[row], where=weight > 0)
    return out
