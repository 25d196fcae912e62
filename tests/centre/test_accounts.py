"""Accounts are in the ledger, what proves who one is is not; the command line that makes them."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
from pathlib import Path

import pytest
from tests.warm_command import warm_command

from ceasefire.centre.accounts import Accounts
from ceasefire.centre.credentials import FILE, FOLDER, KEY_FILE, Credentials
from ceasefire.model.errors import CeasefireError, UsageError
from ceasefire.model.roles import Role
from ceasefire.pipeline.workspace import Workspace

from .conftest import ClientOf
from .visitor import PASSWORD, Centre, Clock, Visitor, plain_code, secrets_in


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [warm_command(), "account", *arguments, "-w", folder],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "CEASEFIRE_AUTHOR": "machine"},
    )


def test_the_ledger_tells_who_might_do_what_when(folder: Path) -> None:
    with Accounts(folder) as accounts:
        accounts.add("badr", name="Badr", role=Role.LIAISON, parties=["northern-assembly"], by="machine")
        accounts.change_role("badr", role=Role.ANALYST, by="machine")
        accounts.disable("badr", by="machine")
        accounts.enable("badr", by="machine")
        accounts.reset("badr", by="machine")
        said = [(entry.kind, entry.payload, entry.author) for entry in accounts.history("badr")]
        was = {position: accounts.roll(position).holders.get("badr") for position in range(2, 8)}
    granted = {"account": "badr", "name": "Badr"}
    issued = {"account": "badr", "change": "password-issued"}
    assert said == [
        ("account-role", {**granted, "role": "liaison", "parties": ["northern-assembly"]}, "machine"),
        ("account-key", issued, "machine"),
        ("account-role", {**granted, "role": "analyst", "parties": []}, "machine"),
        ("account-disabled", {"account": "badr"}, "machine"),
        ("account-enabled", {"account": "badr"}, "machine"),
        ("account-key", issued, "machine"),
    ]
    told = {position: held and (held.role, held.parties, held.is_enabled) for position, held in was.items()}
    assert told == {
        2: None,
        3: (Role.LIAISON, ("northern-assembly",), True),
        4: (Role.LIAISON, ("northern-assembly",), True),
        5: (Role.ANALYST, (), True),
        6: (Role.ANALYST, (), False),
        7: (Role.ANALYST, (), True),
    }
    with Workspace.open(folder) as workspace:
        assert workspace.audit().ok


def test_nothing_secret_is_in_the_ledger_or_in_an_answer(centre: Centre, clients: ClientOf) -> None:
    client = clients(centre.folder, clock=Clock())
    admin = Visitor(client)
    admin.sign_in("adm", secret=centre.secrets["adm"])
    issued = admin.post("accounts", {"account": "new", "name": "New Person", "role": "analyst"}).json()
    answers = [admin.get(path).content for path in ("accounts", "accounts/head", "accounts/new", "session")]
    outside = [path for path in centre.folder.rglob("*") if path.is_file() and path.parent.name != FOLDER]
    assert len(outside) > 20
    written = b"\0".join([*answers, *(path.read_bytes() for path in outside)])
    with Accounts(centre.folder) as accounts:
        hashes = [row[0].encode() for row in accounts.credentials.rows("SELECT password FROM accounts")]
        tokens = [row[0] for row in accounts.credentials.rows("SELECT token FROM sessions")]
        entries = [entry for account in accounts.roll().holders for entry in accounts.history(account)]
    assert len(entries) >= 20
    assert len(hashes) == 7
    for secret in (PASSWORD.encode(), issued["one_time_password"].encode(), b"argon2", *hashes):
        assert secret not in written
    for secret in (*centre.secrets.values(), *tokens, (centre.folder / FOLDER / KEY_FILE).read_bytes()):
        assert not secrets_in(written, secret)
    for code in [code for codes in centre.recovery_codes.values() for code in codes]:
        assert code.encode() not in written
        assert plain_code(code).encode() not in written
    allowed = {"account", "name", "role", "parties", "change"}
    assert set().union(*(entry.payload for entry in entries)) <= allowed


def test_secrets_are_sealed_and_codes_hashed_where_they_lie(centre: Centre) -> None:
    held = b"".join(path.read_bytes() for path in (centre.folder / FOLDER).glob(f"{FILE}*"))
    assert b"$argon2id$" in held
    assert PASSWORD.encode() not in held
    for secret in centre.secrets.values():
        assert not secrets_in(held, secret)
    for code in [code for codes in centre.recovery_codes.values() for code in codes]:
        assert code.encode() not in held
        assert plain_code(code).encode() not in held


def test_a_sealed_secret_opens_for_its_account_and_key_alone(centre: Centre) -> None:
    credentials = Credentials.open(centre.folder)
    sealed = credentials.sealed("head", b"secret")
    assert credentials.opened("head", sealed) == b"secret"
    with pytest.raises(CeasefireError, match="cannot be opened"):
        credentials.opened("adm", sealed)
    credentials.close()
    (centre.folder / FOLDER / KEY_FILE).write_bytes(bytes(32))
    other = Credentials.open(centre.folder)
    with pytest.raises(CeasefireError, match="cannot be opened"):
        other.opened("head", sealed)
    other.close()


@pytest.mark.parametrize("name", [FILE, KEY_FILE])
def test_credentials_that_others_can_read_are_refused(name: str, centre: Centre) -> None:
    path = centre.folder / FOLDER / name
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    path.chmod(0o640)
    with pytest.raises(CeasefireError, match="others on this machine can read it \\(mode 0640\\)"):
        Credentials.open(centre.folder)


def test_the_files_that_sqlite_writes_beside_it_are_as_closed(centre: Centre) -> None:
    with Accounts(centre.folder) as accounts:
        accounts.disable("ana", by="machine")
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (centre.folder / FOLDER).iterdir()}
    assert f"{FILE}-wal" in modes
    assert set(modes.values()) == {0o600}


@pytest.mark.parametrize(
    ("account", "name", "role", "parties", "words"),
    [
        ("Amal", "Amal", Role.HEAD, (), "cannot be the name of an account"),
        ("a", "Amal", Role.HEAD, (), "cannot be the name of an account"),
        ("аmal", "Amal", Role.HEAD, (), "cannot be the name of an account"),  # a Cyrillic letter
        ("owner", "Amal", Role.HEAD, (), "cannot be the name of an account"),
        ("amal", "", Role.HEAD, (), "no name of a person"),
        ("amal", "a\u202eb", Role.HEAD, (), "no name of a person"),
        ("amal", "Amal", Role.PUBLIC, (), "no role of an account"),
        ("amal", "Amal", Role.LIAISON, (), "none is named"),
        ("amal", "Amal", Role.ANALYST, ("northern-assembly",), "speaks for no party"),
        ("amal", "Amal", Role.LIAISON, ("atlantis",), "no actor atlantis"),
        ("ana", "Amal", Role.HEAD, (), 'an account "ana" already'),
        ("amal", "ANALYST person", Role.HEAD, (), "one person has one role"),
    ],
)
def test_an_account_that_cannot_be_is_refused(
    account: str, name: str, role: Role, parties: tuple[str, ...], words: str, centre_once: Centre
) -> None:
    with Accounts(centre_once.folder) as accounts:
        before = accounts.roll().position
        with pytest.raises(UsageError, match=words) as refused:
            accounts.add(account, name=name, role=role, parties=parties, by="machine")
        assert refused.value.remedy
        assert accounts.roll().position == before
        assert accounts.credentials.find(account) is None or account == "ana"


def test_a_one_time_password_ends_after_seven_days(folder: Path, clients: ClientOf) -> None:
    clock = Clock()
    with Accounts(folder, clock=clock) as accounts:
        password = accounts.add("amal", name="Amal", role=Role.ANALYST, by="machine")
    clock.forward(7 * 86_400 + 1)
    client = clients(folder, clock=clock)
    assert Visitor(client).sign_in("amal", password).status_code == 401
    clock.forward(-2)
    assert Visitor(client).sign_in("amal", password).json()["due"] == "new-password"


def test_the_command_makes_changes_and_lists_accounts(folder: Path) -> None:
    assert "There are no accounts" in run(folder, "list").stdout
    made = run(folder, "add", "amal", "--name", "Amal Haddad", "--role", "administrator")
    assert made.stdout.startswith("amal (Amal Haddad): administrator, enabled.\n"), made.stderr
    assert re.search(r"once, for seven days: ([A-Z2-9]{6}-){3}[A-Z2-9]{6}$", made.stdout.strip())
    told = json.loads(
        run(
            folder, "add", "badr", "--name", "Badr", "--role", "liaison", "--party", "northern-assembly", "--json"
        ).stdout
    )
    assert (told["role"], told["parties"], told["by"]) == ("liaison", ["northern-assembly"], "machine")
    assert run(folder, "role", "badr", "--role", "guarantor", "--party", "republic").returncode == 0
    assert run(folder, "disable", "badr").stdout == "badr (Badr): guarantor of republic, disabled.\n"
    listed = [json.loads(line) for line in run(folder, "list", "--json").stdout.splitlines()]
    assert [(each["account"], each["role"], each["is_enabled"]) for each in listed] == [
        ("amal", "administrator", True),
        ("badr", "guarantor", False),
    ]
    before = run(folder, "list", "--as-of", "5", "--json").stdout.splitlines()
    assert json.loads(before[1])["parties"] == ["northern-assembly"]
    assert "enabled" in run(folder, "list").stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("add",), "needs --name and --role and NAME of an account"),
        (("role", "ana"), "needs --role"),
        (("role", "ana", "--role", "king"), '"king" is no role'),
        (("disable", "nobody"), 'no account "nobody"'),
        (("list", "ana"), "no use for NAME"),
        (("reset", "ana", "--role", "head"), "no use for --role"),
        (("enable", "ana"), "enabled already"),
    ],
)
def test_the_command_refuses_with_what_to_do(arguments: tuple[str, ...], words: str, centre_once: Centre) -> None:
    done = run(centre_once.folder, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert len(done.stderr.splitlines()) >= 2
    assert "Traceback" not in done.stderr
