"""Reading over the API: what is answered, unchanged answers, earlier states, what changes while one reads."""

from __future__ import annotations

import threading
import time
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from ceasefire.centre.description import described
from ceasefire.model.errors import BusyError
from ceasefire.pipeline import served
from ceasefire.pipeline.adopt import adopt_case
from ceasefire.pipeline.served import ServedRecord, Snapshot
from ceasefire.pipeline.state import State
from ceasefire.pipeline.workspace import Workspace

from .conftest import EXAMPLES, Client, ClientOf, address_of

ENDLESS, PAPER = "/api/v1/events", "/api/v1/pack"
OF_NOW = "/api/v1/home"
"""What somebody sees first is counted from the moment of asking, whatever the record held."""


@pytest.mark.parametrize("path", sorted(set(EXAMPLES) - {ENDLESS}))
def test_an_answer_that_a_reader_holds_is_not_sent_again(owner: Client, path: str) -> None:
    address = address_of(path, owner)
    first = owner.get(address)
    assert first.status_code == 200
    tag = first.headers.get("etag")
    assert (tag is None) == ("304" not in described(owner.app)["paths"][path]["get"]["responses"])
    if tag is not None:
        again = owner.get(address, headers={"if-none-match": f'"other", {tag}'})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
        assert owner.get(address, headers={"if-none-match": '"other"'}).status_code == 200


def test_tags_differ_by_question_and_by_state(folder: Path, clients: ClientOf) -> None:
    client = clients(folder)
    tags = {client.get(f"/api/v1/incidents{query}").headers["etag"] for query in ("", "?limit=1", "?order=earliest")}
    assert len(tags) == 3
    with Workspace.open(folder) as workspace:
        edit_case(folder)
        workspace.run()
    assert client.get("/api/v1/incidents").headers["etag"] not in tags


def test_every_answer_can_be_had_as_it_was_known_before(folder: Path, clients: ClientOf) -> None:
    client = clients(folder)
    told = described(client.app)["paths"]
    replayed = [
        path for path in EXAMPLES if "as_known_on" in {one["name"] for one in told[path]["get"].get("parameters", ())}
    ]
    data = [path for path in replayed if path != PAPER and not path.startswith(OF_NOW)]
    addresses = [address_of(path, client) for path in data]
    before = {address: client.get(address).json() for address in addresses}
    edit_case(folder)
    with Workspace.open(folder) as workspace:
        workspace.run()
        assert workspace.ledger.size == 3
    now = {address: client.get(address).json() for address in addresses}
    for address in addresses:
        then = client.get(f"{address}{'&' if '?' in address else '?'}as_known_on=2").json()
        for answer in (before[address], then):  # how the results stand to the record is said of today
            answer.pop("results", None)
        assert then == before[address], address
    assert sum(now[address] != before[address] for address in addresses) > len(addresses) / 2


def test_the_day_and_the_position_name_the_same_state(folder: Path, clients: ClientOf) -> None:
    client = clients(folder)
    recorded = client.get("/api/v1/whats-new?since_position=0").json()["entries"][-1]["recorded_at"]
    edit_case(folder)
    with Workspace.open(folder) as workspace:
        workspace.run()
    by_position, by_moment, now = (
        client.get(f"/api/v1/incidents{query}").json()["counts"]["matched"]
        for query in ("?as_known_on=2", f"?as_known_on={recorded.replace('Z', '.999999Z')}", "")
    )
    assert by_position == by_moment == 22
    assert now == 23


def test_reading_goes_on_from_the_results_before_until_a_run_renews_them(folder: Path, clients: ClientOf) -> None:
    client = clients(folder)
    assert not client.get("/api/v1/case").json()["results"]["results_behind"]
    edit_case(folder)
    with Workspace.open(folder) as workspace:
        adopt_case(folder / "case", ledger=workspace.ledger, batches=workspace.batches, author="Amal")
        results = client.get("/api/v1/case").json()["results"]
        assert (results["position"], results["results_position"], results["results_behind"]) == (3, 2, True)
        assert client.get("/api/v1/incidents").json()["counts"]["matched"] == 22
        workspace.run()
    time.sleep(1.1)  # the server looks again after a second
    results = client.get("/api/v1/case").json()["results"]
    assert (results["position"], results["results_position"], results["results_behind"]) == (3, 3, False)
    assert client.get("/api/v1/incidents").json()["counts"]["matched"] == 23


