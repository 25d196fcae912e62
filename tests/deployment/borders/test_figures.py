"""Figures of a border, against a slow count that shares no code with them."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod, Transformer

from ceasefire.deployment.borders.drawing import Proposal, continuous
from ceasefire.deployment.borders.figures import Tally, figures_of, measure
from ceasefire.deployment.borders.frame import Frame
from ceasefire.deployment.borders.ground import Feature, Ground

from .drawn_ground import drawings, ground_at, version

GEOD = Geod(ellps="WGS84")
SLACK = 0.005
"""Distances of `territory.areas` are at most 0.3 % long; of discs nearer than this, either answer may stand."""


def slow_tally(
    shape: shapely.Geometry, longitude: Any, latitude: Any, radius_km: Any, uncertainty_km: float
) -> tuple[list[str | None], int]:
    """Answer disc by disc, on a map drawn about each; None where rounding could decide."""
    answers: list[str | None] = []
    for x, y, radius in zip(longitude, latitude, radius_km, strict=True):
        about = Transformer.from_crs(
            "OGC:CRS84", f"+proj=aeqd +lon_0={float(x)!r} +lat_0={float(y)!r} +datum=WGS84 +units=km", always_xy=True
        )
        border = shapely.segmentize(shapely.boundary(shape), 0.01)
        flat = shapely.transform(border, lambda xy, t=about: np.column_stack(t.transform(xy[:, 0], xy[:, 1])))
        distance = shapely.distance(flat, shapely.Point(0, 0))
        reach = radius + uncertainty_km
        if abs(distance - reach) <= SLACK * reach + 1e-6:
            answers.append(None)
        elif distance < reach:
            answers.append("undetermined")
        else:
            answers.append("inside" if shapely.contains_xy(shape, x, y) else "outside")
    return answers, sum(each is None for each in answers)


@settings(max_examples=25, deadline=None)
@given(drawing=drawings(), uncertainty_km=st.sampled_from([0.0, 1.0, 5.0]))
def test_figures_equal_a_slow_count(drawing: tuple[shapely.Geometry, int], uncertainty_km: float) -> None:
    shape, seed = drawing
    rng = np.random.default_rng(seed)
    middle = shapely.centroid(shape)
    longitude = (middle.x + rng.uniform(-1.2, 1.2, 60) + 180) % 360 - 180
    latitude = middle.y + rng.uniform(-0.8, 0.8, 60)
    radius = rng.choice([0.0, 1.0, 5.0], 60)
    left = middle.x - 0.35
    frame = Frame.of([shape])
    turned = frame.shape(shape)
    given_too = [
        Feature(kind="crossings", shape=shapely.multipoints(np.column_stack([longitude, latitude]))),
        Feature(kind="roads", shape=shapely.LineString([(left, latitude[0]), (left + 0.7, latitude[1])])),
    ]
    ground = replace(ground_at(longitude, latitude, radius), features=given_too).in_frame(frame)
    found = figures_of(version(uncertainty_km), turned, ground)

    near = middle.x + (longitude - middle.x + 180) % 360 - 180  # on the turn of longitudes that the drawing is on
    expected, doubtful = slow_tally(shape, near, latitude, radius, uncertainty_km)
    for name in ("inside", "undetermined", "outside"):
        count = expected.count(name)
        assert count <= getattr(found.incidents, name) <= count + doubtful, name

    road = np.linspace((left, latitude[0]), (left + 0.7, latitude[1]), 4001)
    steps = GEOD.inv(road[:-1, 0], road[:-1, 1], road[1:, 0], road[1:, 1])[2]
    midway = (road[:-1] + road[1:]) / 2
    slow_km = steps[shapely.intersects_xy(shape, midway)].sum() / 1e3
    assert found.features["roads"].length_km == pytest.approx(slow_km, abs=0.2)

    towns, unsure = slow_tally(shape, near, latitude, np.zeros(60), uncertainty_km)
    crossings = found.features["crossings"].tally
    for name in ("inside", "undetermined", "outside"):
        assert towns.count(name) <= getattr(crossings, name) <= towns.count(name) + unsure, name
    if not unsure:
        people = np.where(np.arange(60) % 3 == 0, np.nan, 100.0 * (1 + np.arange(60)))
        sure = np.array([each == "inside" for each in towns])
        maybe = np.array([each == "undetermined" for each in towns])
        known = np.isfinite(people)
        assert found.people.low == (int(people[known & sure].sum()) if (known & (sure | maybe)).any() else None)
        assert found.people.unknown_inside == int((~known & sure).sum())
        assert found.people.unknown_undetermined == int((~known & maybe).sum())
        for number, holder in enumerate(("a", "b", "unknown")):
            assert found.settlements[holder].inside == int(sure[number::3].sum())


@settings(max_examples=25, deadline=None)
@given(drawing=drawings())
def test_length_and_area_are_geodesic(drawing: tuple[shapely.Geometry, int]) -> None:
    shape, _ = drawing
    area, length = measure(Frame.of([shape]).shape(shape))
    slow_length = slow_area = 0.0
    for polygon in shapely.get_parts(shape):
        for number, ring in enumerate([polygon.exterior, *polygon.interiors]):
            xy = shapely.get_coordinates(ring)
            slow_length += sum(GEOD.inv(*a, *b)[2] for a, b in itertools.pairwise(xy))
            ring_area = abs(GEOD.polygon_area_perimeter(xy[:, 0], xy[:, 1])[0])
            slow_area += -ring_area if number else ring_area
    assert length == pytest.approx(slow_length / 1e3, rel=1e-9)
    assert area == pytest.approx(slow_area / 1e6, rel=1e-6)


def test_a_circle_has_roughness_one_and_a_winding_line_more() -> None:
    angle = np.linspace(0, 2 * np.pi, 721)
    round_one = shapely.Polygon(np.column_stack([0.2 * np.cos(angle), 0.2 * np.sin(angle)]))
    winding = 0.2 * (1 + 0.3 * np.sin(20 * angle))
    wound = shapely.Polygon(np.column_stack([winding * np.cos(angle), winding * np.sin(angle)]))
    assert figures_of(version(), round_one, Ground()).roughness == pytest.approx(1, abs=0.01)
    assert figures_of(version(), wound, Ground()).roughness > 2


def test_without_any_population_the_number_of_people_is_unknown() -> None:
    ground = ground_at(np.array([0.5]), np.array([0.5]), np.array([0.0]))
    people = figures_of(version(), shapely.box(0, 0, 1, 1), ground).people
    assert (people.low, people.high, people.unknown_inside) == (None, None, 1)


def test_features_are_counted_by_what_they_are() -> None:
    features = [
        Feature(kind="hospitals", shape=shapely.Point(0.5, 0.5)),
        Feature(kind="hospitals", shape=shapely.Point(2, 2)),
        Feature(kind="roads", shape=shapely.LineString([(-1, 0.5), (2, 0.5)])),
        Feature(kind="camps", shape=shapely.box(0.2, 0.2, 0.3, 0.3)),
        Feature(kind="camps", shape=shapely.box(0.9, 0.9, 1.1, 1.1)),
    ]
    found = figures_of(version(), shapely.box(0, 0, 1, 1), Ground(features=features)).features
    assert found["hospitals"].tally == Tally(inside=1, undetermined=0, outside=1)
    assert found["hospitals"].length_km is None
    assert found["roads"].length_km == pytest.approx(GEOD.line_length([0, 1], [0.5, 0.5]) / 1e3, rel=1e-6)
    assert found["camps"].tally == Tally(inside=1, undetermined=1, outside=0)


def test_an_empty_ground_has_zeros_and_no_people_known() -> None:
    found = figures_of(version(), shapely.box(0, 0, 1, 1), Ground())
    assert found.incidents == Tally(inside=0, undetermined=0, outside=0)
    assert found.people.low is None
    assert math.isclose(found.area_km2, measure(shapely.box(0, 0, 1, 1))[0], rel_tol=1e-9)


def test_a_shape_cut_at_the_meridian_has_no_border_there() -> None:
    cut = shapely.MultiPolygon([shapely.box(179, 0, 180, 1), shapely.box(-180, 0, -179, 1)])
    frame = Frame.of([cut])
    found = figures_of(version(), frame.shape(cut), Ground())
    assert frame.turn != 0
    assert found.parts == 1
    assert found.length_km == pytest.approx(measure(shapely.box(0, 0, 2, 1))[1], rel=1e-6)
    assert Proposal(name="cut", shape=continuous(cut)).shape.bounds == (179, 0, 181, 1)
