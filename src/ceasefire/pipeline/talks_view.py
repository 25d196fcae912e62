"""Rounds of talks: who came, who came for the first time, what was agreed and which clause it became."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from ceasefire.model.roles import public, shared
from ceasefire.pipeline.case_view import Titles

if TYPE_CHECKING:
    from ceasefire.agreement.records import Round
    from ceasefire.pipeline.served import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegationView:
    """Who came to a round, or did not."""

    actor_id: Annotated[str, public("The actor.")]
    role: Annotated[str, public("guarantor, party, observer, host, absent or refused.")]
    first_attendance: Annotated[str, public("Whether it came for the first time: yes, no, disputed or unknown.")]
    head: Annotated[str | None, shared("Who led it.")]
    sources: Annotated[tuple[str, ...], public("Keys of `sources`.")]
    unverified: Annotated[bool, public("Whether the compilers have not seen the original.")]
    note: Annotated[str | None, shared("The compilers' note.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeView:
    """What a round agreed, and what it became."""

    what: Annotated[Titles, public("By language.")]
    instruments: Annotated[tuple[str, ...], public("Instruments it became.")]
    clauses: Annotated[tuple[str, ...], public("Clauses it became.")]
    sources: Annotated[tuple[str, ...], public("Keys of `sources`.")]
    unverified: Annotated[bool, public("Whether the compilers have not seen the original.")]
    note: Annotated[str | None, shared("The compilers' note.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundView:
    """One meeting."""

    round_id: Annotated[str, public("Its id.")]
    title: Annotated[Titles, public("By language.")]
    place: Annotated[str, public("Where it met.")]
    valid_from: Annotated[str, public("When it began.")]
    valid_until: Annotated[str, public("When it ended.")]
    delegations: Annotated[tuple[DelegationView, ...], public("In the order of the case.")]
    outcomes: Annotated[tuple[OutcomeView, ...], public("In the order of the case.")]
    sources: Annotated[tuple[str, ...], public("Keys of `sources`.")]
    unverified: Annotated[bool, public("Whether the compilers have not seen the original.")]
    note: Annotated[str | None, shared("The compilers' note.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Talks:
    """The rounds of talks of a case."""

    position: Annotated[int, public("Of the ledger entry that these results rest on.")]
    rounds: Annotated[tuple[RoundView, ...], public("In the order of the case.")]


def talks_view(snapshot: Snapshot) -> Talks:
    """Return the rounds of talks."""
    return Talks(position=snapshot.stamp.position, rounds=tuple(_round(each) for each in snapshot.case.rounds))


def _round(meeting: Round) -> RoundView:
    return RoundView(
        round_id=meeting.id,
        title=meeting.title,
        place=meeting.place,
        valid_from=meeting.valid_from,
        valid_until=meeting.valid_until,
        delegations=tuple(
            DelegationView(
                actor_id=each.actor,
                role=each.role,
                first_attendance=each.first_attendance,
                head=each.head,
                sources=each.sources,
                unverified=each.unverified,
                note=each.note,
            )
            for each in meeting.delegations
        ),
        outcomes=tuple(
            OutcomeView(
                what=each.what,
                instruments=each.instruments,
                clauses=each.clauses,
                sources=each.sources,
                unverified=each.unverified,
                note=each.note,
            )
            for each in meeting.outcomes
        ),
        sources=meeting.sources,
        unverified=meeting.unverified,
        note=meeting.note,
    )
