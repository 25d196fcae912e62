"""Who holds what over the API: told to the sides and the mission, by day, with what nobody can say."""

from __future__ import annotations

import pytest

from ceasefire.model.roles import FieldClass, Role
from ceasefire.release.policy import Operation, allowed

from .conftest import Client

TOLD = {Role.LIAISON, Role.GUARANTOR, Role.FIELD_MONITOR, Role.ANALYST, Role.HEAD}


def test_only_the_sides_and_the_mission_may_ask() -> None:
    assert {role for role in Role if allowed(role, Operation.READ_CONTROL, FieldClass.PUBLIC)} == TOLD


def test_a_day_has_its_answers_and_its_doubts(owner: Client) -> None:
    answer = owner.get("/api/v1/control?day=2021-06-10").json()
    held = {each["settlement_id"]: each for each in answer["settlements"]}
    assert (held["millbrook"]["holding"], held["millbrook"]["holders"]) == ("held", ["hill-guards"])
    assert (held["eastgate"]["holding"], held["eastgate"]["possible"]) == (
        "contested",
        ["hill-guards", "northern-assembly"],
    )
    assert held["millbrook"]["people_low"] is None  # nobody counted, and that is no zero
    assert answer["held"]["inside"]["people_unknown"] == 1
    (word,) = held["millbrook"]["words"]
    assert (word["says"], word["by"]["en"], word["first_day"]) == ("takes", "Oriel Observatory", "2021-06-01")
    (counted,) = answer["counts"]
    assert (counted["named"], counted["unnamed_at_least"], counted["unnamed_at_most"]) == (1, 2, 2)
    assert answer["contact_line"]
    assert answer["contact_band"]["type"] in ("Polygon", "MultiPolygon")
    shares = {each["actor_id"]: each for each in answer["held"]["shares"]}
    assert shares["hill-guards"]["of_settlements"] == {"least": 0.1667, "most": 0.3333}
    assert shares["hill-guards"]["at_least"]["people_unknown"] == 1
    assert {each["zone_id"] for each in answer["zones"]} == {"north-bank", "harbour"}


def test_shares_over_time_end_on_the_day_and_are_those_of_each_day(owner: Client) -> None:
    asked = "since=2021-03-01&day=2021-06-10&zone=north-bank"
    days = owner.get(f"/api/v1/control/over-time?{asked}").json()["days"]
    assert 30 <= len(days) <= 60
    assert [each["day"] for each in days] == sorted(each["day"] for each in days)
    assert days[-1] == {
        "day": "2021-06-10",
        "held": owner.get("/api/v1/control?day=2021-06-10&zone=north-bank").json()["held"],
    }


def test_between_the_possible_days_it_is_unknown_and_then_it_has_changed_hands(owner: Client) -> None:
    between = owner.get("/api/v1/control?day=2021-06-03").json()
    (millbrook,) = [each for each in between["settlements"] if each["settlement_id"] == "millbrook"]
    assert (millbrook["holding"], millbrook["reason"]) == ("unknown", "on-the-day")
    week = owner.get("/api/v1/control?day=2021-06-10&since=2021-06-01").json()
    (change,) = week["changes"]
    assert (change["before"], change["after"], change["changed_hands"]) == (
        ["northern-assembly"],
        ["hill-guards"],
        True,
    )


@pytest.mark.parametrize(
    "query", ["?day=0001-01-01", "?since=9999-12-31", "?reach_km=0", "?zone=atlantis", "?day=soon"]
)
def test_what_cannot_be_asked_is_refused(owner: Client, query: str) -> None:
    assert owner.get(f"/api/v1/control{query}").status_code in (400, 404)


def test_what_nobody_could_have_seen_shows_posts_and_is_for_the_mission_alone(owner: Client) -> None:
    mission = {Role.FIELD_MONITOR, Role.ANALYST, Role.HEAD}
    assert {role for role in Role if allowed(role, Operation.READ_UNSEEN, FieldClass.MISSION)} == mission
    answer = owner.get("/api/v1/unseen?day=2021-05-03&sight_km=6").json()
    zones = {each["zone_id"]: each for each in answer["zones"]}
    for zone in zones.values():
        assert zone["share_seen"] + zone["share_maybe"] + zone["share_nobody"] == pytest.approx(1, abs=1e-3)
    # that day the camera at the harbour was down, and from the patrols' base itself nothing is seen
    assert (zones["harbour"]["share_seen"], zones["harbour"]["share_nobody"]) == (0, 1)
    assert (zones["harbour"]["hours_low"], zones["harbour"]["hours_high"]) == (0, 24)  # patrols nobody wrote of
    assert zones["north-bank"]["nobody"]["type"] in ("Polygon", "MultiPolygon")
    assert answer["without_place"] == 1
    # on the days of denial nobody was in the zone
    denied = owner.get("/api/v1/unseen?day=2021-05-25").json()
    (north,) = [each for each in denied["zones"] if each["zone_id"] == "north-bank"]
    assert north["patrolled"] == "not"
    assert north["share_nobody"] > 0.5


def seen(owner: Client, query: str) -> dict[str, dict[str, object]]:
    answer = owner.get(f"/api/v1/unseen?{query}").json()
    return {each["zone_id"]: each for each in answer["zones"]}


def test_what_nobody_could_have_seen_in_a_period_is_less_than_on_any_day_of_it(owner: Client) -> None:
    days = [seen(owner, f"day=2021-0{day}") for day in ("4-30", "5-01", "5-05")]
    period = seen(owner, "since=2021-04-30&day=2021-05-05")
    for zone in ("harbour", "north-bank"):
        assert period[zone]["share_nobody"] <= min(day[zone]["share_nobody"] for day in days)
        assert period[zone]["share_seen"] >= max(day[zone]["share_seen"] for day in days)
    # the harbour's camera ran on the first of the days, and was down on the others
    assert days[0]["harbour"]["share_seen"] > 0
    assert days[1]["harbour"]["share_seen"] == 0
    assert period["harbour"]["hours_low"] == 24
    # it looks one way: a quarter of a disc of four kilometres, in a harbour of 130 square kilometres
    assert days[0]["harbour"]["share_seen"] == pytest.approx(0.08, abs=0.02)
    answer = owner.get("/api/v1/unseen?since=2021-04-30&day=2021-05-05").json()
    assert (answer["since"], answer["day"]) == ("2021-04-30", "2021-05-05")


def test_a_camera_down_for_half_a_day_may_have_seen_in_the_other_half(owner: Client) -> None:
    """The crane had no power until noon, and nobody wrote whether it had afterwards."""
    assert seen(owner, "day=2021-05-05")["harbour"]["share_maybe"] == 0
    assert seen(owner, "day=2021-05-06")["harbour"]["share_maybe"] > 0


def test_a_period_that_ends_before_it_begins_is_refused(owner: Client) -> None:
    answer = owner.get("/api/v1/unseen?since=2021-05-06&day=2021-05-05")
    assert answer.status_code == 400
    assert "ends before it begins" in answer.json()["what"]


def test_a_week_of_a_zone_says_how_long_it_was_watched_and_where_that_is_not_known(owner: Client) -> None:
    week = owner.get("/api/v1/areas/harbour/week?week=2021-W12").json()
    assert (week["hours_low"], week["hours_high"]) == (48, 62)
    assert 0 == week["watched_low"] < week["watched_high"] == pytest.approx(62 / 168, abs=1e-3)
    later = owner.get("/api/v1/areas/harbour/week?week=2021-W24").json()
    assert [later[name] for name in ("hours_low", "hours_high", "watched_low", "watched_high")] == [None] * 4
