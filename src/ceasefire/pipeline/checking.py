"""Checking a case folder before it is adopted: its own files and its reports."""

from __future__ import annotations

import os
from pathlib import Path

from ceasefire.agreement.load import check_case, load_case
from ceasefire.model.errors import Fault, InputError, UsageError
from ceasefire.pipeline.adopt import case_reports
from ceasefire.pipeline.state import CASE_FOLDER
from ceasefire.pipeline.workspace import Workspace


def check_files(folder: Path) -> list[Fault]:
    """Return every fault of a case folder; its reports are read once the case they name is sound.

    Raises
    ------
    UsageError
        When it is no folder.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder.", "Name the folder that holds case.yaml.")
    faults = check_case(folder)
    if not faults:
        try:
            case_reports(load_case(folder))
        except InputError as error:
            faults = list(error.faults)
    return faults


def workspace_case(workspace: Path | None) -> Path:
    """Return the case folder to check by default: the current folder if it is one, else the workspace's."""
    if workspace is None and Path("case.yaml").is_file():
        return Path()
    folder = Workspace.open(workspace).folder / CASE_FOLDER
    return folder if workspace else Path(os.path.relpath(folder))  # as a person in that folder would name it
