"""A centre as its users meet it: a server of its own, asked over HTTP."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from ceasefire.centre import second_factor
from ceasefire.centre.accounts import Accounts
from ceasefire.model.roles import Role

from .conftest import Centre
from .test_serve import PATIENCE, refused, serving
from .visitor import PASSWORD

ROOT = "/api/v1"


def test_somebody_signs_in_follows_the_record_and_is_shut_out(folder: Path) -> None:
    with Accounts(folder) as accounts:
        issued = accounts.add("amal", name="Amal Haddad", role=Role.HEAD, by="machine")
    with serving(folder) as (address, _), httpx.Client(base_url=address + ROOT, timeout=PATIENCE) as browser:
        browser.headers["origin"] = address
        assert browser.get("/posts").status_code == 401
        told = browser.post("/session", json={"account": "amal", "password": issued}).json()
        browser.headers["x-csrf-token"] = told["csrf_token"]
        told = browser.post("/session/password", json={"current": issued, "new": PASSWORD}).json()
        browser.headers["x-csrf-token"] = told["csrf_token"]
        offered = browser.post("/session/second-factor/offer", json={"password": PASSWORD}).json()
        code = second_factor.code_at(base64.b32decode(offered["secret"]), time.time_ns() // 1000)
        before = dict(browser.cookies)
        told = browser.post("/session/second-factor/confirmation", json={"code": code}).json()
        assert told["session"]["is_signed_in"], told
        assert browser.get("/posts").status_code == 200
        assert httpx.get(f"{address}{ROOT}/posts", cookies=before, timeout=PATIENCE).status_code == 401
        assert browser.post("/session/sign-out", json={}).status_code == 403  # with the token of before
        with browser.stream("GET", "/events") as events:
            lines = events.iter_lines()
            assert "results_position" in next(line for line in lines if line.startswith("data:"))
            with Accounts(folder) as accounts:
                accounts.disable("amal", by="machine")
            for _ in lines:  # it ends of itself
                pass
        assert browser.get("/posts").status_code == 401
        assert browser.get("/case").json()["viewer"]["roles"] == ["public"]


@contextmanager
def signed_in(address: str, account: str) -> Iterator[httpx.Client]:
    """Yield the browser of somebody who is signed in."""
    with httpx.Client(base_url=address + ROOT, timeout=PATIENCE, headers={"origin": address}) as browser:
        told = browser.post("/session", json={"account": account, "password": PASSWORD}).json()
        browser.headers["x-csrf-token"] = told["csrf_token"]
        yield browser


def people(lines: Iterator[str]) -> list[str]:
    """Return who is present, as the next such event says."""
    for line in lines:
        if line == "event: present":
            told = json.loads(next(lines).removeprefix("data: "))
            return [person["name"] for person in told["people"]]
    raise AssertionError("the stream ended")


def test_two_people_see_each_other_on_one_case_file(centre: Centre) -> None:
    with serving(centre.folder) as (address, _), signed_in(address, "ana") as ana, signed_in(address, "mon") as mon:
        fields = {"title": "Shelling of the mill", "summary": "Twelve rounds."}
        id_ = ana.post("/case-files", json={"filed_by": None, "fields": fields}).json()["row"]["id"]
        assert mon.get("/events?case_file=none").status_code == 404
        with ana.stream("GET", f"/events?case_file={id_}") as hers:
            lines = hers.iter_lines()
            assert people(lines) == []
            with mon.stream("GET", f"/events?case_file={id_}") as theirs:
                held = theirs.iter_lines()  # let go of, it would close the stream
                assert people(held) == ["ana"]
                assert people(lines) == ["mon"]
            assert people(lines) == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--host", "0.0.0.0"), "would not be encrypted"),  # noqa: S104
        (("--address", "http://centre.test"), "is no address of a centre"),
        (("--address", "https://centre.test/sub"), "is no address of a centre"),
    ],
)
def test_a_centre_is_not_opened_unencrypted(options: tuple[str, ...], words: str, centre_once: Centre) -> None:
    assert words in refused(centre_once.folder, *options)


def test_a_workspace_without_accounts_is_not_opened_behind_a_proxy(served_once: Path) -> None:
    assert "has no accounts" in refused(served_once, "--address", "https://centre.test")


def test_behind_a_proxy_it_answers_to_its_name_with_a_cookie_for_tls(centre: Centre) -> None:
    command = [sys.executable, "-m", "ceasefire", "serve", "--port", "0", "--json", "-w", centre.folder]
    with subprocess.Popen([*command, "--address", "https://centre.test"], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            address = json.loads(process.stdout.readline())["address"]
            headers = {"host": "centre.test", "origin": "https://centre.test", "x-forwarded-for": "198.51.100.7"}
            shown = {"account": "ana", "password": PASSWORD}
            answer = httpx.post(f"{address}{ROOT}/session", json=shown, headers=headers, timeout=PATIENCE)
            assert answer.status_code == 200, answer.text
            said = answer.headers["set-cookie"]
            assert said.startswith("__Host-ceasefire=")
            assert {"HttpOnly", "Secure", "SameSite=strict", "Path=/"} == {each.strip() for each in said.split(";")[1:]}
            elsewhere = {**headers, "host": "other.test"}
            assert httpx.get(f"{address}{ROOT}/session", headers=elsewhere, timeout=PATIENCE).status_code == 421
        finally:
            process.kill()
