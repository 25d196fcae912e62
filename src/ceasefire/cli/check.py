"""`ceasefire check`: check the files of a case."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from ceasefire.cli.console import counted, print_json_lines, say
from ceasefire.cli.options import COMMON, Common


def check(
    folder: Annotated[Path | None, Parameter(help="The folder of a case; by default that of the workspace.")] = None,
    *,
    common: Common = COMMON,
) -> int:
    """Check the files of a case: every fault with its file and line, why it matters and what to do.

    Exits with 2 when there is a fault.
    """
    from dataclasses import asdict

    from ceasefire.pipeline.checking import check_files, workspace_case

    folder = folder or workspace_case(common.workspace)
    faults = check_files(folder)
    if common.json:
        print_json_lines(asdict(fault) for fault in faults)
    else:
        say(*(str(fault) for fault in faults))
        say(f"{folder}: {counted(len(faults), 'fault')}." if faults else f"{folder}: no faults.")
    return 2 if faults else 0
