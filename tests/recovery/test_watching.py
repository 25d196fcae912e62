"""Where only the watch changed the grade never says that violence fell; where violence fell it still does.

Events come about at a steady rate; of each, somebody on watch tells, or with some chance somebody else.
"""

from __future__ import annotations

import os

import numpy as np
import pytest
from tests.recovery.weekly_truth import INDEPENDENT, LIKE_IDLIB, START, WEEKS, Truth

from ceasefire.assessment.exposure import Exposure
from ceasefire.assessment.ladder import (
    ON_ONE_SERIES,
    DatePlace,
    Grade,
    Outcome,
    Step,
    grade_of,
    passed_by,
    passes,
    try_date,
)
from ceasefire.assessment.watching import watching_at

RUNS = 400 if os.environ.get("CEASEFIRE_SOAK") else 80
PLACE = DatePlace(START, START, START, WEEKS)
ALL, HALF = 0.8, 0.3
"""Shares of area and time watched."""


def watched_weeks(before: float, after: float, rng: np.random.Generator) -> np.ndarray:
    steady = np.where(np.arange(WEEKS) < START, before, after)
    return np.clip(steady * rng.uniform(0.9, 1.1, WEEKS), 0, 1)


def graded(
    truth: Truth,
    seed: int,
    before: float,
    after: float,
    *,
    fall: float = 0.0,
    told_by_others: float = 0.0,
    known: bool = True,
) -> list[Grade]:
    """Grade series of which a share is seen; `truth` is three times what it draws elsewhere, to be thinned."""
    rng = np.random.default_rng(seed)
    events = truth.draw(RUNS, seed, fall=fall) * 3
    watched = watched_weeks(before, after, rng)
    counts = rng.binomial(events.astype(int), watched + (1 - watched) * told_by_others).astype(np.float64)
    nothing = np.full(WEEKS, np.nan)
    exposure = Exposure(nothing, nothing, watched, watched) if known else Exposure.unknown(WEEKS)
    tried = try_date(counts, PLACE)
    passed, main = passes(tried), tried.main
    grades = []
    for at in range(RUNS):
        found = passed_by(passed, at)
        outcomes = {step: Outcome.PASSED if step in found else Outcome.FAILED for step in (Step.RECORD, *ON_ONE_SERIES)}
        outcomes[Step.WATCHING] = watching_at(
            exposure, counts[at], PLACE, tried.window, passed=found,
            interval=(float(main.low[at]), float(main.ratio[at]), float(main.high[at])),
        ).outcome  # fmt: skip
        outcomes |= dict.fromkeys((Step.PLACES, Step.CONTRAST), Outcome.NOT_POSSIBLE)
        grades.append(grade_of(outcomes, power_60=0.8)[0])
    return grades


def share(grades: list[Grade], *wanted: Grade) -> float:
    return float(np.mean([each in wanted for each in grades]))


@pytest.mark.parametrize("truth", [LIKE_IDLIB, INDEPENDENT], ids=["like-idlib", "independent"])
@pytest.mark.parametrize("told_by_others", [0.0, 0.1])
def test_where_only_the_watch_fell_no_fall_is_shown(truth: Truth, told_by_others: float) -> None:
    grades = graded(truth, 21, ALL, HALF, told_by_others=told_by_others)
    assert share(grades, Grade.SHOWN, Grade.PROBABLE) <= 0.02
    # the control: nobody having written down who watched, the same counts are taken for a fall
    blind = graded(truth, 21, ALL, HALF, told_by_others=told_by_others, known=False)
    assert share(blind, Grade.SHOWN) >= 0.4


@pytest.mark.parametrize("truth", [LIKE_IDLIB, INDEPENDENT], ids=["like-idlib", "independent"])
def test_a_true_fall_under_the_same_watch_is_shown_as_often_as_without_the_question(truth: Truth) -> None:
    grades = graded(truth, 22, ALL, ALL, fall=0.6)
    blind = graded(truth, 22, ALL, ALL, fall=0.6, known=False)
    assert share(blind, Grade.SHOWN) >= 0.5
    assert share(grades, Grade.SHOWN) >= share(blind, Grade.SHOWN) - 0.05


def test_a_true_fall_that_was_watched_more_closely_is_not_lost() -> None:
    """Twice as much seen of two fifths as many: the count hardly falls, and the answer is not that nothing fell."""
    grades = graded(INDEPENDENT, 23, 0.35, ALL, fall=0.6)
    assert share(grades, Grade.CANNOT_TELL) >= 0.6
    assert share(grades, Grade.NOT_SHOWN) <= 0.3


def test_which_half_is_watched_is_all_that_is_asked() -> None:
    """Seen the other way round, more watching never makes a fall."""
    assert share(graded(INDEPENDENT, 24, HALF, ALL), Grade.SHOWN, Grade.PROBABLE) == 0
