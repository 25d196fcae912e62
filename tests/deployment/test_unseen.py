"""What nobody could have seen: shares that make one, and doubt that never becomes sight."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from pyproj import Geod

from ceasefire.deployment.unseen import MAYBE, NOT, UP, Watch, seen_of, sights_of

AREA = shapely.box(8.0, 47.0, 8.5, 47.3)  # 38 km by 33 km
SQUARE_KM = 38.0 * 33.35


def watch(**more: object) -> Watch:
    given = {"longitude": 8.25, "latitude": 47.15, "uncertainty_km": 0.0, "sight_km": 5.0, "state": UP} | more
    return Watch(**given)  # type: ignore[arg-type]


def test_without_posts_nobody_saw_anything() -> None:
    found = seen_of(AREA, [])
    assert (found.share_seen, found.share_maybe, found.share_nobody) == (0, 0, 1)
    assert found.nobody.equals(AREA)


def test_a_post_in_operation_sees_its_disc() -> None:
    found = seen_of(AREA, [watch()])
    assert found.share_seen == pytest.approx(np.pi * 25 / SQUARE_KM, rel=0.02)
    assert found.share_seen + found.share_nobody == pytest.approx(1)
    assert not found.nobody.intersects(shapely.Point(8.25, 47.15))
    assert found.nobody.intersects(shapely.Point(8.05, 47.05))


def test_a_post_whose_place_is_uncertain_surely_sees_less_and_may_see_more() -> None:
    found = seen_of(AREA, [watch(uncertainty_km=2.0)])
    assert found.share_seen == pytest.approx(np.pi * 9 / SQUARE_KM, rel=0.02)
    assert found.share_nobody == pytest.approx(1 - np.pi * 49 / SQUARE_KM, rel=0.02)
    lost = seen_of(AREA, [watch(uncertainty_km=8.0)])
    assert lost.share_seen == 0
    assert lost.share_maybe > 0


@pytest.mark.parametrize(("state", "seen", "nobody"), [(MAYBE, 0.0, False), (NOT, 0.0, True)])
def test_a_post_that_may_have_been_down_surely_saw_nothing(state: str, seen: float, nobody: bool) -> None:
    found = seen_of(AREA, [watch(state=state)])
    assert found.share_seen == seen
    assert (found.share_nobody == 1) is nobody


def test_where_somebody_patrolled_nobody_can_say_what_was_missed() -> None:
    found = seen_of(AREA, [watch()], MAYBE)
    assert found.share_nobody == 0
    assert found.nobody.is_empty
    assert found.share_seen + found.share_maybe == pytest.approx(1)


CAMERA = {"bearing_degrees": 120.0, "view_degrees": 90.0}


def many_posts(rng: np.random.Generator) -> list[Watch]:
    views = [(300.0, 60.0), (120.0, 90.0), (10.0, 200.0)]
    looks = [{}, *({"bearing_degrees": to, "view_degrees": wide} for to, wide in views)]
    return [
        watch(
            longitude=float(rng.uniform(8.0, 8.5)), latitude=float(rng.uniform(47.0, 47.3)),
            sight_km=float(rng.uniform(2, 9)), uncertainty_km=float(rng.choice([0.0, 0.0, 0.5])),
            state=str(rng.choice([UP, UP, MAYBE, NOT])), **looks[int(rng.integers(4))],
        )
        for _ in range(6)
    ]  # fmt: skip


def within(post: Watch, longitude: float, latitude: float, sign: float) -> bool:
    """Whether a place is seen, by the geodesic and nothing that is under test; a camera's place has no doubt here."""
    azimuth, _, metres = Geod(ellps="WGS84").inv(post.longitude, post.latitude, longitude, latitude)
    near = metres / 1000 <= post.sight_km + sign * post.uncertainty_km
    if post.bearing_degrees is None or post.view_degrees is None:
        return bool(near)
    off = (azimuth - post.bearing_degrees + 180) % 360 - 180
    return bool(near and abs(off) <= post.view_degrees / 2)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_shares_are_those_of_points_thrown_at_the_area(seed: int) -> None:
    rng = np.random.default_rng(seed)
    posts = [each if each.bearing_degrees is None else replace(each, uncertainty_km=0.0) for each in many_posts(rng)]
    found = seen_of(AREA, posts)
    sights = sights_of(AREA, [(str(at), each) for at, each in enumerate(posts)])
    points = 3000
    x = rng.uniform(8.0, 8.5, points)
    # uniform on the ground: a narrow band of latitude is as wide as its cosine
    low, high = np.sin(np.radians([47.0, 47.3]))
    y = np.degrees(np.arcsin(rng.uniform(low, high, points)))
    surely, maybe = (
        np.array([[within(post, x[at], y[at], sign) for post in posts] for at in range(points)]) for sign in (-1.0, 1.0)
    )
    up, possible = (np.array([post.state in states for post in posts]) for states in ((UP,), (UP, MAYBE)))
    error = 4 * np.sqrt(0.25 / points) + 0.003  # four standard errors, and what grown shapes are wider by
    assert found.share_seen == pytest.approx((surely & up).any(axis=1).mean(), abs=error)
    assert found.share_nobody == pytest.approx(1 - (maybe & possible).any(axis=1).mean(), abs=error)
    # the cells tell the same, post by post and of all together
    assert sights.share.sum() == pytest.approx(1)
    np.testing.assert_allclose(sights.share @ sights.surely, surely.mean(axis=0), atol=error)
    np.testing.assert_allclose(sights.share @ sights.maybe, maybe.mean(axis=0), atol=error)
    assert sights.share[(sights.surely & up).any(axis=1)].sum() == pytest.approx(found.share_seen, abs=0.001)
    assert sights.share[~(sights.maybe & possible).any(axis=1)].sum() == pytest.approx(found.share_nobody, abs=0.001)


def test_a_camera_sees_the_way_it_looks() -> None:
    found = seen_of(AREA, [watch(**CAMERA)])
    assert found.share_seen == pytest.approx(np.pi * 25 / 4 / SQUARE_KM, rel=0.02)
    assert not found.nobody.covers(shapely.Point(8.28, 47.135))  # 2.8 km to the south-east
    assert found.nobody.covers(shapely.Point(8.22, 47.165))  # as far to the north-west
    assert found.nobody.covers(shapely.Point(8.25, 47.18))


def test_where_a_camera_stands_roughly_it_surely_sees_less_and_may_see_what_is_behind_it() -> None:
    exact, rough = seen_of(AREA, [watch(**CAMERA)]), seen_of(AREA, [watch(**CAMERA, uncertainty_km=0.5)])
    assert rough.share_seen < exact.share_seen
    assert rough.share_nobody < exact.share_nobody
    assert not rough.nobody.covers(shapely.Point(8.249, 47.151))


def test_what_sees_nothing_by_itself_hides_nothing() -> None:
    assert seen_of(AREA, [watch(sight_km=0.0, uncertainty_km=2.0)]).share_nobody == 1
