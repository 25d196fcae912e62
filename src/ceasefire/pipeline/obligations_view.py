"""What clauses require of whom, by when, and what the record shows of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from ceasefire.findings.obligations import evaluate_obligations
from ceasefire.findings.phrases import ENGLISH, Phrases, phrases_in
from ceasefire.model.roles import public, shared
from ceasefire.model.time import instant_text
from ceasefire.model.vocabulary import ObligationState
from ceasefire.pipeline.case_view import Titles
from ceasefire.pipeline.incident_rows import instant
from ceasefire.pipeline.listing import latest_periods
from ceasefire.pipeline.selection import keep_equal

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pyarrow as pa

    from ceasefire.agreement.records import Evidence
    from ceasefire.pipeline.served import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceView:
    """What bears on whether something was performed."""

    evidence_id: Annotated[str, public("Its id.")]
    kind: Annotated[str, public("performance, inspection, restriction, waiver or suspension.")]
    speaker_id: Annotated[str, public("Whose word it is.")]
    at: Annotated[str, public("When.")]
    says: Annotated[str | None, public("performed, partly or not-performed; null: it does not say.")]
    sources: Annotated[tuple[str, ...], public("Keys of `sources`.")]
    unverified: Annotated[bool, public("Whether the compilers have not seen the original.")]
    note: Annotated[str | None, shared("The compilers' note.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ObligationView:
    """What a clause requires of one bearer in one period. A state is what the record shows, no ruling."""

    obligation_id: Annotated[str, public("Its id.")]
    clause_id: Annotated[str, public("The clause.")]
    instrument_id: Annotated[str, public("The instrument the clause is of.")]
    citation: Annotated[str, public("How the clause is cited.")]
    what: Annotated[Titles, public("What is required, by language.")]
    bearer_id: Annotated[str, public("Of whom.")]
    zone_id: Annotated[str | None, public("Where; null: everywhere.")]
    period_from: Annotated[str | None, public("Start of the period, UTC.")]
    period_until: Annotated[str | None, public("End of the period, UTC; null: open.")]
    due_at_earliest: Annotated[str | None, public("The earliest deadline on record, UTC; null: no date.")]
    due_at_latest: Annotated[str | None, public("The latest deadline on record, UTC; null: no date.")]
    state: Annotated[str, public("An obligation state; unverified: nothing is on record, which is not a breach.")]
    reasons: Annotated[tuple[str, ...], public("Why, one sentence each.")]
    evidence: Annotated[tuple[EvidenceView, ...], public("What it rests on.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Obligations:
    """Obligations as they stood at an instant."""

    position: Annotated[int, public("Of the ledger entry that these results rest on.")]
    as_of: Annotated[str, public("The instant, UTC.")]
    by_state: Annotated[dict[str, int], public("How many are in each state.")]
    obligations: Annotated[tuple[ObligationView, ...], public("By clause and period.")]


def obligations_view(
    snapshot: Snapshot,
    at: int,
    *,
    clause: str | None = None,
    bearer: str | None = None,
    state: str | None = None,
    every_period: bool = False,
    language: str = ENGLISH,
) -> Obligations:
    """Return obligations as they stood at an instant (UTC microseconds).

    Parameters
    ----------
    clause, bearer, state : str, optional
        Only these.
    every_period : bool
        Every period of a duty that comes again, or the latest alone.

    Raises
    ------
    UsageError
        When a filter names what does not exist.
    """
    case = snapshot.case
    table = keep_equal(
        obligations_at(snapshot, at),
        equal={"clause_id": clause, "bearer_id": bearer, "state": state},
        known={
            "clause_id": case.clauses,
            "bearer_id": case.actors.actors,
            "state": [each.value for each in ObligationState],
        },
    )
    shown = tuple(obligation_records(snapshot, table if every_period else latest_periods(table), language))
    counts = {each.value: sum(one.state == each for one in shown) for each in ObligationState}
    return Obligations(
        position=snapshot.stamp.position,
        as_of=instant_text(at).replace("+00:00", "Z"),
        by_state={name: count for name, count in counts.items() if count},
        obligations=shown,
    )


def obligations_at(snapshot: Snapshot, at: int) -> pa.Table:
    """Return the obligations at an instant, of schema `model.schemas.OBLIGATION`."""
    return evaluate_obligations(snapshot.case, as_of=at)


def obligation_records(snapshot: Snapshot, table: pa.Table, language: str = ENGLISH) -> Iterable[ObligationView]:
    """Yield rows of the obligations' table as records."""
    evidence = {item.id: item for item in snapshot.case.evidence}
    for row in table.to_pylist():
        yield _obligation(snapshot, row, evidence, phrases_in(language))


def _obligation(
    snapshot: Snapshot, row: dict[str, Any], evidence: dict[str, Evidence], tell: Phrases
) -> ObligationView:
    clause = snapshot.case.clauses[row["clause_id"]]
    return ObligationView(
        obligation_id=row["obligation_id"],
        clause_id=row["clause_id"],
        instrument_id=row["instrument_id"],
        citation=tell.citation(clause),
        what=clause.duty.what if clause.duty else clause.title,
        bearer_id=row["bearer_id"],
        zone_id=row["zone_id"],
        period_from=instant(row["period_from"]),
        period_until=instant(row["period_until"]),
        due_at_earliest=instant(row["due_at_earliest"]),
        due_at_latest=instant(row["due_at_latest"]),
        state=row["state"],
        reasons=tuple(tell.obligation_reason(reason) for reason in row["reasons"] or ()),
        evidence=tuple(_evidence(evidence[key]) for key in row["evidence_ids"] or ()),
    )


def _evidence(item: Evidence) -> EvidenceView:
    return EvidenceView(
        evidence_id=item.id,
        kind=item.kind,
        speaker_id=item.speaker,
        at=item.at,
        says=item.says,
        sources=item.sources,
        unverified=item.unverified,
        note=item.note,
    )
