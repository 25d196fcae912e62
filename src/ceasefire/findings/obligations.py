"""What clauses require, of whom, by when, and whether the record shows it performed. No incident is needed.

Silence is never read as breach: without evidence an obligation that is due is *unverified*. The bearer's own word alone
does not make it *performed*, nor an opponent's word alone *not performed*.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from ceasefire.agreement.adherence import is_bound
from ceasefire.agreement.force import clause_in_force
from ceasefire.agreement.readings import readings_at
from ceasefire.agreement.timeline import after_days, ends_on_record, spans_of
from ceasefire.findings.voices import parties_behind
from ceasefire.model.canonical import stable_id
from ceasefire.model.outcome import Outcome, merged
from ceasefire.model.schemas import OBLIGATION, table_of
from ceasefire.model.time import LATEST, Span, hull, parse_moment
from ceasefire.model.vocabulary import Answer, ObligationState

if TYPE_CHECKING:
    from ceasefire.agreement.case import Case
    from ceasefire.agreement.records import Clause, Deadline, Duty, Evidence, Inspection
    from ceasefire.model.case_types import Moment

_STATE_SAID = {
    "performed": ObligationState.PERFORMED,
    "partly": ObligationState.PARTLY,
    "not-performed": ObligationState.NOT_PERFORMED,
}


_MONITORS = ("mission", "patrol")
"""Kinds of speaker that are nobody's opponent even where they speak for a body on the register."""


@dataclass(frozen=True, slots=True)
class _Due:
    """One period of an obligation: when it runs, and the earliest and latest deadline on record."""

    period: Span
    deadline: Span | None
    reasons: tuple[str, ...] = ()
    repeated: bool = False

    @property
    def needed(self) -> Span:
        """What a waiver must reach: the whole of a repeated period, else the deadline, else the beginning."""
        if self.repeated:
            return self.period
        return self.deadline or Span(self.period.start, self.period.start)


@dataclass(frozen=True, slots=True)
class _Word:
    """What one piece of evidence says of an obligation, and on whose word."""

    state: ObligationState
    evidence: Evidence
    at: int
    own: bool
    adverse: bool
    reasons: tuple[str, ...] = ()


def evaluate_obligations(case: Case, *, as_of: int) -> pa.Table:
    """Give the state of every obligation, as known and due at an instant.

    Parameters
    ----------
    case : Case
        Clauses, milestones, adherence and evidence.
    as_of : int
        UTC microseconds. Evidence dated later is not used, and periods that begin later are not listed.

    Returns
    -------
    Table
        Of schema `model.schemas.OBLIGATION`: one row a clause, bearer, area and period.
    """
    rows = [
        row
        for clause in case.clauses.values()
        if clause.kind == "requires" and clause.duty is not None
        for row in _of_clause(case, clause, clause.duty, as_of)
    ]
    return table_of(rows, OBLIGATION)


def _of_clause(case: Case, clause: Clause, duty: Duty, as_of: int) -> Iterator[dict[str, object]]:
    areas: Sequence[str | None] = (None,) if clause.areas == "everywhere" else clause.areas
    for due in _periods(case, clause, duty, as_of):
        # a bearer is bound at the deadline, or at the instant asked about while the deadline is still ahead
        at = min(due.deadline.start if due.deadline else as_of, as_of)
        at = max(at, due.period.start)
        for area in areas:
            for bearer in _bearers(case, clause, at):
                bound = readings_at(case, clause, at).ask(
                    lambda reading, who=bearer, where=area, when=at: is_bound(  # type: ignore[misc]
                        case, clause, reading, who, where, when
                    )
                )
                if bound.answer == Answer.NO and "suspends" not in bound.reasons:
                    continue
                state, reasons, evidence_ids = _state(case, clause, duty, bearer, area, due, bound, as_of)
                yield {
                    "obligation_id": stable_id("obl", clause.id, bearer, area or "", str(due.period.start)),
                    "clause_id": clause.id,
                    "instrument_id": clause.instrument,
                    "bearer_id": bearer,
                    "zone_id": area,
                    "period_from": due.period.start,
                    "period_until": None if due.period.end >= LATEST else due.period.end,
                    "due_at_earliest": due.deadline.start if due.deadline else None,
                    "due_at_latest": due.deadline.end if due.deadline else None,
                    "state": state.value,
                    "reasons": list(reasons),
                    "evidence_ids": list(evidence_ids),
                }


def _bearers(case: Case, clause: Clause, instant: int) -> tuple[str, ...]:
    """Return whom the clause is addressed to; without an address, whoever has a record of adherence."""
    readings = readings_at(case, clause, instant)
    named = merged(
        actor
        for reading in (readings.in_force, *readings.by_party.values())
        for actor in (*reading.bearers, *reading.open_bearers)
    )
    return named or merged(record.actor for record in case.adherence if record.instrument == clause.instrument)


