"""What an answer may rest on: records of the case by their ids, and what the file itself holds."""

from __future__ import annotations

from collections.abc import Iterable

from ceasefire.casework.records import CaseFile
from ceasefire.model.errors import UsageError

OWN = ("attachment", "visit", "reply")
"""Kinds of evidence that a case file holds, cited as ``kind:POSITION``."""


def held_evidence(case_file: CaseFile) -> frozenset[str]:
    """Return everything that a file holds, as it is cited."""
    marks = {
        "attachment": [attachment.mark for attachment in case_file.attachments],
        "visit": [visit.mark for visit in case_file.visits],
        "reply": [reply.mark for reply in case_file.replies],
    }
    return frozenset(f"{kind}:{mark.position}" for kind in OWN for mark in marks[kind])


def refuse_unknown_evidence(case_file: CaseFile, cites: Iterable[str]) -> None:
    """Raise when evidence is cited that the file does not hold.

    Raises
    ------
    UsageError
        Naming it. Ids of reports, incidents and findings are looked up by whoever has the tables.
    """
    held = held_evidence(case_file)
    absent = [cite for cite in cites if cite.partition(":")[0] in OWN and cite not in held]
    if absent:
        raise UsageError(
            f"The file holds no {', no '.join(absent)}.",
            f"It holds: {', '.join(sorted(held)) or 'nothing of its own'}.",
        )
