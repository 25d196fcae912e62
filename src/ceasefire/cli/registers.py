"""`ceasefire registers`: compare what two sources report, entry by entry."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from ceasefire.cli.console import counted, print_json, print_table, say, shown_progress
from ceasefire.cli.options import COMMON, AsOf, Common


def registers(
    source_a: Annotated[str, Parameter(help="Who keeps the first list: an id of a source.")],
    source_b: Annotated[str, Parameter(help="Who keeps the second.")],
    /,
    *,
    first_day: Annotated[str | None, Parameter(name="--from", help="First local day, such as 2017-09-19.")] = None,
    last_day: Annotated[str | None, Parameter(name="--until", help="Last local day, included.")] = None,
    limit: Annotated[int, Parameter(help="Rows of each group to print; 0 prints all. Counts are always of all.")] = 30,
    as_of: AsOf = None,
    common: Common = COMMON,
) -> None:
    """Compare what two sources report: told by both, by one alone, or doubtful.

    Each entry of either list is counted once, under the matching weights and the judgements in force.
    """
    from ceasefire.pipeline.two_registers import list_counts, list_groups, registers_json

    with common.open() as workspace, shown_progress() as progress:
        compared = workspace.registers(
            source_a, source_b, first_day=first_day, last_day=last_day, as_of=as_of, progress=progress
        )
        if common.json:
            print_json(registers_json(compared))
            return
        groups = list_groups(compared, zone=workspace.zone, limit=limit)
    for group in groups:
        print_table(group.columns, group.rows, title=f"{group.title}: {counted(group.of, 'row')}")
        if len(group.rows) < group.of:
            say(f"The first {len(group.rows):,} of {group.of:,}; --limit 0 prints all.")
    print_table(("entries", f"#{source_a}", f"#{source_b}"), list_counts(compared))
    if any(compared.undated):
        say(f"{counted(sum(compared.undated), 'entry', 'entries')} without a time on record lie in no period.")
    say("What one list leaves out is not shown to be untrue by that, nor what both tell to be true.")
