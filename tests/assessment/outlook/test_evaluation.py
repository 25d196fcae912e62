from __future__ import annotations

import numpy as np
from tests.assessment.outlook.simulated import calm, panel_of

from ceasefire.assessment.outlook.evaluation import _base_rate, baseline_values, escalation_threshold, evaluate
from ceasefire.assessment.outlook.rolling import roll
from ceasefire.assessment.outlook.scores import area_under_curve, binned_log_score, covered, interval, skill_interval


def test_baselines_are_what_their_names_say() -> None:
    counts = np.arange(40, dtype=np.float64)[:, None]
    counts[35] = np.nan
    told = roll(panel_of(counts))
    last = int(np.flatnonzero(told.origins == 35)[0])
    assert baseline_values(told, "zero")[last].max() == 0
    assert baseline_values(told, "last-value")[last, 0, 0].tolist() == [34.0]
    # eleven of the last twelve weeks are known: none is taken for zero
    assert set(baseline_values(told, "conflictology-12")[last, 0, 0].tolist()) == set(map(float, range(24, 35)))


def test_warning_of_what_cannot_be_foreseen_has_no_skill() -> None:
    found = evaluate(roll(panel_of(calm(np.random.default_rng(11), 150, 6, mean=6, size=0.8)))).warning
    assert found.escalations > 50
    assert found.has_skill is False or found.brier_skill < 0.03


def test_warning_of_what_announces_itself_has_skill() -> None:
    rng = np.random.default_rng(12)
    level = np.ones((200, 6)) * 4.0
    for unit in range(6):
        for start in range(20 + 3 * unit, 200, 40):
            level[start : start + 14, unit] = 40.0
    counts = rng.poisson(level).astype(np.float64)
    found = evaluate(roll(panel_of(counts))).warning
    assert found.has_skill is True
    assert found.area > 0.7


def test_the_base_rate_of_an_origin_rests_on_weeks_that_had_come() -> None:
    """It is what a warning is held against: one that had seen the future would make every warning look worse."""
    rng = np.random.default_rng(14)
    happened, known = rng.random((30, 2, 8)) < 0.2, np.ones((30, 2, 8), dtype=bool)
    origin, ahead = np.arange(30)[:, None, None], np.arange(1, 9)[None, None, :]
    base = _base_rate(happened, known)
    for at in (5, 12, 20):
        had_come = np.broadcast_to(origin + ahead <= at, happened.shape)
        np.testing.assert_allclose(base[at], happened[had_come].mean())
    assert np.isnan(base[0]).all()


def test_an_escalation_is_more_than_twice_the_usual_and_five_more() -> None:
    counts = np.full((30, 2), 1.0)
    counts[:, 1] = 20.0
    assert escalation_threshold(roll(panel_of(counts)))[-1].tolist() == [6.0, 40.0]


def test_area_under_the_curve_counts_ties_half() -> None:
    happened = np.array([True, False, True, False])
    assert area_under_curve(np.array([0.9, 0.1, 0.8, 0.2]), happened) == 1.0
    assert area_under_curve(np.full(4, 0.5), happened) == 0.5
    assert np.isnan(area_under_curve(np.array([0.1]), np.array([True])))


def test_an_interval_of_skill_holds_zero_where_two_are_alike() -> None:
    rng = np.random.default_rng(13)
    ours, theirs = rng.gamma(2, 1, (80, 4, 8)), rng.gamma(2, 1, (80, 4, 8))
    low, high = skill_interval(ours, theirs, rng=np.random.default_rng(1))
    assert low < 0 < high
    low, high = skill_interval(0.5 * theirs, theirs, rng=np.random.default_rng(1))
    assert abs(low - 0.5) < 1e-9
    assert abs(high - 0.5) < 1e-9
    assert np.isnan(skill_interval(ours[:10], theirs[:10], rng=np.random.default_rng(1))[0])


def test_an_interval_leaves_out_as_much_above_as_below_unless_it_begins_at_zero() -> None:
    low, high = interval(np.arange(200.0), 0.9)
    assert (low, high) == (9.0, 189.0)
    often_zero = np.concatenate([np.zeros(100), np.arange(1.0, 101.0)])
    assert tuple(map(float, interval(often_zero, 0.9))) == (0.0, 85.0)
    assert tuple(map(float, interval(np.zeros(200), 0.9))) == (0.0, 0.0)
    both = interval(np.stack([np.arange(200.0), often_zero]), 0.9)
    assert both[1].tolist() == [189.0, 85.0]
    assert np.isnan(interval(np.full(200, np.nan), 0.9)).all()


def test_scores_of_what_is_missing_are_missing() -> None:
    values = np.array([[1.0, 2.0, 3.0], [np.nan] * 3])
    came = np.array([np.nan, 2.0])
    assert np.isnan(binned_log_score(values, came)).all()
    assert np.isnan(covered(values, came, 0.9)).all()
