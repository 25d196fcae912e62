"""`ceasefire simulate`: reports whose truth is known."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from ceasefire.cli.console import counted, print_json, say
from ceasefire.cli.options import COMMON, Common


def simulate(
    *,
    output: Annotated[Path, Parameter(name=("--output", "-o"), help="A folder for reports.parquet, truth.parquet.")],
    case: Annotated[
        str | None,
        Parameter(
            help="A built-in case, or the folder of one of your own; by default that of -w, else the training case."
        ),
    ] = None,
    days: Annotated[int, Parameter(help="How many local days.")] = 90,
    rate: Annotated[float, Parameter(help="Incidents a day, on average.")] = 3.0,
    seed: Annotated[int, Parameter(help="The same seed gives the same files.")] = 0,
    common: Common = COMMON,
) -> None:
    """Simulate incidents whose truth is known, and what the speakers of a case report of them.

    For training and tests: every report says in its text that it is simulated.
    """
    from ceasefire.pipeline.training import chosen_case, write_simulation

    written = write_simulation(
        chosen_case(case, common.workspace), output, days=days, incidents_per_day=rate, seed=seed
    )
    if common.json:
        print_json({"folder": str(output), "reports": written.reports.num_rows, "incidents": written.truth.num_rows})
        return
    incidents = counted(written.truth.num_rows, "incident")
    say(f"{incidents} were drawn, and {counted(written.reports.num_rows, 'report')} of them; both are in {output}.")
