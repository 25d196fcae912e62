"""One error body, whatever goes wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from litestar import Request, get

from ceasefire.casework.refusals import validated
from ceasefire.casework.requests import OfferRequest, VisitRequest
from ceasefire.centre import app as application
from ceasefire.centre.errors import say_ours
from ceasefire.model.errors import InputError
from ceasefire.pipeline.workspace import Workspace
from ceasefire.release.policy import Operation

from .conftest import Client, ClientOf

KEYS = {"status", "title", "what", "why", "do", "where"}


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/api/v1/nothing", 404, "nothing at this address"),
        ("/api/v1/incidents/inc-zz", 404, 'no incident "inc-zz"'),
        ("/api/v1/incidents/inc", 400, "begins 22 ids"),
        ("/api/v1/findings/find-zz", 404, 'no finding "find-zz"'),
        ("/api/v1/actors/nobody", 404, 'no actor "nobody"'),
        ("/api/v1/areas/nowhere/week", 404, 'no area "nowhere"'),
        ("/api/v1/areas/nowhere/assessment", 404, 'no area "nowhere"'),
        ("/api/v1/areas/north-bank/week?week=2021-W60", 400, "No such day or week"),
        ("/api/v1/incidents?zone=nowhere", 400, 'no zone "nowhere"'),
        ("/api/v1/incidents?act=joy", 400, 'no act "joy"'),
        ("/api/v1/incidents?from=2021-04-02&until=2021-04-01", 400, "is before the first"),
        ("/api/v1/incidents?bbox=1,2,3", 400, "no box on the globe"),
        ("/api/v1/incidents?bbox=0,50,1,40", 400, "no box on the globe"),
        ("/api/v1/incidents?cursor=abc", 400, "not one that this server gave"),
        ("/api/v1/incidents?colour=red", 400, 'no parameter "colour"'),
        ("/api/v1/incidents?zoom=null", 400, "given as null"),
        ("/api/v1/areas?day=9999-12-31", 400, "no year of a ceasefire"),
        ("/api/v1/coverage?until=9999-12-31", 400, "no year of a ceasefire"),
        ("/api/v1/symmetry?from=0001-01-01", 400, "no year of a ceasefire"),
        ("/api/v1/pack?week=9999-W52", 400, "no year of a ceasefire"),
        ("/api/v1/case?as_known_on=1", 400, "no case had been adopted"),
        ("/api/v1/incidents?limit=0", 400, "Less than 1"),
        ("/api/v1/incidents?limit=many", 400, "Not a whole number"),
        ("/api/v1/incidents?from=2021-02-30", 400, "Not a day"),
        ("/api/v1/incidents?order=latest&order=earliest", 400, '"order" is given more than once'),
        ("/api/v1/incidents?status=guilty", 400, "guilty"),
        ("/api/v1/case?as_known_on=99", 400, "no position 99"),
        ("/api/v1/case?as_known_on=1999-01-01", 400, "Nothing had been recorded"),
        ("/api/v1/case?as_known_on=soon", 400, "neither a position"),
        ("/api/v1/whats-new", 400, "since_position"),
        ("/api/v1/whats-new?since_position=99", 400, "no position 99"),
        ("/api/v1/obligations?state=fine", 400, "fine"),
    ],
)
def test_what_is_wrong_is_said_with_what_to_do(owner: Client, address: str, status: int, words: str) -> None:
    answer = owner.get(address)
    body = answer.json()
    assert answer.status_code == body["status"] == status, body
    assert set(body) == KEYS
    assert words in body["what"]
    assert body["do"]
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"


def test_a_parameter_at_fault_is_named(owner: Client) -> None:
    assert owner.get("/api/v1/incidents?limit=many").json()["where"] == "limit"


def test_a_record_without_results_says_how_to_get_them(tmp_path: Path, clients: ClientOf) -> None:
    Workspace.create(tmp_path / "new", "riverline", author="Amal").close()
    client = clients(tmp_path / "new")
    answer = client.get("/api/v1/incidents")
    assert answer.status_code == 409
    assert answer.json()["do"].endswith("ceasefire run")
    with Workspace.open(tmp_path / "new") as workspace:
        workspace.run()
    assert client.get("/api/v1/incidents").json()["counts"]["matched"] == 22


def test_our_own_fault_shows_no_traceback(
    served_once: Path, clients: ClientOf, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    @get("/broken", opt={"operation": Operation.READ_CASE, "tagged": False}, sync_to_thread=False)
    def broken() -> dict[str, int]:
        return {"ratio": 1 // 0}

    monkeypatch.setattr(application, "ROUTES", (*application.ROUTES, broken))
    answer = clients(served_once).get("/api/v1/broken")
    assert answer.status_code == 500
    assert set(answer.json()) == KEYS
    assert "Traceback" not in answer.text
    assert "test_errors" not in answer.text
    assert "/api/v1/broken" in caplog.text


def test_every_fault_of_a_form_is_told_with_its_field() -> None:
    with pytest.raises(InputError) as caught:
        validated(VisitRequest, {"began": "soon", "ended": "2021-05-04T10:00", "people": 0, "side": "a"}, "the visit")
    body = json.loads(say_ours(Request({"type": "http"}), caught.value).content)
    assert set(body) == KEYS
    assert set(body["where"].split(", ")) == {"began", "people", "access", "account"}
    lines = dict(zip(body["where"].split(", "), body["what"].splitlines(), strict=True))
    assert '"began" is "soon"' in lines["began"]
    assert '"access" is missing' in lines["access"]


def test_the_one_fault_of_a_form_names_its_field() -> None:
    with pytest.raises(InputError) as caught:
        validated(OfferRequest, {"party": "a", "statement": " "}, "the offer")
    body = json.loads(say_ours(Request({"type": "http"}), caught.value).content)
    assert body["where"] == "statement"
    assert body["do"]
