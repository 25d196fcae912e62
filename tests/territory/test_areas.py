"""Places known only so well, in areas whose borders are known only so well."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from pyproj import Geod

from ceasefire.model.errors import UsageError
from ceasefire.model.vocabulary import Answer
from ceasefire.territory.areas import RADIUS_CLASSES_KM, AreaIndex, radius_class
from ceasefire.territory.records import AreaVersion

YES, NO, UNDETERMINED = int(Answer.YES), int(Answer.NO), int(Answer.UNDETERMINED)
GEOD = Geod(ellps="WGS84")
DISTANCE_ERROR = 0.005  # what the contract of this room promises; geodesy states 0.003


def version(version_id="v", **fields):
    return AreaVersion.model_validate(
        {"id": version_id, "file": "areas.geojson", "feature": version_id, "standing": "reconstructed"}
        | {"sources": ("S1",), "uncertainty_km": 0.0}
        | fields
    )


def index_of(geometry, **fields):
    return AreaIndex({"v": (version(**fields), geometry)})


def moved(x, y, km, bearing):
    """Return the point so many geodesic kilometres away."""
    lon, lat, _ = GEOD.fwd(x, y, bearing, km * 1000)
    return lon, lat


def geodesic_distances_km(points, geometry):
    """Return each point's distance to the outline, by the geodesic to its vertices 20 m apart."""
    outline = shapely.get_coordinates(shapely.segmentize(geometry, 0.0002))
    distances = []
    for x, y in points:
        near = outline[np.argsort(np.hypot((outline[:, 0] - x) * np.cos(np.radians(y)), outline[:, 1] - y))[:400]]
        distances.append(GEOD.inv(np.full(len(near), x), np.full(len(near), y), near[:, 0], near[:, 1])[2].min() / 1000)
    return np.array(distances)


SQUARE = shapely.box(36.0, 35.0, 36.5, 35.4)
BENT = shapely.Polygon([(36, 35), (38, 35.2), (39.5, 36.9), (37.4, 36), (36.4, 37.5), (36.6, 36.0)])
FAR_NORTH = shapely.Polygon([(20, 68), (24, 68.3), (22, 70)])


@pytest.mark.parametrize("shape", [SQUARE, BENT, FAR_NORTH], ids=["square", "bent", "far north"])
@pytest.mark.parametrize("radius_km", [1.0, 5.0, 25.0])
def test_discs_touch_the_border_where_the_geodesic_says(shape, radius_km):
    index = index_of(shape)
    band = index.uncertain_band("v", radius_km)
    edge = shapely.get_coordinates(band)
    edge = edge[np.random.default_rng(1).choice(len(edge), min(len(edge), 120), replace=False)]
    distances = geodesic_distances_km(edge, shapely.boundary(shape))
    # corners of the inner shape are farther from the border than the radius, never nearer
    assert distances.min() >= radius_km * (1 - 1e-4)
    assert np.mean(distances <= radius_km * (1 + DISTANCE_ERROR)) > 0.9
    outer = shapely.get_coordinates(shapely.union(shape, band).exterior)[::7]
    outer_distances = geodesic_distances_km(outer, shapely.boundary(shape))
    assert outer_distances.max() <= radius_km * (1 + DISTANCE_ERROR)


def test_a_large_area_is_widened_as_far_everywhere():
    land = shapely.box(10, 10, 40, 32)
    index = index_of(land)
    for x, y, bearing in [(25, 32, 0), (25, 10, 180), (12, 32, 0)]:
        near, far = moved(x, y, 49.5, bearing), moved(x, y, 50.6, bearing)
        answers = index.answers([near[0], far[0]], [near[1], far[1]], 50.0)[:, 0]
        # the straight line of the map bends off the parallel by less than the half metre between vertices
        assert answers.tolist() == [UNDETERMINED, NO]
    assert index.answers([25.0], [20.0], 50.0).tolist() == [[YES]]


def test_the_three_answers_of_a_disc():
    index = index_of(SQUARE, uncertainty_km=3.0)
    x, y = [], []
    for km in (-20, -8.2, -7.9, 0, 7.9, 8.2):
        lon, lat = moved(36.25, 35.4, abs(km), 0 if km >= 0 else 180)
        x.append(lon)
        y.append(lat)
    answers = index.answers(x, y, 5.0)[:, 0].tolist()
    assert answers == [YES, YES, UNDETERMINED, UNDETERMINED, UNDETERMINED, NO]
    assert index.answers(x, y, 5.0).dtype == np.uint8


def test_a_border_without_uncertainty_belongs_to_the_area():
    index = index_of(SQUARE)
    on_edge_and_about = index.answers([36.0, 36.5, 36.25, 35.9999999], [35.2, 35.4, 35.0, 35.2], 0.0)[:, 0]
    assert on_edge_and_about.tolist() == [YES, YES, YES, NO]


