"""The demonstration: a workspace, its results and a bulletin, made in one go."""

from __future__ import annotations

import os
import shutil
import sys
import webbrowser
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from ceasefire.agreement.load import built_in_role
from ceasefire.model.errors import UsageError
from ceasefire.pipeline.files import write_file
from ceasefire.pipeline.progress import Progress, silent
from ceasefire.pipeline.workspace import RunResult, Workspace

_MARK = ".ceasefire-demo"
"""A file in a demonstration's folder, which says that it may be made anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Demonstration:
    """What was made.

    Parameters
    ----------
    folder : Path
        The workspace.
    run : RunResult
        What was derived.
    files : tuple of Path
        The bulletin as PDF and as HTML.
    example : str
        Id of a finding worth explaining.
    case, week : str
        What it shows.
    """

    folder: Path
    case: str
    week: str
    run: RunResult
    files: tuple[Path, ...]
    example: str

    @property
    def last_day(self) -> date:
        """The last day of the week."""
        year, _, number = self.week.partition("-W")
        return date.fromisocalendar(int(year), int(number), 7)


def demonstrate(folder: Path, *, progress: Progress = silent) -> Demonstration:
    """Make the demonstration, anew where there is one.

    Raises
    ------
    UsageError
        When the folder holds something else.
    """
    if (folder / _MARK).exists():
        shutil.rmtree(folder)
    elif folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder} holds something that is no demonstration.", "Name another: --folder DIR.")
    role = built_in_role("demonstration")
    case, week = role["case"], role["week"]
    progress("making the workspace", 0, 0)
    with Workspace.create(folder, case, author="demo") as workspace:
        (folder / _MARK).touch()
        run = workspace.run(progress=progress)
        files = tuple(folder / f"bulletin-{week}.{format}" for format in ("pdf", "html"))
        for file in files:
            issued = workspace.bulletin(week=week, format=file.suffix.lstrip("."), progress=progress)
            write_file(file, issued.content)
        return Demonstration(
            folder=folder, case=case, week=week, run=run, files=files, example=_example(workspace.findings())
        )


def _example(findings: pa.Table) -> str:
    """Return the finding with the most to say: the first contested one, else alleged, else any."""
    status = findings["status"].cast(pa.string())
    for wanted in ("contested", "alleged-violation"):
        row = pc.index(status, wanted).as_py()
        if row >= 0:
            return str(findings["finding_id"][row].as_py())
    return str(findings["finding_id"][0].as_py())


def sits_before_screen() -> bool:
    """Say whether a person sits at a terminal before a screen, with a browser to open something in."""
    has_screen = sys.platform in ("darwin", "win32") or any(os.environ.get(k) for k in ("DISPLAY", "WAYLAND_DISPLAY"))
    if not has_screen or os.environ.get("CI") or not sys.stdout.isatty():
        return False
    try:
        webbrowser.get()
    except webbrowser.Error:
        return False
    return True


def open_address(address: str) -> bool:
    """Open an address in the browser where a person sits before a screen; say whether that was done."""
    return sits_before_screen() and webbrowser.open(address)
