"""`ceasefire init`: make a workspace."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from ceasefire.cli.console import print_json, say
from ceasefire.cli.options import EVERYWHERE, Everywhere


def init(
    folder: Annotated[Path, Parameter(name=("--folder", "--workspace", "-w"), help="A new or empty folder.")],
    *,
    case: Annotated[str, Parameter(help="A built-in case, or the folder of one of your own.")],
    ledger: Annotated[
        str | None,
        Parameter(help="A PostgreSQL database to keep the ledger in, postgresql://USER@HOST/DATABASE; else a file."),
    ] = None,
    common: Everywhere = EVERYWHERE,
) -> None:
    """Make a workspace with the files of a case.

    The files in FOLDER/case are yours to edit and to put under version control.
    """
    from ceasefire.pipeline.workspace import Workspace

    with Workspace.create(folder, case, ledger=ledger) as workspace:
        size, root, address = workspace.ledger.size, workspace.ledger.root(), workspace.ledger.address
    if common.json:
        print_json({"workspace": str(folder), "case": case, "position": size, "root": root})
        return
    say(
        f"Made the workspace {folder} with the case {case}.",
        f"Its files are in {folder / 'case'}; the ledger has {size} entries.",
        *([f"The ledger is in {address}"] if ledger else []),
        f"Next: cd {folder} && ceasefire run",
    )
