"""What is seen from where, what there is to see, which places the rules admit, and tours that nobody can foretell."""

from __future__ import annotations

from itertools import pairwise, permutations
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from ceasefire.deployment.candidates import Candidate, Rules, admissible, grid, too_close
from ceasefire.deployment.demand import along_line, forecast_samples, past_weeks, spread
from ceasefire.deployment.sight import Elevation, in_range, not_hidden, read_elevation
from ceasefire.deployment.tours import tours, week, worth_of_sets
from ceasefire.model.errors import InputError

GEOD = Geod(ellps="WGS84")


@pytest.mark.parametrize("middle", [8.0, 179.95, -179.95])
def test_range_is_the_distance_on_the_ground_also_across_the_180th_meridian(middle: float) -> None:
    rng = np.random.default_rng(3)
    x, y = (middle + rng.normal(0, 0.2, 200) + 180) % 360 - 180, 47 + rng.normal(0, 0.15, 200)
    sees = in_range((x, y), (x[:20], y[:20]), np.full(20, 12.0))
    metres = np.array([[GEOD.inv(x[i], y[i], x[j], y[j])[2] for j in range(20)] for i in range(200)])
    sure = np.abs(metres - 12_000) > 0.5  # a chord of 12 km is 2 mm short
    assert (sees == (metres <= 12_000))[sure].all()


FLAT = Elevation(7.9, 46.9, 0.005, np.full((61, 61), 400.0))


def test_a_ridge_hides_what_is_behind_it_and_unknown_ground_promises_nothing() -> None:
    metres = FLAT.metres.copy()
    metres[:, 30] = 500.0  # a wall at 8.05
    ridge, hole = Elevation(7.9, 46.9, 0.005, metres), FLAT.metres.copy()
    hole[:, 30] = np.nan
    points, post = (np.array([8.03, 8.08]), np.array([47.0, 47.0])), (np.array([8.0]), np.array([47.0]))
    both = np.ones((2, 1), dtype=bool)
    assert not_hidden(both, points, post, FLAT).ravel().tolist() == [True, True]
    assert not_hidden(both, points, post, ridge).ravel().tolist() == [True, False]
    assert not_hidden(both, points, post, Elevation(7.9, 46.9, 0.005, hole)).ravel().tolist() == [True, False]
    assert not_hidden(both, points, post, ridge, eye_m=400).ravel().tolist() == [True, True]
    assert not not_hidden(~both, points, post, FLAT).any()


def test_the_earth_is_round() -> None:
    wide = Elevation(7.0, 46.5, 0.01, np.full((120, 220), 0.0))
    at = lambda km: (np.array([8.0 + km / 76.06]), np.array([47.0]))  # noqa: E731
    post, one = (np.array([8.0]), np.array([47.0])), np.ones((1, 1), dtype=bool)
    # sqrt(2 R h / 0.87) for 10 m and 2 m: 12.1 and 5.4 km
    assert not_hidden(one, at(17.2), post, wide).all()  # light bends: without it, 16.3 km
    assert not not_hidden(one, at(17.9), post, wide).any()


def test_an_ascii_grid_is_read_from_the_north(tmp_path: Path) -> None:
    path = tmp_path / "heights.asc"
    head = "ncols 2\nnrows 2\nxllcorner 8\nyllcorner 47\ncellsize 0.5\nNODATA_value -9999\n"
    path.write_text(head + "1 2\n3 -9999\n")
    read = read_elevation(path)
    assert (read.west, read.south) == (8.25, 47.25)
    assert read.metres[0, 0] == 3
    assert np.isnan(read.metres[0, 1])
    path.write_text("not a grid")
    with pytest.raises(InputError, match="ASCII grid"):
        read_elevation(path)


def test_a_disc_is_as_much_inside_a_circle_as_seven_points_say() -> None:
    which, x, y, part = spread(np.array([8.0, 8.0]), np.array([47.0, 47.0]), np.array([0.0, 4.0]))
    assert part[which == 0].tolist() == [1.0]
    assert part[which == 1].sum() == pytest.approx(1)
    km = np.array([GEOD.inv(8.0, 47.0, a, b)[2] / 1000 for a, b in zip(x[which == 1], y[which == 1], strict=True)])
    # the mean squared distance from the middle of a disc is half its squared radius
    assert (part[which == 1] * km**2).sum() == pytest.approx(4.0**2 / 2, rel=1e-3)


