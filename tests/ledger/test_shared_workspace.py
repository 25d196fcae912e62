"""A workspace whose ledger is in a database: made whole or not at all, and used by the same commands."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.warm_command import warm_command

from ceasefire.ledger.ledger import Ledger
from ceasefire.ledger.postgresql_tables import SCHEMA
from ceasefire.model.errors import AgreementError, InputError, LedgerError, UsageError
from ceasefire.pipeline.workspace import Workspace

Place = Any


def command(*arguments: str | Path, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command line as a user does."""
    return subprocess.run(
        [warm_command(), *map(str, arguments)],
        cwd=folder,
        env={**os.environ, "CEASEFIRE_AUTHOR": "Amal", **environment},
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )


def test_a_shared_workspace_is_made_run_and_audited(postgresql_place: Place, tmp_path: Path) -> None:
    made = command("init", "mission", "--case", "riverline", "--ledger", postgresql_place.address, folder=tmp_path)
    assert made.returncode == 0, made.stderr
    assert f"The ledger is in {postgresql_place.address}" in made.stdout.replace("\n", "")
    mission = tmp_path / "mission"
    assert sorted(path.name for path in mission.iterdir() if path.is_file()) == [".gitignore", "workspace.yaml"]
    assert command("run", folder=mission / "case").returncode == 0
    audited = command("audit", "--entries", folder=mission)
    assert (audited.returncode, audited.stderr) == (0, "")
    assert "all agree" in audited.stdout
    assert [entry.kind for entry in postgresql_place.open().entries()] == ["workspace-created", "case-adopted"]
    postgresql_place.edit("UPDATE entries SET author = 'Badr' WHERE position = 2")
    found = command("audit", folder=mission)
    assert found.returncode == 1
    assert "entry 2: its content does not give the hash it was recorded with." in found.stdout


def test_a_case_with_faults_leaves_nothing_in_the_database(postgresql_place: Place, tmp_path: Path) -> None:
    case = tmp_path / "case"
    case.mkdir()
    (case / "case.yaml").write_text("format: 1\nid: x\n")
    with pytest.raises((AgreementError, InputError)):
        Workspace.create(tmp_path / "mission", case, ledger=postgresql_place.address)
    assert not (tmp_path / "mission").exists()
    assert postgresql_place.open().size == 0
    Workspace.create(tmp_path / "mission", "riverline", ledger=postgresql_place.address).close()


def test_a_database_that_holds_a_ledger_is_refused(postgresql_place: Place, tmp_path: Path) -> None:
    postgresql_place.open().append("import", {}, author="Amal")
    with pytest.raises(UsageError, match="holds a ledger of 1 entries already"):
        Workspace.create(tmp_path / "mission", "riverline", ledger=postgresql_place.address)
    assert not (tmp_path / "mission").exists()


def test_a_password_is_never_written_down(postgresql_place: Place, tmp_path: Path) -> None:
    secret = postgresql_place.address.replace("//owner@", "//owner:5ecret@")
    refused = command("init", "mission", "--case", "riverline", "--ledger", secret, "--debug", folder=tmp_path)
    assert refused.returncode == 2
    assert "5ecret" not in refused.stdout + refused.stderr
    assert "PGPASSFILE" in refused.stderr
    assert not (tmp_path / "mission").exists()


@pytest.mark.parametrize("address", ["ledger.sqlite", "mysql://h/d", "https://h/d"])
def test_another_place_is_refused(tmp_path: Path, address: str) -> None:
    with pytest.raises(UsageError, match="only be elsewhere in a PostgreSQL database"):
        Workspace.create(tmp_path / "mission", "riverline", ledger=address)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("format: 1\n", "ledger"),
        ("format: 1\nledger: ledger.sqlite\n", "cannot be read, or holds a password"),
        ("format: 1\nledger: postgresql://a:5ecret@h/d\n", "cannot be read, or holds a password"),
        ("format: 1\nledger: postgresql://a:5e@cret@h/d\n", "cannot be read, or holds a password"),
        ("format: 2\nledger: postgresql://a@h/d\n", "format"),
    ],
)
def test_a_workspace_file_that_says_something_else_is_refused(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "workspace.yaml").write_text(text)
    with pytest.raises(InputError, match=words) as refused:
        Workspace.open(tmp_path)
    assert "5e" not in str(refused.value)


def test_a_service_stands_for_an_address(postgresql_place: Place, tmp_path: Path) -> None:
    database, _, folder = postgresql_place.address.partition("/mission_")[2].partition("?host=")
    (tmp_path / "services").write_text(f"[mission]\nhost={folder}\ndbname=mission_{database}\nuser=owner\n")
    made = command(
        *("init", "mission", "--case", "riverline", "--ledger", "postgresql:///?service=mission"),
        folder=tmp_path,
        PGSERVICEFILE=str(tmp_path / "services"),
    )
    assert made.returncode == 0, made.stderr
    assert postgresql_place.open().size == 2


def test_a_password_comes_from_a_password_file(
    postgresql_place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    postgresql_place.open().append("import", {}, author="Amal")
    postgresql_place.execute(
        "CREATE ROLE keeper LOGIN PASSWORD '5ecret'",  # the server asks this role for it
        f"GRANT USAGE ON SCHEMA {SCHEMA} TO keeper",
        f"GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA {SCHEMA} TO keeper",
    )
    keeper = postgresql_place.address.replace("//owner@", "//keeper@")
    try:
        with pytest.raises(LedgerError, match="does not let this user in") as refused:
            Ledger.open(keeper)
        assert "PGPASSFILE" in str(refused.value)
        passwords = tmp_path / "passwords"
        passwords.write_text("*:*:*:keeper:5ecret\n")
        passwords.chmod(0o600)
        monkeypatch.setenv("PGPASSFILE", str(passwords))
        with Ledger.open(keeper) as ledger:
            assert ledger.append("import", {}, author="Badr").position == 2
        with pytest.raises(LedgerError, match="does not let this user in") as refused:
            Ledger.open(keeper.replace("//keeper@", "//keeper:wr0ng@"))
        assert "wr0ng" not in str(refused.value)
    finally:
        postgresql_place.execute("DROP OWNED BY keeper", "DROP ROLE keeper")


def test_without_psycopg_one_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ceasefire.ledger.postgresql", None)
    with pytest.raises(UsageError, match=r"needs the package psycopg"):
        Ledger.open("postgresql://h/d")
