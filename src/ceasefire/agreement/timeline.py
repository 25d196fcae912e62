"""Every dated fact of a case cut into segments within which nothing changes.

A check asks the same dated questions of millions of incidents. Between two neighbouring dates of a case all the
answers stay the same, so an incident needs only the segments it touches, and each answer is worked out once a segment.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from ceasefire.model.time import EARLIEST, MICROSECONDS_PER_DAY, Span, microseconds, parse_moment

if TYPE_CHECKING:
    from ceasefire.agreement.case import Case
    from ceasefire.agreement.records import Adherence, Clause
    from ceasefire.model.case_types import Moment

Instants = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Timeline:
    """Sorted instants at which something in a case changes.

    Parameters
    ----------
    breaks : ndarray of int64, shape (k,)
        UTC microseconds, ascending, each once. Segment 0 lies before the first, segment i from break i-1 on.
    """

    breaks: Instants

    @classmethod
    def of(cls, instants: Iterable[int]) -> Timeline:
        """Build from instants in any order."""
        return cls(np.unique(np.fromiter(instants, dtype=np.int64)))

    def segments(
        self, occurred_from: Instants, occurred_until: Instants
    ) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Return the first and last segment that each interval touches.

        Parameters
        ----------
        occurred_from, occurred_until : ndarray of int64, shape (n,)
            Half-open; where both are equal the interval is that instant.
        """
        last_instant = np.maximum(occurred_from, occurred_until - 1)
        return (
            np.searchsorted(self.breaks, occurred_from, side="right").astype(np.int32),
            np.searchsorted(self.breaks, last_instant, side="right").astype(np.int32),
        )

    def instant(self, segment: int) -> int:
        """Return an instant of the segment: its beginning."""
        return EARLIEST if segment == 0 else int(self.breaks[segment - 1])


def spans_of(moments: Sequence[Moment], zone: ZoneInfo) -> tuple[Span, ...]:
    """Return the span in which each moment lies."""
    return tuple(parse_moment(moment.at, zone) for moment in moments)


def case_timeline(case: Case) -> Timeline:
    """Collect every instant at which a force, area, reading, adherence, tie or notification changes."""
    instants = {*case.actors.change_instants(), *case.actors.at_end_of_day().change_instants()}
    for clause in case.clauses.values():
        instants |= force_changes(case, clause) | clause_changes(case, clause, adherence=True)
    for area in case.areas:
        instants |= area_changes(case, area)
    for notice in case.notifications:
        dated = (notice.valid_from, notice.valid_until, notice.submitted, notice.received)
        answered = (notice.acknowledged, notice.consented, notice.objected, notice.cancelled)
        instants |= _ends_of(parse_moment(at, case.zone) for at in (*dated, *answered) if at)
    return Timeline.of(instants)


def clause_changes(case: Case, clause: Clause, *, adherence: bool) -> frozenset[int]:
    """Return the instants at which a reading of the clause or, if asked, an adherence to its instrument changes."""
    readings = [reading for reading in case.interpretations.values() if reading.clause == clause.id]
    instants = _ends_of(
        parse_moment(at, case.zone) for reading in readings for at in (reading.valid_from, reading.valid_until) if at
    )
    if adherence:
        for record in case.adherence:
            if record.instrument == clause.instrument:
                instants |= _adherence_changes(record, case.zone)
    return frozenset(instants)


def tie_days(case: Case) -> tuple[Span, ...]:
    """Return the days on which, at an hour not recorded, a tie between actors began or ended."""
    moments = {
        moment
        for actor in case.actors.actors.values()
        for tie in actor.affiliations
        for moment in (tie.valid_from, tie.valid_until)
        if moment is not None
    }
    spans = (parse_moment(moment, case.zone) for moment in sorted(moments))
    return tuple(span for span in spans if span.start < span.end)


def area_changes(case: Case, area: str) -> frozenset[int]:
    """Return the instants at which a version of the area begins or ends."""
    versions = case.areas[area].versions
    return frozenset(
        _ends_of(
            span for version in versions for span in spans_of((*version.valid_from, *version.valid_until), case.zone)
        )
    )


def ends_on_record(case: Case, clause: Clause) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    """Return the conflicting ends of the clause itself, and those of its instrument.

    An instrument without an end of its own ends where another that supersedes it enters into force.
    """
    instrument = case.instruments[clause.instrument]
    superseding = [
        other
        for other in case.instruments.values()
        if any(tie.type == "supersedes" and tie.instrument == instrument.id for tie in other.relations)
    ]
    ends = instrument.ends or tuple(moment for other in superseding for moment in other.enters_into_force)
    return spans_of(clause.ends, case.zone), spans_of(ends, case.zone)


def force_changes(case: Case, clause: Clause) -> frozenset[int]:
    """Return the instants at which the clause, or the term of its instrument, begins or ends."""
    instrument = case.instruments[clause.instrument]
    starts = spans_of(instrument.enters_into_force, case.zone)
    instants = _ends_of((*starts, *spans_of(clause.starts, case.zone)))
    for ends in ends_on_record(case, clause):
        instants |= _ends_of(ends)
    if instrument.term:
        instants |= {add_months(instant, instrument.term.months, case.zone) for instant in _ends_of(starts)}
        for proof in instrument.term.proofs:
            instants |= _ends_of(parse_moment(at, case.zone) for at in (proof.valid_from, proof.valid_until) if at)
    return frozenset(instants)


def _adherence_changes(record: Adherence, zone: ZoneInfo) -> set[int]:
    spans = spans_of((*record.valid_from, *record.valid_until), zone)
    noticed = (after_days(span, record.notice_days) for span in spans) if record.notice_days else ()
    return _ends_of((*spans, *noticed))


def _ends_of(spans: Iterable[Span]) -> set[int]:
    return {instant for span in spans for instant in (span.start, span.end)}


def after_days(span: Span, days: int) -> Span:
    """Return the span `days` times 24 hours later."""
    shift = days * MICROSECONDS_PER_DAY
    return Span(span.start + shift, span.end + shift)


def add_months(instant: int, months: int, zone: ZoneInfo) -> int:
    """Return the same local clock time so many calendar months later; the last day where the month is shorter.

    Examples
    --------
    >>> from ceasefire.model.time import instant_text
    >>> start = parse_moment("2017-05-04T00:00", ZoneInfo("Europe/Lisbon")).start
    >>> instant_text(add_months(start, 6, ZoneInfo("Europe/Lisbon")), ZoneInfo("Europe/Lisbon"))
    '2017-11-04T00:00:00+00:00'
    """
    local = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=instant)).astimezone(zone)
    year, month = divmod(local.year * 12 + local.month - 1 + months, 12)
    day = min(local.day, monthrange(year, month + 1)[1])
    return microseconds(local.replace(year=year, month=month + 1, day=day))
