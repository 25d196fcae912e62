"""Derived tables as other programs read them."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ceasefire.model.errors import UsageError
from ceasefire.pipeline.files import write_file
from ceasefire.pipeline.selection import plain_rows

if TYPE_CHECKING:
    from ceasefire.pipeline.workspace import Workspace

EXPORTS = ("links", "reports", "incidents", "findings", "obligations")


def table_to_export(workspace: Workspace, what: str, *, as_of: str | int | None = None) -> pa.Table:
    """Return the table to write.

    Raises
    ------
    UsageError
        When `what` is none of `EXPORTS`.
    """
    if what not in EXPORTS:
        raise UsageError(f'There is nothing called "{what}" to export.', f"Name one of {', '.join(EXPORTS)}.")
    if what == "obligations":
        return workspace.obligations(as_of=as_of)
    if what == "findings":
        return workspace.findings(as_of=as_of)
    if what == "links":
        return links_by_source(workspace.links(as_of=as_of), workspace.reports(as_of=as_of))
    return workspace.reports(as_of=as_of) if what == "reports" else workspace.incidents(as_of=as_of)


def links_by_source(links: pa.Table, reports: pa.Table) -> pa.Table:
    """Return links with the id that each source itself gives its report.

    Returns
    -------
    Table
        ``source_report_id``, ``incident_id``, ``source_id``, ``relation``; in the order of `links`.
    """
    rows = reports.take(pc.index_in(links["report_id"], reports["report_id"].combine_chunks()))
    return pa.table(
        {
            "source_report_id": rows["source_report_id"],
            "incident_id": links["incident_id"],
            "source_id": rows["source_id"].cast(pa.string()),
            "relation": links["relation"].cast(pa.string()),
        }
    )


def write_table(table: pa.Table, path: Path, format: str) -> None:
    """Write a table as ``csv`` (lists as JSON, instants as ISO 8601, nothing for null) or ``parquet``."""
    if format == "parquet":
        sink = pa.BufferOutputStream()
        pq.write_table(table, sink, compression="zstd")
        write_file(path, sink.getvalue().to_pybytes())
        return
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.column_names)
    for row in plain_rows(table):
        writer.writerow([_cell(row[name]) for name in table.column_names])
    write_file(path, text.getvalue().encode())


def _cell(value: object) -> object:
    if isinstance(value, list):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, bool):
        return "true" if value else "false"
    return value
