"""Would the fall be there per hour of watch as well? A count may fall because fewer looked.

The rate is held against what is on record of watching twice: without it, as if everything were reported whoever
watches, and with it as an offset, as if only what is watched were reported. What holds at both ends holds for all that
lies between them, whatever share is reported by others.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ceasefire.assessment.exposure import Exposure
from ceasefire.assessment.kernels import FEWEST_WEEKS
from ceasefire.assessment.ladder import DatePlace, Outcome, Step, passes, try_date

Floats = NDArray[np.float64]

SHARE, HOURS = "share", "hours"
"""What is measured: share of area and time watched, or hours of watch."""
_NOTHING = (float("nan"), float("nan"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """How the watching on record changed at a date, by one measure.

    Parameters
    ----------
    measure : {"share", "hours"}
    weeks_before, weeks_after : int
        Of the weeks compared, those of which something is on record.
    before, after : (float, float)
        At least and at most, a week on average.
    """

    measure: str
    weeks_before: int
    weeks_after: int
    before: tuple[float, float]
    after: tuple[float, float]

    @property
    def factor(self) -> tuple[float, float]:
        """At least and at most how many times as much was watched after; infinite where nothing was before."""
        (low, high), (low_after, high_after) = self.before, self.after
        return _over(low_after, high, 0.0), _over(high_after, low, np.inf)

    @property
    def spread(self) -> float:
        """How far what is at least and at most on record lies apart, as a log; infinite from nothing to something."""
        return sum(
            0.0 if low == high else float(np.log(high / low)) if low > 0 else np.inf
            for low, high in (self.before, self.after)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Watching:
    """What the watching on record says of a change.

    Parameters
    ----------
    measured : tuple of Watched
        Every measure with enough weeks on both sides.
    decides : Watched or None
        The one that the records tell most closely; of equals, the share.
    outcome : Outcome
    ratio, interval : (float, float)
        Per unit watched, least and most as the records leave it; and the interval's ends over both.
    """

    measured: tuple[Watched, ...] = ()
    decides: Watched | None = None
    outcome: Outcome = Outcome.NOT_POSSIBLE
    ratio: tuple[float, float] = field(default=_NOTHING)
    interval: tuple[float, float] = field(default=_NOTHING)


def watching_at(
    exposure: Exposure,
    counts: Floats,
    place: DatePlace,
    window: int,
    *,
    interval: tuple[float, float, float],
    passed: Collection[Step],
    tried_dates: int = 1,
) -> Watching:
    """Hold the change of a rate against that of the watching.

    Parameters
    ----------
    counts : ndarray, shape (weeks,)
        NaN where a week is not counted.
    window : int
        Weeks on each side.
    interval : (float, float, float)
        Lower end, ratio and upper end of the rate after over before.
    passed : collection of Step
        Steps on the series itself that the counts passed.

    Returns
    -------
    Watching
        *Passed*: the interval lies below one, and what the counts passed the rate passes, even where the records leave
        most room. *Failed*: not even where they leave least: the change in watching explains the fall. *Refused*: it
        hangs on what nobody recorded.
    """
    known = np.isfinite(counts)
    measured = [
        _watched(measure, *of, known, place, window)
        for measure, of in (
            (SHARE, (exposure.watched_low, exposure.watched_high)),
            (HOURS, (exposure.hours_low, exposure.hours_high)),
        )
    ]
    enough = tuple(each for each in measured if min(each.weeks_before, each.weeks_after) >= FEWEST_WEEKS)
    low, ratio, high = interval
    if not enough or not np.isfinite(ratio) or all(each.before == each.after == (0.0, 0.0) for each in enough):
        return Watching(measured=enough)
    decides = min(enough, key=lambda each: each.spread)
    least, most = decides.factor
    ends = _over(high, most, np.inf), _over(high, least, np.inf)
    share = decides.measure == SHARE
    bounds = (exposure.watched_low, exposure.watched_high) if share else (exposure.hours_low, exposure.hours_high)
    steps = [step for step in _ON_RATES if step in passed] if Step.CHANGE in passed else []
    stands = [
        end < 1 and _passes(counts, before, after, place, steps, tried_dates)
        for end, before, after in ((ends[0], *bounds), (ends[1], *bounds[::-1]))
    ]
    return Watching(
        measured=enough,
        decides=decides,
        outcome=Outcome.PASSED if stands[1] else Outcome.REFUSED if stands[0] else Outcome.FAILED,
        ratio=(_over(ratio, most, np.inf), _over(ratio, least, np.inf)),
        interval=(_over(low, most, np.inf), ends[1]),
    )


_ON_RATES = {Step.PLACEBO: "placebo", Step.TIMING: "timing", Step.SPECIFICATIONS: "specifications"}
"""Steps that rates take after the change itself, and the fields of `Passes`."""


def _passes(
    counts: Floats, before: Floats, after: Floats, place: DatePlace, steps: Sequence[Step], tried_dates: int
) -> bool:
    """Whether rates pass steps: counts over what was watched, by one bound before the date and another after it.

    A week of which nothing is on record is taken to be like the others on its side.
    """
    if not steps:
        return True
    watched = np.concatenate([_filled(before[: place.first]), _filled(after[place.first :])])
    with np.errstate(divide="ignore", invalid="ignore"):
        rates = np.where(watched > 0, counts * np.nanmean(watched) / watched, np.nan)
    found = passes(try_date(rates[None, :], place, tried_dates=tried_dates))
    return all(bool(getattr(found, _ON_RATES[step])[0]) for step in steps)


def _filled(side: Floats) -> Floats:
    known = np.isfinite(side)
    return np.where(known, side, side[known].mean()) if known.any() else side


def _watched(
    measure: str, low: Floats, high: Floats, known: NDArray[np.bool_], place: DatePlace, window: int
) -> Watched:
    sides: Sequence[slice] = (
        slice(max(place.first - window, 0), place.first),
        slice(place.after, min(place.after + window, place.until)),
    )
    on_record = [known[side] & np.isfinite(low[side]) for side in sides]
    means = [
        (float(low[side][held].mean()), float(high[side][held].mean())) if held.any() else _NOTHING
        for side, held in zip(sides, on_record, strict=True)
    ]
    return Watched(
        measure=measure,
        weeks_before=int(on_record[0].sum()),
        weeks_after=int(on_record[1].sum()),
        before=means[0],
        after=means[1],
    )


def _over(numerator: float, denominator: float, otherwise: float) -> float:
    """Divide; what is divided by nothing is `otherwise`, and by infinity nothing."""
    if denominator == 0:
        return otherwise
    return float(numerator / denominator)