def _periods(case: Case, clause: Clause, duty: Duty, as_of: int) -> Iterator[_Due]:
    instrument = case.instruments[clause.instrument]
    start = hull(spans_of(clause.starts or instrument.enters_into_force, case.zone))
    # while an end is disputed a duty may still run, so the latest of the ends on record counts
    end = min((max(span.end for span in ends) for ends in ends_on_record(case, clause) if ends), default=LATEST)
    if as_of < start.start:
        return
    disputed = () if as_of >= start.end else ("start-disputed",)
    if duty.deadline is not None:
        yield _Due(Span(start.start, max(end, start.start)), _deadline(case, duty), disputed)
    elif duty.every_days is None:
        yield _Due(Span(start.start, max(end, start.start)), None, disputed)
    else:
        period = Span(start.end, after_days(start, duty.every_days).end)
        while period.start < min(end, as_of):
            in_force = clause_in_force(case, clause, period.start)
            if in_force.answer == Answer.NO:
                return
            yield _Due(period, Span(period.end, period.end), in_force.reasons, repeated=True)
            period = Span(period.end, after_days(period, duty.every_days).end)


def _deadline(case: Case, duty: Duty) -> Span | None:
    """Return the earliest and latest deadline on record; None where what it runs from is not recorded."""
    deadline = duty.deadline
    if deadline is None:
        return None
    spans = spans_of(_deadlines(case, deadline), case.zone)
    return after_days(hull(spans), 0 if deadline.at else deadline.days or 0) if spans else None


def _deadlines(case: Case, deadline: Deadline) -> tuple[Moment, ...]:
    """Return every moment on record at which it is due, or from which the days run."""
    after = deadline.after or ""
    if deadline.at or not after:
        return deadline.at
    return case.instruments[after].enters_into_force if after in case.instruments else case.milestones[after].reached


def _state(
    case: Case,
    clause: Clause,
    duty: Duty,
    bearer: str,
    area: str | None,
    due: _Due,
    bound: Outcome,
    as_of: int,
) -> tuple[ObligationState, tuple[str, ...], tuple[str, ...]]:
    """Weigh the evidence; returns the state, the reasons and the evidence used."""
    evidence = [item for item in case.evidence if _bears_on(case, item, clause, bearer, area, due.period, as_of)]
    ids = tuple(item.id for item in evidence)
    doubts = due.reasons + (("guarantor-duty",) if duty.guarantor_duty else ()) + _doubt_of(bound)
    for kind, state in (("waiver", ObligationState.WAIVED), ("suspension", ObligationState.SUSPENDED)):
        said = [item for item in evidence if item.kind == kind]
        # nobody lifts its own duty
        lifted = [_lifted(case, item) for item in said if not _own_word(case, item, bearer)]
        if len(lifted) < len(said):
            doubts += ("lifted-by-own-word-only",)
        if any(span.start <= due.needed.start and due.needed.end <= span.end for span in lifted):
            return state, merged((state.value, *doubts)), ids
        if lifted:
            doubts += (f"{state.value}-in-part",)
    if bound.answer == Answer.NO:
        return ObligationState.SUSPENDED, merged(("suspended", *doubts)), ids
    words = [word for item in evidence if (word := _word(case, item, bearer)) is not None]
    state, reasons = _weigh(words)
    waiting = _not_yet_due(case, duty, due, as_of)
    if waiting and state in (ObligationState.UNVERIFIED, ObligationState.NOT_PERFORMED):
        return ObligationState.NOT_DUE, merged((waiting, *doubts)), ids
    once = None if due.repeated else due.deadline
    done = [word.at for word in words if word.state == ObligationState.PERFORMED]
    late = state == ObligationState.PERFORMED and once is not None and min(done) > once.end
    return state, merged((*reasons, *(("performed-late",) if late else ()), *doubts)), ids


def _doubt_of(bound: Outcome) -> tuple[str, ...]:
    if bound.answer in (Answer.YES, Answer.NO):
        return ()
    return ("adherence-second-hand",) if "adherence-second-hand" in bound.reasons else ("bearer-doubtful",)


def _not_yet_due(case: Case, duty: Duty, due: _Due, as_of: int) -> str:
    """Return why it is not due yet, or nothing."""
    if due.deadline is None:
        return "condition-not-recorded" if duty.deadline is not None else ""
    if as_of < due.deadline.start:
        return "period-running" if duty.every_days else "deadline-ahead"
    if as_of >= due.deadline.end:
        return ""
    several = duty.deadline is not None and len(_deadlines(case, duty.deadline)) > 1
    return "deadline-disputed" if several else "deadline-ahead"


def _bears_on(
    case: Case, item: Evidence, clause: Clause, bearer: str, area: str | None, period: Span, as_of: int
) -> bool:
    at = parse_moment(item.at, case.zone)
    if (
        item.clause != clause.id
        or at.start > as_of
        or (item.area is not None and area is not None and item.area != area)
    ):
        return False
    if not case.actors.belongs_to(item.bearer, bearer, at.start):
        return False
    if item.kind in ("waiver", "suspension"):
        lifted = _lifted(case, item)
        return lifted.start < period.end and lifted.end > period.start
    start = parse_moment(item.period_from, case.zone).start if item.period_from else at.start
    end = parse_moment(item.period_until, case.zone).end if item.period_until else max(at.end, start + 1)
    return start < period.end and end > period.start


