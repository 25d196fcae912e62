"""`ceasefire findings`: list clause checks."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from ceasefire.cli.console import counted, print_json_lines, print_table, say
from ceasefire.cli.options import COMMON, AsOf, Common, Reading


def findings(
    *,
    zone: Annotated[str | None, Parameter(help="Id of an area.")] = None,
    clause: Annotated[str | None, Parameter(help="Id of a clause.")] = None,
    accused: Annotated[str | None, Parameter(help="Id of an actor.")] = None,
    status: Annotated[str | None, Parameter(help="alleged-violation, contested, undetermined, …")] = None,
    first_day: Annotated[str | None, Parameter(name="--from", help="First local day, such as 2017-09-19.")] = None,
    last_day: Annotated[str | None, Parameter(name="--until", help="Last local day, included.")] = None,
    week: Annotated[str | None, Parameter(help="ISO week of local days, such as 2017-W39.")] = None,
    incident: Annotated[str | None, Parameter(help="Id of an incident, or the beginning of one.")] = None,
    limit: Annotated[int, Parameter(help="Rows of the table to print; 0 prints all. Counts are always of all.")] = 30,
    as_of: AsOf = None,
    reading: Reading = None,
    common: Common = COMMON,
) -> None:
    """List clause checks, what may fall under a clause first, with lower and upper bounds by clause.

    The lower bound is what is alleged; the upper adds what is contested, undetermined or crosses the period's edge.
    """
    from ceasefire.pipeline.listing import list_findings
    from ceasefire.pipeline.selection import plain_rows

    with common.open() as workspace:
        chosen = workspace.select(
            zone=zone,
            clause=clause,
            accused=accused,
            status=status,
            incident=incident,
            first_day=first_day,
            last_day=last_day,
            week=week,
            as_of=as_of,
            reading=reading,
        )
        if common.json:
            print_json_lines(plain_rows(chosen.findings))
            return
        listed = list_findings(workspace, chosen, limit=limit, as_of=as_of, reading=reading)
    if chosen.said:
        say(chosen.said)
    total = chosen.findings.num_rows
    if total:
        print_table(listed.columns, listed.rows)
    if len(listed.rows) < total:
        say(f"The first {len(listed.rows):,} of {total:,}; --limit 0 prints all, ceasefire export writes them.")
    say(f"{counted(total, 'clause check')}: {listed.status_words}." if total else "No clause check fits.")
    if chosen.undated:
        say(f"{counted(chosen.undated, 'incident')} without a time on record lie in no period.")
    if chosen.unplaced:
        say(
            f"{counted(chosen.unplaced, 'more incident')} may lie in {zone} or in another zone: the place is not known "
            "well enough. They are in the upper bounds below, and not in the list."
        )
    if chosen.episodes:
        say(
            f"{counted(chosen.episodes, 'incident')} of the list {'is' if chosen.episodes == 1 else 'are'} told as one "
            "and on record in parts: the bounds below count the parts."
        )
    print_table(
        ("clause", "", "#incidents at least", "#at most", "#checks at least", "#at most"),
        (
            (
                each.clause_id,
                listed.clause_titles.get(each.clause_id, ""),
                each.incidents.lower,
                each.incidents.upper,
                each.findings.lower,
                each.findings.upper,
            )
            for each in chosen.bounds
        ),
        title="Bounds by clause: alleged at least; at most also contested, undetermined and at the period's edge",
    )
    say("A clause check is no ruling. What is outside a clause may still breach humanitarian law.")
