"""Every role at every door of casework, field by field; and what the policy allows beside what casework does."""

from __future__ import annotations

from typing import Any

import pytest

from ceasefire.casework.entries import EntryKind
from ceasefire.casework.permissions import OPENERS, PERMISSIONS
from ceasefire.casework.transitions import TRANSITIONS, Standing
from ceasefire.centre.description import described
from ceasefire.model.roles import FieldClass, Role
from ceasefire.release.policy import Operation, allowed
from ceasefire.release.telling import WITHHELD

from .conftest import OF_CASEWORK
from .test_case_files import PEOPLE, Office, incident, office
from .test_policy import told_records

__all__ = ["incident", "office"]
OPERATIONS = {
    EntryKind.EDITED: Operation.EDIT_CASE_FILE,
    EntryKind.RESOLVED: Operation.SETTLE_EDITS,
    EntryKind.GRADED: Operation.GRADE_EVIDENCE,
    EntryKind.COMMENTED: Operation.COMMENT_ON_CASE_FILE,
    EntryKind.ATTACHED: Operation.ATTACH_DOCUMENT,
    EntryKind.VISITED: Operation.RECORD_VISIT,
    EntryKind.INTEREST: Operation.DECLARE_INTEREST,
    EntryKind.OFFERED: Operation.OFFER_REPLY,
    EntryKind.REPLIED: Operation.RECORD_REPLY,
    EntryKind.VOTED: Operation.RECORD_VOTE,
    EntryKind.DISSENTED: Operation.RECORD_DISSENT,
    EntryKind.REMEDY: Operation.REPORT_REMEDY,
    EntryKind.PUBLISHED: Operation.PUBLISH_CASE_FILE,
    EntryKind.CLOCK_STOPPED: Operation.STOP_CLOCK,
    EntryKind.CLOCK_RESTARTED: Operation.STOP_CLOCK,
    EntryKind.SHARED: Operation.SHARE_ENTRIES,
}


def may(operation: Operation) -> set[Role]:
    """Return the roles that may ask for an operation."""
    return {role for role in Role if allowed(role, operation, FieldClass.PUBLIC)}


@pytest.mark.parametrize("kind", PERMISSIONS)
def test_the_door_is_open_to_those_who_may_add_something(kind: EntryKind) -> None:
    permission = PERMISSIONS[kind]
    liaisons = {Role.LIAISON} if permission.standing is not Standing.NONE else set()
    assert may(OPERATIONS[kind]) == permission.roles | liaisons


def test_the_doors_to_open_and_to_move_are_open_to_those_who_may() -> None:
    assert may(Operation.OPEN_CASE_FILE) == OPENERS
    liaisons = {Role.LIAISON for one in TRANSITIONS if one.standing is not Standing.NONE}
    assert may(Operation.MOVE_CASE_FILE) == {role for one in TRANSITIONS for role in one.roles} | liaisons


def doors(office: Office, method: str) -> dict[str, dict[str, Any]]:
    """Return the operations of casework with this method, by path."""
    paths = described(office.client.app)["paths"]
    prefixes = (*(each for each in OF_CASEWORK if each != "/api/v1/registers"), "/api/v1/excerpts")
    return {path: said[method] for path, said in paths.items() if method in said and path.startswith(prefixes)}


