"""Texts that would run where they were taken for markup: taken as text or refused, given back as JSON, never HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import pytest
from tests.payloads import SCRIPT_PAYLOADS

from ceasefire.centre.description import described

from .test_case_files import PEOPLE, Office, content, incident, office

__all__ = ["incident", "office"]
pytestmark = pytest.mark.parametrize("store", ["sqlite"], indirect=True)
JSON = ("application/json", "application/problem+json")
TEXTS = frozenset(
    {
        "title", "summary", "place", "reason", "text", "note", "minutes", "account", "statement", "safety_reason",
        "who", "reasons", "time_and_place", "bound_because", "independence", "alternatives", "confidence", "method",
        "assignee",
    }
)  # fmt: skip
"""Names of fields that take free text; all others of text take ids, days or words of a list."""


def told_plainly(answer: Any) -> Any:
    """See that an answer is JSON which no browser takes for anything else; return it."""
    assert answer.status_code < 500, answer.text
    assert answer.headers["content-type"].partition(";")[0] in JSON, answer.headers["content-type"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    return answer.json()


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the place of every text in a body."""
    if isinstance(value, str):
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from leaves(item, (*path, key))


def replaced(value: Any, places: set[tuple[Any, ...]], text: str, path: tuple[Any, ...] = ()) -> Any:
    """Return a body with another text at some places."""
    if path in places:
        return text
    if isinstance(value, dict):
        return {key: replaced(item, places, text, (*path, key)) for key, item in value.items()}
    if isinstance(value, list):
        return [replaced(item, places, text, (*path, number)) for number, item in enumerate(value)]
    return value


def is_text(place: tuple[Any, ...]) -> bool:
    return place[-1] in TEXTS


def texts_in(value: Any) -> set[str]:
    if isinstance(value, str):
        return {value}
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return {text for item in items for text in texts_in(item)}


VISIT = {"began": "2021-04-20T09:00", "ended": "2021-04-20T11:00", "side": "republic", "people": 2, "access": "full"}


def bodies(office: Office, incident: str) -> dict[tuple[str, str], dict[str, Any]]:
    """Return what is taken by each operation that changes no state, by who asks and path."""
    id_ = office.drafted(incident)
    fields = {"title": "T", "summary": "S", "place": "P", "accused": ["republic"], "clause_ids": ["A1"]}
    at = f"case-files/{id_}"
    return {
        ("ana", "case-files"): {"filed_by": "northern-assembly", "fields": fields},
        ("ana", f"{at}/comments"): {"text": "T", "share_with": ["republic"]},
        ("ana", f"{at}/grades"): {"grade": "verified", "reason": "R", "evidence": [incident]},
        ("mon", f"{at}/visits"): {**VISIT, "account": "A"},
        ("ana", f"{at}/interests"): {"who": "W", "reason": "R"},
        ("ana", f"{at}/offers"): {"party": "republic", "statement": "S", "until_day": "2099-01-01"},
        ("rep", f"{at}/replies"): {"party": "republic", "text": "T"},
        ("head", f"{at}/publications"): {"what": "spot-report", "names": [], "text": "T", "safety_reason": "R"},
        ("ana", f"{at}/shares"): {"positions": [3], "share_with": ["republic"], "reason": "R"},
    }


def test_every_text_is_given_back_as_it_was_and_nothing_else_takes_any(office: Office, incident: str) -> None:
    for (who, path), body in bodies(office, incident).items():
        places = set(leaves(body))
        free = {place for place in places if is_text(place)}
        assert free, path
        for payload in SCRIPT_PAYLOADS:
            answer = office.ask(who, "POST", path, json=replaced(body, free, payload))
            told = told_plainly(answer)
            if "\t" in payload and answer.status_code == 400:  # a line holds no tab
                continue
            assert answer.status_code in (200, 201), (path, payload, answer.text)
            id_ = told["row"]["id"]
            if path.endswith(("offers", "shares", "publications")):
                told = told_plainly(office.ask("head", "GET", f"case-files/{id_}"))
            if not path.endswith(("shares", "grades")):
                assert payload in texts_in(told), path
        for place in places - free:
            for payload in SCRIPT_PAYLOADS[::6]:
                answer = office.ask(who, "POST", path, json=replaced(body, {place}, payload))
                assert answer.status_code == 400, (path, place, payload)
                told_plainly(answer)


def test_every_text_of_a_draft_is_given_back_as_it_was(office: Office, incident: str) -> None:
    id_ = office.drafted(incident)
    said = content(incident)
    said["remedies"] = [{"text": "T", "bearer": "republic", "deadline": "2031-06-01"}]
    free = {place for place in leaves(said) if is_text(place)}
    assert len(free) == 10
    for payload in SCRIPT_PAYLOADS[::3]:
        office.move("ana", id_, "return-draft")
        view = office.move("ana", id_, "draft", body_id="joint-commission", content=replaced(said, free, payload))
        draft = {**view["draft"], "remedies": view["draft"]["remedies"]}
        for place in free:
            value: Any = draft
            for key in place:
                value = value[key]
            assert value == payload


