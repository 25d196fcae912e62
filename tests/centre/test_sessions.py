"""Sessions: where their token lies, when it changes, when it ends, and what cannot be done in somebody's name."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from ceasefire.centre.accounts import Accounts
from ceasefire.centre.credentials import FILE, FOLDER
from ceasefire.model.roles import Role

from .conftest import Client, ClientOf
from .visitor import PASSWORD, Centre, Clock, Visitor

COOKIE = "ceasefire-session"


def signed_in(client: Client, account: str = "ana") -> Visitor:
    visitor = Visitor(client)
    assert visitor.sign_in(account).json()["is_signed_in"], visitor.last.text
    return visitor


def roles(visitor: Visitor) -> list[str]:
    found: list[str] = visitor.get("case").json()["viewer"]["roles"]
    return found


def flags(answer: Any) -> set[str]:
    return {part.strip().lower() for part in answer.headers["set-cookie"].split(";")[1:]}


def test_no_script_reads_the_cookie_and_no_other_site_sends_it(centre: Centre, clients: ClientOf) -> None:
    answer = Visitor(clients(centre.folder, clock=Clock())).sign_in("ana")
    assert flags(answer) == {"httponly", "path=/", "samesite=strict"}
    assert answer.headers["cache-control"] == "no-store"
    token = answer.headers["set-cookie"].split(";")[0].partition("=")[2]
    assert len(token) >= 43  # 256 bits
    assert token not in answer.text


def test_under_tls_the_cookie_is_of_this_host_alone_and_encrypted(centre: Centre, clients: ClientOf) -> None:
    visitor = Visitor(clients(centre.folder, clock=Clock(), scheme="https"), scheme="https")
    answer = visitor.sign_in("ana")
    assert flags(answer) == {"httponly", "path=/", "samesite=strict", "secure"}
    assert set(visitor.cookies) == {"__Host-ceasefire"}
    assert roles(visitor) == ["analyst"]


def test_the_token_is_kept_as_its_hash_alone(centre: Centre, clients: ClientOf) -> None:
    visitor = signed_in(clients(centre.folder, clock=Clock()))
    token = visitor.cookies[COOKIE]
    held = b"".join(path.read_bytes() for path in (centre.folder / FOLDER).glob(f"{FILE}*"))
    assert hashlib.sha256(token.encode()).digest() in held
    assert token.encode() not in held


def test_a_token_that_somebody_else_chose_is_never_taken_over(centre: Centre, clients: ClientOf) -> None:
    client = clients(centre.folder, clock=Clock())
    victim = Visitor(client, cookies={COOKIE: "chosen-by-another-and-known-to-them"})
    victim.sign_in("ana")
    assert victim.cookies[COOKIE] != "chosen-by-another-and-known-to-them"
    assert roles(Visitor(client, cookies={COOKIE: "chosen-by-another-and-known-to-them"})) == ["public"]
    # nor one that is somebody's own
    planted = signed_in(client, "mon")
    victim = Visitor(client, cookies=dict(planted.cookies), token=planted.token)
    assert victim.sign_in("ana").json()["is_signed_in"]
    assert roles(victim) == ["analyst"]
    assert roles(planted) == ["public"]  # and it ended


def test_each_proof_more_replaces_the_token(centre: Centre, clients: ClientOf) -> None:
    client, seen = clients(centre.folder, clock=Clock()), []
    head = Visitor(client)
    head.post("session", {"account": "head", "password": PASSWORD})
    seen.append(dict(head.cookies))
    code = {"code": centre.recovery_codes["head"][0]}
    assert head.post("session/second-factor", code).json()["is_signed_in"]
    seen.append(dict(head.cookies))
    assert head.post("session/password", {"current": PASSWORD, "new": f"{PASSWORD} again"}).status_code == 200
    seen.append(dict(head.cookies))
    assert len({cookies[COOKIE] for cookies in seen}) == 3
    assert [roles(Visitor(client, cookies=dict(cookies))) for cookies in seen] == [["public"], ["public"], ["head"]]


def test_half_a_sign_in_reads_nothing_more_than_anyone(centre: Centre, clients: ClientOf) -> None:
    head = Visitor(clients(centre.folder, clock=Clock()))
    head.post("session", {"account": "head", "password": PASSWORD})
    assert roles(head) == ["public"]
    refused = head.get("posts")
    assert (refused.status_code, refused.json()["what"]) == (
        401,
        "You are not signed in yet: the second factor is due.",
    )
    for path, body in (
        ("session/password", {"current": PASSWORD, "new": f"{PASSWORD} again"}),
        ("session/second-factor/offer", {"password": PASSWORD}),
        ("session/second-factor/removal", {"password": PASSWORD, "code": "000000"}),
        ("session/second-factor/confirmation", {"code": "000000"}),
    ):
        assert head.post(path, body).status_code in (400, 401), path


def test_a_new_role_ends_the_sessions_of_the_old_one(centre: Centre, clients: ClientOf) -> None:
    client = clients(centre.folder, clock=Clock())
    visitor = signed_in(client)
    before = dict(visitor.cookies)
    with Accounts(centre.folder) as accounts:  # from another program
        accounts.change_role("ana", role=Role.FIELD_MONITOR, by="machine")
    assert roles(visitor) == ["public"]
    assert signed_in(client).cookies != before
    assert roles(Visitor(client, cookies=before)) == ["public"]


def test_a_session_made_before_a_change_of_role_is_refused_even_if_it_was_not_deleted(
    centre: Centre, clients: ClientOf
) -> None:
    client = clients(centre.folder, clock=Clock())
    visitor = signed_in(client)
    with Accounts(centre.folder) as accounts:
        held = accounts.credentials.row("SELECT * FROM sessions WHERE account = 'ana'")
        assert held is not None
        accounts.change_role("ana", role=Role.HEAD, by="machine")
        accounts.credentials.change("INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?)", *held)
    assert roles(visitor) == ["public"]


def test_disabling_and_resetting_end_sessions(centre: Centre, clients: ClientOf) -> None:
    client = clients(centre.folder, clock=Clock())
    analyst, monitor = signed_in(client), signed_in(client, "mon")
    with Accounts(centre.folder, clock=Clock()) as accounts:
        accounts.disable("ana", by="machine")
        password = accounts.reset("mon", by="machine")
    assert roles(analyst) == roles(monitor) == ["public"]
    assert Visitor(client).sign_in("ana").status_code == 401
    assert Visitor(client).sign_in("mon").status_code == 401
    assert Visitor(client).sign_in("mon", password).json()["due"] == "new-password"
    with Accounts(centre.folder) as accounts:
        accounts.enable("ana", by="machine")
    assert roles(analyst) == ["public"]
    assert roles(signed_in(client)) == ["analyst"]


@pytest.mark.parametrize(
    ("every", "times", "ends"), [(7100, 3, False), (7300, 1, True), (7100, 7, False), (7100, 8, True)]
)
def test_a_session_ends_when_it_is_not_used_and_after_a_shift(
    every: int, times: int, ends: bool, centre: Centre, clients: ClientOf
) -> None:
    clock = Clock()
    visitor = signed_in(clients(centre.folder, clock=clock))
    for _ in range(times):
        clock.forward(every)
        told = roles(visitor)
    assert told == (["public"] if ends else ["analyst"])


def test_signing_out_ends_one_session_or_all(centre: Centre, clients: ClientOf) -> None:
    client = clients(centre.folder, clock=Clock())
    here, there, elsewhere = (signed_in(client) for _ in range(3))
    before = dict(here.cookies)
    answer = here.post("session/sign-out", {})
    assert answer.json()["is_signed_in"] is False
    assert "max-age=0" in flags(answer)
    assert roles(Visitor(client, cookies=before)) == ["public"]
    assert roles(there) == ["analyst"]
    there.post("session/sign-out", {"everywhere": True})
    assert roles(elsewhere) == ["public"]


def test_a_change_of_password_ends_all_other_sessions(centre: Centre, clients: ClientOf) -> None:
    client = clients(centre.folder, clock=Clock())
    here, there = signed_in(client), signed_in(client)
    wrong = here.post("session/password", {"current": "not the one it was", "new": f"{PASSWORD} again"})
    assert (wrong.status_code, wrong.json()["what"]) == (403, "The password is not right.")
    assert roles(there) == ["analyst"]
    assert here.post("session/password", {"current": PASSWORD, "new": PASSWORD}).status_code == 400
    assert here.post("session/password", {"current": PASSWORD, "new": "short"}).status_code == 400
    assert here.post("session/password", {"current": PASSWORD, "new": f"{PASSWORD} again"}).status_code == 200
    assert roles(here) == ["analyst"]
    assert roles(there) == ["public"]
    assert Visitor(client).sign_in("ana").status_code == 401
    assert Visitor(client).sign_in("ana", f"{PASSWORD} again").json()["is_signed_in"]


@pytest.mark.parametrize("token", [None, "", "0" * 64, "of another session"])
def test_a_change_without_the_token_of_the_session_is_refused(
    token: str | None, centre: Centre, clients: ClientOf
) -> None:
    client = clients(centre.folder, clock=Clock())
    visitor = signed_in(client)
    visitor.token = signed_in(client, "mon").token if token == "of another session" else token  # noqa: S105
    for path, body in (
        ("session/sign-out", {}),
        ("session/password", {"current": PASSWORD, "new": f"{PASSWORD} again"}),
        ("session", {"account": "mon", "password": PASSWORD}),
        ("accounts", {"account": "eve", "name": "Eve", "role": "head"}),
    ):
        refused = visitor.post(path, body)
        assert refused.status_code == 403, path
        assert set(refused.json()) == {"status", "title", "what", "why", "do", "where"}
    assert roles(visitor) == ["analyst"]


@pytest.mark.parametrize(
    "headers", [{"origin": "http://evil.test"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}]
)
def test_a_change_from_another_page_is_refused_even_with_the_token(
    headers: dict[str, str], centre: Centre, clients: ClientOf
) -> None:
    visitor = signed_in(clients(centre.folder, clock=Clock()))
    assert visitor.post("session/sign-out", {}, **headers).status_code == 403
    assert roles(visitor) == ["analyst"]


def test_an_answer_kept_for_one_is_not_given_to_another(centre: Centre, clients: ClientOf) -> None:
    client = clients(centre.folder, clock=Clock())
    analyst = signed_in(client)
    tag = analyst.get("incidents?limit=5").headers["etag"]
    assert analyst.ask("GET", "incidents?limit=5", **{"if-none-match": tag}).status_code == 304
    assert Visitor(client).ask("GET", "incidents?limit=5", **{"if-none-match": tag}).status_code == 200


def test_a_laptop_has_no_sign_in(served_once: Path, clients: ClientOf) -> None:
    visitor = Visitor(clients(served_once))
    told = visitor.get("session").json()
    assert (told["mode"], told["roles"], told["csrf_token"]) == ("laptop", ["analyst", "head"], None)
    refused = visitor.sign_in("ana")
    assert (refused.status_code, refused.json()["what"][:25]) == (400, "There are no accounts her")
    assert not (served_once / FOLDER).exists()


def test_the_first_account_shuts_a_laptop_that_is_being_served(folder: Path, clients: ClientOf) -> None:
    visitor = Visitor(clients(folder))
    assert roles(visitor) == ["analyst", "head"]
    with Accounts(folder) as accounts:
        accounts.add("amal", name="Amal Haddad", role=Role.ADMINISTRATOR, by="machine")
    assert roles(visitor) == ["public"]
    assert visitor.get("posts").status_code == 401
    assert visitor.get("session").json()["mode"] == "centre"


def test_without_the_credentials_nobody_is_let_in(folder: Path, clients: ClientOf) -> None:
    with Accounts(folder) as accounts:
        accounts.add("amal", name="Amal Haddad", role=Role.ADMINISTRATOR, by="machine")
    for path in (folder / FOLDER).iterdir():
        path.unlink()
    visitor = Visitor(clients(folder))
    assert roles(visitor) == ["public"]
    refused = visitor.sign_in("amal")
    assert refused.status_code == 500
    assert "missing" in refused.json()["what"]
    assert "ceasefire account reset" in refused.json()["do"]
