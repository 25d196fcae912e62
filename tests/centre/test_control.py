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
    # that day the camera at the harbour was down; the patrols' base may have seen
    assert zones["harbour"]["share_seen"] == 0
    assert zones["north-bank"]["nobody"]["type"] in ("Polygon", "MultiPolygon")
    assert answer["without_place"] == 1
    # on the days of denial nobody was in the zone
    denied = owner.get("/api/v1/unseen?day=2021-05-25").json()
    (north,) = [each for each in denied["zones"] if each["zone_id"] == "north-bank"]
    assert north["patrolled"] == "not"
    assert north["share_nobody"] > 0.5
