"""Where posts would stand, as programs meet it: the desk asks, nobody else may, and nothing of it goes elsewhere."""

from __future__ import annotations

import json
import logging
import threading
from pathlib import Path
from typing import Any

import pytest

from ceasefire.agreement.load import built_in_case, load_case
from ceasefire.model.errors import BusyError
from ceasefire.pipeline.exports import table_to_export, write_table
from ceasefire.pipeline.served import ServedRecord
from ceasefire.pipeline.site_rules import SitingOptions
from ceasefire.pipeline.siting_view import SitingDesk, siting_view
from ceasefire.pipeline.workspace import Workspace

from .test_case_files import PEOPLE, Office, incident, office

__all__ = ["incident", "office"]
pytestmark = pytest.mark.parametrize("store", ["sqlite"], indirect=True)
DESK = ("ana", "two", "head")
ASKED: dict[str, dict[str, Any]] = {
    "siting": {},
    "siting/curve": {"most": 2},
    "siting/comparison": {"operator": "monitoring-mission"},
    "siting/patrols": {},
}
REFUSED: list[tuple[dict[str, Any], int]] = [
    ({"objective": "targets"}, 400),
    ({"plan": "nowhere"}, 404),
    ({"zone": "nowhere"}, 404),
    ({"posts": 0}, 400),
    ({"posts": 1000}, 400),
    ({"posts": "5"}, 400),
    ({"range_km": 1e9}, 400),
    ({"grid_km": 0.001}, 400),
    ({"grid_km": 5}, 400),  # over no zone
    ({"grid_km": 0.5, "zone": "north-bank", "posts": 3}, 400),
    ({"first_day": "2021-06-01", "last_day": "2021-05-01"}, 400),
    ({"last_day": "0001-01-01"}, 400),
    ({"candidates": "/etc/passwd"}, 400),
    ({"seed": 1}, 400),
    ({"from_outlook": 9}, 400),
    ({"worst_share": 0.0}, 400),
    ({"worst_share": 0.2, "objective": "people"}, 400),
    ({"from_outlook": 2, "outlook_count": "deaths"}, 400),
]


def test_the_desk_is_told_the_best_choice_with_its_proof(office: Office) -> None:
    told = office.post("ana", "siting")
    assert told["gap"] == 0
    assert told["conflict"] == []
    posts = {each["site_id"]: each for each in told["posts"]}
    assert len(posts) == told["wanted"] == 5
    assert posts["patrol-base"]["stands"]
    assert 0 < told["seen"]["low"] <= told["seen"]["share"] <= told["seen"]["high"] <= 1
    left = {each["code"]: [place["site_id"] for place in each["places"]] for each in told["left_out"]}
    assert left == {
        "far-from-road": ["reed-islands"],
        "not-consented": ["south-battery"],
        "safety-unsaid": ["mined-orchard"],
    }
    assert [each["km"] for each in told["left_out"]] == [2.0, None, None]
    assert not {"reed-islands", "south-battery", "mined-orchard"} & set(posts)


def test_a_contradiction_is_told_in_parts_that_a_page_can_word(office: Office) -> None:
    told = office.post("ana", "siting", posts=1)
    assert (told["posts"], told["seen"], told["gap"]) == ([], None, None)
    said = [(each["kind"], each["operator_ids"], each["limit"], each["number"]) for each in told["conflict"]]
    assert said == [
        ("total", [], "at-most", 1),
        ("operator", ["astor"], "at-least", 1),
        ("kept", [], None, None),
    ]
    assert "posts to patrol from" in str(office.refused(400, "ana", "siting/patrols", posts=1))


def test_posts_by_the_outlook_and_by_the_worst_of_it(office: Office) -> None:
    told = office.post("ana", "siting", from_outlook=4, worst_share=0.2)
    assert any("outlook" in note for note in told["notes"])
    worst = told["worst"]
    assert worst["share"] == 0.2
    assert worst["bound"] - 1e-9 <= worst["missed"] <= worst["missed_otherwise"] + 1e-9
    assert worst["missed"] <= worst["coming"]
    assert told["seen"]["fresh"] is not None
    assert office.post("ana", "siting")["worst"] is None


def test_of_a_line_the_stretch_seen_least_is_drawn(office: Office) -> None:
    told = office.post("ana", "siting", objective="line")
    groups = told["groups"]
    least = min(each["share"] for each in groups if each["reachable"])
    assert {each["share"] for each in groups if each["least"]} == {least} != {0}
    unseen = [each for each in groups if not each["reachable"]]
    assert unseen
    assert {each["share"] for each in unseen} == {0}
    assert [bool(each["line"]) for each in groups] == [each["least"] or not each["reachable"] for each in groups]
    assert [each["from_km"] for each in groups[1:]] == [each["to_km"] for each in groups[:-1]]
    for each in groups:
        assert each["name"] == f"km {each['from_km']:.0f} to {each['to_km']:.0f}"
    assert told["last_day"] is None


