"""Where a workspace keeps its ledger: a file in its folder, or the database that ``workspace.yaml`` names."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from ceasefire.ledger.ledger import Ledger, is_server
from ceasefire.ledger.server_address import has_password, without_password
from ceasefire.model.errors import InputError, UsageError
from ceasefire.model.yaml_file import CaseRecord, read_yaml, validated
from ceasefire.pipeline.state import LEDGER_FILE

WORKSPACE_FILE = "workspace.yaml"
_COMMENT = "# Where the ledger is. No password belongs here: see PGPASSFILE in PostgreSQL's documentation.\n"


class WorkspaceFile(CaseRecord):
    """What ``workspace.yaml`` says."""

    format: Literal[1]
    ledger: str


def is_workspace(folder: Path) -> bool:
    """Say whether a folder is that of a workspace."""
    return (folder / LEDGER_FILE).is_file() or (folder / WORKSPACE_FILE).is_file()


def ledger_address(folder: Path) -> Path | str:
    """Return where the workspace at `folder` keeps its ledger.

    Raises
    ------
    InputError
        When ``workspace.yaml`` does not say it as it should.
    """
    path = folder / WORKSPACE_FILE
    if not path.is_file():
        return folder / LEDGER_FILE
    file = read_yaml(path)
    said, faults = validated(file, WorkspaceFile)
    if said is None:
        raise InputError(faults)
    if not is_server(said.ledger) or _is_refused(said.ledger):
        what = "the ledger's address cannot be read, or holds a password."
        why = "It is not repeated here. Whoever can read the folder could read the password."
        remedy = "Write postgresql://USER@HOST:PORT/DATABASE; the password belongs in the file that PGPASSFILE names."
        raise InputError([file.fault(("ledger",), what, why, remedy)])
    return said.ledger


def open_ledger(folder: Path) -> Ledger:
    """Open the ledger of the workspace at `folder`."""
    return Ledger.open(ledger_address(folder))


def checked_server(address: str) -> str:
    """Return the address of a database as ``workspace.yaml`` may hold it.

    Raises
    ------
    UsageError
        When it is that of no database, or holds a password: the command line is seen by every user of a machine.
    """
    if not is_server(address):
        raise UsageError(
            "The ledger can only be elsewhere in a PostgreSQL database.",
            "Write --ledger postgresql://USER@HOST:PORT/DATABASE, or leave it out: the ledger is then a file.",
        )
    shown = without_password(address)
    if has_password(address):
        raise UsageError(
            f"The address {shown} was given with a password, which others on this machine can read on a command line.",
            "Put the password in ~/.pgpass or the file that PGPASSFILE names, change it, and give the address without.",
        )
    return shown


def write_workspace_file(folder: Path, address: str) -> None:
    """Say in ``workspace.yaml`` that the ledger is in that database."""
    path = folder / WORKSPACE_FILE
    partial = path.with_suffix(".partial")
    partial.write_text(f'{_COMMENT}format: 1\nledger: "{address}"\n', encoding="utf-8")
    partial.replace(path)


def _is_refused(address: str) -> bool:
    try:
        without_password(address)
    except UsageError:
        return True
    return has_password(address)