def _lifted(case: Case, item: Evidence) -> Span:
    """Return for how long a waiver or suspension lifts the duty: without dates of its own, from then on for good."""
    at = parse_moment(item.at, case.zone)
    start = parse_moment(item.period_from, case.zone).start if item.period_from else at.start
    return Span(start, parse_moment(item.period_until, case.zone).end if item.period_until else LATEST)


def _word(case: Case, item: Evidence, bearer: str) -> _Word | None:
    """Read one piece of evidence as a word on the state."""
    at = parse_moment(item.at, case.zone).start
    own = _own_word(case, item, bearer)
    behind = parties_behind(case, item.speaker)
    adverse = bool(behind) and not own and case.speakers[item.speaker].kind not in _MONITORS
    if item.inspection is not None:
        state, reasons = _inspected(item.inspection)
    elif item.restriction is not None:
        restricted = _restricted(case, item, bearer, at)
        if restricted is None:
            return None
        state, reasons = restricted
    elif item.says:
        state, reasons = _STATE_SAID[item.says], ()
    else:
        return None
    return _Word(state, item, at, own, adverse, reasons)


def _own_word(case: Case, item: Evidence, bearer: str) -> bool:
    """Whether the evidence rests on the word of the bearer, its allies, or those who copy them."""
    at = parse_moment(item.at, case.zone).start
    behind = parties_behind(case, item.speaker)
    return bool(behind) and all(case.actors.allied(party, bearer, at) for party in behind)


def _inspected(inspection: Inspection) -> tuple[ObligationState, tuple[str, ...]]:
    if any(item.declared is None or item.seen is None for item in inspection.items):
        return ObligationState.UNVERIFIED, ("inspection-uncounted",)
    short = any((item.seen or 0) < (item.declared or 0) for item in inspection.items)
    if inspection.inaccessible:
        return ObligationState.UNVERIFIED, ("inspection-incomplete",)
    return (ObligationState.PARTLY, ("inspection-short",)) if short else (ObligationState.PERFORMED, ())


def _restricted(case: Case, item: Evidence, bearer: str, at: int) -> tuple[ObligationState, tuple[str, ...]] | None:
    """Read a restriction; None where it was another party's doing."""
    restriction = item.restriction
    if restriction is None:
        return None
    if restriction.by is None:
        return ObligationState.UNVERIFIED, ("restriction-by-unknown",)
    if not case.actors.belongs_to(restriction.by, bearer, at):
        return None
    if restriction.kind == "denied":
        return ObligationState.NOT_PERFORMED, ("restriction-denied",)
    return ObligationState.PARTLY, ("restriction-partial",)


def _weigh(words: Sequence[_Word]) -> tuple[ObligationState, tuple[str, ...]]:
    """Combine the latest word of each speaker, and the gravest of the restrictions."""
    latest: dict[str, _Word] = {}
    for word in sorted(words, key=lambda word: (word.at, word.evidence.id)):
        if word.evidence.restriction is None:
            latest[f"{word.evidence.speaker}/{word.evidence.kind}"] = word
    said = [*latest.values(), *_gravest([word for word in words if word.evidence.restriction is not None])]
    if not said:
        return ObligationState.UNVERIFIED, ("no-evidence",)
    reasons = merged(reason for word in said for reason in word.reasons)
    claims = {word.state for word in said if word.state != ObligationState.UNVERIFIED}
    if len(claims) > 1:
        return ObligationState.CONTESTED, merged(("speakers-differ", *reasons))
    unverified = any(word.state == ObligationState.UNVERIFIED for word in said)
    if not claims or (unverified and claims == {ObligationState.PERFORMED}):
        # an incomplete inspection outweighs anybody's plain word that all was done, and nobody's that it was not
        return ObligationState.UNVERIFIED, reasons
    state = claims.pop()
    speaking = [word for word in said if word.state == state]
    if state != ObligationState.NOT_PERFORMED and all(word.own for word in speaking):
        return ObligationState.UNVERIFIED, merged(("own-word-only", *reasons))
    if state != ObligationState.PERFORMED and all(word.adverse for word in speaking):
        return ObligationState.UNVERIFIED, merged(("counterparty-word-only", *reasons))
    return state, reasons


_GRAVITY = (ObligationState.NOT_PERFORMED, ObligationState.PARTLY, ObligationState.UNVERIFIED)


def _gravest(restrictions: Sequence[_Word]) -> list[_Word]:
    """Return the gravest restriction: each is an event of its own, so a lesser one is no second account of it.

    One that only an opposing party reports counts where nobody else reports any.
    """
    held = [word for word in restrictions if not word.adverse] or list(restrictions)
    return sorted(held, key=lambda word: (_GRAVITY.index(word.state), word.at, word.evidence.id))[:1]
