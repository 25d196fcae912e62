"""`ceasefire bulletin`: issue a bulletin."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from ceasefire.cli.console import print_json, say, shown_progress
from ceasefire.cli.options import COMMON, AsOf, Common, Output, Reading


def bulletin(
    *,
    output: Output,
    week: Annotated[str | None, Parameter(help="ISO week of local days, such as 2017-W39.")] = None,
    day: Annotated[str | None, Parameter(help="Local day, such as 2017-09-27.")] = None,
    release: Annotated[str, Parameter(help="To whom it is told: public or mission.")] = "public",
    as_of: AsOf = None,
    reading: Reading = None,
    common: Common = COMMON,
) -> None:
    """Issue the bulletin of a week or a day, as PDF, HTML or JSON by the name of the file.

    It is numbered and frozen: the same state of the record gives the same file, byte for byte.
    """
    from ceasefire.pipeline.files import format_of, write_file

    format = format_of(output, ("pdf", "html", "json"))
    with common.open() as workspace, shown_progress() as progress:
        issued = workspace.bulletin(
            week=week, day=day, format=format, release=release, as_of=as_of, reading=reading, progress=progress
        )
    write_file(output, issued.content)
    if common.json:
        print_json(
            {
                "number": issued.number,
                "file": str(output),
                "entry": issued.entry,
                "issued_before": issued.issued_before,
                **issued.edition.as_recorded(),
            }
        )
        return
    name = f"{issued.edition.cadence.capitalize()} bulletin No. {issued.number}"
    again = f", as issued before (entry {issued.entry} of the ledger)" if issued.issued_before else ""
    say(f"{name} is in {output}{again}.")
