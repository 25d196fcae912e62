"""Breaks found and breaks claimed: within a week where there is one, hardly ever where there is none."""

from __future__ import annotations

import os

import numpy as np
import pytest
from tests.recovery.knows_the_truth import break_known_all_but_its_week
from tests.recovery.weekly_truth import INDEPENDENT, LASTING, LIKE_IDLIB, SCATTERED, START, Truth

from ceasefire.assessment.breaks import breaks_in
from ceasefire.assessment.kernels import single_breaks

RUNS = 500 if os.environ.get("CEASEFIRE_SOAK") else 150
KINDS = {"like-idlib": LIKE_IDLIB, "scattered": SCATTERED, "independent": INDEPENDENT}
# one standard error of a share of RUNS: a share that is met exactly would fail every other time
SLACK = 0.5 / np.sqrt(RUNS)


def near(found: tuple[int, ...], week: int, reach: int) -> bool:
    return any(abs(each - week) <= reach for each in found)


def claimed(truth: Truth, seed: int, fall: float) -> list[tuple[int, ...]]:
    return [tuple(each.week for each in breaks_in(row)) for row in truth.draw(RUNS, seed, fall=fall)]


@pytest.mark.parametrize("truth", KINDS.values(), ids=KINDS)
def test_no_break_is_claimed_where_there_is_none(truth: Truth) -> None:
    assert np.mean([not found for found in claimed(truth, 1, 0.0)]) >= 0.95


def test_nor_much_more_often_where_weeks_depend_on_each_other_for_long() -> None:
    assert np.mean([not found for found in claimed(LASTING, 1, 0.0)]) >= 0.9


def test_a_break_is_found_within_a_week_where_weeks_scatter_by_themselves() -> None:
    assert np.mean([near(found, START, 1) for found in claimed(INDEPENDENT, 2, 0.6)]) >= 0.8 - SLACK


@pytest.mark.parametrize("truth", [LIKE_IDLIB, SCATTERED], ids=["like-idlib", "scattered"])
def test_and_within_two_where_they_depend_on_each_other(truth: Truth) -> None:
    """A rate that wanders hides when it fell: within a week about seven in ten, whatever the method."""
    found = claimed(truth, 2, 0.6)
    assert np.mean([near(each, START, 2) for each in found]) >= 0.75
    assert np.mean([near(each, START, 1) for each in found]) >= 0.6


@pytest.mark.parametrize("truth", KINDS.values(), ids=KINDS)
def test_a_break_is_found_nearly_as_often_as_by_one_who_knows_the_truth(truth: Truth) -> None:
    """Within a week of it. On weeks like the larger zone's, even who knows all but the week is right in 73 of 100."""
    counts = truth.draw(RUNS, 2, fall=0.6)
    best = np.abs(break_known_all_but_its_week(truth, counts, 0.6) - START) <= 1
    ours = np.array([near(tuple(each.week for each in breaks_in(row)), START, 1) for row in counts])
    assert ours.mean() >= 0.85 * best.mean()
    assert best.mean() <= 0.95


def test_two_breaks_are_found_as_two() -> None:
    counts = INDEPENDENT.draw(RUNS, 3)
    counts[:, 40:70] = np.random.default_rng(3).binomial(counts[:, 40:70].astype(int), 0.3)
    found = [tuple(each.week for each in breaks_in(row)) for row in counts]
    assert np.mean([len(each) == 2 and near(each, 40, 2) and near(each, 70, 2) for each in found]) >= 0.75


def test_the_posterior_means_what_it_says() -> None:
    """Over series with one break, as much probability lies within two weeks of it as it is right to."""
    counts = INDEPENDENT.draw(4 * RUNS, 4, fall=0.6)
    found = single_breaks(counts)
    said = found.posterior[:, np.abs(found.weeks - START) <= 2].sum(axis=1).mean()
    was = (np.abs(found.best - START) <= 2).mean()
    assert abs(said - was) < 0.1
