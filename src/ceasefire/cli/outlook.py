"""`ceasefire outlook`: look ahead, and say how far that can be trusted."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from ceasefire.cli.console import print_json, print_json_lines, print_table, say, shown_progress
from ceasefire.cli.options import COMMON, AsOf, Common


def outlook(
    *,
    evaluate: Annotated[
        bool,
        Parameter(
            negative=(), help="Instead, say how good such forecasts would have been on this record, week after week."
        ),
    ] = False,
    target: Annotated[
        Literal["deaths", "alleged-violations", "alleged-or-open"],
        Parameter(help="Which count to print. --json always gives all."),
    ] = "deaths",
    pictures: Annotated[
        Path | None, Parameter(help="A folder: draw forecasts, alarms and reliability there, as SVG, light and dark.")
    ] = None,
    as_of: AsOf = None,
    common: Common = COMMON,
) -> None:
    """Look ahead: forecasts of one to eight weeks, an alarm against the weeks before, clusters of incidents.

    Forecasts are distributions, by zone and by administrative unit of the first order. Weeks that the record does not
    cover are missing, never zero. Where the warning of escalation has no skill on this record, that is said.
    """
    from ceasefire.pipeline.outlook import evaluations_json, outlook_json
    from ceasefire.pipeline.outlook_tables import evaluation_tables, outlook_tables

    with common.open() as workspace:
        with shown_progress() as progress:
            looked = workspace.outlook(as_of=as_of, progress=progress)
        drawn = _draw(looked, pictures) if pictures is not None else 0
        if common.json:
            if evaluate:
                print_json_lines(evaluations_json(looked))
            else:
                print_json(outlook_json(looked))
            return
        names = {area.id: area.title["en"] for area in workspace.case_at(as_of).areas.values() if "en" in area.title}
    tables = evaluation_tables(looked, target) if evaluate else outlook_tables(looked, target, names)
    for table in tables:
        if table.rows:
            print_table(table.columns, table.rows, title=table.title)
        say(*table.said)
    say(looked.outlook.recorded)
    if drawn:
        say(f"Drew {drawn} pictures in {pictures}.")


def _draw(looked: object, folder: Path) -> int:
    from ceasefire.pipeline.outlook import LookedAhead
    from ceasefire.pipeline.outlook_pictures import write_pictures

    assert isinstance(looked, LookedAhead)  # noqa: S101
    return write_pictures(looked, folder)
