"""What nobody could have seen: shares that make one, and doubt that never becomes sight."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from ceasefire.deployment.unseen import MAYBE, NOT, UP, Watch, seen_of

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
