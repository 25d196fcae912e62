"""Guessing passwords: how it is slowed, and that nothing tells whether an account exists."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ceasefire.centre.accounts import Accounts
from ceasefire.centre.refusals import RefusedError
from ceasefire.centre.slow_down import ADDRESS, LONGEST_SECONDS, PAIR, SlowDown

from .conftest import ClientOf
from .visitor import PASSWORD, Centre, Clock, Visitor

WRONG = "these are not the words"


def guesses(visitor: Visitor, account: str, times: int) -> list[tuple[int, str | None]]:
    answers = [visitor.post("session", {"account": account, "password": WRONG}) for _ in range(times)]
    return [(answer.status_code, answer.headers.get("retry-after")) for answer in answers]


def test_wrong_tries_are_slowed_doubling_the_wait(centre: Centre, clients: ClientOf) -> None:
    clock = Clock()
    visitor = Visitor(clients(centre.folder, clock=clock))
    assert guesses(visitor, "ana", PAIR.free + 2) == [(401, None)] * PAIR.free + [(429, "1")] * 2
    for wait in (1, 2, 4, 8):
        right = visitor.post("session", {"account": "ana", "password": PASSWORD})
        assert (right.status_code, right.headers["retry-after"]) == (429, str(wait))  # not even looked at
        clock.forward(wait)
        assert guesses(visitor, "ana", 1) == [(401, None)]
    clock.forward(16)
    assert visitor.sign_in("ana").json()["is_signed_in"]
    visitor.token, visitor.cookies = None, {}
    assert guesses(visitor, "ana", PAIR.free) == [(401, None)] * PAIR.free  # what counted is taken back


def test_an_account_that_does_not_exist_answers_as_one_that_does(centre: Centre, clients: ClientOf) -> None:
    clock = Clock()
    client = clients(centre.folder, clock=clock)
    with Accounts(centre.folder, clock=clock) as accounts:
        accounts.disable("mon", by="machine")

    def all_of(account: str) -> list[Any]:
        visitor = Visitor(client)
        found = []
        for _ in range(PAIR.free + 1):
            answer = visitor.post("session", {"account": account, "password": WRONG})
            varying = {"date", "content-length"}
            found.append(
                (answer.status_code, answer.text, {k: v for k, v in answer.headers.items() if k not in varying})
            )
        assert visitor.cookies == {}
        return found

    assert all_of("ana") == all_of("nobody.of.that.name") == all_of("mon") == all_of("'; DROP TABLE accounts")


def test_an_address_that_goes_through_names_is_slowed(centre: Centre, clients: ClientOf) -> None:
    visitor = Visitor(clients(centre.folder, clock=Clock()))
    answers = [guesses(visitor, f"name{number}", 1)[0] for number in range(ADDRESS.free + 1)]
    assert answers == [(401, None)] * ADDRESS.free + [(429, "1")]


def test_behind_our_proxy_the_address_is_the_one_it_saw(centre: Centre, clients: ClientOf) -> None:
    guess = {"account": "ana", "password": WRONG}

    def answers(*, is_behind_proxy: bool, forwarded: list[str]) -> list[int]:
        clock = Clock(Clock().now + (10**12 if is_behind_proxy else 0))  # what counted before is forgotten
        visitor = Visitor(clients(centre.folder, clock=clock, is_behind_proxy=is_behind_proxy))
        return [visitor.post("session", guess, **{"x-forwarded-for": each}).status_code for each in forwarded]

    made_up = [f"203.0.113.{number}" for number in range(6)]
    assert answers(is_behind_proxy=False, forwarded=made_up) == [401] * 5 + [429]  # a word of nobody's
    spoofed = [f"203.0.113.{number}, 198.51.100.7" for number in range(6)]
    assert answers(is_behind_proxy=True, forwarded=[*spoofed, "198.51.100.8"]) == [401] * 5 + [429, 401]


def test_somebody_elses_guesses_do_not_shut_the_holder_out(centre: Centre, clients: ClientOf) -> None:
    client = clients(centre.folder, clock=Clock(), is_behind_proxy=True)
    guess = {"account": "ana", "password": WRONG}
    stranger = [Visitor(client).post("session", guess, **{"x-forwarded-for": "203.0.113.9"}) for _ in range(30)]
    assert stranger[-1].status_code == 429
    right = {"account": "ana", "password": PASSWORD}
    assert Visitor(client).post("session", right, **{"x-forwarded-for": "198.51.100.7"}).status_code == 200


def test_codes_of_the_second_factor_cannot_be_gone_through_either(centre: Centre, clients: ClientOf) -> None:
    visitor = Visitor(clients(centre.folder, clock=Clock()))
    visitor.post("session", {"account": "head", "password": PASSWORD})
    answers = [visitor.post("session/second-factor", {"code": f"{number:06}"}).status_code for number in range(6)]
    assert answers == [401] * (PAIR.free - 1) + [429] * 2
    again = Visitor(visitor.client)  # the right password takes nothing back
    assert again.post("session", {"account": "head", "password": PASSWORD}).status_code == 429


def test_many_tries_at_once_are_no_way_around(centre: Centre) -> None:
    with Accounts(centre.folder, clock=Clock()) as accounts:
        slow_down = SlowDown(accounts.credentials, accounts.clock)

        def is_let_through(_: int) -> bool:
            try:
                slow_down.begin("ana", "203.0.113.9")
            except RefusedError:
                return False
            return True

        with ThreadPoolExecutor(8) as pool:
            assert sum(pool.map(is_let_through, range(40))) == PAIR.free


def test_no_wait_is_longer_than_a_quarter_of_an_hour(centre: Centre) -> None:
    clock = Clock()
    with Accounts(centre.folder, clock=clock) as accounts:
        slow_down = SlowDown(accounts.credentials, clock)
        for _ in range(40):
            slow_down.begin("ana", "203.0.113.9")
            clock.forward(LONGEST_SECONDS)


def test_typed_names_are_not_kept(centre: Centre, clients: ClientOf) -> None:
    visitor = Visitor(clients(centre.folder, clock=Clock()))
    guesses(visitor, "my-password-in-the-wrong-field", 1)
    held = b"".join(path.read_bytes() for path in (centre.folder / "accounts").iterdir())
    assert b"my-password-in-the-wrong-field" not in held
