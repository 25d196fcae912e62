"""The steps from a count to a grade: what each asks, what it found, and whether it passed.

A fall is *shown* when every step that can be taken passes. The steps and their thresholds are fixed here, before any
data are seen; `tests/recovery/` measures how often they err. See `docs/decisions/0015-the-grade-ladder.md`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from ceasefire.assessment.kernels import (
    FEWEST_WEEKS,
    Breaks,
    Changes,
    Spread,
    changes_at,
    ratios_everywhere,
    single_breaks,
    up_to_two_breaks,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

WINDOWS = (8, 12, 16, 20, 26, 36)
"""Weeks before and after a date that are compared; all that the record has room for are reported."""
MAIN_WINDOW = 26
PLACEBO_WINDOW = 12
TIMING_NEEDED = 0.5
"""Posterior within two weeks of the date: more likely than not; a date picked blindly has about one in twenty."""
PLACEBO_NEEDED = 0.1
SHARE_FALLING_NEEDED = 0.8
"""Of the specifications, those in which the rate is lower after than before."""
SHARE_CLEAR_NEEDED = 0.5
"""Of the specifications, those whose interval lies wholly below one."""
REACH_WEEKS = 2


class Step(StrEnum):
    """What is asked, in the order of asking."""

    RECORD = "record"
    """Are there enough weeks on both sides?"""
    CHANGE = "change"
    """Is the rate lower after than before, beyond what weeks that depend on each other allow?"""
    WATCHING = "watching"
    """Does it hold per hour of watch on record?"""
    PLACEBO = "placebo-dates"
    """Did it fall more than at nearly all other dates?"""
    TIMING = "timing"
    """Did the level break within two weeks of the date?"""
    SPECIFICATIONS = "specifications"
    """Does it hold whatever window, border and filter is used?"""
    PLACES = "placebo-areas"
    """Did it fall more than in most areas without the truce?"""
    CONTRAST = "contrast"
    """Did it fall against areas that had moved alike before?"""


class Outcome(StrEnum):
    """How a step ended."""

    PASSED = "passed"
    FAILED = "failed"
    REFUSED = "refused"
    """It could be computed, and would mean nothing."""
    NOT_POSSIBLE = "not-possible"
    """There is nothing to do it with."""


class Grade(StrEnum):
    """What can be said of a fall."""

    SHOWN = "shown"
    PROBABLE = "probable"
    NOT_SHOWN = "not shown"
    """Never the same as no effect: see the power."""
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True, slots=True)
class DatePlace:
    """Where a date lies among weeks, as positions.

    Parameters
    ----------
    first : int
        The week in which it may first have begun: the weeks before it are *before*.
    after : int
        The first week wholly after it had begun by every source. From `first` up to it is neither.
    nearest : int
        The week whose start lies nearest to it.
    until : int
        The first week that no longer counts as after: the area was lost, or the record ends.
    """

    first: int
    after: int
    nearest: int
    until: int


@dataclass(frozen=True, slots=True)
class Tried:
    """What the steps that need one series found, for many series at one date.

    Parameters
    ----------
    window : int
        Weeks before of the main comparison; after as many, or as many as there are.
    main : Changes
        Of the main comparison.
    placebo_p : ndarray, shape (n,)
        Share of all dates, this one among them, at which the rate fell as much or more; NaN where not possible.
    placebo_dates : ndarray of int, shape (n,)
        How many: one over it is the smallest `placebo_p` there can be.
    breaks : Breaks
        Over the whole series up to `DatePlace.until`.
    timing : ndarray, shape (n,)
        Posterior probability of a break within two weeks.
    falling, clear : ndarray, shape (n,)
        Share of the specifications with a lower rate; with an interval wholly below one.
    """

    window: int
    main: Changes
    placebo_p: Floats
    placebo_dates: Ints
    placebo_window: int
    breaks: Breaks
    timing: Floats
    falling: Floats
    clear: Floats


def windows_with_room(place: DatePlace) -> tuple[int, ...]:
    """Return the windows that fit on both sides of a date; the shortest where none does."""
    room = min(place.first, place.until - place.after)
    return tuple(window for window in WINDOWS if window <= room) or WINDOWS[:1]


def try_date(
    counts: Floats,
    place: DatePlace,
    *,
    tried_dates: int = 1,
    others: Sequence[Changes] = (),
    timing_if_needed: bool = False,
) -> Tried:
    """Take the steps that need one series.

    Parameters
    ----------
    counts : ndarray, shape (n, weeks)
        NaN where a week is not wholly covered.
    tried_dates : int
        Dates tried for the same series; with more than one, intervals are at 98 % instead of 95 %.
    others : sequence of Changes
        Of other counts of the same series and date: further specifications.
    timing_if_needed : bool
        Whether the timing, which costs most, is left out (NaN) of series that are short of another step already.
    """
    level = 0.05 if tried_dates == 1 else 0.02
    known = counts[:, : place.until]
    gap = place.after - place.first
    windows = windows_with_room(place)
    window = max(each for each in windows if each <= MAIN_WINDOW)
    changes = [changes_at(known, place.first, each, gap=gap, level=level) for each in windows]
    p, dates, placebo_window = placebo_in_time(known, place)
    falling, clear = specification_shares([*changes, *others])
    untimed = Tried(
        window=window,
        main=changes[windows.index(window)],
        placebo_p=p,
        placebo_dates=dates,
        placebo_window=placebo_window,
        breaks=Breaks(np.zeros(0, dtype=np.int64), np.zeros((len(counts), 0)), np.full(len(counts), np.nan)),
        timing=np.full(len(counts), np.nan),
        falling=falling,
        clear=clear,
    )
    if not timing_if_needed:
        breaks = up_to_two_breaks(known)
        return replace(untimed, breaks=breaks, timing=breaks.within(place.first, place.after, reach=REACH_WEEKS))
    needed = passes(untimed).all_but_timing
    timing = untimed.timing.copy()
    timing[needed] = up_to_two_breaks(known[needed]).within(place.first, place.after, reach=REACH_WEEKS)
    return replace(untimed, timing=timing)


def placebo_in_time(counts: Floats, place: DatePlace) -> tuple[Floats, Ints, int]:
    """Compare the fall at a date with the falls at all dates that have as many weeks around them.

    Returns
    -------
    p : ndarray, shape (n,)
    dates : ndarray of int, shape (n,)
    window : int
        Weeks on each side.
    """
    room = min(place.nearest, place.until - place.nearest)
    window = max(min(PLACEBO_WINDOW, room), FEWEST_WEEKS)
    weeks, ratios = ratios_everywhere(counts, window)
    at = np.flatnonzero(weeks == place.nearest)
    n = len(counts)
    if not len(at):
        return np.full(n, np.nan), np.zeros(n, dtype=np.int64), window
    here = ratios[:, at]
    known = np.isfinite(ratios)
    dates = known.sum(axis=1)
    with np.errstate(invalid="ignore"):
        as_much = (known & (ratios <= here)).sum(axis=1)
    return np.where(np.isfinite(here[:, 0]), as_much / np.maximum(dates, 1), np.nan), dates, window


def specification_shares(changes: Sequence[Changes]) -> tuple[Floats, Floats]:
    """Return the shares of specifications with a lower rate, and with an interval below one; NaN where none is."""
    ratios = np.stack([change.log_ratio for change in changes])
    highs = np.stack([np.where(np.isfinite(change.log_ratio), change.high, np.nan) for change in changes])
    number = np.isfinite(ratios).sum(axis=0)
    with np.errstate(invalid="ignore"):
        falling, clear = (ratios < 0).sum(axis=0), (highs < 1).sum(axis=0)
    none = number == 0
    shares = [np.where(none, np.nan, count / np.maximum(number, 1)) for count in (falling, clear)]
    return shares[0], shares[1]


@dataclass(frozen=True, slots=True)
class Passes:
    """Which of the steps on one series passed, for many series.

    Parameters
    ----------
    record, change, placebo, timing, specifications : ndarray of bool, shape (n,)
    """

    record: Bools
    change: Bools
    placebo: Bools
    timing: Bools
    specifications: Bools

    @property
    def all_but_timing(self) -> Bools:
        """Whether every one did but the timing, taken or not."""
        return self.record & self.change & self.placebo & self.specifications

    @property
    def all(self) -> Bools:
        """Whether every one did."""
        return self.all_but_timing & self.timing


def passes(tried: Tried) -> Passes:
    """Hold what was found against the thresholds."""
    main = tried.main
    with np.errstate(invalid="ignore"):
        return Passes(
            record=np.isfinite(main.log_ratio) & (main.before + main.after > 0),
            change=main.high < 1,
            placebo=tried.placebo_p <= PLACEBO_NEEDED,
            timing=tried.timing >= TIMING_NEEDED,
            specifications=(tried.falling >= SHARE_FALLING_NEEDED) & (tried.clear >= SHARE_CLEAR_NEEDED),
        )


def passed_by(found: Passes, row: int = 0) -> frozenset[Step]:
    """Return the steps on one series that it passed."""
    held = {
        Step.RECORD: found.record, Step.CHANGE: found.change, Step.PLACEBO: found.placebo, Step.TIMING: found.timing,
        Step.SPECIFICATIONS: found.specifications,
    }  # fmt: skip
    return frozenset(step for step, passed in held.items() if passed[row])


def simulated_weeks(
    mean: float, weeks: int, spread: Spread, rng: np.random.Generator, *, runs: int, fall: float = 0.0, week: int = 0
) -> Floats:
    """Draw weekly counts that scatter and depend on each other as a series does, with a fall from a week on.

    The log rate is a stationary first-order autoregression, and the counts are negative binomial around it; both are
    fitted by moments, so that mean, variance and the first two autocorrelations are those of the series.

    Parameters
    ----------
    mean : float
        Before the fall, a week.
    spread : Spread
        Of one series.
    fall : float
        As a share of the rate: 0.6 leaves two fifths.
    week : int
        From which position on.

    Returns
    -------
    ndarray, shape (runs, weeks)
    """
    size, first, second = (float(values[0]) for values in (spread.size, spread.lag_one, spread.lag_two))
    excess = 1.0 / size
    shared = max(first, 0.0) * (1.0 / max(mean, 0.1) + excess)  # covariance of neighbours over the mean squared
    memory = float(np.clip(second / first if first > 0 else 0.0, 0.3, 0.9))
    lasting = float(np.clip(shared / memory, 0.0, excess))
    rest = max(excess - lasting, 1e-4)
    sigma = np.sqrt(np.log1p(lasting))
    steps = rng.standard_normal((runs, weeks))
    state = np.empty((runs, weeks))
    state[:, 0] = steps[:, 0]
    for at in range(1, weeks):
        state[:, at] = memory * state[:, at - 1] + np.sqrt(1 - memory**2) * steps[:, at]
    rate = mean * np.exp(sigma * state - sigma**2 / 2)
    rate[:, week:] *= 1 - fall
    return np.asarray(rng.poisson(rate * rng.gamma(1 / rest, rest, size=rate.shape)), dtype=np.float64)


def power_at(
    counts: Floats, place: DatePlace, fall: float, rng: np.random.Generator, *, tried_dates: int = 1, runs: int = 200
) -> float:
    """Return how often the steps on one series would all pass if the rate had fallen so much at the date.

    Parameters
    ----------
    counts : ndarray, shape (1, weeks)
        The level before the date, the scatter and the dependence are taken from it; so is what is not known.

    Returns
    -------
    float
        0 to 1; NaN where the series says nothing of a level.
    """
    known = counts[:, : place.until]
    before = known[0, max(place.first - MAIN_WINDOW, 0) : place.first]
    breaks = single_breaks(known)
    if not np.isfinite(before).any() or not np.isfinite(breaks.spread.size[0]) or np.nansum(before) == 0:
        return float("nan")
    drawn = simulated_weeks(
        float(np.nanmean(before)), known.shape[1], breaks.spread, rng, runs=runs, fall=fall, week=place.nearest
    )
    drawn[:, ~np.isfinite(known[0])] = np.nan
    return float(passes(try_date(drawn, place, tried_dates=tried_dates, timing_if_needed=True)).all.mean())


def grade_of(
    outcomes: Mapping[Step, Outcome], *, power_60: float, fell_against_others: bool = True
) -> tuple[Grade, Step | None]:
    """Return the grade that the steps give, and the first step that kept it from being *shown*.

    All passed, *shown*; one step but the change itself short of it, *probable*; else *not shown*, or *cannot tell*
    where a fall of 60 % would have been missed as often as not, or where the count and the count per hour of watch say
    different things. A step for which there are no other areas, or nothing on record of watching, is not held against
    the fall; one that could not be taken on the series itself is.

    Parameters
    ----------
    outcomes : mapping of Step to Outcome
    power_60 : float
        Power for a fall of 60 %.
    fell_against_others : bool
        Whether, in a contrast that was made, the area fell more than the others at all.
    """
    if outcomes[Step.RECORD] is not Outcome.PASSED:
        return Grade.CANNOT_TELL, Step.RECORD
    watching = outcomes.get(Step.WATCHING, Outcome.NOT_POSSIBLE)
    fell = outcomes[Step.CHANGE] is Outcome.PASSED
    if (fell and watching is Outcome.FAILED) or (not fell and watching is Outcome.PASSED):
        return Grade.CANNOT_TELL, Step.WATCHING
    short = [step for step in Step if outcomes.get(step) in (Outcome.FAILED, Outcome.REFUSED)]
    short += [step for step in ON_ONE_SERIES if outcomes[step] is Outcome.NOT_POSSIBLE]
    if not short:
        return Grade.SHOWN, None
    first = min(short, key=list(Step).index)
    if len(short) == 1 and first is not Step.CHANGE and fell_against_others:
        return Grade.PROBABLE, first
    if outcomes[Step.CHANGE] is not Outcome.PASSED and not power_60 >= _HALF:
        return Grade.CANNOT_TELL, first
    return Grade.NOT_SHOWN, first


ON_ONE_SERIES = (Step.CHANGE, Step.PLACEBO, Step.TIMING, Step.SPECIFICATIONS)
_HALF = 0.5
