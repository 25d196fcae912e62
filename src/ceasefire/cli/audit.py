"""`ceasefire audit`: verify the ledger."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from ceasefire.cli.console import counted, print_json, say
from ceasefire.cli.options import COMMON, Common

if TYPE_CHECKING:
    from ceasefire.ledger.audit import Checkpoint


def audit(
    *,
    expect: Annotated[
        str | None, Parameter(help="A position and root noted elsewhere, POSITION:ROOT, as on a printed bulletin.")
    ] = None,
    entries: Annotated[bool, Parameter(negative=(), help="List the entries.")] = False,
    excerpt: Annotated[
        Path | None,
        Parameter(help="Check this folder, which a centre gave to a party, by itself: no workspace is needed."),
    ] = None,
    common: Common = COMMON,
) -> int:
    """Recompute every hash of the ledger, and read every batch and document it names.

    Exits with 1 when something does not agree. That the end was not cut off, or the whole not rewritten, only
    --expect shows: note position and root somewhere else.
    """
    from dataclasses import asdict

    from ceasefire.ledger.audit import Checkpoint
    from ceasefire.pipeline.listing import entry_words

    checkpoint = Checkpoint.parse(expect) if expect else None
    if excerpt is not None:
        return _audit_excerpt(excerpt, checkpoint, as_json=common.json)
    with common.open() as workspace:
        report = workspace.audit(checkpoint=checkpoint)
        lines = entry_words(workspace) if entries and not common.json else []
    if common.json:
        print_json({**asdict(report), "ok": report.ok, "first_bad": report.first_bad})
        return 0 if report.ok else 1
    say(*lines)
    say(*(str(fault) for fault in report.faults))
    contents = counted(report.contents, "batch or document", "batches and documents")
    held = f"{counted(report.size, 'entry', 'entries')}, {contents}"
    if report.ok:
        agree = f"{held}: all agree" + (" with what was noted." if checkpoint else ".")
        say(agree, f"Root at position {report.size}: {report.root}")
        return 0
    first = f" The first entry that does not agree is {report.first_bad}." if report.first_bad else ""
    say(f"{held}: {counted(len(report.faults), 'thing does', 'things do')} not agree.{first}")
    return 1


def _audit_excerpt(folder: Path, checkpoint: Checkpoint | None, *, as_json: bool) -> int:
    """Check a folder that a centre gave to a party."""
    from dataclasses import asdict

    from ceasefire.casework.excerpt import check_excerpt

    report = check_excerpt(folder, checkpoint=checkpoint)
    if as_json:
        print_json({**asdict(report), "ok": report.ok})
        return 0 if report.ok else 1
    say(*(str(fault) for fault in report.faults))
    held = f"{counted(report.entries, 'entry', 'entries')}, {counted(report.documents, 'document', 'documents')}"
    if report.ok:
        say(f"{held} for {report.party}: all agree" + (" with what was noted." if checkpoint else "."))
        say(f"Root at position {report.size}: {report.root}")
        return 0
    say(f"{held} agree; {counted(len(report.faults), 'thing does', 'things do')} not.")
    return 1
