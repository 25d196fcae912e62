"""`ceasefire pack`: the joint commission's pack."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from ceasefire.cli.console import print_json, say, shown_progress
from ceasefire.cli.options import COMMON, AsOf, Common, Output


def pack(
    *,
    output: Output,
    week: Annotated[str, Parameter(help="ISO week whose contested clause checks are put, such as 2017-W39.")],
    meeting: Annotated[str | None, Parameter(help="Local day of the meeting, such as 2017-10-04.")] = None,
    body: Annotated[str | None, Parameter(help="Id of the body that meets; by default the case's first.")] = None,
    language: Annotated[str | None, Parameter(help="One language alone; by default all of the case's.")] = None,
    release: Annotated[str, Parameter(help="For whom: public (the delegations) or mission.")] = "public",
    as_of: AsOf = None,
    common: Common = COMMON,
) -> None:
    """Write the pack of a joint commission's meeting as PDF: agenda, disputed items, minutes, decisions, signatures.

    It is a working paper: it has no number, issuing it leaves no entry, and one position of the ledger gives one file.
    """
    from ceasefire.pipeline.files import format_of, write_file

    format_of(output, ("pdf",))
    with common.open() as workspace, shown_progress():
        content = workspace.pack(week=week, meeting=meeting, body=body, language=language, release=release, as_of=as_of)
        position = workspace.ledger.size
    write_file(output, content)
    if common.json:
        print_json({"file": str(output), "week": week, "release": release, "position": position})
        return
    say(f"The pack of {week} is in {output}.")
