"""Making a workspace: the case's files copied, the ledger begun."""

from __future__ import annotations

import shutil
from importlib.metadata import version
from pathlib import Path

from ceasefire.agreement.load import built_in_case, built_in_cases
from ceasefire.ledger.batches import BatchStore
from ceasefire.ledger.ledger import Ledger
from ceasefire.model.errors import UsageError
from ceasefire.pipeline.adopt import adopt_case
from ceasefire.pipeline.case_archive import case_files
from ceasefire.pipeline.history import Kind
from ceasefire.pipeline.ledger_place import checked_server, write_workspace_file
from ceasefire.pipeline.state import BATCHES_FOLDER, CASE_FOLDER, DERIVED_FOLDER, LEDGER_FILE

_WORKSPACE_FORMAT = 1


def create_workspace(folder: Path, case: str | Path, *, author: str, ledger: str | None = None) -> Ledger:
    """Make a workspace in a new or empty folder; see `Workspace.create`.

    Returns
    -------
    Ledger
        With its first two entries: the workspace created, the case adopted.
    """
    source, origin = case_source(case)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} is not an empty folder.", "Name a new folder, so that nothing is overwritten.")
    server = _empty_ledger(checked_server(ledger)) if ledger is not None else None
    existed = folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        _copy_case(source, folder / CASE_FOLDER)
        (folder / ".gitignore").write_text(f"# rebuilt by `ceasefire run`\n/{DERIVED_FOLDER}/\n", encoding="utf-8")
        begun = Ledger.open(folder / LEDGER_FILE)
        begun.append(
            Kind.WORKSPACE_CREATED, {"software": version("ceasefire"), "format": _WORKSPACE_FORMAT}, author=author
        )
        adopt_case(
            folder / CASE_FOLDER,
            ledger=begun,
            batches=BatchStore(folder / BATCHES_FOLDER),
            author=author,
            origin=origin,
        )
        if server is not None:
            begun = _moved(begun, server, folder)
    except BaseException:
        if server is not None:
            server.close()
        shutil.rmtree(folder, ignore_errors=True)
        if existed:
            folder.mkdir()
        raise
    return begun


def _empty_ledger(address: str) -> Ledger:
    ledger = Ledger.open(address)
    if ledger.size:
        held = ledger.size
        ledger.close()
        raise UsageError(
            f"{address} holds a ledger of {held} entries already.",
            "Name a database that holds none. To use that ledger, work in a copy of its workspace's folder.",
        )
    return ledger


def _moved(begun: Ledger, server: Ledger, folder: Path) -> Ledger:
    """Begin in a file and copy last of all: a database is append-only, so what fails must not have touched it."""
    write_workspace_file(folder, server.address)
    server.copy_from(begun)
    begun.close()
    for file in folder.glob(f"{LEDGER_FILE}*"):
        file.unlink()
    return server


def case_source(case: str | Path) -> tuple[Path, str]:
    """Return the folder of a case, and what the ledger calls it.

    Raises
    ------
    UsageError
        When it is neither the name of a built-in case nor a folder that holds ``case.yaml``.
    """
    if isinstance(case, str) and case in built_in_cases():
        return built_in_case(case), case
    if (Path(case) / "case.yaml").is_file():
        return Path(case), Path(case).resolve().name
    return built_in_case(str(case)), str(case)  # which says what there is


def _copy_case(source: Path, folder: Path) -> None:
    for name, path in case_files(source).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(path.read_bytes())
