"""`ceasefire export`: write derived tables for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from ceasefire.cli.console import counted, print_json, say
from ceasefire.cli.options import COMMON, AsOf, Common, Output
from ceasefire.model.errors import UsageError

FORM = "form"


def export(
    what: Annotated[
        str,
        Parameter(
            help="links, reports, incidents, findings, obligations, pairs, review, judgements, succession or form."
        ),
    ],
    *,
    output: Output,
    as_of: AsOf = None,
    common: Common = COMMON,
) -> None:
    """Write a derived table as CSV or Parquet, by the name of the file; or the field form, as XLSX.

    Links say which report is of which incident: source_report_id, incident_id, source_id, relation. Pairs are the
    reports that may be of one event, with their evidence; review are those that wait for a person; succession says
    what became of incidents. The form is an XLSForm for incident reports, made of the case's vocabulary, with which
    ODK or Kobo collect offline; the same case gives the same bytes.
    """
    from ceasefire.pipeline.exports import table_to_export, write_table
    from ceasefire.pipeline.files import format_of

    if what == FORM:
        _export_form(output, as_of, common)
        return
    format = format_of(output, ("csv", "parquet"))
    with common.open() as workspace:
        table = table_to_export(workspace, what, as_of=as_of)
    write_table(table, output, format)
    if common.json:
        print_json({"file": str(output), "rows": table.num_rows})
        return
    say(f"{counted(table.num_rows, 'row')} of {what} are in {output}.")


def _export_form(output: Path, as_of: str | None, common: Common) -> None:
    from ceasefire.pipeline.files import format_of, write_file

    if as_of is not None:
        raise UsageError("The form is of the case as it stands.", "Leave out --as-of.")
    format_of(output, ("xlsx",))
    with common.open() as workspace:
        form = workspace.field_form()
    write_file(output, form.content)
    if common.json:
        print_json(
            {
                "file": str(output),
                "form_id": form.form_id,
                "version": form.version,
                "languages": list(form.languages),
            }
        )
        return
    say(f"The form {form.form_id}, version {form.version}, in {', '.join(form.languages)}, is in {output}.")
