"""A finding as people read it: six questions, each with its answer and the sentences behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import pyarrow as pa
import pyarrow.compute as pc

from ceasefire.findings.phrases import ENGLISH, phrases_in
from ceasefire.findings.trace import explain
from ceasefire.model.roles import mission, public
from ceasefire.pipeline.map_index import Places
from ceasefire.pipeline.selection import match_id
from ceasefire.pipeline.stages import check
from ceasefire.release.classes import ReleaseClass, told_area

if TYPE_CHECKING:
    from ceasefire.findings.check import FindingSet
    from ceasefire.pipeline.served import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """One of the six questions."""

    question: Annotated[str, public("The question, in words.")]
    answer: Annotated[str, public("yes, no, undetermined or contested.")]
    sentences: Annotated[tuple[str, ...], public("Why, and the records it rests on.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingView:
    """An incident held against a clause, for one accused. It is no ruling."""

    finding_id: Annotated[str, public("Its id.")]
    incident_id: Annotated[str, public("The incident.")]
    clause_id: Annotated[str, public("The clause.")]
    instrument_id: Annotated[str, public("The instrument the clause is of.")]
    citation: Annotated[str, public("How the clause is cited, and what its text is worth.")]
    accused_id: Annotated[str | None, public("The candidate; null: nobody is named.")]
    zone_id: Annotated[str | None, public("The area of the clause in which it may lie; null: in none, or in several.")]
    zone_version: Annotated[str | None, public("The version of that area which held on the day.")]
    status: Annotated[str, public("The short status; none of them is a ruling.")]
    outcome: Annotated[str, public("The status as a sentence.")]
    headline: Annotated[str, public("What was checked.")]
    questions: Annotated[tuple[Answered, ...], public("The six questions in order.")]
    alleged_by: Annotated[tuple[str, ...], public("Sources that call it a breach or accuse the party.")]
    reading_id: Annotated[str | None, public("The interpretation in use.")]
    share_inside: Annotated[
        float | None, mission("Share of the place's disc or area within the nominal border; null: cannot be computed.")
    ]
    accounts: Annotated[tuple[str, ...], public("Who says what, one sentence an account.")]
    notes: Annotated[tuple[str, ...], public("What a reader must also know.")]


def finding_view(
    snapshot: Snapshot, finding_id: str, *, release: ReleaseClass, told_at: int, language: str = ENGLISH
) -> FindingView:
    """Return one finding, by its id or the beginning of it.

    Raises
    ------
    UsageError
        When there is none.
    """
    findings = snapshot.findings
    full = match_id(finding_id, findings["finding_id"], "finding")
    row = findings.filter(pc.equal(findings["finding_id"], full))
    number = pc.index(snapshot.incidents["incident_id"], row["incident_id"][0]).as_py()
    places = snapshot.index.places(release, told_at)
    return findings_of(snapshot, number, row.to_pylist(), places, release, language)[0]


def findings_of(
    snapshot: Snapshot,
    number: int,
    rows: Sequence[dict[str, Any]],
    places: Places,
    release: ReleaseClass,
    language: str = ENGLISH,
) -> tuple[FindingView, ...]:
    """Return findings of one incident with their traces.

    Parameters
    ----------
    number : int
        Row of the incident.
    rows : sequence of dict
        Its findings, rows of the findings' table.
    """
    if not rows:
        return ()
    incident = snapshot.incidents.slice(number, 1)
    found = check(snapshot.case, incident, boundaries=snapshot.boundaries, reading=snapshot.stamp.reading)
    if release is not ReleaseClass.MISSION:
        found.incidents = _coarsened(incident, recent=bool(places.recent[number]))
    return tuple(_view(found, row, exact=release is ReleaseClass.MISSION, language=language) for row in rows)


def _view(found: FindingSet, row: dict[str, Any], *, exact: bool, language: str) -> FindingView:
    trace = explain(found, row if exact else {**row, "share_inside": None}, language)
    return FindingView(
        finding_id=row["finding_id"],
        incident_id=row["incident_id"],
        clause_id=row["clause_id"],
        instrument_id=row["instrument_id"],
        citation=phrases_in(language).citation(found.case.clauses[row["clause_id"]]),
        accused_id=row["accused_id"] or None,
        zone_id=row["zone_id"],
        zone_version=row["zone_version"],
        status=row["status"],
        outcome=trace.outcome,
        headline=trace.headline,
        questions=tuple(
            Answered(question=step.question, answer=step.answer, sentences=step.sentences) for step in trace.steps
        ),
        alleged_by=tuple(row["alleged_by"] or ()),
        reading_id=row["reading_id"],
        share_inside=row["share_inside"],
        accounts=trace.accounts,
        notes=trace.notes,
    )


def _coarsened(incident: pa.Table, *, recent: bool) -> pa.Table:
    """Return the incident as its sentences may be told outside the mission: no title, no settlement, no point."""
    row = incident.to_pylist()[0]
    told = told_area(row["area_name"], recent=recent)
    second_order = told is not None and "," in told
    known = {
        "title": None,
        "place_name": None,
        "latitude": None,
        "longitude": None,
        "area_name": told,
        "place_precision": "district" if second_order else "governorate" if told else "unknown",
    }
    if row["place_precision"] in ("area", "country", "unknown"):
        known["place_precision"] = row["place_precision"]
    return pa.Table.from_pylist([{**row, **known}], schema=incident.schema)
