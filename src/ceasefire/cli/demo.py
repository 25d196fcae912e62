"""`ceasefire demo`: the built-in case, from nothing to a bulletin and the centre in a browser."""

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
    show: Annotated[
        bool, Parameter(help="Serve it and open it in the browser, where there is a screen and one; Ctrl+C ends it.")
    ] = True,
    common: Everywhere = EVERYWHERE,
) -> None:
    """Make a workspace with the built-in case, derive its findings, write a week's bulletin, and open the centre.

    Where nobody sits before a screen, it says where everything is and how to open it, and is done.
    """
    from ceasefire.pipeline.demonstration import demonstrate, sits_before_screen

    with shown_progress() as progress:
        made = demonstrate(folder, progress=progress)
    if common.json:
        print_json({"workspace": str(made.folder), "files": [str(file) for file in made.files]})
        return
    opens = show and sits_before_screen()
    say(
        f"The case {made.case} is in {made.folder / 'case'}: clauses, zones, parties and reports, as files to read.",
        f"{counted(made.run.reports, 'report')} of the case became {counted(made.run.incidents, 'incident')}, and "
        f"those {counted(made.run.findings, 'clause check')}.",
        f"The bulletin of week {made.week} is in {made.files[0]} and {made.files[1]}.",
        f"Read it: {made.files[1].resolve().as_uri()}",
        "Look further:",
        f"  ceasefire findings -w {made.folder} --week {made.week}",
        f"  ceasefire why -w {made.folder} {made.example}",
        f"  ceasefire obligations -w {made.folder} --as-of-day {made.last_day}",
    )
    if not opens:
        say(f"  ceasefire serve -w {made.folder}    the map and its pages, in your browser")
        return
    _serve(made.folder)


def _serve(folder: Path) -> None:
    """Serve the demonstration on any free port of this machine until Ctrl+C, and open it."""
    from ceasefire.centre.running import serve_workspace
    from ceasefire.pipeline.demonstration import open_address

    def started(at: str) -> None:
        say(
            f"{'The map is open in your browser' if open_address(at) else 'Open the map'}: {at}", "Stop it with Ctrl+C."
        )

    serve_workspace(folder, host="127.0.0.1", port=0, started=started)
