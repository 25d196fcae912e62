"""Notifications, derived: who must know of which entry. Nothing is stored, so nothing can be lost or sent twice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from ceasefire.casework.entries import EntryKind
from ceasefire.casework.people import Person
from ceasefire.casework.permissions import sees
from ceasefire.casework.records import Act, CaseFile
from ceasefire.casework.transitions import awaited_until
from ceasefire.model.roles import Role, shared

_DESK = frozenset({Role.ANALYST, Role.HEAD})
_TO_ASSIGNEE = frozenset(
    {
        EntryKind.EDITED,
        EntryKind.RESOLVED,
        EntryKind.COMMENTED,
        EntryKind.ATTACHED,
        EntryKind.VISITED,
        EntryKind.REPLIED,
        EntryKind.GRADED,
        EntryKind.INTEREST,
        EntryKind.CLOCK_STOPPED,
        EntryKind.CLOCK_RESTARTED,
        EntryKind.MOVED,
    }
)
_TO_HEAD = frozenset({"draft", "sign", "appeal", "withdraw", "settle", "return-draft"})
_TO_DESK = frozenset({"receive-reply", "visit", "withdraw", "appeal"})


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseNotice:
    """Something that one person must know."""

    position: Annotated[int, shared("Of the entry from which they must know it.")]
    at: Annotated[int, shared("UTC microseconds: when that was recorded.")]
    case_file_id: Annotated[str, shared("The case file.")]
    number: Annotated[int, shared("Its number.")]
    title: Annotated[str, shared("Its title.")]
    kind: Annotated[str, shared("What the entry is.")]
    transition: Annotated[str, shared("Of a move: which; else empty.")]
    reply_until: Annotated[int | None, shared("UTC microseconds: until when their party's reply is awaited.")]


def notices(case_files: Iterable[CaseFile], person: Person, *, since: int, at: int) -> tuple[CaseNotice, ...]:
    """Return what a person must know since a position of the ledger, in order; never of what they did themselves.

    A liaison must know whatever was told to its party, from the entry that told it. Of the centre, the assignee must
    know all that happens to the file, and roles what waits for them.

    Parameters
    ----------
    since : int
        Position of the last entry they know.
    at : int
        The instant, for replies that are awaited.
    """
    found = []
    for case_file in case_files:
        if not sees(case_file, person):
            continue
        for act in case_file.history:
            told_at = _told_at(case_file, act, person)
            if told_at is not None and told_at > since and act.mark.author != person.name:
                found.append(_notice(case_file, act, told_at, person, at=at))
    return tuple(sorted(found, key=lambda notice: (notice.position, notice.kind)))


def _told_at(case_file: CaseFile, act: Act, person: Person) -> int | None:
    """Return the position of the entry from which the person must know; None when they need not."""
    told = case_file.told_to(act.mark.position)
    mine = [told[party] for party in person.parties if party in told] if Role.LIAISON in person.roles else []
    if person.is_mission and _concerns(case_file, act, person):
        mine.append(act.mark.position)
    return min(mine, default=None)


def _concerns(case_file: CaseFile, act: Act, person: Person) -> bool:
    if case_file.assignee == person.name and act.kind in _TO_ASSIGNEE:
        return True
    if act.kind is EntryKind.OPENED:
        return bool(person.roles & _DESK)
    if act.kind is EntryKind.MOVED:
        return (Role.HEAD in person.roles and act.transition in _TO_HEAD) or (
            bool(person.roles & _DESK) and act.transition in _TO_DESK
        )
    return act.kind is EntryKind.REPLIED and bool(person.roles & _DESK)


def _notice(case_file: CaseFile, act: Act, told_at: int, person: Person, *, at: int) -> CaseNotice:
    awaited = [awaited_until(case_file, party, at=at) for party in sorted(person.parties)]
    return CaseNotice(
        position=told_at,
        at=next(each.mark.at for each in case_file.history if each.mark.position == told_at),
        case_file_id=case_file.id,
        number=case_file.number,
        title=case_file.fields["title"].value,
        kind=act.kind.value,
        transition=act.transition,
        reply_until=min((until for until in awaited if until is not None), default=None),
    )
