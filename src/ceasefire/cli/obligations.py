"""`ceasefire obligations`: list what clauses require."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from ceasefire.cli.console import counted, print_json_lines, print_table, say
from ceasefire.cli.options import COMMON, AsOf, Common


def obligations(
    *,
    as_of_day: Annotated[
        str | None, Parameter(help="The local day at whose end they are looked at; by default today.")
    ] = None,
    clause: Annotated[str | None, Parameter(help="Id of a clause.")] = None,
    bearer: Annotated[str | None, Parameter(help="Id of an actor.")] = None,
    state: Annotated[str | None, Parameter(help="not-due, performed, partly, not-performed, unverified, …")] = None,
    all_periods: Annotated[
        bool, Parameter(help="Show every period of a repeated duty, not the latest alone. --json always does.")
    ] = False,
    as_of: AsOf = None,
    common: Common = COMMON,
) -> None:
    """List what clauses require of whom by when, and whether the record shows it performed.

    Nothing is inferred from silence: without evidence an obligation is unverified.
    """
    from ceasefire.pipeline.listing import latest_periods, list_obligations
    from ceasefire.pipeline.selection import plain_rows

    with common.open() as workspace:
        table = workspace.obligations(as_of_day=as_of_day, clause=clause, bearer=bearer, state=state, as_of=as_of)
        if common.json:
            print_json_lines(plain_rows(table))
            return
        shown = table if all_periods else latest_periods(table)
        listed = list_obligations(workspace, shown, as_of=as_of)
    if not table.num_rows:
        say("No obligation fits.")
        return
    print_table(listed.columns, listed.rows)
    say(f"{counted(shown.num_rows, 'obligation')}: {listed.status_words}.")
    if earlier := table.num_rows - shown.num_rows:
        say(f"Of repeated duties the latest period is shown; --all-periods adds {counted(earlier, 'earlier one')}.")
