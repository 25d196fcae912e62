from __future__ import annotations

import numpy as np
import pytest
import shapely

from ceasefire.assessment.outlook.clusters import RADII_KM, Spread, scan, spread_over_cells

NEAR = 1e-9


def scattered(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return incidents without any cluster, within some 150 km: longitude, latitude, weeks back."""
    return 10 + rng.normal(0, 0.6, n), 45 + rng.normal(0, 0.5, n), rng.integers(0, 40, n)


def slow_best(spread: Spread, week: np.ndarray, most_weeks: int) -> tuple[float, int, float, int]:
    """Return the largest statistic with its cell, radius and weeks, by plain loops over incidents."""
    best = (0.0, -1, 0.0, 0)
    share = np.zeros((spread.incidents, len(spread.x_km)))
    for incident, cell, part in zip(spread.incident, spread.cell, spread.share, strict=True):
        share[incident, cell] += part
    total = float(spread.incidents)
    for centre in range(len(spread.x_km)):
        for radius in RADII_KM:
            cells = [
                cell
                for cell in range(len(spread.x_km))
                if np.hypot(spread.x_km[cell] - spread.x_km[centre], spread.y_km[cell] - spread.y_km[centre])
                <= radius + 1e-6
            ]
            inside = share[:, cells].sum(axis=1)
            if inside.sum() < 3:
                continue
            for weeks in range(1, most_weeks + 1):
                late = week < weeks
                seen, expected = float(inside[late].sum()), float(inside.sum() * late.sum() / total)
                if seen < 3 or seen <= expected or expected > total / 2:
                    continue
                value = seen * np.log(seen / expected)
                if total - seen > 0:
                    value += (total - seen) * np.log((total - seen) / (total - expected))
                if value > best[0] + NEAR:
                    best = (float(value), centre, radius, weeks)
    return best


def test_the_scan_equals_a_slow_recomputation() -> None:
    rng = np.random.default_rng(31)
    lon, lat, week = scattered(rng, 80)
    radius = rng.choice([0.0, 2.0, 15.0], 80)
    spread = spread_over_cells(lon, lat, radius)
    found = scan(spread, week, rng=np.random.default_rng(1), permutations=19, limit=1.0)
    value, _, _, weeks = slow_best(spread, week, 4)
    assert found.clusters[0].statistic == pytest.approx(value, abs=1e-9)
    assert found.clusters[0].weeks == weeks


def test_p_values_equal_a_slow_recomputation() -> None:
    rng = np.random.default_rng(32)
    lon, lat, week = scattered(rng, 50)
    spread = spread_over_cells(lon, lat, np.zeros(50))
    found = scan(spread, week, rng=np.random.default_rng(5), permutations=19, limit=1.0)
    again = np.random.default_rng(5)
    seen = slow_best(spread, week, 4)[0]
    larger = sum(slow_best(spread, again.permutation(week), 4)[0] >= seen - NEAR for _ in range(19))
    assert found.clusters[0].p == pytest.approx((1 + larger) / 20)


def test_a_planted_cluster_is_found_where_it_is_with_the_smallest_p() -> None:
    rng = np.random.default_rng(33)
    lon, lat, week = scattered(rng, 800)
    lon, lat = np.append(lon, np.full(14, 10.9)), np.append(lat, np.full(14, 45.4))
    week = np.append(week, np.tile([0, 1], 7))
    found = scan(spread_over_cells(lon, lat, np.full(814, 2.0)), week, rng=np.random.default_rng(1))
    assert found.smallest_p == 1 / 1000
    assert found.clusters[0].p == found.smallest_p
    assert found.clusters[0].weeks == 2
    spread = spread_over_cells(lon, lat, np.full(814, 2.0))
    centre = found.clusters[0].centre
    assert abs(spread.longitude[centre] - 10.9) < 0.4
    assert abs(spread.latitude[centre] - 45.4) < 0.3


def test_without_a_cluster_few_are_found() -> None:
    rng = np.random.default_rng(34)
    hits = 0
    for _ in range(40):
        lon, lat, week = scattered(rng, 150)
        found = scan(spread_over_cells(lon, lat, np.full(150, 5.0)), week, rng=rng, permutations=99)
        hits += bool(found.clusters)
    assert hits <= 7  # of 40 at 5 %: more by chance once in a thousand times


def test_neither_a_place_that_always_has_many_nor_a_week_of_many_is_a_cluster() -> None:
    rng = np.random.default_rng(35)
    lon, lat, _ = scattered(rng, 700)
    busy = rng.random(700) < 0.4
    lon[busy], lat[busy] = 11.0, 45.0
    week = np.where(rng.random(700) < 0.2, 0, rng.integers(0, 40, 700))
    found = scan(spread_over_cells(lon, lat, np.zeros(700)), week, rng=rng, permutations=99, limit=0.01)
    assert found.clusters == ()


def test_a_place_known_badly_is_in_no_cell_as_a_whole() -> None:
    spread = spread_over_cells(np.array([10.0]), np.array([45.0]), np.array([40.0]))
    assert spread.share.sum() == pytest.approx(1.0)
    assert spread.share.max() < 0.1
    area = shapely.box(10, 45, 11, 46)
    known_to_area = spread_over_cells(np.array([np.nan]), np.array([np.nan]), np.array([np.nan]), [area])
    assert known_to_area.share.sum() == pytest.approx(1.0)
    assert known_to_area.share.max() < 0.05
    assert len(known_to_area.x_km) > 60


def test_fourteen_badly_placed_incidents_are_less_of_a_cluster_than_fourteen_on_the_spot() -> None:
    rng = np.random.default_rng(36)
    lon, lat, week = scattered(rng, 400)
    lon, lat = np.append(lon, np.full(14, 11.3)), np.append(lat, np.full(14, 45.5))
    week = np.append(week, np.zeros(14, dtype=np.int64))
    statistics = []
    for radius in (1.0, 60.0):
        discs = np.append(np.full(400, 1.0), np.full(14, radius))
        found = scan(spread_over_cells(lon, lat, discs), week, rng=np.random.default_rng(1), permutations=19, limit=1.0)
        statistics.append(found.clusters[0].statistic)
    assert statistics[1] < 0.6 * statistics[0]


@pytest.mark.parametrize("n", [0, 1, 9])
def test_too_few_incidents_are_said_to_be(n: int) -> None:
    spread = spread_over_cells(np.full(n, 10.0), np.full(n, 45.0), np.zeros(n))
    found = scan(spread, np.zeros(n, dtype=np.int64), rng=np.random.default_rng(1))
    assert found.why_not == "too-few-incidents"
    assert found.clusters == ()


def test_across_the_180th_meridian_neighbours_are_near() -> None:
    spread = spread_over_cells(np.array([179.95, -179.95]), np.array([0.0, 0.0]), np.zeros(2))
    assert np.ptp(spread.x_km) <= 20