def test_missing_places_are_undetermined_in_every_version():
    index = AreaIndex({"a": (version("a"), SQUARE), "b": (version("b"), BENT)})
    nan = np.nan
    answers = index.answers([nan, 36.2, 36.2, np.inf], [35.2, nan, 35.2, 35.2], [0.0, 0.0, nan, 0.0])
    assert (answers == UNDETERMINED).all()


def test_less_well_known_stretches_widen_the_doubt_only_there():
    stretch = {"along": ((36.0, 35.0), (36.0, 35.4)), "uncertainty_km": 10.0}
    index = index_of(SQUARE, uncertainty_km=1.0, uncertain_stretches=(stretch,))
    west_in, west_out = moved(36.0, 35.2, 9, 90), moved(36.0, 35.2, 9, 270)
    east_in, east_out = moved(36.5, 35.2, 2, 270), moved(36.5, 35.2, 2, 90)
    x, y = np.array([west_in, west_out, east_in, east_out]).T
    assert index.answers(x, y, 0.0)[:, 0].tolist() == [UNDETERMINED, UNDETERMINED, YES, NO]


def test_the_edge_of_an_enclave_may_be_known_better_than_the_border():
    # 60 km square with a round hole of 3 km in the middle; the border within 5 km, the edge of the hole within 1
    enclave = shapely.Point(0, 0).buffer(3 / 111.2, quad_segs=64)
    area = shapely.difference(shapely.box(-0.27, -0.27, 0.27, 0.27), enclave)
    places = [moved(0, 0, km, 90) for km in (1.5, 3.2, 4.5, 7.0)]
    longitude, latitude = [p[0] for p in places], [p[1] for p in places]
    known = index_of(area, uncertainty_km=5, hole_uncertainty_km=1)
    assert known.answers(longitude, latitude, 0).ravel().tolist() == [
        Answer.NO,
        Answer.UNDETERMINED,
        Answer.YES,
        Answer.YES,
    ]
    alike = index_of(area, uncertainty_km=5)
    assert alike.answers(longitude, latitude, 0).ravel().tolist() == [Answer.UNDETERMINED] * 4


def test_a_belt_of_stated_width_range():
    line = shapely.LineString([(36.0, 35.0), (37.0, 35.0), (37.0, 36.0)])
    index = index_of(line, width_km={"low": 15.0, "high": 20.0})
    points = [moved(36.5, 35.0, km, 180) for km in (0, 14, 17, 19.9, 20.3)]
    x, y = np.array(points).T
    assert index.answers(x, y, 0.0)[:, 0].tolist() == [YES, YES, UNDETERMINED, UNDETERMINED, NO]
    assert index.answers(x, y, 2.0)[:, 0].tolist() == [YES, UNDETERMINED, UNDETERMINED, UNDETERMINED, UNDETERMINED]
    middle = moved(36.5, 35.0, 17.4, 180)
    assert shapely.contains_xy(index.nominal("v"), *middle)


def test_a_site_is_a_disc():
    index = index_of(shapely.Point(36.3, 35.5), radius_km=3.0)
    x, y = np.array([moved(36.3, 35.5, km, 77) for km in (0, 2.9, 3.1)]).T
    assert index.answers(x, y, 0.0)[:, 0].tolist() == [YES, YES, NO]


def test_a_line_without_width_is_never_certainly_inside():
    line = shapely.LineString([(36.0, 35.0), (37.0, 35.0)])
    x, y = np.array([moved(36.5, 35.0, km, 0) for km in (0.0, 1.5, 2.5)]).T
    assert index_of(line, uncertainty_km=2.0).answers(x, y, 0.0)[:, 0].tolist() == [UNDETERMINED, UNDETERMINED, NO]
    assert index_of(line).answers([36.5, 36.5], [35.0, 35.1], 0.0)[:, 0].tolist() == [UNDETERMINED, NO]


def test_codes_and_answers_agree_over_many_radii():
    index = AreaIndex({"a": (version("a", uncertainty_km=1.0), SQUARE), "b": (version("b"), BENT)})
    rng = np.random.default_rng(2)
    x, y = rng.uniform(35.8, 37, 4000), rng.uniform(34.8, 36, 4000)
    radius = rng.choice([0.0, 1.1, 1.2, 3.3, 5.0, 22.0, 25.0, np.nan], 4000).astype(np.float32)
    codes, table = index.answer_codes(x, y, radius)
    assert codes.dtype == np.int32
    assert table.dtype == np.uint8
    assert len(np.unique(table, axis=0)) == len(table)
    assert (table[0] == UNDETERMINED).all()
    answers = table[codes]
    assert set(np.unique(answers).tolist()) == {YES, NO, UNDETERMINED}
    np.testing.assert_array_equal(index.answers(x, y, radius), answers)
    one_by_one = [index.answers(x[i : i + 1], y[i : i + 1], radius[i : i + 1])[0] for i in range(200)]
    np.testing.assert_array_equal(answers[:200], one_by_one)
    np.testing.assert_array_equal(
        answers[radius == np.float32(22)], index.answers(x, y, 25.0)[radius == np.float32(22)]
    )