def test_draws_of_weeks_average_to_the_past_and_vary() -> None:
    count = 60
    rng = np.random.default_rng(0)
    demand = past_weeks(
        (np.full(count, 8.0), np.full(count, 47.0), np.zeros(count)),
        np.arange(count) // 6,
        np.ones(count),
        weeks=10,
        draws=4000,
        rng=rng,
    )
    assert demand.expected.sum() == pytest.approx(6, rel=0.02)  # six a week
    few = past_weeks(
        (np.full(count, 8.0), np.full(count, 47.0), np.zeros(count)),
        np.arange(count) // 6,
        np.ones(count),
        weeks=10,
        draws=3,
        rng=rng,
    )
    assert few.expected == pytest.approx(np.full(count, 0.1))  # what is chosen hangs on no seed
    early = demand.shares(demand.block < 5)
    assert early.mean() == pytest.approx(0.5, abs=0.02)
    assert early.std() == pytest.approx(0.5 / np.sqrt(10), rel=0.1)


def test_samples_of_a_forecast() -> None:
    demand = forecast_samples(
        np.array([0, 0, 1]), (np.array([8.0, 8.1, 8.0]), np.full(3, 47.0)), np.array([2.0, 2.0, 6.0])
    )
    assert demand.expected.tolist() == [1.0, 1.0, 3.0]
    assert demand.shares(demand.longitude < 8.05).tolist() == [0.5, 1.0]


def test_a_line_weighs_what_it_measures_in_stretches() -> None:
    line = shapely.LineString([(8.0, 47.0), (8.3, 47.1), (8.5, 47.0)])
    demand = along_line(line, stretch_km=10)
    assert demand.weight.sum() == pytest.approx(GEOD.geometry_length(line) / 1000, rel=1e-3)
    assert demand.groups.sum(axis=0).tolist() == [1] * len(demand.weight)
    assert len(demand.group_names) == 4


def place(name: str, **more: object) -> Candidate:
    given_ = {"site_id": name, "name": name, "longitude": 8.0, "latitude": 47.1} | more
    return Candidate(**given_)  # type: ignore[arg-type]


def test_rules_leave_out_and_say_why_and_silence_counts_against() -> None:
    rules = Rules(
        line=shapely.LineString([(7.9, 47.0), (8.1, 47.0)]),
        from_line_km=2,
        road_km=1,
        must_be_safe=True,
        must_be_consented=True,
    )
    good = {"road_km": 0.5, "safe": True, "consented": True}
    kept, left_out = admissible(
        [
            place("good", **good),
            place("near", **{**good, "latitude": 47.01}),
            place("refused", **{**good, "consented": False}),
            place("unasked", road_km=0.5, safe=True),
            place("mined", **{**good, "safe": False}),
            place("far", **{**good, "road_km": 3.0}),
            place("roadless", safe=True, consented=True),
            place("stands", stands=True, latitude=47.0),
        ],
        rules,
    )
    assert [each.site_id for each in kept] == ["good", "stands"]
    assert left_out == {
        "within 2 km of the line": ["near"],
        "not consented to": ["refused"],
        "nobody says whether it is consented to": ["unasked"],
        "not safe": ["mined"],
        "farther than 1 km from a passable road": ["far"],
        "nobody says how far a passable road is": ["roadless"],
    }


def test_posts_that_stand_may_be_close_and_others_not() -> None:
    places = [place("a", stands=True), place("b", stands=True), place("c"), place("d", latitude=48.0)]
    assert too_close(places, 3).tolist() == [[0, 2], [1, 2]]


def test_a_grid_covers_an_area_evenly() -> None:
    found = grid(shapely.box(8, 47, 8.5, 47.5), 5)
    area = 38.0 * 55.6
    assert len(found) == pytest.approx(area / (25 * np.sqrt(3) / 2), rel=0.15)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 5), st.integers(0, 2**31), st.floats(0.5, 4))