def test_nobody_waits_for_results_that_are_being_loaded(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record = ServedRecord(folder)
    before = record.current()
    edit_case(folder)
    with Workspace.open(folder) as workspace:
        workspace.run()
    loading, may_go_on = threading.Event(), threading.Event()

    def slow(state: State) -> Snapshot | None:
        loading.set()
        assert may_go_on.wait(60)
        return load(state)

    load = served._load
    monkeypatch.setattr(served, "_load", slow)
    noticed = threading.Thread(target=record.current)
    noticed.start()
    assert loading.wait(60)
    begin = time.monotonic()
    assert all(record.current() is before for _ in range(20))
    assert time.monotonic() - begin < served._PATIENCE_SECONDS / 2
    assert record.standing().results_behind is False  # nobody knows yet that there are newer ones
    may_go_on.set()
    noticed.join(60)
    assert record.current().stamp.position == 3
    record.close()


def test_no_more_earlier_states_are_derived_at_once_than_may(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    edit_case(folder)
    with Workspace.open(folder) as workspace:
        workspace.run()
    record = ServedRecord(folder)
    record.current()
    monkeypatch.setattr(record, "_waiting", threading.BoundedSemaphore(1))
    with record._deriving:
        first = threading.Thread(target=record.at, args=("2",))
        first.start()
        while record._waiting._value:  # type: ignore[attr-defined]
            time.sleep(0.01)
        with pytest.raises(BusyError, match="Ask again in a minute"):
            record.at("2")
        assert record.at("3") is record.current()
    first.join(60)
    assert record.at("2").stamp.position == 2
    record.close()


def test_what_is_new_tells_new_incidents_from_changed_ones(folder: Path, clients: ClientOf) -> None:
    client = clients(folder)
    edit_case(folder)
    with Workspace.open(folder) as workspace:
        workspace.run()
    news = client.get("/api/v1/whats-new?since_position=2").json()
    assert (news["new"], news["changed"], news["case_changed"]) == (1, 1, True)
    assert [row["title"] for row in news["new_incidents"]] == ["Rifle fire near the mill"]
    assert news["changed_incidents"][0]["reports"] == 2
    assert [(entry["position"], entry["reports"]) for entry in news["entries"]] == [(3, 2)]


def test_pages_of_incidents_are_all_of_them_in_order(owner: Client) -> None:
    for order in ("latest", "earliest"):
        rows, cursor = [], ""
        while True:
            page = owner.get(f"/api/v1/incidents?limit=5&order={order}{cursor}").json()
            rows += page["incidents"]
            if page["next_cursor"] is None:
                break
            cursor = f"&cursor={page['next_cursor']}"
        assert len({row["incident_id"] for row in rows}) == len(rows) == page["counts"]["matched"] == 22
        days = [row["occurred_from"] for row in rows if row["occurred_from"] is not None]
        assert days == sorted(days, reverse=order == "latest")


def test_the_three_formats_tell_the_same_incidents(owner: Client) -> None:
    rows = owner.get("/api/v1/incidents?limit=1000").json()["incidents"]
    table = pa.ipc.open_stream(owner.get("/api/v1/incidents?format=arrow").content).read_all().to_pylist()
    marks = owner.get("/api/v1/incidents?format=geojson").json()
    assert {row["incident_id"] for row in table} == {row["incident_id"] for row in rows}
    held = {row["incident_id"]: row for row in rows}
    for row in table:
        told = held[row["incident_id"]]
        place = told["place"]
        assert (row["longitude"], row["latitude"]) == (place["longitude"], place["latitude"])
        assert (row["precision_class"], row["unit_id"]) == (place["precision_class"], place["unit_id"])
        assert row["status"] == (told["status"] or "not-checked")
        assert [row[f"killed_{bound}"] for bound in ("low", "best", "high")] == list(told["tolls"]["killed"].values())
    points = [row for row in rows if row["place"]["precision_class"] == "point"]
    assert {feature["properties"]["incident_id"] for feature in marks["features"]} == {
        row["incident_id"] for row in points
    }
    assert sum(unit["count"] for unit in marks["units"]) == len(rows) - len(points)


def test_many_points_become_cells_that_count_them(owner: Client) -> None:
    marks = owner.get("/api/v1/incidents?format=geojson&limit=3&zoom=6").json()
    points = owner.get("/api/v1/incidents?format=geojson").json()
    assert (marks["aggregated"], points["aggregated"]) == (True, False)
    assert {feature["geometry"]["type"] for feature in marks["features"]} == {"Polygon"}
    assert sum(feature["properties"]["count"] for feature in marks["features"]) == len(points["features"])
    for feature in marks["features"]:
        (corners,) = feature["geometry"]["coordinates"]
        west, east = min(x for x, _ in corners), max(x for x, _ in corners)
        south, north = min(y for _, y in corners), max(y for _, y in corners)
        inside = [
            point
            for point in points["features"]
            if west <= point["geometry"]["coordinates"][0] < east
            and south <= point["geometry"]["coordinates"][1] < north
        ]
        assert len(inside) == feature["properties"]["count"]


def test_an_incident_shows_where_its_accounts_differ(owner: Client) -> None:
    detail = owner.get(address_of("/api/v1/incidents/{incident_id}", owner)).json()
    assert detail["incident"]["title"] == "Shelling of Reedham market"
    killed = next(each for each in detail["comparisons"] if each["field"] == "tolls.killed")
    assert killed["differs"]
    assert {report for group in killed["groups"] for report in group} | set(killed["silent"]) == {
        account["report_id"] for account in detail["accounts"] if account["relation"] == "same"
    }
    assert {question["question"] for question in detail["findings"][0]["questions"]} >= {"Was the clause in force?"}
    assert detail["history"][0]["kind"] == "case-adopted"
    assert len(detail["lineages"]) < len(detail["accounts"])


def test_a_week_counts_as_the_findings_do(owner: Client, served_once: Path) -> None:
    for zone in owner.get("/api/v1/case").json()["zones"]:
        week = owner.get(f"/api/v1/areas/{zone['zone_id']}/week?week=2021-W16").json()
        with Workspace.open(served_once) as workspace:
            chosen = workspace.select(zone=zone["zone_id"], week="2021-W16")
        bounds = {each.clause_id: (each.incidents.lower, each.incidents.upper) for each in chosen.bounds}
        told = {each["clause_id"]: (each["incidents"]["lower"], each["incidents"]["upper"]) for each in week["clauses"]}
        assert {clause: pair for clause, pair in told.items() if pair[1]} == {
            clause: pair for clause, pair in bounds.items() if pair[1]
        }
        assert week["statuses"] == chosen.statuses
        assert week["zone_open"] == chosen.unplaced


def test_the_weeks_before_are_told_to_the_last_one_though_nothing_was_reported_in_it(owner: Client) -> None:
    after = owner.get("/api/v1/areas/north-bank/week?week=2021-W20").json()
    mondays = [date.fromisoformat(each["first_day"]) for each in after["weeks"]]
    assert mondays == [date(2021, 5, 17) - timedelta(weeks=before) for before in range(12, -1, -1)]
    assert all(each["upper"] == 0 for each in after["weeks"] if each["first_day"] == "2021-05-17")
    assert any(each["upper"] > 0 for each in after["weeks"])


def edit_case(folder: Path) -> None:
    """Add two reports to the case: one of a new event, one of an event on record."""
    (folder / "case" / "reports" / "later.yaml").write_text(
        """
format: 1
reports:
  - id: N1-observatory
    event: N1
    title: Rifle fire near the mill
    speaker: oriel-observatory
    when: {start: "2021-06-02"}
    where: {name: the mill, precision: point, latitude: 26.6, longitude: -42.85, radius_km: 1}
    acts: [small-arms-fire]
    reported: "2021-06-03T09:00"
    sources: [observatory]
  - id: E01-gazette
    event: E01
    title: Shells at Reedham on the day of the truce
    speaker: isles-gazette
    when: {start: "2021-03-15"}
    where: {name: Reedham, precision: near, latitude: 26.68, longitude: -42.90, radius_km: 5}
    acts: [shelling]
    reported: "2021-03-17T09:00"
    sources: [gazette]
""".lstrip(),
        encoding="utf-8",
    )
