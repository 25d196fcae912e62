"""`ceasefire demo`: the built-in case, from nothing to a bulletin."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from ceasefire.cli.console import counted, print_json, say, shown_progress
from ceasefire.cli.options import EVERYWHERE, Everywhere


def demo(
    *,
    folder: Annotated[
        Path,
        Parameter(
            name=("--folder", "--workspace", "-w"),
            help="Where to make the workspace; a demonstration there is made anew.",
        ),
    ] = Path("ceasefire-demo"),
    show: Annotated[bool, Parameter(help="Open the bulletin, where there is a screen.")] = True,
    common: Everywhere = EVERYWHERE,
) -> None:
    """Make a workspace with the built-in case, derive its findings and write the bulletin of one week."""
    from ceasefire.pipeline.demonstration import demonstrate, open_on_screen

    with shown_progress() as progress:
        made = demonstrate(folder, progress=progress)
    opened = show and not common.json and open_on_screen(made.files[-1])
    if common.json:
        print_json({"workspace": str(made.folder), "files": [str(file) for file in made.files]})
        return
    say(
        f"The case {made.case} is in {made.folder / 'case'}: clauses, zones, parties and reports, as files to read.",
        f"{counted(made.run.reports, 'report')} of the case became {counted(made.run.incidents, 'incident')}, and "
        f"those {counted(made.run.findings, 'clause check')}.",
        f"The bulletin of week {made.week} is in {made.files[0]} and {made.files[1]}.",
    )
    say("It is open in your browser." if opened else f"Open it: {made.files[1].resolve().as_uri()}")
    say(
        "Look further:",
        f"  ceasefire findings -w {made.folder} --week {made.week}",
        f"  ceasefire why -w {made.folder} {made.example}",
        f"  ceasefire obligations -w {made.folder} --as-of-day {made.last_day}",
        f"  ceasefire serve -w {made.folder}    the map, in your browser",
    )
