"""Each role, signed in, at each door: what the policy does not allow is refused, whatever is tried."""

from __future__ import annotations

import re
from typing import Any

import pytest

from ceasefire.centre.description import described
from ceasefire.model.roles import FieldClass, Role
from ceasefire.release.policy import Operation, allowed

from .conftest import EXAMPLES, ClientOf
from .visitor import ACCOUNTS, Centre, Clock, Visitor

KEYS = {"status", "title", "what", "why", "do", "where"}
ENDLESS = "/api/v1/events"
ACCOUNT_OF = {role: account for account, role in ACCOUNTS.items()}
SESSION = re.compile(r"^/api/v1/session/")


def doors(client: Any) -> list[tuple[str, str, Operation]]:
    paths = described(client.app)["paths"]
    return [
        (method.upper(), path, Operation(said["x-operation"]))
        for path, operations in paths.items()
        for method, said in operations.items()
        if path != ENDLESS
    ]


@pytest.mark.parametrize("role", Role)
def test_each_role_passes_the_doors_that_the_policy_opens_and_no_other(
    role: Role, centre: Centre, clients: ClientOf
) -> None:
    client = clients(centre.folder, clock=Clock())
    visitor = Visitor(client)
    if role is not Role.PUBLIC:
        account = ACCOUNT_OF[role]
        assert visitor.sign_in(account, secret=centre.secrets.get(account)).json()["is_signed_in"]
    walked = 0
    for method, path, operation in doors(client):
        if SESSION.match(path):
            continue  # they are about the session that walks; test_sessions.py tries them
        numbered = path.replace("{attachment}", "1")
        address = re.sub(r"\{\w+\}", "someone-else", numbered).removeprefix("/api/v1/")
        query = EXAMPLES.get(path, "") if method == "GET" else ""
        answer = visitor.ask(method, address + query, None if method == "GET" else {})
        may = allowed(role, operation, FieldClass.PUBLIC)
        refused = answer.status_code in (401, 403)
        assert refused == (not may), (method, path, answer.status_code, answer.text)
        if refused:
            assert answer.status_code == (401 if role is Role.PUBLIC else 403)
            assert set(answer.json()) == KEYS
        walked += 1
    assert walked >= 20
    told = visitor.get("session").json()
    assert told["roles"] == [role.value]
    assert set(told["operations"]) == {each.value for each in Operation if allowed(role, each, FieldClass.PUBLIC)}


@pytest.mark.parametrize("account", ["head", "ana", "mon", "lia", "gua"])
def test_nobody_but_an_administrator_gives_roles_even_to_themselves(
    account: str, centre: Centre, clients: ClientOf
) -> None:
    client = clients(centre.folder, clock=Clock())
    visitor = Visitor(client)
    visitor.sign_in(account, secret=centre.secrets.get(account))
    for path, body in (
        ("accounts", {"account": "eve", "name": "Eve", "role": "administrator"}),
        (f"accounts/{account}/role", {"role": "administrator"}),
        ("accounts/adm/reset", None),
        ("accounts/adm/disable", None),
        ("accounts/adm/enable", None),
    ):
        assert visitor.post(path, body).status_code == 403, path
    admin = Visitor(client)
    admin.sign_in("adm", secret=centre.secrets["adm"])
    now = {each["account"]: each["role"] for each in admin.get("accounts").json()["accounts"]}
    assert now == {name: role.value for name, role in ACCOUNTS.items()}


def test_an_administrator_does_nothing_to_their_own_account(centre: Centre, clients: ClientOf) -> None:
    admin = Visitor(clients(centre.folder, clock=Clock()))
    admin.sign_in("adm", secret=centre.secrets["adm"])
    for path, body in (
        ("accounts/adm/role", {"role": "head"}),
        ("accounts/adm/disable", None),
        ("accounts/adm/reset", None),
    ):
        refused = admin.post(path, body)
        assert (refused.status_code, refused.json()["what"]) == (403, "This is your own account.")
    assert admin.get("session").json()["roles"] == ["administrator"]


def test_an_administrator_manages_accounts(centre: Centre, clients: ClientOf) -> None:
    client = clients(centre.folder, clock=Clock())
    admin = Visitor(client)
    admin.sign_in("adm", secret=centre.secrets["adm"])
    new = {"account": "new.one", "name": "New Person", "role": "liaison", "parties": ["northern-assembly"]}
    made = admin.post("accounts", new)
    assert made.status_code == 201, made.text
    person = Visitor(client)
    assert person.sign_in("new.one", made.json()["one_time_password"]).json()["due"] == "new-password"
    changed = admin.post("accounts/new.one/role", {"role": "analyst"}).json()
    assert (changed["role"], changed["parties"], changed["by"]) == ("analyst", [], "adm")
    assert admin.post("accounts/new.one/disable").json()["is_enabled"] is False
    assert admin.post("accounts/new.one/disable").status_code == 400
    assert admin.post("accounts/new.one/enable").json()["is_enabled"] is True
    assert admin.post("accounts/nobody/reset").status_code == 404
    issued = admin.post("accounts/new.one/reset").json()
    assert issued["account"]["has_one_time_password"]
    kinds = [(each["kind"], each["by"]) for each in admin.get("accounts/new.one").json()["history"]]
    names = ["role", "key", "role", "disabled", "enabled", "key"]
    assert kinds == [(f"account-{name}", "adm") for name in names]
    head = Visitor(client)
    head.sign_in("head", secret=centre.secrets["head"])
    assert head.get("accounts/new.one").status_code == 200  # who may do what is no secret from the head


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("accounts", {"account": "x y", "name": "X", "role": "head"}),
        ("accounts", {"account": "xx", "name": "X", "role": "king"}),
        ("accounts", {"account": "xx", "name": "X", "role": "head", "is_enabled": True}),
        ("accounts", {"account": "xx", "name": "X", "role": "public"}),
        ("accounts", {"account": "xx", "name": "X", "role": "liaison", "parties": ["nobody"]}),
        ("accounts", {"account": "xx", "role": "head"}),
        ("accounts", ["xx"]),
        ("accounts", "null"),
        ("accounts/ana/role", {"role": ["head", "administrator"]}),
        ("session", {"account": "", "password": "x"}),
        ("session", {"account": "x", "password": "x" * 5000}),
        ("session", {"account": "x"}),
        ("session/second-factor", {"code": 123456}),
        ("session/sign-out", {"everywhere": "perhaps"}),
    ],
)
def test_what_does_not_fit_the_description_is_refused_with_a_sentence(
    path: str, body: Any, centre: Centre, clients: ClientOf
) -> None:
    admin = Visitor(clients(centre.folder, clock=Clock()))
    admin.sign_in("adm", secret=centre.secrets["adm"])
    refused = admin.post(path, body)
    assert refused.status_code == 400, refused.text
    assert set(refused.json()) == KEYS
    assert refused.json()["what"]
    assert refused.json()["do"]
