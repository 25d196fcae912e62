"""The outlook of a zone over the API: who is told, what is refused, and that nobody waits for somebody else's."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from ceasefire.model.errors import BusyError
from ceasefire.model.roles import Role
from ceasefire.pipeline import outlook_view
from ceasefire.pipeline.outlook_view import area_outlook
from ceasefire.pipeline.served import ServedRecord

from .conftest import Client, ClientOf, viewer


def test_a_zone_has_forecasts_what_came_and_how_far_to_trust_them(owner: Client) -> None:
    told = owner.get("/api/v1/areas/north-bank/outlook").json()
    assert told["origin_week"] == "2021-W45"
    assert [forecast["target"] for forecast in told["forecasts"]] == [known["target"] for known in told["known"]]
    assert {each["area_id"] for each in told["forecasts"]} == {"north-bank"}
    assert {each["area_id"] for each in told["alarms"]} == {"north-bank"}
    assert all(known["weeks"][-1]["week"] == "2021-W45" for known in told["known"])
    assert len(told["reliability"]) == 3


@pytest.mark.parametrize("role", [Role.PUBLIC, Role.ADMINISTRATOR])
def test_the_public_and_the_administrator_are_told_none(role: Role, served_once: Path, clients: ClientOf) -> None:
    answer = clients(served_once, viewer(role)).get("/api/v1/areas/north-bank/outlook")
    assert answer.status_code in (401, 403)
    assert "forecasts" not in answer.json()


def test_what_is_no_zone_has_no_outlook(owner: Client) -> None:
    case = owner.get("/api/v1/case").json()
    others = [area["zone_id"] for area in case["zones"] if area["kind"] != "zone"]
    for area in [*others, "nowhere"]:
        answer = owner.get(f"/api/v1/areas/{area}/outlook")
        assert answer.status_code == 404
        assert "There is no zone" in answer.json()["what"]


def test_it_is_worked_out_once_and_others_read_on_meanwhile(served_once: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record = ServedRecord(served_once)
    begun, go_on, made = threading.Event(), threading.Event(), []
    real = outlook_view.outlook_of

    def slow(*arguments: object, **more: object) -> object:
        made.append(1)
        begun.set()
        go_on.wait(20)
        return real(*arguments, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(outlook_view, "outlook_of", slow)
    monkeypatch.setattr(outlook_view, "_PATIENCE_SECONDS", 0.1)
    snapshot = record.current()
    first = threading.Thread(target=lambda: area_outlook(snapshot, "north-bank"))
    first.start()
    try:
        assert begun.wait(20)
        assert snapshot.kept("something else", lambda: 7) == 7
        with pytest.raises(BusyError, match="being worked out"):
            area_outlook(snapshot, "north-bank")
    finally:
        go_on.set()
        first.join(60)
    assert area_outlook(snapshot, "north-bank").origin_week == "2021-W45"
    assert made == [1]
    record.close()
