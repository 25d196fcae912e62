"""A fall beside what was watched: explained by it, not explained, or hanging on what nobody recorded."""

from __future__ import annotations

import numpy as np
import pytest

from ceasefire.assessment.exposure import Exposure
from ceasefire.assessment.ladder import DatePlace, Grade, Outcome, Step, grade_of
from ceasefire.assessment.watching import HOURS, SHARE, Watching, watching_at

WEEKS, START, WINDOW = 60, 30, 26
PLACE = DatePlace(START, START, START, WEEKS)
NAN = float("nan")


def step(before: float, after: float, weeks: int = WEEKS) -> np.ndarray:
    return np.where(np.arange(weeks) < START, before, after).astype(np.float64)


def exposure(low: np.ndarray, high: np.ndarray | None = None, share: np.ndarray | None = None) -> Exposure:
    nothing = np.full(WEEKS, NAN)
    return Exposure(low, low if high is None else high, *((share, share) if share is not None else (nothing, nothing)))


def found(
    watched: Exposure, ratio: float = 0.4, low: float = 0.3, high: float = 0.6, counts: np.ndarray | None = None
) -> Watching:
    passed = {Step.CHANGE} if high < 1 else set()
    held = np.full(WEEKS, 10.0) if counts is None else counts
    return watching_at(watched, held, PLACE, WINDOW, interval=(low, ratio, high), passed=passed)


def test_with_the_same_watching_the_fall_stands() -> None:
    result = found(exposure(step(40, 40)))
    assert result.outcome is Outcome.PASSED
    assert result.interval == pytest.approx((0.3, 0.6))


def test_a_fall_as_large_as_that_of_the_watching_is_explained_by_it() -> None:
    result = found(exposure(step(40, 16)))
    assert result.outcome is Outcome.FAILED
    assert result.ratio == pytest.approx((1.0, 1.0))


def test_a_larger_fall_than_that_of_the_watching_stands() -> None:
    assert found(exposure(step(40, 30))).outcome is Outcome.PASSED


def test_what_nobody_recorded_leaves_it_open() -> None:
    result = found(exposure(step(40, 16), step(40, 50)))
    assert result.outcome is Outcome.REFUSED
    assert result.interval[1] > 1 > result.interval[0]


def test_a_count_that_rose_with_the_watching_is_no_rise_per_hour() -> None:
    result = found(exposure(step(10, 40)), ratio=1.5, low=1.2, high=1.9)
    assert result.outcome is Outcome.PASSED
    assert result.interval[1] < 1


def test_nobody_watching_afterwards_explains_any_fall() -> None:
    result = found(exposure(step(40, 0)))
    assert result.outcome is Outcome.FAILED


@pytest.mark.parametrize("known_weeks", [0, 7])
def test_too_few_weeks_on_record_say_nothing(known_weeks: int) -> None:
    hours = step(40, 16)
    hours[START + known_weeks :] = NAN
    assert found(exposure(hours)).outcome is Outcome.NOT_POSSIBLE


def test_weeks_that_are_not_counted_do_not_count_here() -> None:
    hours = step(40, 40)
    hours[START + 20 :] = 0
    counted = np.where(np.arange(WEEKS) < START + 20, 10.0, np.nan)
    assert found(exposure(hours), counts=counted).interval[1] == pytest.approx(0.6)
    assert found(exposure(hours)).interval[1] > 0.6


def test_the_measure_that_the_records_tell_most_closely_decides() -> None:
    wide = exposure(step(10, 10), step(100, 100), share=step(0.5, 0.2))
    assert found(wide).decides is not None
    assert found(wide).decides.measure == SHARE
    assert found(wide).outcome is Outcome.FAILED
    narrow = Exposure(step(40, 40), step(40, 40), step(0.1, 0.1), step(0.9, 0.9))
    assert found(narrow).decides.measure == HOURS
    assert [each.measure for each in found(narrow).measured] == [SHARE, HOURS]


ALL_PASSED = dict.fromkeys(Step, Outcome.PASSED)


@pytest.mark.parametrize(
    ("change", "watching", "grade", "stopped"),
    [
        (Outcome.PASSED, Outcome.PASSED, Grade.SHOWN, None),
        (Outcome.PASSED, Outcome.NOT_POSSIBLE, Grade.SHOWN, None),
        (Outcome.PASSED, Outcome.FAILED, Grade.CANNOT_TELL, Step.WATCHING),
        (Outcome.PASSED, Outcome.REFUSED, Grade.PROBABLE, Step.WATCHING),
        (Outcome.FAILED, Outcome.PASSED, Grade.CANNOT_TELL, Step.WATCHING),
        (Outcome.FAILED, Outcome.FAILED, Grade.NOT_SHOWN, Step.CHANGE),
        (Outcome.FAILED, Outcome.NOT_POSSIBLE, Grade.NOT_SHOWN, Step.CHANGE),
    ],
)
def test_where_count_and_rate_per_hour_differ_the_grade_cannot_tell(change, watching, grade, stopped) -> None:
    outcomes = ALL_PASSED | {Step.CHANGE: change, Step.WATCHING: watching}
    assert grade_of(outcomes, power_60=0.9) == (grade, stopped)
