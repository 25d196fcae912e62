"""The codes of the minute: the published values, the window, no code twice; recovery codes."""

from __future__ import annotations

import pytest

from ceasefire.centre import second_factor

from .conftest import ClientOf
from .visitor import NOON, PASSWORD, SECOND, Centre, Clock, Visitor

RFC_SECRET = b"12345678901234567890"


@pytest.mark.parametrize(
    ("seconds", "code"),
    [  # RFC 6238, appendix B, SHA-1: the last six of eight digits
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ],
)
def test_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    now = seconds * SECOND
    assert second_factor.code_at(RFC_SECRET, now) == code
    assert second_factor.step_of(RFC_SECRET, f"{code[:3]} {code[3:]}", now, after=0) == seconds // 30


def test_a_clock_may_be_half_a_minute_off_and_no_more() -> None:
    step = NOON // SECOND // 30
    code = second_factor.code_at(RFC_SECRET, NOON)
    found = {
        aside: second_factor.step_of(RFC_SECRET, code, NOON + aside * 30 * SECOND, after=0) for aside in range(-3, 4)
    }
    assert found == {-3: None, -2: None, -1: step, 0: step, 1: step, 2: None, 3: None}


def test_no_code_counts_for_a_step_that_was_used_or_for_one_before() -> None:
    step = NOON // SECOND // 30
    code = second_factor.code_at(RFC_SECRET, NOON)
    assert second_factor.step_of(RFC_SECRET, code, NOON, after=step) is None
    assert second_factor.step_of(RFC_SECRET, code, NOON, after=step + 1) is None
    assert second_factor.step_of(RFC_SECRET, code, NOON, after=step - 1) == step


def test_a_code_that_was_used_is_refused_within_its_window(centre: Centre, clients: ClientOf) -> None:
    clock = Clock()
    client = clients(centre.folder, clock=clock)
    code = second_factor.code_at(centre.secrets["head"], clock.now)
    first, second = Visitor(client), Visitor(client)
    assert first.sign_in("head", secret=centre.secrets["head"], now=clock.now).json()["is_signed_in"]
    clock.forward(5)
    assert second.post("session", {"account": "head", "password": PASSWORD}).json()["due"] == "second-factor"
    refused = second.post("session/second-factor", {"code": code})
    assert refused.status_code == 401
    assert "used before" in refused.json()["what"]
    assert second.get("case").json()["viewer"]["roles"] == ["public"]
    clock.forward(30)
    code = second_factor.code_at(centre.secrets["head"], clock.now)
    assert second.post("session/second-factor", {"code": code}).json()["is_signed_in"]


def test_a_recovery_code_works_once_for_its_account_alone(centre: Centre, clients: ClientOf) -> None:
    client = clients(centre.folder, clock=Clock())
    one, *_ = centre.recovery_codes["head"]

    def try_code(account: str, code: str) -> int:
        visitor = Visitor(client)
        visitor.post("session", {"account": account, "password": PASSWORD})
        return int(visitor.post("session/second-factor", {"code": code}).status_code)

    assert try_code("adm", one) == 401
    assert try_code("head", one.lower().replace("-", " ")) == 200
    assert try_code("head", one) == 401
    visitor = Visitor(client)
    visitor.post("session", {"account": "head", "password": PASSWORD})
    told = visitor.post("session/second-factor", {"code": centre.recovery_codes["head"][1]}).json()
    assert told["recovery_codes_left"] == 8
    history = Visitor(client)
    history.sign_in("adm", secret=centre.secrets["adm"])
    changes = [each["change"] for each in history.get("accounts/head").json()["history"]]
    assert changes.count("recovery-code-used") == 2


def test_a_role_that_needs_one_cannot_do_without(centre: Centre, clients: ClientOf) -> None:
    clock = Clock()
    client = clients(centre.folder, clock=clock)
    head = Visitor(client)
    head.sign_in("head", secret=centre.secrets["head"])
    code = second_factor.code_at(centre.secrets["head"], clock.now + 30 * SECOND)
    refused = head.post("session/second-factor/removal", {"password": PASSWORD, "code": code})
    assert (refused.status_code, refused.json()["what"]) == (403, "The role head needs a second factor.")
    monitor = Visitor(client)
    assert monitor.sign_in("mon").json()["is_signed_in"]
    secret, codes = monitor.enrol(PASSWORD, clock.now)
    assert len(set(codes)) == 10
    assert Visitor(client).sign_in("mon").json()["due"] == "second-factor"
    clock.forward(30)
    code = second_factor.code_at(secret, clock.now)
    told = monitor.post("session/second-factor/removal", {"password": PASSWORD, "code": code}).json()
    assert (told["is_signed_in"], told["has_second_factor"]) == (True, False)
    assert Visitor(client).sign_in("mon").json()["is_signed_in"]
