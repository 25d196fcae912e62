"""`ceasefire assess`: whether violence fell with a truce, and who can say."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from ceasefire.cli.console import print_json_lines, print_table, say, shown_progress
from ceasefire.cli.options import COMMON, AsOf, Common, Reading


def assess(
    *,
    zone: Annotated[
        list[str] | None,
        Parameter(help="Id of an area; may be given again. By default every zone that a prohibition names."),
    ] = None,
    start: Annotated[
        list[str] | None,
        Parameter(help="A further date to try: 2017-05-04, or 2017-05-04=NAME; may be given again."),
    ] = None,
    party: Annotated[str | None, Parameter(help="Only incidents in which this actor, or a member, took part.")] = None,
    act: Annotated[str | None, Parameter(help="Only incidents of this act, or one below it.")] = None,
    clause: Annotated[str | None, Parameter(help="Only clause checks under this clause.")] = None,
    data_from: Annotated[
        str | None, Parameter(help="First local day that the record covers; by default from who reports when.")
    ] = None,
    data_until: Annotated[str | None, Parameter(help="Last local day that the record covers.")] = None,
    sight_km: Annotated[
        float | None,
        Parameter(
            help="How far a post sees that does not say so itself; by default as the case's plan has it, else 5."
        ),
    ] = None,
    tables: Annotated[Path | None, Parameter(help="A folder to write every table to.")] = None,
    format: Annotated[str, Parameter(help="Of the tables: csv, parquet or arrow.")] = "csv",
    charts: Annotated[Path | None, Parameter(help="A folder to write charts to, as SVG and PNG.")] = None,
    as_of: AsOf = None,
    reading: Reading = None,
    common: Common = COMMON,
) -> None:
    """Say of each zone whether violence fell with a truce: shown, probable, not shown, or cannot tell, and why.

    Every start on record is tried. Not shown never means that there was no effect: the power of the test stands
    beside it. Every number comes from a table, and every table from incidents.
    """
    from ceasefire.pipeline.assessing import assessment_records, write_assessment, write_charts

    with common.open() as workspace, shown_progress() as progress:
        assessment = workspace.assess(
            zones=zone,
            starts=start,
            party=party,
            act=act,
            clause=clause,
            data_from=data_from,
            data_until=data_until,
            sight_km=sight_km,
            as_of=as_of,
            reading=reading,
            progress=progress,
        )
        written = write_assessment(assessment, tables, format) if tables else []
        written += write_charts(assessment, charts) if charts else []
    records = assessment_records(assessment)
    if common.json:
        print_json_lines(records)
        return
    print_table(
        ("zone", "grade", "stopped at", "start", "#power 30 %", "#power 60 %"),
        (
            (
                record["zone_id"],
                record["grade"],
                record["stopped_at"],
                record["start_id"],
                *(f"{power:.2f}" if power is not None else "" for power in record["power"].values()),
            )
            for record in records
        ),
    )
    for record in records:
        say("", record["text"])
    say("", assessment.book.recorded.said)
    if written:
        say(f"Written: {', '.join(str(path) for path in written)}.")
