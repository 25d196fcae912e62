"""What a case file rests on, as records of the results: only what the file tells the one who asks, told as to them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import pyarrow as pa
import pyarrow.compute as pc

from ceasefire.casework.evidence import OWN
from ceasefire.model.roles import shared
from ceasefire.pipeline.finding_view import FindingView, finding_view
from ceasefire.pipeline.incident_rows import IncidentRow, rows_told
from ceasefire.pipeline.incident_view import Account, account_of

if TYPE_CHECKING:
    from ceasefire.casework.views import CaseFileView, DraftView
    from ceasefire.pipeline.served import Snapshot
    from ceasefire.release.classes import ReleaseClass

_LINKED = ("incident_ids", "finding_ids", "report_ids", "obligation_ids")


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEvidence:
    """What a case file links and cites."""

    position: Annotated[int, shared("Of the ledger entry that these results rest on.")]
    incidents: Annotated[tuple[IncidentRow, ...], shared("Incidents.")]
    findings: Annotated[tuple[FindingView, ...], shared("Clause checks; none of them is a ruling.")]
    reports: Annotated[tuple[Account, ...], shared("Single accounts.")]
    elsewhere: Annotated[
        tuple[str, ...], shared("Ids of other records: obligations, evidence of the case, or what is no longer held.")
    ]


def case_evidence(snapshot: Snapshot, view: CaseFileView, *, release: ReleaseClass, told_at: int) -> CaseEvidence:
    """Return the records that a case file names.

    Parameters
    ----------
    view : CaseFileView
        As it is told to the one who asks: what it does not tell them is not looked up.
    release : ReleaseClass
        How places are told to them.
    told_at : int
        Now, UTC microseconds.
    """
    wanted = list(dict.fromkeys(_cited(view)))
    numbers = {each: _row_of(snapshot.incidents["incident_id"], each) for each in wanted}
    incidents = {each: number for each, number in numbers.items() if number >= 0}
    places = snapshot.index.places(release, told_at)
    findings = [each for each in wanted if _row_of(snapshot.findings["finding_id"], each) >= 0]
    held = pc.is_in(snapshot.reports["report_id"], value_set=pa.array(wanted, pa.string()))
    reports = [account_of(row, "same") for row in snapshot.reports.filter(held).to_pylist()]
    known = {*incidents, *findings, *(report.report_id for report in reports)}
    return CaseEvidence(
        position=snapshot.stamp.position,
        incidents=tuple(rows_told(snapshot, list(incidents.values()), places, release)),
        findings=tuple(finding_view(snapshot, each, release=release, told_at=told_at) for each in findings),
        reports=tuple(reports),
        elsewhere=tuple(each for each in wanted if each not in known),
    )


def _row_of(column: pa.ChunkedArray, record_id: str) -> int:
    return int(pc.index(column, record_id).as_py())


def _cited(view: CaseFileView) -> Iterable[str]:
    for field in view.fields:
        if field.name in _LINKED and isinstance(field.value, tuple):
            yield from field.value
    found = [view.draft, *(ruling.determination for ruling in view.rulings)]
    for draft in found:
        if draft is not None:
            yield from (each for each in _of_draft(draft) if each.partition(":")[0] not in OWN)


def _of_draft(draft: DraftView) -> Iterable[str]:
    for answer in (draft.fact, draft.attribution, draft.breach):
        yield from answer.evidence