def test_the_curve_comes_in_parts_and_ends_at_the_best(office: Office) -> None:
    steps: list[dict[str, Any]] = []
    at: int | None = 1
    while at is not None:
        told = office.post("ana", "siting/curve", fewest=at, most=6)
        assert told["steps"]
        steps += told["steps"]
        at = told["next"]
    assert [each["posts"] for each in steps] == list(range(1, 7))  # one stands already, and stays
    shares = [each["share"] for each in steps]
    assert shares == sorted(shares)
    assert all(each["gap"] == 0 for each in steps)
    assert (
        steps[4]["share"] >= office.post("ana", "siting", posts=5)["seen"]["share"] - 1e-9
    )  # it leaves lower limits out


def test_posts_as_they_stood_stand_beside_the_best(office: Office) -> None:
    choices = office.get("ana", "siting")
    assert [each["plan_id"] for each in choices["plans"]] == ["annex-posts"]
    operator = max(choices["operators"], key=lambda each: each["placed"])
    told = office.post("ana", "siting/comparison", operator=operator["operator_id"])
    assert told["posts"] == len(told["stood"]) == operator["placed"] > 0
    assert told["theirs"]["share"] <= told["best"]["share"] + 1e-9
    assert told["opened_after"] <= told["posts"]


def test_a_week_of_patrols_is_another_each_time(office: Office) -> None:
    weeks = [office.post("ana", "siting/patrols")["patrols"] for _ in range(2)]
    shapes = {json.dumps([[each["base_id"], len(each["shifts"])] for each in week]) for week in weeks}
    assert len(shapes) == 1
    assert weeks[0] != weeks[1]
    for patrol in weeks[0]:
        known = {stop["site_id"] for stop in patrol["stops"]}
        assert all(set(shift["stops"]) <= known for shift in patrol["shifts"])


def test_asking_records_nothing_is_kept_by_no_browser_and_stands_in_no_log(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    before = office.client.app.state.record.position
    names = {each["site_id"] for each in office.post("ana", "siting")["posts"]}
    with caplog.at_level(logging.DEBUG):
        for path, said in ASKED.items():
            answer = office.ask("ana", "POST", path, json=said)
            assert answer.status_code == 200, answer.text
            assert answer.headers["cache-control"] == "no-store"
            assert "etag" not in answer.headers
    assert office.client.app.state.record.position == before
    assert not [name for name in names if name in caplog.text]


def test_nobody_outside_the_desk_is_told_anything(office: Office) -> None:
    for who in set(PEOPLE) - set(DESK):
        status = 401 if who == "nobody" else 403
        assert office.ask(who, "GET", "siting").status_code == status
        for path, said in ASKED.items():
            body = office.refused(status, who, path, **said)
            assert set(body) == {"status", "title", "what", "why", "do", "where"}


def test_nothing_of_a_plan_is_told_by_any_other_door(office: Office) -> None:
    names = kept_close()
    paths = office.client.get("/api/v1/schema", headers={"origin": "x"}).json()["paths"]
    plain = [path for path, said in paths.items() if "get" in said and "{" not in path and "siting" not in path]
    assert len(plain) > 15
    for who in ("nobody", "rep", "gua"):
        for path in plain:
            if path.endswith(("/events", "/field-form")):
                continue  # one never ends; the other is a spreadsheet of what the case lists, no plan among it
            told = office.ask(who, "GET", path.removeprefix("/api/v1/")).content
            assert not [name for name in names if name in told], (who, path)


def test_nothing_of_a_plan_enters_bulletins_or_exports(folder: Path, tmp_path: Path) -> None:
    with Workspace.open(folder) as workspace:
        written = [workspace.bulletin(week="2021-W16", format="json").content]
        for what in ("reports", "incidents", "findings", "obligations"):
            write_table(table_to_export(workspace, what), tmp_path / f"{what}.csv", "csv")
            written.append((tmp_path / f"{what}.csv").read_bytes())
    for content in written:
        assert len(content) > 1000
        assert not [name for name in kept_close() if name in content]


def test_what_cannot_be_asked_is_refused(office: Office) -> None:
    for said, status in REFUSED:
        body = office.refused(status, "ana", "siting", **said)
        assert body["what"], said


def test_more_than_can_wait_are_sent_away(served_once: Path, store: str) -> None:
    del store
    desk, record = SitingDesk(), ServedRecord(served_once)
    try:
        snapshot = record.current()
        busy: list[str] = []

        def ask() -> None:
            try:
                siting_view(desk, snapshot, SitingOptions())
            except BusyError as error:
                busy.append(str(error))

        with desk.solving():
            threads = [threading.Thread(target=ask) for _ in range(5)]
            for each in threads:
                each.start()
            while not busy:
                threads[0].join(0.01)
        for each in threads:
            each.join()
        assert len(busy) == 2  # one is at work, three wait
        assert "Ask again" in busy[0]
    finally:
        record.close()


def kept_close() -> set[bytes]:
    """Return what tells a place of the training case's plan, and nothing else: ids and positions, not every name."""
    case = load_case(built_in_case("riverline"))
    places = [each for plan in case.siting_plans.values() for each in plan.candidates]
    assert len(places) > 8
    said = [(each.id, f"{each.longitude},{each.latitude}", f"{each.latitude},{each.longitude}") for each in places]
    return {text.encode() for texts in said for text in texts}
