"""`ceasefire export`: write derived tables for other programs."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from ceasefire.cli.console import counted, print_json, say
from ceasefire.cli.options import COMMON, AsOf, Common, Output


def export(
    what: Annotated[
        str,
        Parameter(help="links, reports, incidents, findings, obligations, pairs, review, judgements or succession."),
    ],
    *,
    output: Output,
    as_of: AsOf = None,
    common: Common = COMMON,
) -> None:
    """Write a derived table as CSV or Parquet, by the name of the file.

    Links say which report is of which incident: source_report_id, incident_id, source_id, relation. Pairs are the
    reports that may be of one event, with their evidence; review are those that wait for a person; succession says
    what became of incidents.
    """
    from ceasefire.pipeline.exports import table_to_export, write_table
    from ceasefire.pipeline.files import format_of

    format = format_of(output, ("csv", "parquet"))
    with common.open() as workspace:
        table = table_to_export(workspace, what, as_of=as_of)
    write_table(table, output, format)
    if common.json:
        print_json({"file": str(output), "rows": table.num_rows})
        return
    say(f"{counted(table.num_rows, 'row')} of {what} are in {output}.")
