"""`ceasefire submissions`: what came from the field, and which version stands."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from ceasefire.cli.console import counted, print_json, print_table, say
from ceasefire.cli.options import COMMON, Common
from ceasefire.model.errors import UsageError

if TYPE_CHECKING:
    from ceasefire.pipeline.submissions_view import SubmissionConflict


def submissions(
    *,
    keep: Annotated[str | None, Parameter(help="Id of the version that stands; needs --note.")] = None,
    note: Annotated[str | None, Parameter(help="Why that version stands.")] = None,
    unseal: Annotated[
        int | None, Parameter(help="Position of the ledger entry whose file to open; needs --output.")
    ] = None,
    output: Annotated[Path | None, Parameter(name=("--output", "-o"), help="Where to write the opened file.")] = None,
    common: Common = COMMON,
) -> None:
    """List files of field submissions, and submissions whose edits contradict one another; or decide between these.

    Until somebody decides, what stood before goes on standing. A decision is an entry of the ledger, with its reason;
    a further edit from the field is put beside it, and may have to be decided again.

    The originals are sealed, because they can say who spoke to the mission. --unseal writes one out again, byte for
    byte, where the key is (sealed/seal.key of the workspace); that it was opened, and by whom, is recorded first.
    """
    from dataclasses import asdict

    from ceasefire.pipeline.files import write_file
    from ceasefire.pipeline.imports import import_json

    if (keep is None) != (note is None) or (unseal is None) != (output is None):
        raise UsageError("--keep goes with --note, and --unseal with --output.", "Give both.")
    if keep is not None and unseal is not None:
        raise UsageError("--keep and --unseal are two things.", "Do one at a time.")
    with common.open() as workspace:
        if keep is not None and note is not None:
            result = workspace.decide_submission(keep, note)
            if common.json:
                print_json(import_json(result))
            else:
                say(f"Recorded as entry {result.position} of the ledger. Next: ceasefire run")
            return
        if unseal is not None and output is not None:
            name, content = workspace.open_sealed(unseal)
            write_file(output, content)
            output.chmod(0o600)
            if common.json:
                print_json({"file": str(output), "name": name})
            else:
                say(f"{name} is in {output}, for you alone; that it was opened is recorded.")
            return
        view = workspace.submissions()
    if common.json:
        print_json(asdict(view))
        return
    say(f"{counted(view.submissions, 'submission')}, {counted(view.versions, 'version')}.")
    if view.imports:
        columns = ("entry", "recorded", "by", "file", "in", "accepted", "rejected", "duplicates")
        rows = [
            (each.position, each.recorded_at, each.author, each.file, each.rows_in, each.accepted, each.rejected,
             each.duplicates)
            for each in view.imports
        ]  # fmt: skip
        print_table(columns, rows)
    for conflict in view.conflicts:
        _say_conflict(conflict)


def _say_conflict(conflict: SubmissionConflict) -> None:
    say("", f"{conflict.title} ({conflict.report_id}) has edits that contradict one another:")
    columns = ("answer", *(version.version_id for version in conflict.versions))
    rows: list[tuple[object, ...]] = [("recorded", *(version.recorded_at for version in conflict.versions))]
    for place, answer in enumerate(conflict.versions[0].answers):
        rows.append((answer.field, *(version.answers[place].answer or "-" for version in conflict.versions)))
    if conflict.sealed_differs:
        rows.append(("(only what is sealed differs)", *("" for _ in conflict.versions)))
    print_table(columns, rows)
    say(f"{conflict.standing} stands until somebody decides: ceasefire submissions --keep VERSION --note WHY")