def test_every_field_edited_and_settled_is_given_back_as_it_was(office: Office) -> None:
    id_ = office.filed()
    base = office.get("ana", f"case-files/{id_}")["revision"]
    for payload in SCRIPT_PAYLOADS:
        if "\t" in payload:
            continue
        changes = [{"field": name, "base": base, "value": payload} for name in ("title", "summary", "place")]
        office.post("ana", f"case-files/{id_}/edits", changes=changes, rivals="leave")
    view = office.get("ana", f"case-files/{id_}")
    assert len(view["conflicts"]) == 3
    assert {value["value"] for value in view["conflicts"][0]["values"]} == {
        payload for payload in SCRIPT_PAYLOADS if "\t" not in payload
    }
    said = office.refused(
        409, "ana", f"case-files/{id_}/edits",
        changes=[{"field": "title", "base": base, "value": SCRIPT_PAYLOADS[0]}],
    )  # fmt: skip
    assert said["rivals"][0]["offered"] == SCRIPT_PAYLOADS[0]


def test_a_file_of_any_name_is_kept_and_never_shown(office: Office) -> None:
    id_ = office.filed()
    for payload in SCRIPT_PAYLOADS:
        answer = office.ask(
            "ana", "POST", f"case-files/{id_}/attachments", params={"name": payload},
            content=f"<!doctype html>{payload}".encode(), headers={"content-type": "text/html"},
        )  # fmt: skip
        told = told_plainly(answer)
        if answer.status_code != 200:
            assert answer.status_code == 400, answer.text
            continue
        attachment = told["attachments"][-1]
        assert payload.replace("\\", "/").endswith(attachment["name"].lstrip()) or not payload.isprintable()
        served = office.ask("ana", "GET", f"case-files/{id_}/attachments/{attachment['position']}")
        assert served.headers["content-type"] == "application/octet-stream"
        disposition = served.headers["content-disposition"]
        found = re.fullmatch(r"attachment; filename=\"[\w. -]*\"; filename\*=UTF-8''([!-~]*)", disposition, re.ASCII)
        assert found, disposition
        assert unquote(found[1]) == attachment["name"]
        assert "sandbox" in served.headers["content-security-policy"]
        assert served.headers["x-content-type-options"] == "nosniff"
        assert office.ask("lia", "GET", f"case-files/{id_}/attachments/{attachment['position']}").status_code == 404


def test_no_parameter_and_no_address_is_given_back_as_markup(office: Office) -> None:
    asked = 0
    for path, said in described(office.client.app)["paths"].items():
        if "get" not in said or path.endswith(("/events", "/pack")):
            continue
        names = [each["name"] for each in said["get"].get("parameters", ()) if each["in"] == "query"]
        wanted = path.removeprefix("/api/v1/")
        for payload in SCRIPT_PAYLOADS[::10]:
            address = re.sub(r"\{\w+\}", "none", wanted)
            answers = [office.ask("head", "GET", address, params={name: payload}) for name in names]
            if "{" in path:
                answers.append(office.ask("head", "GET", re.sub(r"\{\w+\}", "<svg onload=alert(1)>", wanted)))
            for answer in answers:
                asked += 1
                told_plainly(answer)
    assert asked > 200


def body_of(schema: dict[str, Any], schemas: dict[str, Any], text: str, depth: int = 0) -> Any:
    """Return something of a schema's shape, with a text wherever there is one."""
    if "$ref" in schema:
        return body_of(schemas[schema["$ref"].rsplit("/", 1)[1]], schemas, text, depth + 1)
    if "enum" in schema or "const" in schema:
        return (schema.get("enum") or [schema["const"]])[0]
    options = schema.get("anyOf") or schema.get("oneOf")
    if options:
        return body_of(options[0], schemas, text, depth)
    kind = schema.get("type", "string")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        held = {name: body_of(each, schemas, text, depth + 1) for name, each in schema.get("properties", {}).items()}
        return held if depth < 8 else {}
    if kind == "array":
        return [body_of(schema.get("items", {}), schemas, text, depth + 1)]
    return {"integer": 3, "number": 3, "boolean": True, "null": None}.get(kind, text)


@pytest.mark.parametrize("who", ["head", "lia", "adm"])
def test_whatever_is_sent_anywhere_is_answered_as_data(office: Office, who: str) -> None:
    description = described(office.client.app)
    schemas, asked = description["components"]["schemas"], 0
    for path, said in description["paths"].items():
        sent = said.get("post", {}).get("requestBody", {}).get("content", {}).get("application/json")
        if sent is None or path.startswith("/api/v1/session"):
            continue
        for payload in SCRIPT_PAYLOADS[:: 10 if who == "head" else 30]:
            address = re.sub(r"\{\w+\}", "none", path.removeprefix("/api/v1/"))
            told_plainly(office.ask(who, "POST", address, json=body_of(sent["schema"], schemas, payload)))
            asked += 1
    assert asked > 70
    assert who in PEOPLE
