from __future__ import annotations

import numpy as np
import pytest
from tests.assessment.outlook.simulated import calm, panel_of

from ceasefire.assessment.outlook.evaluation import evaluate
from ceasefire.assessment.outlook.members import equal_levels, standard_members
from ceasefire.assessment.outlook.rolling import HORIZONS, LEVELS, roll


def test_the_future_does_not_move_a_forecast() -> None:
    rng = np.random.default_rng(3)
    counts = calm(rng, 70, 5)
    origin = 49
    told = roll(panel_of(counts))
    other = counts.copy()
    other[origin + 1 :] = rng.permuted(other[origin + 1 :] * 7 + 1, axis=0)
    moved = roll(panel_of(other))
    upto = int(np.flatnonzero(told.origins == origin)[0]) + 1
    assert np.array_equal(told.values[:upto], moved.values[:upto])
    assert np.array_equal(told.weights[:upto], moved.weights[:upto])
    assert not np.array_equal(told.values[upto:], moved.values[upto:])


def test_a_record_cut_off_at_the_origin_gives_the_same_forecast() -> None:
    counts = calm(np.random.default_rng(4), 60, 3)
    whole, cut = roll(panel_of(counts)), roll(panel_of(counts[:45]))
    assert np.array_equal(whole.values[: len(cut.origins)], cut.values)


def test_each_model_sees_no_more_than_it_is_given() -> None:
    counts = calm(np.random.default_rng(5), 40, 4)
    past = panel_of(counts).until(30)
    assert len(past.counts) == 31
    levels = equal_levels(LEVELS)
    for member in standard_members():
        values = member.forecast(past, HORIZONS, levels)
        assert values.shape == (4, HORIZONS, LEVELS)
        assert np.isfinite(values).all(), member.name
        assert (np.diff(values, axis=2) >= 0).all(), member.name


def test_forecasts_of_calm_cover_what_they_say() -> None:
    counts = calm(np.random.default_rng(6), 160, 8)
    found = evaluate(roll(panel_of(counts)))
    assert 0.87 <= found.pool.coverage_90 <= 0.95
    assert found.skills["conflictology-12"].skill > 0.02
    assert found.best_baseline == "conflictology-12"
    assert abs(sum(found.pit) - 1) < 1e-9
    assert max(abs(share - 0.1) for share in found.pit) < 0.04


def test_the_pool_follows_the_model_that_does_better() -> None:
    rng = np.random.default_rng(7)
    counts = calm(rng, 120, 12, mean=40, size=4)
    counts[70:] = calm(rng, 50, 12, mean=2, size=4)
    told = roll(panel_of(counts))
    weights = dict(zip(told.names, told.weights[12 + 65].mean(axis=1), strict=True))
    assert weights["negative binomial, half-life 4 weeks"] > 2 * weights["negative binomial, half-life 26 weeks"]


def test_weeks_that_are_missing_are_no_zeros() -> None:
    rng = np.random.default_rng(8)
    counts = calm(rng, 60, 3, mean=30, size=8)
    holes = counts.copy()
    holes[20:30, 1] = np.nan
    holes[45:48, 1] = np.nan
    with_holes, zeros = roll(panel_of(holes)), roll(panel_of(np.nan_to_num(holes)))
    median = with_holes.values[-1, 1, 0, LEVELS // 2]
    assert 15 < median < 45
    assert with_holes.values[-1, 1, 0, 5] > zeros.values[-1, 1, 0, 5]


@pytest.mark.parametrize(
    "counts",
    [
        np.full((1, 2), 3.0),
        np.zeros((60, 3)),
        np.full((60, 2), np.nan),
        np.vstack([np.zeros((59, 2)), [[100_000.0, 0.0]]]),
        np.vstack([np.zeros((30, 2)), [[2_000_000.0, 1.0]], np.zeros((29, 2))]),
        np.where(np.arange(60)[:, None] % 2 == 0, np.nan, 4.0) * np.ones((1, 2)),
        np.zeros((0, 2)),
        np.zeros((30, 0)),
    ],
    ids=["one week", "zeros", "nothing", "giant at the end", "giant", "every other week", "no weeks", "no units"],
)
def test_poor_records_have_defined_answers(counts: np.ndarray) -> None:
    told = roll(panel_of(counts))
    found = evaluate(told)
    assert (told.values[np.isfinite(told.values)] >= 0).all()
    for unit, why in enumerate(told.panel.why_not()):
        if len(told.origins):
            assert (why is None) == bool(np.isfinite(told.values[-1, unit]).all())
    if found.why_not:
        assert found.scored == 0
        assert np.isnan(found.pool.crps)
        assert found.warning.has_skill is None


def test_what_has_too_few_weeks_or_ended_long_ago_is_not_forecast() -> None:
    counts = np.full((40, 3), 5.0)
    counts[:30, 0] = np.nan
    counts[30:, 1] = np.nan
    assert roll(panel_of(counts)).panel.why_not() == ("too-few-weeks", "nothing-recent", None)


def test_a_panel_refuses_what_is_no_count() -> None:
    with pytest.raises(ValueError, match="negative or infinite"):
        panel_of(np.array([[1.0], [-2.0]]))
    with pytest.raises(ValueError, match="do not fit"):
        panel_of(np.zeros((3, 2)), incidents=np.zeros((3, 1)))
