"""`ceasefire import`: read a file into the record."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from ceasefire.cli.console import counted, print_json, say, shown_progress
from ceasefire.cli.options import COMMON, Common

_REJECTS_SHOWN = 20


def import_file(
    file: Annotated[Path, Parameter(help="The file; it is kept byte for byte.")],
    *,
    format: Annotated[str, Parameter(name="--as", help="ucdp-ged, table, boundaries, control or odk.")],
    mapping: Annotated[Path | None, Parameter(help="Of a table: the YAML file that says what its columns are.")] = None,
    separator: Annotated[str | None, Parameter(help="Of delimited text that is not separated by commas.")] = None,
    common: Common = COMMON,
) -> None:
    """Read a file into the record: whole, or not at all.

    Rows that cannot be read are listed and counted: rows in = accepted + rejected + duplicates.
    A file that was imported before adds nothing. Submissions of the field form (odk) are sealed, with whoever is
    behind them, and kept version by version.
    """
    from ceasefire.model.flags import FLAGS
    from ceasefire.pipeline.imports import import_json

    with common.open() as workspace, shown_progress() as progress:
        result = workspace.import_file(file, format, mapping=mapping, separator=separator, progress=progress)
    if common.json:
        print_json(import_json(result))
        return
    for reject in result.rejects[:_REJECTS_SHOWN]:
        print(reject, file=sys.stderr)
    if len(result.rejects) > _REJECTS_SHOWN:
        print(f"… and {len(result.rejects) - _REJECTS_SHOWN:,} more; --json lists all.", file=sys.stderr)
    if result.already_held:
        say(f"{file.name} was imported before, as entry {result.position} of the ledger. Nothing was added.")
    say(
        f"{counted(result.rows_in, 'row')} in: {result.accepted:,} accepted, {result.rejected:,} rejected, "
        f"{counted(result.duplicates, 'duplicate')}."
    )
    if result.revised:
        say(f"{counted(result.revised, 'row')} of the accepted revise a report held before; both are kept.")
    if result.conflicts:
        say(
            f"{counted(result.conflicts, 'submission')} with edits that contradict one another: what stood before goes "
            "on standing. See: ceasefire submissions"
        )
    if result.notes:
        say("Kept, and flagged:")
        say(*(f"  {count:>7,}  {FLAGS.get(flag, flag)}" for flag, count in result.notes.items()))
    if not result.already_held:
        then = "control" if result.format == "control" else "run"
        say(f"Recorded as entry {result.position} of the ledger. Next: ceasefire {then}")
