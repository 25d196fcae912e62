"""Access and coverage, by side: where somebody watched or came to see, where they could not, and the reason given."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from ceasefire.casework.views import told
from ceasefire.model.roles import public, shared
from ceasefire.model.time import Span, instant_text
from ceasefire.pipeline.posts_view import coverage_span, told_reason
from ceasefire.release.classes import RULES, ReleaseClass, is_told_watch

if TYPE_CHECKING:
    from ceasefire.agreement.records import Coverage
    from ceasefire.casework.people import Person
    from ceasefire.casework.records import CaseFile
    from ceasefire.pipeline.served import Snapshot

_MOST_SHOWN = 300
_MICROSECONDS_PER_HOUR = 3_600_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessEntry:
    """One thing on record of access: a time of watch, a visit, or a clock that stands still for want of access."""

    kind: Annotated[str, shared("coverage, visit or clock.")]
    began: Annotated[str, shared("UTC.")]
    ended: Annotated[str | None, shared("UTC; null: it lasts.")]
    side: Annotated[str | None, shared("Who denied it, or holds the place visited; null: nobody is named.")]
    state: Annotated[str, shared("up, down, denied or unknown; of a visit full, partial or denied.")]
    operator_id: Annotated[str | None, shared("Who watched; null: the centre came to see.")]
    zone_id: Annotated[str | None, shared("The area; null: a post, or a place of a case file.")]
    case_file_id: Annotated[str | None, shared("The case file; null: of none.")]
    case_file_number: Annotated[int | None, shared("Its number.")]
    hours: Annotated[float | None, shared("Of watch or stay; null: not stated.")]
    reason: Annotated[str | None, shared("As given; null: none is, or it is not told to you.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessOfSide:
    """What is on record of one side, with what it is out of."""

    side: Annotated[str | None, shared("The party; null: nobody is named.")]
    visits: Annotated[int, shared("Visits and attempts at places it holds.")]
    visits_partial: Annotated[int, shared("Of them with partial access.")]
    visits_denied: Annotated[int, shared("Of them to which access was denied.")]
    visit_hours: Annotated[float, shared("Of those that took place.")]
    watches_denied: Annotated[int, shared("Times of watch that it denied, or that were denied with nobody named.")]
    clocks_stopped: Annotated[int, shared("Clocks of case files stopped because it denied access.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessLog:
    """What could be seen and what could not, by side, with the reasons given."""

    position: Annotated[int, shared("Of the ledger's last entry that was read.")]
    watches: Annotated[int, public("Times of watch on record in the period, whatever their state.")]
    watches_by_state: Annotated[dict[str, int], public("Of them up, down, denied, unknown.")]
    sides: Annotated[tuple[AccessOfSide, ...], shared("By id; nobody named comes last.")]
    entries: Annotated[tuple[AccessEntry, ...], shared("The latest first, at most 300.")]
    left_out: Annotated[int, shared("Entries beyond those.")]


def access_view(
    snapshot: Snapshot,
    case_files: Sequence[CaseFile],
    person: Person,
    *,
    parties: Iterable[str],
    period: Span | None,
    position: int,
    told_at: int,
) -> AccessLog:
    """Return the log of access and coverage, of all time or of a period.

    Parameters
    ----------
    case_files : sequence of CaseFile
        That the person sees; of each, only what is told to them.
    parties : iterable of str
        Those that have a line even where nothing is on record.
    told_at : int
        Now, UTC microseconds.
    """
    release = ReleaseClass.MISSION if person.is_mission else ReleaseClass.PUBLIC
    watched = [
        (record, span)
        for record in snapshot.case.coverage
        if _overlaps(span := coverage_span(snapshot, record), period)
        and is_told_watch(record.state, span.end, told_at, RULES[release])
    ]
    entries = [_watch(record, span, release) for record, span in watched]
    entries += [entry for one in case_files for entry in _of_file(one, person, period)]
    entries.sort(key=lambda entry: (entry.began, entry.kind, entry.case_file_number or 0), reverse=True)
    states = sorted({record.state for record, _ in watched})
    return AccessLog(
        position=position,
        watches=len(watched),
        watches_by_state={state: sum(record.state == state for record, _ in watched) for state in states},
        sides=_by_side(entries, parties),
        entries=tuple(entries[:_MOST_SHOWN]),
        left_out=max(0, len(entries) - _MOST_SHOWN),
    )


def _overlaps(span: Span, period: Span | None) -> bool:
    return period is None or (span.start < period.end and max(span.end, span.start + 1) > period.start)


def _watch(record: Coverage, span: Span, release: ReleaseClass) -> AccessEntry:
    return AccessEntry(
        kind="coverage",
        began=_text(span.start),
        ended=_text(span.end),
        side=record.by,
        state=record.state,
        operator_id=record.operator,
        zone_id=record.area,
        case_file_id=None,
        case_file_number=None,
        hours=record.hours,
        reason=told_reason(record, release),
    )


def _of_file(case_file: CaseFile, person: Person, period: Span | None) -> Iterable[AccessEntry]:
    """Yield the visits told to a person, and the times in which the clock stood still for want of access."""
    for visit in told(case_file, case_file.visits, person):
        details = visit.visit
        if _overlaps(Span(details.began_at, details.ended_at), period):
            hours = (
                None if details.access == "denied" else (details.ended_at - details.began_at) / _MICROSECONDS_PER_HOUR
            )
            yield _entry(
                case_file,
                "visit",
                details.began_at,
                details.ended_at,
                side=details.side,
                state=details.access,
                hours=hours,
                reason=details.account if details.access != "full" else None,
            )
    for stop in case_file.stops:
        until = stop.until if stop.until is not None else max(stop.mark.at, case_file.history[-1].mark.at) + 1
        if stop.reason == "access-denied" and _overlaps(Span(stop.mark.at, until), period):
            yield _entry(
                case_file,
                "clock",
                stop.mark.at,
                stop.until,
                side=stop.denied_by,
                state="denied",
                hours=None,
                reason=stop.note if person.is_mission else None,
            )


def _entry(
    case_file: CaseFile,
    kind: Literal["visit", "clock"],
    began: int,
    ended: int | None,
    *,
    side: str | None,
    state: str,
    hours: float | None,
    reason: str | None,
) -> AccessEntry:
    return AccessEntry(
        kind=kind,
        began=_text(began),
        ended=None if ended is None else _text(ended),
        side=side,
        state=state,
        operator_id=None,
        zone_id=None,
        case_file_id=case_file.id,
        case_file_number=case_file.number,
        hours=hours,
        reason=reason,
    )


def _by_side(entries: Sequence[AccessEntry], parties: Iterable[str]) -> tuple[AccessOfSide, ...]:
    denied = [entry for entry in entries if entry.kind == "coverage" and entry.state == "denied"]
    named = {entry.side for entry in entries if entry.kind != "coverage"} | {entry.side for entry in denied}
    found = []
    for side in sorted((set(parties) | named) - {None}, key=str) + ([None] if None in named else []):
        visits = [entry for entry in entries if entry.kind == "visit" and entry.side == side]
        found.append(
            AccessOfSide(
                side=side,
                visits=len(visits),
                visits_partial=sum(entry.state == "partial" for entry in visits),
                visits_denied=sum(entry.state == "denied" for entry in visits),
                visit_hours=sum(entry.hours or 0.0 for entry in visits),
                watches_denied=sum(entry.side == side for entry in denied),
                clocks_stopped=sum(entry.kind == "clock" and entry.side == side for entry in entries),
            )
        )
    return tuple(found)


def _text(at: int) -> str:
    return instant_text(at).replace("+00:00", "Z")
