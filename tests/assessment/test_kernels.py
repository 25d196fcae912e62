"""Counts that tell little get an answer without a number that means something else, and never a warning."""

from __future__ import annotations

import numpy as np
import pytest

from ceasefire.assessment.breaks import breaks_in
from ceasefire.assessment.kernels import changes_at, contrast_at, ratios_everywhere, single_breaks
from ceasefire.assessment.ladder import DatePlace, Grade, Outcome, Step, grade_of, passes, power_at, try_date

WEEKS = 60


def with_gap(counts: np.ndarray) -> np.ndarray:
    counts = counts.astype(float)
    counts[20:33] = np.nan
    return counts


POOR = {
    "one week": np.array([3.0]),
    "nothing": np.zeros(0),
    "all zero": np.zeros(WEEKS),
    "never known": np.full(WEEKS, np.nan),
    "one giant event": np.eye(1, WEEKS, 40)[0] * 5000,
    "zero, then much": np.repeat([0.0, 50.0], WEEKS // 2),
    "much, then zero": np.repeat([50.0, 0.0], WEEKS // 2),
    "always the same": np.full(WEEKS, 7.0),
    "a gap at the date": with_gap(np.arange(WEEKS) % 7),
}


@pytest.mark.parametrize("counts", POOR.values(), ids=POOR)
@pytest.mark.parametrize("at", [1, 30, 59])
def test_poor_weeks_have_a_defined_answer(counts: np.ndarray, at: int) -> None:
    row = counts[None, :]
    place = DatePlace(at, at, at, len(counts))
    tried = try_date(row, place)
    shown = passes(tried)
    assert shown.all.shape == (1,)
    if at != 30 or len(counts) < WEEKS:
        assert not shown.record[0]
        assert np.isnan(tried.main.log_ratio[0])
    power = power_at(row, place, 0.6, np.random.default_rng(1), runs=20)
    assert np.isnan(power) or 0 <= power <= 1
    assert len(breaks_in(counts)) <= 2


def test_a_fall_to_zero_has_a_ratio_that_is_no_zero() -> None:
    changes = changes_at(POOR["much, then zero"][None, :], 30, 26)
    assert 0 < changes.ratio[0] < 0.01
    assert changes.high[0] < 1


def test_one_giant_event_is_no_fall() -> None:
    counts = np.random.default_rng(4).poisson(5.0, (1, WEEKS)).astype(float)
    counts[0, 20] = 5000
    assert not passes(try_date(counts, DatePlace(30, 30, 30, WEEKS))).all[0]


def test_unknown_weeks_are_left_out_and_not_zero() -> None:
    counts = np.full((1, WEEKS), 10.0)
    counts[0, 35:45] = np.nan
    changes = changes_at(counts, 30, 26)
    assert changes.ratio[0] == pytest.approx((160.5 / 16) / (260.5 / 26))
    assert changes.weeks_after[0] == 16
    weeks, ratios = ratios_everywhere(counts, 12)
    assert np.isnan(ratios[0, weeks == 40]).all()  # two weeks are known after it
    assert np.allclose(np.exp(ratios[np.isfinite(ratios)]), 1, atol=0.02)


def test_series_do_not_touch_each_other() -> None:
    counts = np.random.default_rng(6).poisson(8.0, (5, WEEKS)).astype(float)
    together, place = single_breaks(counts), DatePlace(30, 31, 30, WEEKS)
    for row in range(5):
        alone = single_breaks(counts[row : row + 1])
        np.testing.assert_allclose(together.posterior[row], alone.posterior[0])
        both, one = try_date(counts, place), try_date(counts[row : row + 1], place)
        assert both.main.high[row] == pytest.approx(one.main.high[0])
        assert both.placebo_p[row] == one.placebo_p[0]


def test_a_contrast_of_equal_courses_is_one() -> None:
    counts = np.random.default_rng(7).poisson(30.0, (1, WEEKS)).astype(float)
    same = contrast_at(counts, 3 * counts, 30, 26)
    assert same.ratio[0] == pytest.approx(1, abs=0.02)
    assert same.low[0] < 1 < same.high[0]


def outcomes(**ended: Outcome) -> dict[Step, Outcome]:
    return {step: ended.get(step.name, Outcome.PASSED) for step in Step}


@pytest.mark.parametrize(
    ("ended", "power", "grade", "stopped_at"),
    [
        ({}, 0.1, Grade.SHOWN, None),
        ({"PLACES": Outcome.NOT_POSSIBLE, "CONTRAST": Outcome.NOT_POSSIBLE}, 0.9, Grade.SHOWN, None),
        ({"CONTRAST": Outcome.REFUSED}, 0.9, Grade.PROBABLE, Step.CONTRAST),
        ({"TIMING": Outcome.FAILED}, 0.9, Grade.PROBABLE, Step.TIMING),
        ({"PLACEBO": Outcome.NOT_POSSIBLE}, 0.9, Grade.PROBABLE, Step.PLACEBO),
        ({"TIMING": Outcome.FAILED, "CONTRAST": Outcome.REFUSED}, 0.9, Grade.NOT_SHOWN, Step.TIMING),
        ({"CHANGE": Outcome.FAILED, "WATCHING": Outcome.NOT_POSSIBLE}, 0.9, Grade.NOT_SHOWN, Step.CHANGE),
        ({"CHANGE": Outcome.FAILED, "WATCHING": Outcome.FAILED}, 0.4, Grade.CANNOT_TELL, Step.CHANGE),
        ({"CHANGE": Outcome.FAILED, "WATCHING": Outcome.FAILED}, float("nan"), Grade.CANNOT_TELL, Step.CHANGE),
        ({"RECORD": Outcome.FAILED}, 0.9, Grade.CANNOT_TELL, Step.RECORD),
        ({"RECORD": Outcome.NOT_POSSIBLE}, 0.9, Grade.CANNOT_TELL, Step.RECORD),
    ],
)
def test_the_grade_names_the_step_that_kept_it(ended, power, grade, stopped_at) -> None:
    assert grade_of(outcomes(**ended), power_60=power) == (grade, stopped_at)


def test_what_fell_no_more_than_elsewhere_is_not_probable() -> None:
    failed = outcomes(CONTRAST=Outcome.FAILED)
    assert grade_of(failed, power_60=0.9)[0] is Grade.PROBABLE
    assert grade_of(failed, power_60=0.9, fell_against_others=False)[0] is Grade.NOT_SHOWN