def test_the_best_tour_is_the_best_of_all_orders(n: int, seed: int, shift: float) -> None:
    rng = np.random.default_rng(seed)
    xy = rng.random((n + 1, 2))
    hours = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    reward = rng.random(n)
    found = tours(hours, 0.1, reward, shift, within=0.8)
    best = 0.0
    for size in range(1, n + 1):
        for order in permutations(range(n), size):
            way = [0, *(stop + 1 for stop in order), 0]
            taken = sum(hours[a, b] for a, b in pairwise(way)) + 0.1 * size
            if taken <= shift:
                best = max(best, reward[list(order)].sum())
    assert found.best == pytest.approx(best)
    for tour in found.tours:
        way = [0, *(stop + 1 for stop in tour.stops), 0]
        taken = sum(hours[a, b] for a, b in pairwise(way)) + 0.1 * len(tour.stops)
        assert taken == pytest.approx(tour.hours)
        assert tour.hours <= shift + 1e-9
        assert tour.reward >= 0.8 * best - 1e-9


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**31), st.integers(0, 5))
def test_what_two_stops_both_see_counts_once(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    sees, weight = rng.random((20, n)) < 0.4, rng.random(20)
    worth = worth_of_sets(sees, weight)
    for number in range(1 << n):
        stops = [i for i in range(n) if number >> i & 1]
        assert worth[number] == pytest.approx(weight[sees[:, stops].any(axis=1)].sum())
    if n:
        hours = np.ones((n + 1, n + 1))
        assert tours(hours, 0.0, worth, n + 1.0).best == pytest.approx(worth[-1])


def test_next_best_tours_are_added_where_too_few_are_good() -> None:
    hours = np.ones((4, 4)) - np.eye(4)
    reward = np.array([10.0, 1.0, 0.0])
    assert len(tours(hours, 0.0, reward, 2.0).tours) == 1
    more = tours(hours, 0.0, reward, 2.0, fewest=3)
    assert [tour.stops for tour in more.tours] == [(0,), (1,)]  # the third is worth nothing


def test_many_rays_at_once_are_each_as_one_alone() -> None:
    rng = np.random.default_rng(8)
    rough = Elevation(7.9, 46.9, 0.005, np.cumsum(rng.normal(0, 12, (61, 61)), axis=1))
    x, y = 7.9 + rng.random(60) * 0.29, 46.9 + rng.random(60) * 0.29
    sees = rng.random((60, 8)) < 0.7
    clear = not_hidden(sees, (x, y), (x[:8], y[:8]), rough)
    assert 0 < clear.sum() < sees.sum()
    for i, j in np.argwhere(sees):
        one = not_hidden(np.ones((1, 1), dtype=bool), (x[[i]], y[[i]]), (x[[j]], y[[j]]), rough)
        assert one[0, 0] == clear[i, j]


def test_shifts_are_drawn_from_all_good_tours_and_none_twice_in_a_row() -> None:
    xy = np.random.default_rng(1).random((7, 2))
    hours = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    choices = tours(hours, 0.1, np.ones(6), 2.6, within=0.7)
    assert len(choices.tours) > 3
    drawn = week(choices, 400, np.random.default_rng(2))
    sets = [frozenset(tour.stops) for tour in drawn]
    assert all(a != b for a, b in pairwise(sets))
    assert set(sets) == {frozenset(tour.stops) for tour in choices.tours}
    other = week(choices, 400, np.random.default_rng(3))
    assert [tour.stops for tour in drawn] != [tour.stops for tour in other]


def test_one_good_set_of_stops_is_walked_in_changing_orders_at_changing_hours() -> None:
    xy = np.random.default_rng(1).random((5, 2))
    hours = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    choices = tours(hours, 0.1, np.ones(4), 4.0)
    assert [frozenset(tour.stops) for tour in choices.tours] == [choices.always] == [frozenset(range(4))]
    drawn = week(choices, 200, np.random.default_rng(2))
    assert len({tour.stops for tour in drawn}) > 12
    assert len({round(tour.leaves_after_hours, 1) for tour in drawn}) > 5
    for tour in drawn:
        way = [0, *(stop + 1 for stop in tour.stops), 0]
        assert tour.hours == pytest.approx(sum(hours[a, b] for a, b in pairwise(way)) + 0.4)
        assert 0 <= tour.leaves_after_hours <= 4.0 - tour.hours + 1e-9
    tight = tours(hours, 0.1, np.ones(4), choices.tours[0].hours)  # the shortest way alone fits
    assert {tour.stops for tour in week(tight, 20, np.random.default_rng(2))} <= {
        tight.tours[0].stops,
        tight.tours[0].stops[::-1],
    }
