"""Several accounts of one event: each field's value, its range, and whether they differ."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ceasefire.fusion.pass_through import fuse_by_event
from ceasefire.model.canonical import stable_id
from ceasefire.model.claims import Account, read_claims
from ceasefire.model.schemas import REPORT, table_of

DAY = datetime(2021, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def account(source: str, **said: Any) -> dict[str, Any]:
    return {
        "report_id": stable_id("rep", source, "1"),
        "source_id": source,
        "source_report_id": "1",
        "kind": "event",
        "event_key": "strike",
        "lineage": [source],
        "stance": "asserts",
        "occurred_from": DAY,
        "occurred_until": DAY + 24 * HOUR,
        "time_precision": "day",
        "place_precision": "unknown",
        "recorded_at": DAY,
        **said,
    }


def incident_of(*accounts: dict[str, Any]) -> dict[str, Any]:
    (incident,) = fuse_by_event(table_of(list(accounts), REPORT)).incidents.to_pylist()
    return incident


def test_one_account_passes_through_even_where_its_range_is_upside_down() -> None:
    incident = incident_of(account("a", killed_low=13, killed_best=13, killed_high=2, flags=["high-below-best"]))
    assert (incident["killed_low"], incident["killed_best"], incident["killed_high"]) == (13, 13, 2)
    assert incident["toll_disputed"] is False
    assert incident["killed_civilian_best"] is None
    assert incident["flags"] == ["high-below-best"]


def test_tolls_range_over_all_accounts_and_best_is_the_median() -> None:
    incident = incident_of(
        account("a", killed_low=14, killed_best=14, killed_high=14),
        account("b", killed_best=37),
        account("c", killed_best=68, killed_high=80),
    )
    assert (incident["killed_low"], incident["killed_best"], incident["killed_high"]) == (14, 37, 80)
    assert incident["toll_disputed"] is True


def test_the_median_is_rounded_down() -> None:
    assert incident_of(account("a", killed_best=83), account("b", killed_best=84))["killed_best"] == 83


def test_a_lineage_counts_once_with_its_last_figure() -> None:
    late = {"reported_at": DAY + 48 * HOUR, "recorded_at": DAY}
    incident = incident_of(
        account("agency", lineage=["observatory"], killed_best=53, reported_at=DAY),
        account("paper", lineage=["observatory"], killed_best=61, reported_at=DAY + HOUR),
        account("data", lineage=["observatory", "wire"], killed_best=83, **late),
        account("mission", killed_best=91),
    )
    assert incident["killed_best"] == 87  # of 83 and 91
    assert incident["lineages"] == ["mission", "observatory", "wire"]


def test_a_category_nobody_gives_stays_unknown_and_agreement_is_no_dispute() -> None:
    incident = incident_of(account("a", killed_best=7), account("b", killed_best=7, injured_best=3), account("c"))
    assert incident["toll_disputed"] is False
    assert incident["killed_civilian_low"] is incident["killed_civilian_best"] is None
    assert (incident["injured_low"], incident["injured_best"], incident["injured_high"]) == (3, 3, 3)


def test_the_more_precise_time_wins() -> None:
    week = {"occurred_until": DAY + 7 * 24 * HOUR, "time_precision": "week"}
    incident = incident_of(
        account("a", **week),
        account("b", occurred_from=DAY + 30 * HOUR, occurred_until=DAY + 31 * HOUR, time_precision="hour"),
    )
    assert (incident["occurred_from"], incident["time_precision"]) == (DAY + 30 * HOUR, "hour")
    assert incident["flags"] == []


def test_equally_precise_times_that_overlap_give_what_they_share() -> None:
    days = {"time_precision": "days"}
    incident = incident_of(
        account("a", occurred_until=DAY + 72 * HOUR, **days),
        account("b", occurred_from=DAY + 48 * HOUR, occurred_until=DAY + 96 * HOUR, **days),
    )
    assert (incident["occurred_from"], incident["occurred_until"]) == (DAY + 48 * HOUR, DAY + 72 * HOUR)


def test_days_that_follow_one_another_have_nothing_in_common() -> None:
    incident = incident_of(account("a"), account("b", occurred_from=DAY + 24 * HOUR, occurred_until=DAY + 48 * HOUR))
    assert (incident["occurred_from"], incident["occurred_until"]) == (DAY, DAY + 48 * HOUR)
    assert incident["time_precision"] == "days"
    assert incident["flags"] == ["times-differ"]


def test_a_vague_account_of_another_time_is_flagged() -> None:
    other = {"occurred_from": DAY + 240 * HOUR, "occurred_until": DAY + 480 * HOUR, "time_precision": "month"}
    incident = incident_of(account("a"), account("b", **other))
    assert incident["occurred_until"] == DAY + 24 * HOUR
    assert incident["flags"] == ["times-differ"]


def disc(latitude: float, radius_km: float, name: str = "there") -> dict[str, Any]:
    place = {"place_name": name, "latitude": latitude, "longitude": 30.0}
    return {**place, "place_precision": "point" if radius_km <= 5 else "near", "place_radius_km": radius_km}


def test_the_most_precise_place_is_taken_whole() -> None:
    area = {"place_name": "North", "place_precision": "governorate", "area_name": "North Province"}
    incident = incident_of(
        account("a", **area), account("b", **disc(10.0, 25)), account("c", **disc(10.1, 1, "Harbour"))
    )
    assert (incident["place_name"], incident["latitude"], incident["place_radius_km"]) == ("Harbour", 10.1, 1.0)
    assert incident["area_name"] == "North Province"
    assert incident["flags"] == []


@pytest.mark.parametrize(("apart_km", "flags"), [(25.5, []), (26.5, ["places-differ"])])
def test_discs_without_a_common_point_are_flagged(apart_km: float, flags: list[str]) -> None:
    # one degree of latitude on the mean sphere
    degrees = apart_km / 111.195
    assert incident_of(account("a", **disc(10.0, 1)), account("b", **disc(10.0 + degrees, 25)))["flags"] == flags


def test_an_area_is_never_a_point() -> None:
    incident = incident_of(account("a", place_precision="district", area_name="North/Bay"), account("b"))
    assert incident["latitude"] is incident["place_radius_km"] is None
    assert incident["place_precision"] == "district"


def test_a_denial_counts_in_claims_alone() -> None:
    denial = account(
        "ministry",
        party="state",
        stance="denies",
        denial_scope="event",
        denied=["casualties"],
        killed_best=0,
        acts=["siege"],
    )
    incident = incident_of(account("observatory", killed_best=150, acts=["air-strike"]), denial)
    assert (incident["killed_low"], incident["killed_best"], incident["toll_disputed"]) == (150, 150, False)
    assert incident["lineages"] == ["observatory"]
    assert incident["acts"] == ["air-strike"]
    said = {one.source_id: one for one in read_claims(incident["claims"])}
    assert (said["ministry"].stance, said["ministry"].denied) == ("denies", ("casualties",))
    assert incident["flags"] == []


def test_a_claim_of_responsibility_asserts_the_event() -> None:
    incident = incident_of(account("ministry", stance="claims", party="state", perpetrators=["state"], killed_best=37))
    assert incident["lineages"] == ["ministry"]
    (said,) = read_claims(incident["claims"])
    assert (said.stance, said.alleges) == ("claims", False)


@pytest.mark.parametrize(
    ("said", "alleges"),
    [
        ({"alleges": True}, True),
        ({"perpetrators": ["front"]}, False),
        ({"party": "state", "perpetrators": ["front"]}, True),
        ({"party": "state", "perpetrators": ["state"]}, False),
        ({"party": "state"}, False),
        ({"party": "state", "perpetrators": ["front"], "stance": "denies"}, False),
    ],
)
def test_who_alleges(said: dict[str, Any], alleges: bool) -> None:
    (one,) = read_claims(incident_of(account("a", **said))["claims"])
    assert one.alleges is alleges


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ({}, "undetermined"),
        ({"killed_civilian_best": 1}, "yes"),
        ({"targets": ["front", "civilians"]}, "yes"),
        ({"targets": ["civilians-defence"]}, "undetermined"),
        ({"killed_best": 4, "killed_high": 4, "killed_civilian_best": 0, "killed_unknown_best": 0}, "no"),
        ({"killed_best": 4, "killed_high": 4, "killed_civilian_best": 0, "killed_unknown_best": 2}, "undetermined"),
        ({"killed_best": 0, "killed_high": 126, "killed_civilian_best": 0, "killed_unknown_best": 0}, "undetermined"),
        ({"killed_best": 4, "killed_civilian_best": 0, "killed_unknown_best": 0}, "undetermined"),
    ],
)
def test_civilian_victims(said: dict[str, Any], answer: str) -> None:
    (one,) = read_claims(incident_of(account("a", **said))["claims"])
    assert one.civilian_victims == answer


def test_an_account_holds_all_that_a_check_depends_on() -> None:
    said = {
        "party": "state",
        "acts": ["shelling"],
        "sides": [["state"], ["front", "guard"]],
        "invokes": ["self-defence"],
        "killed_civilian_best": 2,
        "alleges": True,
    }
    assert read_claims(incident_of(account("a", **said))["claims"]) == (
        Account(
            source_id="a",
            party="state",
            acts=("shelling",),
            sides=(("state",), ("front", "guard")),
            invokes=("self-defence",),
            civilian_victims="yes",
            alleges=True,
        ),
    )


def test_titles_and_flags() -> None:
    incident = incident_of(
        account("data", event_key="strike", text="A - B, Harbour", flags=["split-toll"], recorded_at=DAY - HOUR),
        account("b", text="Air raid on Harbour\nThe observatory says ...", flags=["name-unresolved"]),
    )
    assert incident["title"] == "A - B, Harbour"
    assert incident["flags"] == ["name-unresolved", "split-toll"]
    record = account("data", event_key=None, text="A - B, Harbour", recorded_at=DAY - HOUR)
    refers = account("b", text="Air raid on Harbour\nMore.", refers_to=["data:1"], relation="same")
    assert incident_of(record, refers)["title"] == "Air raid on Harbour"
    assert incident_of(account("a", place_name="Harbour"))["title"] == "Harbour"
