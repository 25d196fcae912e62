"""Before and after a date: totals and rate ratios over several windows, with three kinds of interval.

The Newey-West interval decides; a negative binomial one, which takes weeks for independent, and a block bootstrap stand
beside it, so that one sees how much hangs on the method.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from ceasefire.assessment.kernels import Changes, changes_at, spread_around
from ceasefire.assessment.ladder import DatePlace, windows_with_room
from ceasefire.assessment.weekly import ALLEGED, WeeklyBook, WeeklySeries
from ceasefire.assessment.weeks import DAYS

Floats = NDArray[np.float64]

EVENT_COLUMNS = (
    "events_best", "events_low", "events_high", "events_without_exempt_best", "events_without_exempt_low",
    "events_without_exempt_high",
)  # fmt: skip
"""Counts whose changes decide; the first is the main one."""
TOLL_COLUMNS = (
    "deaths_low", "deaths_best", "deaths_high", "deaths_without_exempt_best", "civilians_best",
    "civilians_or_unknown_best",
)  # fmt: skip
"""Shown beside them: a single attack may carry most of a toll."""
COUNTED_ONLY = (*ALLEGED, "toll_not_stated")
"""Counts of which no change is worked out."""
_BLOCK_WEEKS = 4
_RESAMPLES = 999
_HALF_EVENT = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One count of one area over one window around a date.

    Parameters
    ----------
    column : str
        Of the weekly table.
    window : int
        Weeks before; after as many, or as many as there are.
    before_weeks, after_weeks : tuple of int
        Positions of the weeks added up: those wholly covered.
    before, after : float
        Sums over these weeks, each incident once; NaN where no week is covered, or no incident states a toll.
    per_week_before, per_week_after : float
        Means of the weekly counts, in which what may lie in several weeks is in each.
    ratio : float
        Of the weekly rates; NaN where too few weeks are known.
    interval, negative_binomial, bootstrap : (float, float)
        Ends of the intervals of the ratio; NaN where none can be given.
    hours_before, hours_after : (float, float)
        Hours of watch in these weeks, at least and at most; NaN where of a week nothing is on record: no denominator.
    """

    column: str
    window: int
    before_weeks: tuple[int, ...]
    after_weeks: tuple[int, ...]
    before: float
    after: float
    per_week_before: float
    per_week_after: float
    ratio: float
    interval: tuple[float, float]
    negative_binomial: tuple[float, float]
    bootstrap: tuple[float, float]
    hours_before: tuple[float, float]
    hours_after: tuple[float, float]

    @property
    def ratio_per_hour(self) -> tuple[float, float]:
        """The ratio of rates per hour of watch, at least and at most; NaN without a denominator."""
        if not (self.hours_before[0] > 0 and self.hours_after[0] > 0):
            return float("nan"), float("nan")
        ratio = (self.after + _HALF_EVENT) / (self.before + _HALF_EVENT)
        return ratio * self.hours_before[0] / self.hours_after[1], ratio * self.hours_before[1] / self.hours_after[0]


def changes_of(
    book: WeeklyBook, series: WeeklySeries, place: DatePlace, *, tried_dates: int, rng: np.random.Generator
) -> tuple[tuple[Change, ...], tuple[Changes, ...]]:
    """Compare every count of an area before and after a date, over every window with room, and the whole record before.

    Returns
    -------
    changes : tuple of Change
        By count, then window; last the whole record before.
    others : tuple of Changes
        Those of the event counts but for the main one: further specifications of the ladder.
    """
    level = 0.05 if tried_dates == 1 else 0.02
    gap = place.after - place.first
    windows = windows_with_room(place)
    spans = [(window, window) for window in windows]
    if place.first > windows[-1]:
        spans.append((place.first, min(place.until - place.after, windows[-1])))
    found: list[Change] = []
    others: list[Changes] = []
    hours = np.stack([series.exposure.hours_low, series.exposure.hours_high])
    for column in (*EVENT_COLUMNS, *TOLL_COLUMNS):
        counts = series.whole(column)[None, : place.until]
        for before, after in spans:
            changes = changes_at(counts, place.first, before, window_after=after, gap=gap, level=level)
            found.append(_change(book, series, column, counts, hours, place, (before, after), changes, level, rng))
            if column in EVENT_COLUMNS[1:] or (column == EVENT_COLUMNS[0] and before == place.first):
                others.append(changes)
    found.extend(_counted(book, series, column, place, window) for column in COUNTED_ONLY for window in windows)
    return tuple(found), tuple(others)


