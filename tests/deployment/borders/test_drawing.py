"""Drawings: what is read, and what is said of one that is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import shapely

from ceasefire.deployment.borders.drawing import continuous, place, read_drawing, read_proposals
from ceasefire.deployment.borders.frame import Frame
from ceasefire.model.errors import InputError

SQUARE = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0], [0.0, 0.0]]


def polygon(*rings: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


def feature(geometry: Any, name: str | None = None) -> dict[str, Any]:
    return {"type": "Feature", "properties": {"name": name} if name else {}, "geometry": geometry}


def faults(value: Any) -> list[str]:
    with pytest.raises(InputError) as caught:
        read_drawing(value)
    return [fault.what for fault in caught.value.faults]


def test_one_polygon_is_one_proposal() -> None:
    (one,) = read_drawing(polygon(SQUARE), name="ours")
    assert one.name == "ours"
    assert one.shape.equals(shapely.box(0, 0, 1, 1))


def test_features_are_named_by_name_id_or_number() -> None:
    value = {
        "type": "FeatureCollection",
        "features": [
            feature(polygon(SQUARE), "north"),
            {**feature(polygon(SQUARE)), "id": 7},
            feature(polygon(SQUARE)),
        ],
    }
    assert [each.name for each in read_drawing(value, name="file")] == ["north", "7", "file 3"]


@pytest.mark.parametrize(
    ("drawing", "said"),
    [
        (polygon([[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]), '"proposal" crosses itself at 0.5000 N, 0.5000 E.'),
        (
            polygon(SQUARE, [[2, 2], [3, 2], [3, 3], [2, 2]]),
            '"proposal": a hole lies outside the outline, at 2.0000 N, 2.0000 E.',
        ),
        (polygon(SQUARE[:-1]), '"proposal" ends at 1.0000 N, 0.0000 E and begins at 0.0000 N, 0.0000 E.'),
        (
            polygon([[0, 0], [1, 0], [0, 0]]),
            '"proposal" has 2 different corners: 0.0000 N, 0.0000 E; 0.0000 N, 1.0000 E.',
        ),
        (
            polygon([[1, 0], [1, 0], [1, 0], [1, 0]]),
            '"proposal" has 1 different corners: 0.0000 N, 1.0000 E.',
        ),
        (polygon([]), '"proposal" has 0 different corners.'),
        (
            polygon([[32, 136], [32, 137], [33, 137], [32, 136]]),
            '"proposal" has a corner at longitude 32, latitude 136.',
        ),
        (
            polygon([[4023950.5, 4280000], [4033950, 4280000], [4033950, 4290000], [4023950.5, 4280000]]),
            '"proposal" has a corner at longitude 4023950.5, latitude 4280000.',
        ),
        (
            {**polygon(SQUARE), "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32637"}}},
            'names the coordinate system {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32637"}}.',
        ),
        (
            polygon(SQUARE, [[0.2, 0.2], [0.4, 0.2], [0.4, 0.4], [0.2, 0.4]]),
            '"proposal", hole 1 ends at 0.4000 N, 0.2000 E and begins at 0.2000 N, 0.2000 E.',
        ),
        (
            polygon([[0, 0], [2, 0], [1, 1], [2, 2], [0, 2], [1, 1], [0, 0]]),
            '"proposal" crosses itself at 1.0000 N, 1.0000 E.',
        ),
        (polygon([[0, 0], [1, 1], [2, 2], [0, 0]]), '"proposal" crosses itself at 1.5000 N, 1.5000 E.'),
        (
            {"type": "MultiPolygon", "coordinates": [[SQUARE], [[[0.5, 0.5], [2, 0.5], [2, 2], [0.5, 0.5]]]]},
            '"proposal": two rings cross, at 0.5000 N, 1.0000 E.',
        ),
        (
            polygon([[0, 0], [2, 0], [1, 0], [1, 1], [0, 0]]),
            '"proposal" crosses itself at 0.0000 N, 1.5000 E; 0.0000 N, 1.0000 E.',
        ),
        (
            polygon([["0", 0], [1, 0], [1, 1], ["0", 0]]),
            '"proposal" has corners that are no pairs of finite numbers, the first of them corner 1.',
        ),
        (
            polygon([[0, 0], [float("nan"), 0], [1, 1], [0, 0]]),
            '"proposal" has corners that are no pairs of finite numbers, the first of them corner 2.',
        ),
        (polygon(), '"proposal" is empty, not a polygon.'),
        (feature(None, "a"), '"a" is without a shape, not a polygon.'),
        (feature({"type": "Point", "coordinates": [1, 2]}, "a"), '"a" is a Point, not a polygon.'),
        ({"type": "FeatureCollection", "features": []}, "holds no polygon."),
        ([1, 2], "holds no polygon."),
    ],
)
def test_a_wrong_drawing_is_told_where(drawing: Any, said: str) -> None:
    assert faults(drawing) == [said]


@pytest.mark.parametrize(
    ("ring", "remedy"),
    [
        ([[36.1, 132.6], [36.2, 132.6], [36.2, 132.7], [36.1, 132.6]], "look exchanged"),
        ([[4023950, 4280000], [4033950, 4280000], [4033950, 4290000], [4023950, 4280000]], "metres of a projected map"),
        ([[400, 10], [401, 10], [401, 11], [400, 10]], "Give WGS 84 degrees"),
    ],
)
def test_numbers_that_are_no_degrees_are_told_for_what_they_look_like(ring: Any, remedy: str) -> None:
    with pytest.raises(InputError) as caught:
        read_drawing(polygon(ring))
    assert remedy in caught.value.faults[0].remedy


def test_a_corner_given_twice_running_is_one_corner_and_a_system_of_degrees_is_no_fault() -> None:
    doubled = [[0, 0], [1, 0], [1, 0], [1, 1], [0, 1], [0, 0]]
    (one,) = read_drawing({**polygon(doubled), "crs": {"properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}})
    assert one.shape.equals(shapely.box(0, 0, 1, 1))


def test_all_faults_of_all_drawings_are_told_at_once() -> None:
    bow = [[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]
    value = {"type": "FeatureCollection", "features": [feature(polygon(bow), "a"), feature(polygon(SQUARE[:-1]), "b")]}
    assert len(faults(value)) == 2


def test_two_borders_of_one_name_are_refused() -> None:
    value = {"type": "FeatureCollection", "features": [feature(polygon(SQUARE), "a"), feature(polygon(SQUARE), "a")]}
    assert faults(value) == ['"a" is the name of several borders.']


def test_three_ways_across_the_180th_meridian_are_one_shape() -> None:
    stepping = polygon([[179, 0], [-179, 0], [-179, 1], [179, 1], [179, 0]])
    running = polygon([[179, 0], [181, 0], [181, 1], [179, 1], [179, 0]])
    cut = {
        "type": "MultiPolygon",
        "coordinates": [
            [[[179, 0], [180, 0], [180, 1], [179, 1], [179, 0]]],
            [[[-180, 0], [-179, 0], [-179, 1], [-180, 1], [-180, 0]]],
        ],
    }
    shapes = [read_drawing(each)[0].shape for each in (stepping, running, cut)]
    turned = [Frame.of([shape]).shape(shape) for shape in shapes]
    for one in turned:
        assert one.symmetric_difference(shapely.box(-1, 0, 1, 1)).area < 1e-9


def test_a_hole_across_the_meridian_stays_in_its_outline() -> None:
    (one,) = read_drawing(
        polygon(
            [[179, 0], [-179, 0], [-179, 1], [179, 1], [179, 0]],
            [[-179.9, 0.1], [179.9, 0.1], [179.9, 0.2], [-179.9, 0.1]],
        )
    )
    assert len(one.shape.interiors) == 1


def test_turning_back_cuts_at_the_meridian() -> None:
    (one,) = read_drawing(polygon([[179, 0], [-179, 0], [-179, 1], [179, 1], [179, 0]]))
    frame = Frame.of([one.shape])
    back = frame.back(frame.shape(one.shape))
    assert back.bounds == (-180, 0, 180, 1)
    assert back.area == pytest.approx(2)
    assert continuous(back).area == pytest.approx(2)


def test_without_a_crossing_nothing_is_turned() -> None:
    box = shapely.box(36.1, 32.5, 36.7, 33.0)
    frame = Frame.of([box])
    assert frame.turn == 0
    assert frame.shape(box).wkb == box.wkb
    assert frame.back(box).wkb == box.wkb


@pytest.mark.parametrize(
    ("longitude", "latitude", "written"),
    [
        (36.11, 32.63, "32.6300 N, 36.1100 E"),
        (-70.5, -33.25, "33.2500 S, 70.5000 W"),
        (181.0, 0.0, "0.0000 N, 179.0000 W"),
    ],
)
def test_places_are_written_for_people(longitude: float, latitude: float, written: str) -> None:
    assert place(longitude, latitude) == written


def test_a_file_that_is_no_json_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "border.geojson"
    path.write_text('{"type":\n oops}', encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_proposals(path)
    assert caught.value.faults[0].line == 2


def test_a_file_names_its_only_border(tmp_path: Path) -> None:
    path = tmp_path / "our line.geojson"
    path.write_text(json.dumps(polygon(SQUARE)), encoding="utf-8")
    assert read_proposals(path)[0].name == "our line"


@pytest.mark.parametrize("west", [-178.0, 176.0])
def test_a_hole_on_either_side_of_the_180th_meridian_lies_in_its_outline(west: float) -> None:
    outline = [[170.0, 0.0], [-170.0, 0.0], [-170.0, 10.0], [170.0, 10.0], [170.0, 0.0]]
    hole = [[west, 4.0], [west + 2, 4.0], [west + 2, 6.0], [west, 6.0], [west, 4.0]]
    (drawn,) = read_drawing(polygon(outline, hole))
    assert drawn.shape.area == pytest.approx(20 * 10 - 4)
    assert len(drawn.shape.interiors) == 1
