"""People who come to a centre, each with a browser of their own."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from litestar import Litestar
from litestar.testing import TestClient

from ceasefire.centre import second_factor
from ceasefire.centre.accounts import Accounts
from ceasefire.model.roles import Role

HOST = "centre.test"
Client = TestClient[Litestar]
PASSWORD = "seven herons over the salt flat"  # noqa: S105
ACCOUNTS = {
    "adm": Role.ADMINISTRATOR,
    "head": Role.HEAD,
    "ana": Role.ANALYST,
    "mon": Role.FIELD_MONITOR,
    "lia": Role.LIAISON,
    "gua": Role.GUARANTOR,
}
PARTY = "northern-assembly"
NOON = 1_700_000_000_000_000
SECOND = 1_000_000


class Clock:
    """A clock that a test sets."""

    def __init__(self, now: int = NOON) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += round(seconds * SECOND)


@dataclass
class Visitor:
    """A browser: it holds cookies, says where it comes from, and sends what a page of ours would."""

    client: Client
    scheme: str = "http"
    cookies: dict[str, str] = field(default_factory=dict)
    token: str | None = None
    last: Any = None

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Send a request; take the cookies that come back."""
        sent = {"origin": f"{self.scheme}://{HOST}", **({"x-csrf-token": self.token} if self.token else {}), **headers}
        if self.cookies:
            sent["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        content = {} if body is None else {"json": body}
        answer = self.client.request(method, f"/api/v1/{path}", headers=sent, **content)
        self.client.cookies.clear()
        for said in answer.headers.get_list("set-cookie"):
            name, _, value = said.split(";")[0].partition("=")
            self.cookies[name] = value
        self.last = answer
        if path.startswith("session") and answer.status_code == 200:
            told = answer.json().get("session", answer.json())
            self.token = told.get("csrf_token", self.token)
        return answer

    def get(self, path: str) -> Any:
        return self.ask("GET", path)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.ask("POST", path, body, **headers)

    def sign_in(self, account: str, password: str = PASSWORD, *, secret: bytes | None = None, now: int = NOON) -> Any:
        """Go through the door; give the last answer."""
        answer = self.post("session", {"account": account, "password": password})
        if secret is not None:
            assert answer.json()["due"] == "second-factor", answer.text
            answer = self.post("session/second-factor", {"code": second_factor.code_at(secret, now)})
        return answer

    def enrol(self, password: str, now: int) -> tuple[bytes, list[str]]:
        """Take a second factor; give its secret and the recovery codes."""
        offered = self.post("session/second-factor/offer", {"password": password})
        assert offered.status_code == 200, offered.text
        secret = base64.b32decode(offered.json()["secret"])
        confirmed = self.post("session/second-factor/confirmation", {"code": second_factor.code_at(secret, now)})
        assert confirmed.status_code == 200, confirmed.text
        return secret, confirmed.json()["recovery_codes"]


@dataclass(frozen=True)
class Centre:
    """A workspace with an account of each role, all with one password."""

    folder: Path
    secrets: dict[str, bytes]
    recovery_codes: dict[str, list[str]]


def make_accounts(folder: Path, clock: Clock) -> dict[str, str]:
    """Make an account of each role; give their one-time passwords."""
    with Accounts(folder, clock=clock) as accounts:
        return {
            account: accounts.add(
                account,
                name=f"{role.value.title()} Person",
                role=role,
                parties=(PARTY,) if role in (Role.LIAISON, Role.GUARANTOR) else (),
                by="machine",
            )
            for account, role in ACCOUNTS.items()
        }


def settle(client: Client, one_time: dict[str, str], clock: Clock) -> tuple[dict[str, bytes], dict[str, list[str]]]:
    """Let everybody take a password of their own, and a second factor where their role needs one."""
    found: dict[str, bytes] = {}
    codes: dict[str, list[str]] = {}
    for account, password in one_time.items():
        visitor = Visitor(client)
        assert visitor.sign_in(account, password).json()["due"] == "new-password"
        told = visitor.post("session/password", {"current": password, "new": PASSWORD}).json()
        if told["due"] == "enrolment":
            found[account], codes[account] = visitor.enrol(PASSWORD, clock.now)
            assert visitor.get("session").json()["is_signed_in"]
    return found, codes


def secrets_in(text: bytes, secret: bytes) -> bool:
    """Whether bytes hold a secret, plain, in hexadecimal or base 32 or 64."""
    forms = (secret, secret.hex().encode(), base64.b32encode(secret), base64.b64encode(secret).rstrip(b"="))
    return any(form in text for form in forms)


def plain_code(code: str) -> str:
    return re.sub("-", "", code)