def test_a_wider_disc_never_knows_more():
    index = index_of(BENT, uncertainty_km=2.0)
    rng = np.random.default_rng(3)
    x, y = rng.uniform(35.5, 40, 3000), rng.uniform(34.5, 38, 3000)
    previous = index.answers(x, y, 0.0)
    for radius in (0.5, 1.0, 5.0, 30.0):
        answers = index.answers(x, y, radius)
        known = answers != UNDETERMINED
        np.testing.assert_array_equal(answers[known], previous[known])
        previous = answers


def test_radii_are_rounded_up_and_common_ones_kept():
    for radius in (0, 0.5, 1, 2, 2.5, 3, 5, 10, 15, 20, 25, 30, 50, 100):
        assert radius_class(radius) == radius
    assert radius_class(float(np.float32(1.2))) == 1.2
    assert radius_class(22) == 25
    assert (np.diff(RADIUS_CLASSES_KM) > 0).all()


@pytest.mark.parametrize("radius", [-1.0, 2000.0, np.inf])
def test_radii_that_mean_nothing_are_refused(radius):
    with pytest.raises(UsageError, match="a place has a radius of"):
        index_of(SQUARE).answers([36.0, 36.1], [35.0, 35.0], [1.0, radius])


def test_share_of_discs_inside():
    index = index_of(SQUARE)
    corner_radius = 5.0
    x, y = [36.25, 36.0, 36.0, 35.0], [35.2, 35.2, 35.0, 35.0]
    share = index.share_inside("v", x, y, corner_radius)
    assert share.dtype == np.float32
    # an edge halves the disc, a corner quarters it; meridians and parallels are straight enough at 5 km
    np.testing.assert_allclose(share, [1, 0.5, 0.25, 0], atol=0.002)
    assert index.share_inside("v", [36.2, 30.0], [35.2, 30.0], 0.0).tolist() == [1.0, 0.0]
    assert np.isnan(index.share_inside("v", [np.nan, 36.0], [35.0, 35.0], [1.0, np.nan])).all()


def test_share_of_a_disc_wider_than_the_area():
    site = index_of(shapely.Point(36.3, 35.5), radius_km=3.0)
    share = site.share_inside("v", [36.3, 36.3], [35.5, 35.5], [6.0, 30.0])
    np.testing.assert_allclose(share, [0.25, 0.01], rtol=0.01)


def test_share_counts_ground_not_degrees():
    tall = shapely.box(20, 60, 21, 70)
    index = index_of(shapely.box(20, 65, 21, 70))
    area = abs(GEOD.geometry_area_perimeter(shapely.segmentize(shapely.box(20, 65, 21, 70), 0.01))[0])
    whole = abs(GEOD.geometry_area_perimeter(shapely.segmentize(tall, 0.01))[0])
    assert index.share_inside_polygon("v", tall) == pytest.approx(area / whole, abs=1e-4)
    assert index.share_inside_polygon("v", shapely.box(20.2, 66, 20.4, 67)) == pytest.approx(1)
    assert index.share_inside_polygon("v", shapely.box(30, 66, 31, 67)) == 0
    assert np.isnan(index.share_inside_polygon("v", shapely.Polygon()))


def test_places_known_as_polygons():
    index = index_of(SQUARE, uncertainty_km=3.0)
    within, across = shapely.box(36.2, 35.15, 36.3, 35.25), shapely.box(36.2, 35.15, 36.8, 35.25)
    close, far = shapely.box(36.52, 35.1, 36.6, 35.2), shapely.box(36.7, 35.1, 36.8, 35.2)
    answers = [int(index.answers_polygon(place)[0]) for place in (within, across, close, far, shapely.Polygon())]
    assert answers == [YES, UNDETERMINED, UNDETERMINED, NO, UNDETERMINED]


def test_a_neighbour_that_only_shares_the_border_is_outside():
    index = index_of(SQUARE)
    assert index.answers_polygon(shapely.box(36.5, 35.0, 37.0, 35.4)).tolist() == [NO]
    assert index.answers_polygon(SQUARE).tolist() == [YES]


def test_the_band_is_what_is_in_doubt():
    index = index_of(SQUARE, uncertainty_km=3.0)
    band = index.uncertain_band("v")
    assert shapely.contains(band, shapely.boundary(SQUARE))
    assert index_of(SQUARE).uncertain_band("v").is_empty
    with pytest.raises(UsageError, match='there is no area version "w"'):
        index.uncertain_band("w")


def test_all_unfit_areas_are_named():
    bow = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    with pytest.raises(UsageError, match=r"a: Self-intersection.*b: is empty.*c: .*180th meridian"):
        AreaIndex(
            {
                "a": (version("a"), bow),
                "b": (version("b"), shapely.Polygon()),
                "c": (version("c", radius_km=20.0), shapely.Point(179.95, 60)),
                "d": (version("d"), SQUARE),
            }
        )


def test_no_areas_and_no_places():
    assert AreaIndex({}).answers([36.0], [35.0], 1.0).shape == (1, 0)
    assert index_of(SQUARE).answers([], [], []).shape == (0, 1)
