"""The field form and its submissions through the Centre: who may, how much at once, what is told of a refusal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ceasefire.model.roles import Role
from ceasefire.pipeline.field_form import MEDIA_TYPE
from ceasefire.pipeline.workspace import Workspace
from ceasefire.release.policy import MISSION_ROLES

from ..intake.field import ANSWERS, IDENTITY, answers, columns, instance, one, table
from .conftest import HOST, Client, ClientOf, viewer
from .visitor import Centre, Clock, Visitor

ORIGIN = {"origin": f"http://{HOST}"}


def bring(client: Client, content: bytes, name: str = "field.csv", **headers: str) -> Any:
    sent = {**ORIGIN, "content-type": "application/octet-stream", **headers}
    return client.post("/api/v1/submissions", params={"file": name}, content=content, headers=sent)


@pytest.mark.parametrize("role", Role)
def test_the_form_is_for_the_mission(role: Role, served_once: Path, clients: ClientOf) -> None:
    parties = ("northern-assembly",) if role is Role.LIAISON else ()
    answer = clients(served_once, viewer(role, parties=parties)).get("/api/v1/field-form")
    if role in MISSION_ROLES:
        assert (answer.status_code, answer.headers["content-type"]) == (200, MEDIA_TYPE)
        assert answer.headers["content-disposition"].startswith('attachment; filename="riverline-incident-report-')
        with Workspace.open(served_once) as workspace:
            assert answer.content == workspace.field_form(adopt=False).content
    else:
        assert answer.status_code == (401 if role is Role.PUBLIC else 403)


@pytest.mark.parametrize("role", Role)
def test_bringing_and_deciding_are_for_those_who_may(role: Role, folder: Path, clients: ClientOf) -> None:
    parties = ("northern-assembly",) if role is Role.LIAISON else ()
    client = clients(folder, viewer(role, parties=parties))
    refused = 401 if role is Role.PUBLIC else 403
    assert bring(client, one(ANSWERS, 1)).status_code == (200 if role in MISSION_ROLES else refused)
    told = {"version_id": "sub-none", "note": "Because."}
    decided = client.post("/api/v1/submissions/decision", json=told, headers=ORIGIN)
    assert decided.status_code == (400 if role in (Role.ANALYST, Role.HEAD) else refused)


def test_what_was_recorded_and_what_was_refused_is_told_at_once(folder: Path, clients: ClientOf) -> None:
    client = clients(folder, viewer(Role.FIELD_MONITOR))
    rows = [
        columns(ANSWERS, meta__instanceID=instance(1)),
        columns(answers(acts="witchcraft", killed_best="many"), meta__instanceID=instance(2)),
        columns(answers(told_on=None), meta__instanceID=instance(3)),
    ]
    told = bring(client, table(rows), "C:\\patrol\\week 16.csv").json()
    assert (told["rows_in"], told["accepted"], told["rejected"], told["file"]) == (3, 1, 2, "week 16.csv")
    first, second = told["rejects"]
    assert "acts has witchcraft" in first["what"] and "killed_best is many" in first["what"]
    assert first["where"].startswith("week 16.csv:")
    assert "told_on is missing" in second["what"]
    with Workspace.open(folder) as workspace:
        assert list(workspace.ledger.entries())[-1].author == "Badr"
    listed = client.get("/api/v1/submissions").json()
    assert listed["imports"][0]["accepted"] == 1
    assert IDENTITY not in str(listed)


def test_a_conflict_is_listed_decided_once_and_gone(folder: Path, clients: ClientOf) -> None:
    client = clients(folder, viewer(Role.ANALYST))
    bring(client, one(ANSWERS, 1))
    bring(client, one(answers(killed_best="4"), 2, 1))
    assert bring(client, one(answers(killed_best="5"), 3, 1)).json()["conflicts"] == 1
    (conflict,) = client.get("/api/v1/submissions").json()["conflicts"]
    assert [version["answers"] for version in conflict["versions"]] == [
        [{"field": "killed_best", "answer": "4"}],
        [{"field": "killed_best", "answer": "5"}],
    ]
    kept = {"version_id": conflict["versions"][0]["version_id"], "note": "The hospital's list."}
    assert client.post("/api/v1/submissions/decision", json=kept, headers=ORIGIN).status_code == 200
    again = client.post("/api/v1/submissions/decision", json=kept, headers=ORIGIN)
    assert again.status_code == 409
    assert client.get("/api/v1/submissions").json()["conflicts"] == []


def test_a_file_has_a_limit_of_its_own_and_other_requests_theirs(folder: Path, clients: ClientOf) -> None:
    client = clients(folder, viewer(Role.FIELD_MONITOR), most_body_bytes=2_000, most_upload_bytes=20_000)
    assert len(one(ANSWERS, 1)) > 1_000
    assert bring(client, one(ANSWERS, 1) + b"\n" * 5_000).status_code == 200
    assert bring(client, b"x" * 20_001).status_code == 413
    long = client.post("/api/v1/submissions/decision", content=b"x" * 2_001, headers=ORIGIN)
    assert long.status_code == 413


def test_bytes_that_are_no_submissions_are_refused_with_a_sentence(folder: Path, clients: ClientOf) -> None:
    client = clients(folder, viewer(Role.FIELD_MONITOR))
    with Workspace.open(folder) as workspace:
        size = workspace.ledger.size
    for content in (b"", b"PK\x03\x04", b"<a", b"{", b"\x00\xff" * 50, b"a,b\n1,2"):
        answer = bring(client, content)
        assert answer.status_code == 400
        assert answer.json()["do"]
    assert client.post("/api/v1/submissions?file=a.csv", json={}, headers=ORIGIN).status_code == 415
    assert bring(client, one(ANSWERS, 1), "..").status_code == 400
    with Workspace.open(folder) as workspace:
        assert workspace.ledger.size == size


def test_another_page_cannot_bring_a_file_in_ones_name(centre: Centre, clients: ClientOf) -> None:
    client = clients(centre.folder, clock=Clock())
    monitor = Visitor(client)
    monitor.sign_in("mon")
    headers = {
        "content-type": "application/octet-stream",
        "cookie": "; ".join(f"{k}={v}" for k, v in monitor.cookies.items()),
    }
    for more in ({}, ORIGIN, {"origin": "http://elsewhere.test", "x-csrf-token": str(monitor.token)}):
        answer = client.post("/api/v1/submissions?file=a.csv", content=one(ANSWERS, 1), headers={**headers, **more})
        assert answer.status_code == 403
    sent = {**headers, **ORIGIN, "x-csrf-token": str(monitor.token)}
    answer = client.post("/api/v1/submissions?file=a.csv", content=one(ANSWERS, 1), headers=sent)
    assert answer.status_code == 200
    with Workspace.open(centre.folder) as workspace:
        assert list(workspace.ledger.entries())[-1].author == "mon"
