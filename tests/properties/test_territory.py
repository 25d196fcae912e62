"""Properties of the territory room, on random polygons."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from ceasefire.model.vocabulary import Answer
from ceasefire.territory.areas import AreaIndex
from ceasefire.territory.index import PolygonIndex, valid_pairs
from ceasefire.territory.records import AreaVersion

PREDICATES = {"intersects": shapely.intersects_xy, "contains": shapely.contains_xy}
lattice = st.integers(0, 16).map(float)
anywhere = st.floats(-1, 17, allow_nan=False, width=64)


@st.composite
def areas(draw, coordinate):
    """Draw a valid polygon or multipolygon, often with holes, or an empty one."""
    rings = draw(st.lists(st.lists(st.tuples(coordinate, coordinate), min_size=3, max_size=9), min_size=1, max_size=4))
    whole = shapely.Polygon()
    for number, ring in enumerate(rings):
        part = shapely.make_valid(shapely.Polygon(ring))
        polygons = [p for p in shapely.get_parts(part) if p.geom_type == "Polygon"]
        part = shapely.union_all(polygons) if polygons else shapely.Polygon()
        whole = whole.difference(part) if number % 2 else whole.union(part)
    polygons = [p for p in shapely.get_parts(whole) if p.geom_type == "Polygon"]
    area = polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)
    return area if area.is_valid else shapely.Polygon()


def points_about(polygons, extra):
    """Return the vertices, the middles between successive ones, and points with a vertex's x or y."""
    vertices = shapely.get_coordinates(polygons).reshape(-1, 2)
    extra = np.array(extra, dtype=float).reshape(-1, 2)
    middles = (vertices[1:] + vertices[:-1]) / 2
    level = np.column_stack([np.resize(extra[:, 0], len(vertices)), vertices[:, 1]]) if len(extra) else vertices
    return np.concatenate([vertices, middles, level, np.nextafter(vertices, 99), extra]).T.copy()


@settings(deadline=None, max_examples=150)
@given(
    polygons=st.lists(st.one_of(areas(lattice), areas(anywhere)), min_size=1, max_size=5),
    extra=st.lists(st.tuples(st.one_of(lattice, anywhere), st.one_of(lattice, anywhere)), max_size=40),
    predicate=st.sampled_from(sorted(PREDICATES)),
)
def test_the_index_answers_as_shapely_does(polygons, extra, predicate):
    x, y = points_about(polygons, extra)
    codes, table = PolygonIndex(polygons, predicate=predicate).membership_codes(x, y)
    expected = np.column_stack([PREDICATES[predicate](polygon, x, y) for polygon in polygons])
    np.testing.assert_array_equal(table[codes], expected)


@settings(deadline=None, max_examples=60)
@given(
    spans=st.lists(st.tuples(st.integers(-50, 50), st.integers(0, 40)), min_size=1, max_size=6),
    instants=st.lists(st.integers(-60, 100), min_size=1, max_size=30),
)
def test_times_filter_pairs_one_by_one(spans, instants):
    valid_from = np.array([start for start, _ in spans])
    valid_until = valid_from + np.array([length for _, length in spans])
    polygons = [shapely.box(0, 0, 1 + number, 1) for number in range(len(spans))]
    x = np.linspace(-0.5, len(spans) + 0.5, len(instants))
    y = np.full(len(instants), 0.5)
    timed = PolygonIndex(polygons, valid_from=valid_from, valid_until=valid_until).pairs(x, y, instants=instants)
    plain = PolygonIndex(polygons).pairs(x, y)
    expected = [
        (point, polygon)
        for point, polygon in zip(*(column.tolist() for column in plain), strict=True)
        if valid_from[polygon] <= instants[point] < valid_until[polygon]
    ]
    assert list(zip(*(column.tolist() for column in timed), strict=True)) == expected
    filtered = valid_pairs(*plain, instants, valid_from, valid_until)
    assert list(zip(*(column.tolist() for column in filtered), strict=True)) == expected


@settings(deadline=None, max_examples=60)
@given(
    polygon=areas(st.floats(35, 37, width=32)),
    places=st.lists(st.tuples(st.floats(34.5, 37.5), st.floats(34.5, 37.5)), min_size=1, max_size=20),
    radius_km=st.sampled_from([0.5, 5.0, 25.0]),
    uncertainty_km=st.sampled_from([0.0, 3.0]),
)
def test_sure_answers_agree_with_the_share_of_the_disc(polygon, places, radius_km, uncertainty_km):
    """Compare two computations in two projections: distances for the answers, areas for the shares."""
    if polygon.is_empty:
        return
    version = AreaVersion(
        id="v",
        file="areas.geojson",
        feature="v",
        standing="reconstructed",
        sources=("S1",),
        uncertainty_km=uncertainty_km,
    )
    index = AreaIndex({"v": (version, polygon)})
    x, y = np.array(places).T
    answers = index.answers(x, y, radius_km)[:, 0]
    share = index.share_inside("v", x, y, radius_km)
    np.testing.assert_array_equal(share[answers == Answer.YES], 1)
    np.testing.assert_array_equal(share[answers == Answer.NO], 0)
    if uncertainty_km == 0:
        crossed = (share > 0.01) & (share < 0.99)
        assert (answers[crossed] == Answer.UNDETERMINED).all()
