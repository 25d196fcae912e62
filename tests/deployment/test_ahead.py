"""Forecasts of areas made into weights of places: the counts stay those forecast, and the rest is the past's."""

from __future__ import annotations

import numpy as np
import pytest

from ceasefire.deployment.ahead import PastPlaces, shuffled, spread_over_places

LEVELS = np.arange(200.0)


def test_each_area_keeps_the_counts_that_were_forecast() -> None:
    values = np.stack([np.stack([LEVELS, LEVELS**2]), np.stack([LEVELS + 7, 3 * LEVELS])])
    past = np.random.default_rng(1).poisson(3, (40, 2)).astype(float)
    found = shuffled(values, past, samples=200, rng=np.random.default_rng(2))
    assert np.sort(found[:, 1, 0]).tolist() == (LEVELS + 7).tolist()  # as many samples as values: each value once
    assert np.sort(found, axis=0).mean(axis=0) == pytest.approx(values.mean(axis=2), rel=1e-9)


def test_what_came_together_comes_together_and_what_is_not_on_record_is_at_random() -> None:
    rng = np.random.default_rng(3)
    level = rng.gamma(1, 10, 120)
    past = np.column_stack([level, 2 * level, -level, np.full(120, np.nan)])
    values = np.tile(LEVELS, (4, 1, 1))
    found = shuffled(values, past, samples=4000, rng=rng)[:, :, 0]
    ranks = np.corrcoef(found.T)
    assert ranks[0, 1] > 0.95
    assert ranks[0, 2] < -0.95
    assert abs(ranks[0, 3]) < 0.1


def test_weeks_that_follow_each_other_follow_each_other_ahead() -> None:
    rng = np.random.default_rng(4)
    walk = np.abs(np.cumsum(rng.normal(0, 1, 200)))
    values = np.tile(LEVELS, (1, 2, 1))
    found = shuffled(values, walk[:, None], samples=2000, rng=rng)
    assert np.corrcoef(found[:, 0, 0], found[:, 0, 1])[0, 1] > 0.7


def places(**more: object) -> PastPlaces:
    given = {
        "longitude": np.array([8.0, 8.1, 8.2, np.nan]),
        "latitude": np.full(4, 47.0),
        "radius": np.zeros(4),
        "area": np.array([0, 0, 1, 1]),
        "week": np.array([0, 3, 1, 2]),
        "weight": np.ones(4),
        "weeks": 5,
    }
    return PastPlaces(**(given | more))  # type: ignore[arg-type]


def test_a_count_falls_where_its_own_area_s_incidents_fell() -> None:
    ahead = np.column_stack([np.full(4000, 10.0), np.full(4000, 6.0)])
    demand = spread_over_places(ahead, places(), rng=np.random.default_rng(5))
    first = demand.shares(demand.longitude < 8.05)
    assert demand.expected[:2].sum() == pytest.approx(10)  # all of the first area's, sample by sample
    assert demand.expected[0] == pytest.approx(5, rel=0.05)
    # of two weeks' Dirichlet weights the part of one is uniform: so uncertain is where it falls
    part = demand.draws[:, demand.block[0]] / 10
    assert np.quantile(part, [0.1, 0.5, 0.9]) == pytest.approx([0.1, 0.5, 0.9], abs=0.03)
    assert first.std() > 0.1
    # the second area's other incident has no place: its part has no weight
    assert demand.expected[2] == pytest.approx(3, rel=0.05)
    assert len(demand.longitude) == 3


def test_what_counts_to_two_areas_is_seen_once_and_what_is_outside_not_at_all() -> None:
    both = places(
        longitude=np.array([8.0, 8.1, 8.0, 8.3]), week=np.array([0, 3, 0, 2]), weight=np.array([0.5, 1, 0.5, 0])
    )
    demand = spread_over_places(np.tile([2.0, 2.0], (500, 1)), both, rng=np.random.default_rng(6))
    assert demand.longitude.tolist() == [8.0, 8.1, 8.0]
    # of each area's two, half is the shared one, and of that half counts: 0.5 + 0.5 + 1
    assert demand.expected.sum() == pytest.approx(2, rel=0.05)


def test_fresh_samples_are_kept_apart_and_weeks_of_all_areas_are_known_together() -> None:
    demand = spread_over_places(np.ones((30, 2)), places(), fresh=10, rng=np.random.default_rng(7))
    assert demand.draws.shape == (20, 10)
    assert demand.fresh is not None
    assert demand.fresh.shape == (10, 10)
    assert demand.folds[demand.block].tolist() == [0, 3, 1]


def test_an_area_without_an_incident_of_the_past_has_nowhere_to_fall() -> None:
    lone = places(area=np.zeros(4, dtype=np.int64))
    demand = spread_over_places(np.tile([1.0, 50.0], (100, 1)), lone, rng=np.random.default_rng(8))
    assert demand.expected.sum() <= 1
