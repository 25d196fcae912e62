"""The polygon index answers as shapely does, point by point."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import shapely

from ceasefire.model.errors import UsageError
from ceasefire.model.time import EARLIEST, LATEST
from ceasefire.territory.cover import SPLIT
from ceasefire.territory.index import COARSEST_CELLS, FINEST_CELLS, PolygonIndex, expand_codes, valid_pairs

PREDICATES = {"intersects": shapely.intersects_xy, "contains": shapely.contains_xy}


def pairs_by_shapely(polygons, x, y, predicate):
    pairs = [
        (int(point), number)
        for number, polygon in enumerate(polygons)
        for point in np.flatnonzero(PREDICATES[predicate](polygon, x, y))
    ]
    pairs.sort()
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def star(rng, x, y, radius, n):
    angles = np.sort(rng.uniform(0, 2 * np.pi, n))
    radii = radius * rng.uniform(0.3, 1, n)
    return shapely.Polygon(np.column_stack([x + radii * np.cos(angles), y + radii * np.sin(angles)])).buffer(0)


def awkward_polygons():
    """Holes, parts, overlaps, shared edges, slivers, a polygon smaller than a cell, edges along cell lines."""
    rng = np.random.default_rng(20170504)
    country = shapely.box(35, 32, 42, 37)
    return [
        country,
        shapely.box(35, 32, 38.5, 37),
        shapely.box(38.5, 32, 42, 37),
        shapely.Polygon(
            country.exterior.coords, [shapely.box(36, 33, 37, 34).exterior.coords, [(39, 35), (40, 35), (39.5, 36)]]
        ),
        star(rng, 37, 34, 1.5, 300),
        star(rng, 38, 35, 1.8, 40),
        shapely.MultiPolygon([shapely.box(35.1, 32.1, 35.2, 32.2), shapely.box(41.8, 36.8, 41.9, 36.9)]),
        shapely.box(37.00001, 34.00001, 37.00002, 34.00002),
        shapely.Polygon([(35, 32), (42, 37), (42, 37 - 1e-9)]),
        shapely.Polygon([(36, 33.0000001), (41, 33.0000001), (41, 33.0000002)]),
        shapely.Polygon(),
    ]


def planted_points(index, polygons, rng, n=20_000):
    """Scatter points, and add those that need care: vertices, edges, cell lines and their neighbours, NaN, far away."""
    index.pairs(np.full(n, 36.0), np.full(n, 33.0))
    grid = index._cover.grid
    vertices = shapely.get_coordinates(polygons)
    middles = (vertices[1:] + vertices[:-1]) / 2
    lines_x = grid.x + np.arange(grid.columns * SPLIT + 1) / grid.scale_x
    lines_y = grid.y + np.arange(grid.rows * SPLIT + 1) / grid.scale_y
    on_lines = np.column_stack([rng.choice(lines_x, 4000), rng.choice(lines_y, 4000)])
    near = np.concatenate([vertices, on_lines])
    nudged = np.nextafter(near, rng.choice([-1e9, 1e9], near.shape))
    odd = np.array([[np.nan, 33], [36, np.nan], [np.nan, np.nan], [np.inf, 33], [36, -np.inf], [1e308, -1e308], [0, 0]])
    mixed = np.column_stack([rng.choice(vertices[:, 0], 4000), rng.choice(lines_y, 4000)])
    scattered = np.column_stack([rng.uniform(34, 43, n), rng.uniform(31, 38, n)])
    return np.concatenate([scattered, vertices, middles, on_lines, nudged, mixed, odd]).T.copy()


@pytest.mark.parametrize("predicate", PREDICATES)
@pytest.mark.parametrize("n_for_grid", [1, 4 * COARSEST_CELLS, 200_000])
def test_pairs_are_those_of_shapely(predicate, n_for_grid):
    polygons = awkward_polygons()
    index = PolygonIndex(polygons, predicate=predicate)
    x, y = planted_points(index, polygons, np.random.default_rng(1), n=n_for_grid)
    x, y = x[-60_000:], y[-60_000:]
    points, numbers = index.pairs(x, y)
    expected = pairs_by_shapely(polygons, x, y, predicate)
    assert len(expected) > 10_000
    np.testing.assert_array_equal(points, expected[:, 0])
    np.testing.assert_array_equal(numbers, expected[:, 1])
    assert points.dtype == np.int64
    assert numbers.dtype == np.int32


def test_a_shifted_grid_would_be_seen():
    polygons = awkward_polygons()
    index = PolygonIndex(polygons)
    x, y = planted_points(index, polygons, np.random.default_rng(2))
    grid = index._cover.grid
    index._cover = dataclasses.replace(index._cover, grid=dataclasses.replace(grid, x=grid.x + 1 / grid.scale_x))
    points, numbers = index.pairs(x, y)
    expected = pairs_by_shapely(polygons, x, y, "intersects")
    assert not np.array_equal(np.column_stack([points, numbers]), expected)


def test_border_points_tell_the_predicates_apart():
    square = [shapely.box(0, 0, 1, 1)]
    x, y = np.array([0.0, 0.5, 1.0, 0.5]), np.array([0.0, 0.0, 0.3, 0.5])
    assert PolygonIndex(square, predicate="intersects").pairs(x, y)[0].tolist() == [0, 1, 2, 3]
    assert PolygonIndex(square, predicate="contains").pairs(x, y)[0].tolist() == [3]


def test_codes_name_the_set_of_each_point():
    polygons = awkward_polygons()
    index = PolygonIndex(polygons)
    rng = np.random.default_rng(3)
    x, y = rng.uniform(34, 43, 5000), rng.uniform(31, 38, 5000)
    codes, table = index.membership_codes(x, y)
    assert codes.dtype == np.int32
    assert table.dtype == np.bool_
    assert not table[0].any()
    expected = np.column_stack([shapely.intersects_xy(polygon, x, y) for polygon in polygons])
    np.testing.assert_array_equal(table[codes], expected)


def test_a_large_query_after_a_small_one_answers_alike():
    polygons = awkward_polygons()
    index = PolygonIndex(polygons)
    rng = np.random.default_rng(4)
    x, y = rng.uniform(34, 43, 200_000), rng.uniform(31, 38, 200_000)
    small = index.pairs(x[:50], y[:50])
    cells = len(index._cover.coarse)
    large = index.pairs(x, y)
    assert len(index._cover.coarse) > cells
    for ours, theirs in zip(small, index.pairs(x[:50], y[:50]), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert large[0][: len(small[0])].tolist() == small[0].tolist()
    assert len(index._cover.coarse) <= 2 * FINEST_CELLS


def test_polygons_stand_only_for_their_time():
    boxes = [shapely.box(0, 0, 2, 2), shapely.box(1, 0, 3, 2), shapely.box(0, 0, 3, 2)]
    valid_from, valid_until = [EARLIEST, 100, 50], [100, LATEST, 60]
    index = PolygonIndex(boxes, valid_from=valid_from, valid_until=valid_until)
    rng = np.random.default_rng(5)
    x, y = rng.uniform(-1, 4, 3000), rng.uniform(-1, 3, 3000)
    instants = rng.choice([-5, 0, 49, 50, 59, 60, 99, 100, 101], 3000)
    ours = index.pairs(x, y, instants=instants)
    filtered = valid_pairs(*index.pairs(x, y), instants, valid_from, valid_until)
    assert 0 < len(ours[0]) < len(index.pairs(x, y)[0])
    for a, b in zip(ours, filtered, strict=True):
        np.testing.assert_array_equal(a, b)
    when = instants[ours[0]]
    assert np.all(when[ours[1] == 0] < 100)
    assert np.all(when[ours[1] == 1] >= 100)
    assert set(when[ours[1] == 2].tolist()) == {50, 59}


def test_many_changes_in_time_are_searched():
    n = 60
    boxes = [shapely.box(0, 0, 1, 1)] * n
    starts = np.arange(n) * 10
    index = PolygonIndex(boxes, valid_from=starts, valid_until=starts + 10)
    instants = np.arange(n * 10)
    points, numbers = index.pairs(np.full(n * 10, 0.5), np.full(n * 10, 0.5), instants=instants)
    np.testing.assert_array_equal(points, instants)
    np.testing.assert_array_equal(numbers, instants // 10)


@pytest.mark.parametrize("polygons", [[], [shapely.Polygon()]])
def test_no_polygon_holds_no_point(polygons):
    points, numbers = PolygonIndex(polygons).pairs([36.0, np.nan], [33.0, 33.0])
    assert len(points) == len(numbers) == 0


def test_no_points_give_no_pairs():
    points, numbers = PolygonIndex([shapely.box(0, 0, 1, 1)]).pairs([], [])
    assert len(points) == len(numbers) == 0
    assert len(expand_codes(np.zeros(0, dtype=np.int32), np.zeros((1, 1), dtype=np.bool_))[0]) == 0


@pytest.mark.parametrize("size", [1e-300, 1e-14, 1e-7, 1e5, 1e120])
def test_odd_sizes_are_answered(size):
    box = shapely.affinity.scale(shapely.Polygon([(0, 0), (1, 0), (1, 1), (0.5, 0.1)]), size, size, origin=(0, 0))
    x, y = np.random.default_rng(6).uniform(-0.2 * size, 1.2 * size, (2, 2000))
    expected = pairs_by_shapely([box], x, y, "intersects")
    np.testing.assert_array_equal(PolygonIndex([box]).pairs(x, y)[0], expected[:, 0])


def test_caller_geometries_stay_as_they_were():
    box = shapely.box(0, 0, 1, 1)
    PolygonIndex([box]).pairs([0.5], [0.5])
    assert not shapely.is_prepared(box)


def test_unfit_polygons_are_all_named():
    bow = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    with pytest.raises(UsageError, match=r"number 1 is a Point; number 2 is not valid: Self-intersection"):
        PolygonIndex([shapely.box(0, 0, 1, 1), shapely.Point(0, 0), bow])


def test_unequal_arrays_are_refused():
    index = PolygonIndex([shapely.box(0, 0, 1, 1)])
    with pytest.raises(UsageError, match=r"longitude has shape \(2,\) and latitude \(1,\)"):
        index.pairs([0.0, 1.0], [0.0])
    with pytest.raises(UsageError, match=r"instants has shape \(1,\), not \(2,\)"):
        index.pairs([0.0, 1.0], [0.0, 1.0], instants=[3])
    with pytest.raises(UsageError, match='predicate "within" is not known'):
        PolygonIndex([], predicate="within")
