"""Small changes of a border: each reaches its aim, and touches nothing else."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from ceasefire.deployment.borders.suggestions import follow, keep_away, put_in, put_out
from ceasefire.model.errors import UsageError

GEOD = Geod(ellps="WGS84")
BOX = shapely.box(36.0, 32.0, 36.6, 32.5)


def kilometres_to(shape: shapely.Geometry, longitude: float, latitude: float) -> float:
    """Return the geodesic distance from a place to the border of a shape."""
    xy = shapely.get_coordinates(shapely.segmentize(shapely.boundary(shape), 0.0005))
    n = len(xy)
    return float(np.min(GEOD.inv(np.full(n, longitude), np.full(n, latitude), xy[:, 0], xy[:, 1])[2])) / 1e3


@settings(max_examples=15, deadline=None)
@given(longitude=st.floats(35.8, 36.8), latitude=st.floats(31.85, 32.65), margin_km=st.sampled_from([0.5, 2.0]))
def test_a_place_is_inside_by_the_margin_or_outside_by_it(longitude: float, latitude: float, margin_km: float) -> None:
    inside = put_in(BOX, "the town", longitude, latitude, margin_km)
    assert shapely.intersects_xy(inside.shape, longitude, latitude)
    assert kilometres_to(inside.shape, longitude, latitude) >= margin_km * 0.99
    assert inside.lost_km2 < 1e-3
    outside = put_out(BOX, "the town", longitude, latitude, margin_km)
    assert not shapely.intersects_xy(outside.shape, longitude, latitude)
    assert kilometres_to(outside.shape, longitude, latitude) >= margin_km * 0.99
    assert outside.gained_km2 < 1e-3
    assert inside.changed or kilometres_to(BOX, longitude, latitude) >= margin_km * 0.99


def test_what_is_reached_already_changes_nothing() -> None:
    for found in (
        put_in(BOX, "the town", 36.3, 32.25, 2.0),
        put_out(BOX, "the town", 37.0, 32.25, 2.0),
        keep_away(BOX, "the road", shapely.LineString([(37, 32), (37, 33)]), 5.0),
        follow(BOX, "the road", shapely.LineString([(37, 32), (37, 33)]), 3.0),
    ):
        assert not found.changed
        assert found.shape.equals(BOX)


def test_corners_that_are_not_touched_stay_exactly_where_they_are() -> None:
    found = put_in(BOX, "the town", 36.65, 32.25, 1.0)
    kept = {tuple(corner) for corner in shapely.get_coordinates(found.shape)}
    assert {(36.0, 32.0), (36.6, 32.0), (36.6, 32.5), (36.0, 32.5)} <= kept


def test_the_gain_is_about_what_is_drawn() -> None:
    found = put_in(BOX, "the town", 36.7, 32.25, 2.0)
    gap_km = GEOD.inv(36.7, 32.25, 36.6, 32.25)[2] / 1e3
    assert found.gained_km2 == pytest.approx(np.pi * 4 + 2 * (gap_km - 2), rel=0.1)


def test_keeping_away_from_a_road_leaves_its_belt_out() -> None:
    road = shapely.LineString([(35.9, 32.25), (36.3, 32.25)])
    found = keep_away(BOX, "the road", road, 3.0)
    assert not shapely.intersects(found.shape, road)
    assert kilometres_to(found.shape, 36.2, 32.25) == pytest.approx(3.0, rel=0.01)
    assert shapely.intersects_xy(found.shape, 36.5, 32.25)


def test_the_border_follows_a_road_where_it_is_near() -> None:
    road = shapely.LineString([(36.61, 31.9), (36.62, 32.1), (36.61, 32.25), (36.62, 32.6)])
    found = follow(BOX, "the road", road, 3.0)
    assert found.changed
    eastern = shapely.intersection(shapely.boundary(found.shape), shapely.box(36.601, 32.02, 36.7, 32.48))
    assert shapely.hausdorff_distance(eastern, shapely.intersection(road, shapely.box(36, 32.02, 37, 32.48))) < 1e-3
    assert shapely.intersects_xy(found.shape, 36.605, 32.3)
    western = shapely.intersection(shapely.boundary(found.shape), shapely.box(35.9, 32.1, 36.1, 32.4))
    assert western.equals_exact(
        shapely.intersection(shapely.boundary(BOX), shapely.box(35.9, 32.1, 36.1, 32.4)), 1e-6
    ) or (western.length == pytest.approx(0.3))


def test_the_border_follows_an_administrative_border_all_around() -> None:
    unit = shapely.box(36.01, 32.01, 36.59, 32.49)
    found = follow(BOX, "the district", unit, 3.0)
    assert shapely.symmetric_difference(found.shape, unit).area < 0.01 * unit.area


def test_an_area_that_would_vanish_is_refused() -> None:
    with pytest.raises(UsageError, match="No border does that"):
        keep_away(shapely.box(36.0, 32.0, 36.01, 32.01), "the town", shapely.Point(36.0, 32.0), 50.0)
