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

EXPORTS = (
    "links",
    "reports",
    "incidents",
    "findings",
    "obligations",
    "pairs",
    "review",
    "judgements",
    "succession",
)


def table_to_export(workspace: Workspace, what: str, *, as_of: str | int | None = None) -> pa.Table:
    """Return the table to write.

    Raises
    ------
    UsageError
        When `what` is none of `EXPORTS`.
    """
    if what not in EXPORTS:
        raise UsageError(f'There is nothing called "{what}" to export.', f"Name one of {', '.join(EXPORTS)}, form.")
    if what == "obligations":
        return workspace.obligations(as_of=as_of)
    if what == "findings":
        return workspace.findings(as_of=as_of)
    if what == "succession":
        return workspace.succession(as_of=as_of).table
    if what == "incidents":
        return workspace.incidents(as_of=as_of)
    reports = workspace.reports(as_of=as_of)
    if what == "reports":
        return reports
    if what == "judgements":
        return with_records(workspace.judgements(as_of=as_of), reports)
    links = workspace.links(as_of=as_of)
    if what == "links":
        return links_by_source(links, reports)
    if what == "pairs":
        return with_records(workspace.pairs(as_of=as_of), reports)
    return with_records(workspace.doubtful(as_of=as_of), reports, links)


def with_records(pairs: pa.Table, reports: pa.Table, links: pa.Table | None = None) -> pa.Table:
    """Return pairs of reports with the names that sources give these, and the incidents that they are of.

    Parameters
    ----------
    pairs : Table
        With ``report_a``, ``report_b``.
    reports : Table
        Schema `model.schemas.REPORT`.
    links : Table, optional
        Which report is of which incident.

    Returns
    -------
    Table
        `pairs` with ``record_a``, ``record_b``, ``source_id:source_report_id``, null where a report is not held any
        more; and, where links are given, ``incident_a``, ``incident_b``.
    """
    ids = reports["report_id"].combine_chunks()
    records = pc.binary_join_element_wise(reports["source_id"].cast(pa.string()), reports["source_report_id"], ":")
    for end in ("a", "b"):
        pairs = pairs.append_column(f"record_{end}", records.take(pc.index_in(pairs[f"report_{end}"], value_set=ids)))
    if links is not None:
        same = links.filter(pc.equal(links["relation"], "same"))
        held = same["report_id"].combine_chunks()
        for end in ("a", "b"):
            incidents = same["incident_id"].take(pc.index_in(pairs[f"report_{end}"], value_set=held))
            pairs = pairs.append_column(f"incident_{end}", incidents)
    return pairs


def links_by_source(links: pa.Table, reports: pa.Table) -> pa.Table:
    """Return links with the id that each source itself gives its report.

    Returns
    -------
    Table
        ``source_report_id``, ``incident_id``, ``source_id``, ``relation``; in the order of `links`. Reports of no
        incident, which are denials of a period or of everything, stand last, with nulls.
    """
    without = reports.filter(pc.invert(pc.is_in(reports["report_id"], value_set=links["report_id"].combine_chunks())))
    nulls = [
        without["report_id"],
        *(pa.nulls(without.num_rows, links.schema.field(n).type) for n in links.schema.names[1:]),
    ]
    links = pa.concat_tables([links, pa.table(nulls, schema=links.schema)])
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
    """Write a table as ``csv`` (lists as JSON, instants as ISO 8601, nothing for null), ``parquet`` or ``arrow``."""
    if format == "parquet":
        sink = pa.BufferOutputStream()
        pq.write_table(table, sink, compression="zstd")
        write_file(path, sink.getvalue().to_pybytes())
        return
    if format == "arrow":
        stream = pa.BufferOutputStream()
        with pa.ipc.new_stream(stream, table.schema) as sealed:
            sealed.write_table(table)
        write_file(path, stream.getvalue().to_pybytes())
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
