"""Who could have seen, as ranges: what is not on record is open, and only what is known to be shut is a zero."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from ceasefire.agreement.records import Coverage, Post
from ceasefire.assessment.exposure import MAYBE, NOT, UP, Sights, exposure_of, post_state
from ceasefire.assessment.places import zone_place
from ceasefire.assessment.weeks import week_of_label
from ceasefire.model.time import days_span

WEEKS = np.arange(week_of_label("2021-W20"), week_of_label("2021-W20") + 3)
MONDAY, SUNDAY, LATER = "2021-05-17", "2021-05-23", "2021-06-06"
# the western half is seen from the hill, the middle third from both
SIGHTS = Sights(
    share=np.array([0.3, 0.4, 0.3]),
    posts=("hill", "tower"),
    surely=np.array([[True, False], [True, True], [False, True]]),
    maybe=np.array([[True, False], [True, True], [True, True]]),
)


def post(name: str = "hill", **more: object) -> Post:
    given = {
        "id": name, "operator": "monitoring-mission", "kind": "observation-post", "area": "harbour",
        "opened": ({"at": "2021-01-01", "sources": ("mission-daily",)},), "sources": ("mission-daily",),
    }  # fmt: skip
    return Post.model_validate(given | more)


def said(state: str, first: str = MONDAY, last: str = SUNDAY, **more: object) -> Coverage:
    given = {
        "id": f"{state}-{first}-{last}-{len(more)}", "operator": "monitoring-mission", "post": "hill",
        "valid_from": first, "valid_until": last, "state": state, "sources": ("mission-daily",),
    }  # fmt: skip
    return Coverage.model_validate(given | more)


def patrolled(state: str, *days: str, **more: object) -> Coverage:
    return said(state, *days, post=None, area="harbour", **more)


def exposed(case, posts, *coverage: Coverage, sights: Sights | None = None):
    held = replace(case, posts=tuple(posts), coverage=coverage)
    return exposure_of(held, zone_place(held, "harbour"), WEEKS, sights)


def hours(exposure, week: int = 0) -> tuple[float, float]:
    return pytest.approx(float(exposure.hours_low[week])), pytest.approx(float(exposure.hours_high[week]))


def test_nothing_on_record_is_no_figure_and_never_zero(riverline) -> None:
    for exposure in (exposed(riverline, [post()]), exposed(riverline, [post()], said("unknown"))):
        assert np.isnan([exposure.hours_low, exposure.hours_high, exposure.watched_low, exposure.watched_high]).all()


@pytest.mark.parametrize("state", ["down", "denied"])
def test_only_where_every_watch_is_on_record_as_shut_is_it_known_that_nobody_watched(riverline, state: str) -> None:
    alone = exposed(riverline, [post()], said(state))
    assert hours(alone) == (0, 0)
    assert (alone.watched_low[0], alone.watched_high[0]) == (0, 0)
    assert np.isnan(alone.hours_low[1])
    # a second post of which nobody wrote anything may have been up all week; so may patrols that are on record later
    for other in ([post(), post("tower")], [post()]):
        more = () if len(other) == 2 else (patrolled("up", "2021-05-31", LATER, hours=20),)
        assert hours(exposed(riverline, other, said(state), *more)) == (0, 168)


def test_hours_are_spread_over_what_was_not_interrupted(riverline) -> None:
    # 120 hours over two weeks, of which the first was down for all but two days
    found = exposed(
        riverline, [post()], said("up", MONDAY, "2021-05-30", hours=120), said("down", MONDAY, "2021-05-21")
    )
    assert float(found.hours_low[0]) == pytest.approx(120 * 2 / 9)
    assert float(found.hours_low[1]) == pytest.approx(120 * 7 / 9)


@pytest.mark.parametrize(("kind", "least"), [("camera", 168), ("observation-post", 0)])
def test_a_camera_is_up_day_and_night_and_a_post_without_hours_for_nobody_knows_how_long(
    riverline, kind, least
) -> None:
    assert hours(exposed(riverline, [post(kind=kind)], said("up"))) == (least, 168)


def test_two_records_as_long_as_each_other_leave_both_ends_open(riverline) -> None:
    assert hours(exposed(riverline, [post()], said("up", hours=60), said("down"))) == (0, 60)
    assert hours(exposed(riverline, [post()], said("up", hours=60), said("up", hours=84, note="other"))) == (60, 84)


def test_patrols_add_up_and_their_time_without_a_record_is_open(riverline) -> None:
    week = patrolled("up", hours=40), patrolled("up", hours=30, operator="astor")
    assert hours(exposed(riverline, [], *week)) == (70, 70)
    assert hours(exposed(riverline, [], patrolled("up", MONDAY, MONDAY, hours=9))) == (9, 9 + 6 * 24)
    assert hours(exposed(riverline, [], patrolled("denied"))) == (0, 0)
    assert hours(exposed(riverline, [], patrolled("denied", MONDAY, "2021-05-19"))) == (0, 4 * 24)


def test_a_post_that_did_not_stand_watched_nothing_and_one_that_may_have_stood_perhaps(riverline) -> None:
    opened = ({"at": "2021-05-24", "sources": ("mission-daily",)},)
    before = exposed(
        riverline, [post(opened=opened, kind="camera"), post("tower")], said("up", post="tower", hours=100)
    )
    assert hours(before) == (100, 100)
    doubtful = exposed(riverline, [post(opened=(), kind="camera")], said("up"))
    assert hours(doubtful) == (0, 168)


def test_a_base_sees_nothing_by_itself(riverline) -> None:
    found = exposed(riverline, [post("base", kind="patrol-base", sees_km=0)], patrolled("up", hours=48))
    assert hours(found) == (48, 48)


def test_a_post_counts_for_every_area_that_it_sees(riverline) -> None:
    elsewhere = [post(area="north-bank", kind="camera")]
    assert np.isnan(exposed(riverline, elsewhere, said("up")).hours_low[0])
    assert hours(exposed(riverline, elsewhere, said("up"), sights=SIGHTS)) == (168, 168)
    perhaps = replace_sights(surely=np.zeros((3, 2), dtype=bool))
    assert hours(exposed(riverline, elsewhere, said("up"), sights=perhaps)) == (0, 168)


def replace_sights(**more: object) -> Sights:
    return Sights(**({name: getattr(SIGHTS, name) for name in ("share", "posts", "surely", "maybe")} | more))  # type: ignore[arg-type]


def test_the_share_watched_lies_between_all_at_once_and_one_after_the_other(riverline) -> None:
    both = [post(kind="camera"), post("tower")]
    # the camera all week, the tower for half of it
    found = exposed(riverline, both, said("up"), said("up", post="tower", hours=84), sights=SIGHTS)
    assert found.watched_low[0] == pytest.approx(0.7 + 0.3 * 0.5)
    assert found.watched_high[0] == pytest.approx(1.0)
    half = exposed(riverline, both, said("up", hours=84), said("up", post="tower", hours=84), sights=SIGHTS)
    assert half.watched_low[0] == pytest.approx(0.5)
    assert half.watched_high[0] == pytest.approx(0.3 * 0.5 + 0.4 * 1 + 0.3 * 1)
    # whatever the hours of the week in which each of them watched: between the two
    rng = np.random.default_rng(1)
    for _ in range(20):
        times = [rng.permutation(168) < 84 for _ in range(2)]
        seen = np.array([[SIGHTS.surely[cell, at] for at in (0, 1)] for cell in range(3)])
        watched = float(
            np.mean([SIGHTS.share @ (seen & [times[0][hour], times[1][hour]]).any(axis=1) for hour in range(168)])
        )
        assert half.watched_low[0] - 1e-9 <= watched <= half.watched_high[0] + 1e-9


def test_what_patrols_saw_nobody_can_place(riverline) -> None:
    found = exposed(riverline, [], patrolled("up", hours=42), sights=SIGHTS)
    assert (found.watched_low[0], found.watched_high[0]) == (0, pytest.approx(0.25))


def test_who_watches_and_who_denies_makes_no_difference(riverline) -> None:
    def of(mission: str, denier: str):
        return exposed(
            riverline, [post(operator=mission), post("tower", operator=denier)],
            said("up", operator=mission, hours=70), said("denied", post="tower", operator=denier, by=denier),
            patrolled("up", hours=12, operator=denier), sights=SIGHTS,
        )  # fmt: skip

    one, other = of("republic-army", "bank-brigade"), of("bank-brigade", "republic-army")
    for name in ("hours_low", "hours_high", "watched_low", "watched_high"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


@pytest.mark.parametrize(
    ("records", "state"),
    [
        ((), MAYBE),
        ((said("up"),), UP),
        ((said("down"),), NOT),
        ((said("down", MONDAY, "2021-05-20"),), MAYBE),
        ((said("down"), said("up", MONDAY, MONDAY)), UP),
        ((said("unknown"),), MAYBE),
    ],
)
def test_a_post_down_for_part_of_a_period_may_have_seen_in_the_rest(riverline, records, state: str) -> None:
    held = replace(riverline, posts=(post(),), coverage=records)
    span = days_span(date(2021, 5, 17), date(2021, 5, 23), riverline.zone)
    assert post_state(held, held.posts[0], span) == state
    gone = post(closed=({"at": "2021-03-01", "sources": ("mission-daily",)},))
    assert post_state(replace(held, posts=(gone,)), gone, span) == NOT
