"""Whether a clause is in force at an instant: conflicting starts, ends, terms and renewals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ceasefire.agreement.timeline import add_months, ends_on_record, spans_of
from ceasefire.model.outcome import Outcome, conjunction
from ceasefire.model.time import EARLIEST, LATEST, Span, parse_moment
from ceasefire.model.vocabulary import Answer

if TYPE_CHECKING:
    from ceasefire.agreement.case import Case
    from ceasefire.agreement.records import Clause, Instrument


def clause_in_force(case: Case, clause: Clause, instant: int) -> Outcome:
    """Answer whether `clause` is in force at `instant` (UTC microseconds).

    Returns
    -------
    Outcome
        *Undetermined* between the earliest and the latest start (or end) on record, on the day itself where only a
        date is known, and after a term whose renewal nobody has shown.
    """
    instrument = case.instruments[clause.instrument]
    starts = spans_of(clause.starts or instrument.enters_into_force, case.zone)
    begun = has_begun(starts, instant, before="not-yet-in-force", between="start-disputed")
    # a clause may end before its instrument: two ends, not two accounts of one
    parts = [begun, *(_not_ended(ends, instant) for ends in ends_on_record(case, clause))]
    if instrument.term and begun.answer == Answer.YES:
        parts.append(_within_term(instrument, spans_of(instrument.enters_into_force, case.zone), instant, case))
    return conjunction(parts).resting_on(f"instrument:{instrument.id}")


def has_begun(starts: Sequence[Span], instant: int, *, before: str, between: str) -> Outcome:
    """Answer whether something with these possible starts has begun; no start on record means always."""
    if not starts or instant >= max(span.end for span in starts):
        return Outcome(Answer.YES)
    if instant < min(span.start for span in starts):
        return Outcome(Answer.NO, (before,))
    return Outcome(Answer.UNDETERMINED, (between,))


def valid_at(valid_from: Sequence[Span], valid_until: Sequence[Span], instant: int, *, doubt: str) -> Outcome:
    """Answer whether a dated record holds at `instant`; `doubt` names the reason between conflicting dates."""
    begun = has_begun(valid_from, instant, before="not-yet-valid", between=doubt)
    if not valid_until:
        return begun
    over = has_begun(valid_until, instant, before="", between=doubt)
    reasons = {Answer.YES: ("no-longer-valid",), Answer.NO: ()}.get(over.answer, over.reasons)
    return conjunction([begun, Outcome(over.answer.negated(), reasons)])


def optional_span(valid_from: str | None, valid_until: str | None, case: Case) -> Span:
    """Return the span of a record with at most one date at each end: from start to start."""
    return Span(
        parse_moment(valid_from, case.zone).start if valid_from else EARLIEST,
        parse_moment(valid_until, case.zone).start if valid_until else LATEST,
    )


def _not_ended(ends: Sequence[Span], instant: int) -> Outcome:
    if not ends or instant < min(span.start for span in ends):
        return Outcome(Answer.YES)
    if instant >= max(span.end for span in ends):
        return Outcome(Answer.NO, ("ended",))
    return Outcome(Answer.UNDETERMINED, ("end-disputed",))


def _within_term(instrument: Instrument, starts: Sequence[Span], instant: int, case: Case) -> Outcome:
    term = instrument.term
    if term is None or term.renewal == "automatic":
        return Outcome(Answer.YES)
    earliest_end = add_months(min(span.start for span in starts), term.months, case.zone)
    latest_end = add_months(max(span.end for span in starts), term.months, case.zone)
    if instant < earliest_end:
        return Outcome(Answer.YES)
    for proof in term.proofs:
        span = optional_span(proof.valid_from, proof.valid_until, case)
        if span.start <= instant < span.end:
            return Outcome(Answer.YES)
    if term.renewal == "none" and instant >= latest_end:
        return Outcome(Answer.NO, ("term-lapsed",))
    return Outcome(Answer.UNDETERMINED, ("renewal-unproven" if term.renewal == "on-consensus" else "end-disputed",))
