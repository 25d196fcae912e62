"""What hangs on each stretch, against a slow look at every place and stretch."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from ceasefire.deployment.borders.figures import figures_of, measure
from ceasefire.deployment.borders.frame import Frame
from ceasefire.deployment.borders.ground import Feature
from ceasefire.deployment.borders.sensitivity import sensitivity_of

from .drawn_ground import drawings, ground_at, version

GEOD = Geod(ellps="WGS84")
BOX = shapely.box(36.0, 32.0, 36.6, 32.5)


def slow_nearest(line: tuple[tuple[float, float], ...], x: float, y: float) -> float:
    """Return the distance from a point to a line in km: along the geodesic to each of many points of it."""
    dense = shapely.get_coordinates(shapely.segmentize(shapely.LineString(line), 0.0005))
    n = len(dense)
    metres = GEOD.inv(np.full(n, x), np.full(n, y), dense[:, 0], dense[:, 1])[2]
    return float(np.min(metres)) / 1e3


@settings(max_examples=6, deadline=None)
@given(drawing=drawings(), move_km=st.sampled_from([1.0, 3.0]))
def test_stretches_equal_a_slow_look(drawing: tuple[shapely.Geometry, int], move_km: float) -> None:
    drawn, seed = drawing
    rng = np.random.default_rng(seed)
    frame = Frame.of([drawn])
    shape = frame.shape(drawn)
    # most of the places lie near the line
    corners = shapely.get_coordinates(shapely.segmentize(shapely.boundary(shape), 0.05))
    longitude, latitude = (corners[rng.integers(0, len(corners), 40)] + rng.normal(0, 0.02, (40, 2))).T
    crossings = [
        Feature(kind="crossings", shape=shapely.points(x, y)) for x, y in zip(longitude, latitude, strict=True)
    ]
    ground = replace(ground_at(longitude, latitude, np.zeros(40)), features=crossings)
    found = sensitivity_of(shape, ground, move_km=move_km, checks=np.full(40, 2))
    distances = np.array(
        [[slow_nearest(each.line, x, y) for each in found.stretches] for x, y in zip(longitude, latitude, strict=True)]
    )
    nearest = distances.min(axis=1)
    inside = shapely.intersects_xy(shape, longitude, latitude)
    slack = 0.02
    for wanted, side in ((False, "outwards"), (True, "inwards")):
        sure = int(((nearest < move_km - slack) & (inside == wanted)).sum())
        most = int(((nearest < move_km + slack) & (inside == wanted)).sum())
        moved = [getattr(each, side) for each in found.stretches]
        assert sure <= sum(each.incidents for each in moved) <= most
        for each in moved:
            assert each.checks == 2 * each.incidents
            assert each.features == {"crossings": each.settlements}
            assert each.settlements == each.incidents
    for number, stretch in enumerate(found.stretches):
        clearly = (distances[:, number] < move_km - slack) & (
            np.delete(distances, number, axis=1).min(axis=1) > distances[:, number] + slack
        )
        assert stretch.outwards.settlements >= int((clearly & ~inside).sum())
        assert stretch.inwards.settlements >= int((clearly & inside).sum())


def test_stretches_are_the_whole_border() -> None:
    found = sensitivity_of(BOX, ground_at(np.zeros(0), np.zeros(0), np.zeros(0)))
    assert sum(each.length_km for each in found.stretches) == pytest.approx(measure(BOX)[1], rel=2e-3)
    assert max(each.length_km for each in found.stretches) < 10
    ends = [each.line[-1] for each in found.stretches]
    assert [each.line[0] for each in found.stretches[1:]] == ends[:-1]


def test_moving_the_whole_border_agrees_with_figures_of_a_grown_one() -> None:
    rng = np.random.default_rng(3)
    ground = ground_at(rng.uniform(35.9, 36.7, 2000), rng.uniform(31.9, 32.6, 2000), np.zeros(2000))
    found = sensitivity_of(BOX, ground, move_km=2.0)
    exact, widened = (figures_of(version(doubt), BOX, ground).incidents for doubt in (0.0, 2.0))
    taken_in = sum(each.outwards.incidents for each in found.stretches)
    lost = sum(each.inwards.incidents for each in found.stretches)
    assert exact.inside - widened.inside == pytest.approx(lost, abs=2)  # distances there are up to 0.3 % long
    assert exact.outside - widened.outside == pytest.approx(taken_in, abs=2)


def test_discs_wider_than_the_move_and_places_without_a_point_are_said() -> None:
    ground = ground_at(np.array([36.001, 36.001, np.nan]), np.array([32.2, 32.2, np.nan]), np.array([0.5, 5.0, np.nan]))
    found = sensitivity_of(BOX, ground)
    (hit,) = [each for each in found.stretches if each.incidents]
    assert (hit.inwards.incidents, hit.inwards.of_them_coarse) == (2, 1)
    assert found.without_point == 1
    assert hit.inwards.people_unknown == 1
    assert hit.inwards.people_low == 200


def test_across_the_180th_meridian_lines_are_told_where_they_are() -> None:
    shape = shapely.box(179.8, 10.0, 180.2, 10.3)
    frame = Frame.of([shape])
    ground = ground_at(np.array([-179.801]), np.array([10.1]), np.array([0.0])).in_frame(frame)
    found = sensitivity_of(frame.shape(shape), ground).back(frame)
    (hit,) = [each for each in found.stretches if each.incidents]
    assert hit.line[0][0] == pytest.approx(-179.8)