def full_file(office: Office, incident: str) -> tuple[str, int]:
    """Return a case file that has been told to both parties and the public, and a document told to one."""
    id_ = office.drafted(incident)
    answer = office.ask(
        "ana", "POST", f"case-files/{id_}/attachments", params={"name": "a.txt", "share_with": "northern-assembly"},
        content=b"text", headers={"content-type": "application/octet-stream"},
    )  # fmt: skip
    office.post("head", f"case-files/{id_}/publications", what="progress", names=[], text="It is being examined.")
    visit = {"began": "2021-04-20T09:00", "ended": "2021-04-20T11:00", "side": "republic", "people": 2}
    office.post("mon", f"case-files/{id_}/visits", **visit, access="full", account="A crater.", share_with=["republic"])
    office.post("mon", f"case-files/{id_}/clock/stop", reason="unsafe", note="Mines.")
    office.post("ana", f"case-files/{id_}/comments", text="Hm.", share_with=["republic"])
    office.post("ana", f"case-files/{id_}/interests", who="chair", reason="A cousin.")
    return id_, int(answer.json()["attachments"][0]["position"])


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
@pytest.mark.parametrize("who", sorted(PEOPLE))
def test_each_role_sees_of_each_answer_what_the_policy_allows(office: Office, incident: str, who: str) -> None:
    id_, attachment = full_file(office, incident)
    role = PEOPLE[who][0]
    description = described(office.client.app)
    seen = set()
    for path, said in doors(office, "get").items():
        operation = Operation(said["x-operation"])
        address = path.removeprefix("/api/v1/").format(case_file_id=id_, attachment=attachment)
        answer = office.ask(who, "GET", address)
        if role not in may(operation):
            assert answer.status_code == (401 if role is Role.PUBLIC else 403), path
            assert set(answer.json()) == {"status", "title", "what", "why", "do", "where"}
            continue
        if who == "astor" and "{" in path:  # a party that the file was not told to
            assert answer.status_code == 404
            continue
        if path.endswith("{attachment}"):
            assert answer.status_code == (200 if who in ("ana", "two", "head", "mon") else 403 if who == "lia" else 404)
            continue
        assert answer.status_code == 200, (path, answer.text)
        schema = said["responses"]["200"]["content"]["application/json"]["schema"]
        for record_schema, record in told_records(description, schema, answer.json()):
            own = record.get("party_id") in {PEOPLE[who][1]}
            withheld = set()
            for name, field in record_schema["properties"].items():
                if name == WITHHELD:
                    continue
                field_class = FieldClass(field["x-field-class"])
                can = allowed(role, operation, field_class, own=own)
                assert (name in record) == can, f"{path}: {who} and {record_schema['title']}.{name}"
                seen |= {field_class} if can else set()
                withheld |= set() if can else {name}
            assert set(record.get(WITHHELD, ())) == withheld
    assert (FieldClass.MISSION in seen) == (who in ("ana", "two", "head", "mon"))
    assert bool(seen) == (who not in ("adm", "nobody"))


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
@pytest.mark.parametrize("who", sorted(PEOPLE))
def test_a_door_that_a_role_may_not_open_is_shut_before_anything_is_read(office: Office, who: str) -> None:
    role = PEOPLE[who][0]
    for path, said in doors(office, "post").items():
        answer = office.ask(who, "POST", path.removeprefix("/api/v1/").format(case_file_id="none"), content=b"{}")
        shut = role not in may(Operation(said["x-operation"]))
        assert (answer.status_code in (401, 403)) == shut, (path, answer.text)


SIDES = ("northern-assembly", "republic")


@pytest.mark.parametrize("side", [0, 1])
def test_what_the_other_side_is_told_is_the_same_for_both(office: Office, side: int) -> None:
    mine, other = SIDES[side], SIDES[1 - side]
    who = {"northern-assembly": "lia", "republic": "rep"}
    id_ = office.filed(filed_by=mine, against=other, who=who[mine])
    for transition, details in (
        ("admit", {}),
        ("assign", {"assignee": "ana"}),
        ("notify", {"offers": [{"party": other, "statement": "It is alleged."}]}),
    ):
        office.move("ana", id_, transition, **details)
    office.post("ana", f"case-files/{id_}/comments", text="Of the centre.")
    told = office.get(who[other], f"case-files/{id_}")
    assert {one["name"] for one in told["transitions"]} == {"receive-reply"}
    assert told["comments"] == []
    assert sorted(told["withheld"]) == sorted(office.get(who[mine], f"case-files/{id_}")["withheld"])
