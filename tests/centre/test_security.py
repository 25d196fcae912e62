"""What stands before every route."""

from __future__ import annotations

from pathlib import Path

import pytest

from ceasefire.centre.security import HEADERS
from ceasefire.centre.settings import Settings, hosts_of

from .conftest import HOST, Client, ClientOf

ANSWERED = ["/api/v1/case", "/api/v1/nothing", "/api/v1/incidents?limit=0", "/", "/map", "/api/v1/schema/openapi.json"]


@pytest.mark.parametrize("address", ANSWERED)
def test_the_headers_are_on_every_answer(owner: Client, address: str) -> None:
    answer = owner.get(address)
    for name, value in HEADERS.items():
        assert answer.headers[name] == value


def test_the_content_policy_allows_no_inline_script_no_frame_and_no_other_origin(owner: Client) -> None:
    policy = dict(part.split(" ", 1) for part in owner.get("/").headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["require-trusted-types-for"] == "'script'"
    assert not [value for value in policy.values() if "unsafe" in value or "*" in value or "http" in value]


@pytest.mark.parametrize(
    "host", ["evil.test", f"{HOST}.evil.test", f"{HOST}:81", "127.0.0.1:8000", "", f"{HOST}@evil.test"]
)
def test_another_host_name_is_refused(owner: Client, host: str) -> None:
    answer = owner.get("/api/v1/case", headers={"host": host})
    assert answer.status_code == 421
    assert set(answer.json()) == {"status", "title", "what", "why", "do", "where"}
    assert HOST in answer.json()["do"]


def test_the_host_name_may_be_in_capitals(owner: Client) -> None:
    assert owner.get("/api/v1/case", headers={"host": HOST.upper()}).status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://evil.test"}, 403),
        ({"origin": f"https://{HOST}"}, 403),
        ({"origin": f"http://{HOST}.evil.test"}, 403),
        ({"origin": f"http://{HOST}", "sec-fetch-site": "cross-site"}, 403),
        ({"origin": f"http://{HOST}", "sec-fetch-site": "same-site"}, 403),
        ({"origin": f"http://{HOST}"}, 405),  # passes, and there is nothing to change there
        ({"origin": f"http://{HOST}", "sec-fetch-site": "same-origin"}, 405),
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_change_is_taken_from_our_own_pages_alone(
    owner: Client, method: str, headers: dict[str, str], status: int
) -> None:
    answer = owner.request(method, "/api/v1/case", headers=headers)
    assert answer.status_code == status
    assert answer.json()["do"]


def test_what_is_too_long_is_refused(served_once: Path, clients: ClientOf) -> None:
    client = clients(served_once, most_body_bytes=1000)
    ours = {"origin": f"http://{HOST}"}
    assert client.post("/api/v1/case", content=b"x" * 1001, headers=ours).status_code == 413
    assert client.get("/api/v1/case?as_known_on=" + "1" * 9000).status_code == 414


def test_a_flood_from_one_address_is_slowed(served_once: Path, clients: ClientOf) -> None:
    client = clients(served_once, requests_per_minute=5)
    answers = [client.get("/api/v1/schema/openapi.json") for _ in range(7)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429] * 2
    assert answers[-1].json()["do"] == "Wait a minute, and ask again."
    for name, value in HEADERS.items():
        assert answers[-1].headers[name] == value


def test_a_laptop_answers_to_the_names_of_this_machine_alone() -> None:
    settings = Settings(hosts=hosts_of(8765))
    assert settings.hosts == {"127.0.0.1:8765", "localhost:8765", "[::1]:8765"}
    assert "http://localhost:8765" in settings.origins


def test_the_server_does_not_tell_its_make(owner: Client) -> None:
    assert "server" not in owner.get("/api/v1/case").headers