def _counted(book: WeeklyBook, series: WeeklySeries, column: str, place: DatePlace, window: int) -> Change:
    """Return sums without a ratio; of what is alleged only after a date, for before it there was nothing to breach."""
    counts = series.whole(column)
    before = np.arange(
        0 if column in ALLEGED else max(place.first - window, 0), 0 if column in ALLEGED else place.first
    )
    after = np.arange(place.after, min(place.after + window, place.until))
    known = [weeks[np.isfinite(counts[weeks])] for weeks in (before, after)]
    sums = [book.total(series.place, column, series.weeks[weeks], series.kind) for weeks in known]
    nothing = (float("nan"), float("nan"))
    return Change(
        column=column, window=window, before_weeks=tuple(known[0].tolist()), after_weeks=tuple(known[1].tolist()),
        before=sums[0], after=sums[1], per_week_before=_mean(counts[known[0]]), per_week_after=_mean(counts[known[1]]),
        ratio=float("nan"), interval=nothing, negative_binomial=nothing, bootstrap=nothing, hours_before=nothing,
        hours_after=nothing,
    )  # fmt: skip


def _change(
    book: WeeklyBook, series: WeeklySeries, column: str, counts: Floats, hours: Floats, place: DatePlace,
    span: tuple[int, int], changes: Changes, level: float, rng: np.random.Generator,
) -> Change:  # fmt: skip
    before = np.arange(max(place.first - span[0], 0), place.first)
    after = np.arange(place.after, min(place.after + span[1], place.until))
    known = [weeks[np.isfinite(counts[0, weeks])] for weeks in (before, after)]
    sides = [counts[0, weeks] for weeks in known]
    # over all weeks covered, so that incidents of which none states a toll leave it unknown
    covered = [weeks[series.days_covered[weeks] == DAYS] for weeks in (before, after)]
    sums = [book.total(series.place, column, series.weeks[weeks], series.kind) for weeks in covered]
    enough = bool(np.isfinite(changes.log_ratio[0]))
    nothing = (float("nan"), float("nan"))
    return Change(
        column=column,
        window=span[0],
        before_weeks=tuple(known[0].tolist()),
        after_weeks=tuple(known[1].tolist()),
        before=sums[0],
        after=sums[1],
        per_week_before=_mean(sides[0]),
        per_week_after=_mean(sides[1]),
        ratio=float(changes.ratio[0]),
        interval=(float(changes.low[0]), float(changes.high[0])) if enough else nothing,
        negative_binomial=_negative_binomial(sides, level) if enough else nothing,
        bootstrap=_bootstrap(sides, level, rng) if enough else nothing,
        hours_before=(float(hours[0, known[0]].sum()), float(hours[1, known[0]].sum())),
        hours_after=(float(hours[0, known[1]].sum()), float(hours[1, known[1]].sum())),
    )


def _mean(counts: Floats) -> float:
    return float(counts.mean()) if len(counts) else float("nan")


def _negative_binomial(sides: list[Floats], level: float) -> tuple[float, float]:
    """Return the interval of the ratio of two negative binomial means of one size, weeks taken for independent."""
    counts = np.concatenate(sides)
    means = [float(side.mean()) for side in sides]
    levels = np.concatenate([np.full(len(side), mean) for side, mean in zip(sides, means, strict=True)])
    size = float(spread_around(counts[None, :], levels[None, :]).size[0])
    variance = sum(1 / max(side.sum(), _HALF_EVENT) + 1 / (len(side) * size) for side in sides)
    log_ratio = np.log(_rate(sides[1]) / _rate(sides[0]))
    reach = NormalDist().inv_cdf(1 - level / 2) * np.sqrt(variance)
    return float(np.exp(log_ratio - reach)), float(np.exp(log_ratio + reach))


def _rate(side: Floats) -> float:
    return float((side.sum() + _HALF_EVENT) / len(side))


def _bootstrap(sides: list[Floats], level: float, rng: np.random.Generator) -> tuple[float, float]:
    """Return the interval of the ratio from drawing circular blocks of four weeks (Politis and Romano 1992)."""
    logs = []
    for side in sides:
        n = len(side)
        blocks = -(-n // _BLOCK_WEEKS)
        starts = rng.integers(n, size=(_RESAMPLES, blocks))
        drawn = (starts[:, :, None] + np.arange(_BLOCK_WEEKS)).reshape(_RESAMPLES, -1)[:, :n] % n
        logs.append(np.log(side[drawn].sum(axis=1) + _HALF_EVENT))
    ends = np.quantile(logs[1] - np.log(len(sides[1])) - logs[0] + np.log(len(sides[0])), [level / 2, 1 - level / 2])
    return float(np.exp(ends[0])), float(np.exp(ends[1]))
