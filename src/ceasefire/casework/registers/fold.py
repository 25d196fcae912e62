"""Folding: register days at a position are what their entries, taken in order, made of them.

The same function decides whether an entry may be written and what it does when it is replayed. An entry that came too
late is void: it stays in the ledger, and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from ceasefire.casework.fold import acting
from ceasefire.casework.people import Person
from ceasefire.casework.records import Mark
from ceasefire.casework.refusals import validated
from ceasefire.casework.registers import deeds
from ceasefire.casework.registers.entries import REGISTER_PAYLOADS, DaySet, RegisterKind, RegisterPayload
from ceasefire.casework.registers.permissions import may_say, sees_day
from ceasefire.casework.registers.records import RegisterAct, RegisterDay
from ceasefire.ledger.entry import Entry
from ceasefire.model.errors import (
    CeasefireError,
    LedgerError,
    NotAllowedError,
    OutdatedError,
    UnknownRecordError,
    UsageError,
)

REGISTER_KINDS = frozenset(kind.value for kind in REGISTER_PAYLOADS)
Read = Callable[[str], bytes]
"""Returns sealed content by its hash."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidEntry:
    """An entry that changed nothing, and why."""

    position: int
    register_day_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterDays:
    """Every register day at one position of the ledger.

    Parameters
    ----------
    read : callable
        Returns sealed content by its hash.
    position : int
        Of the last entry considered.
    days : dict of str to RegisterDay
        By id, in the order in which they were set.
    void : tuple of VoidEntry
        Entries that changed nothing.
    """

    read: Read
    position: int = 0
    days: Mapping[str, RegisterDay]
    void: tuple[VoidEntry, ...] = ()

    @classmethod
    def empty(cls, read: Read) -> RegisterDays:
        """Return those of a ledger without entries."""
        return cls(read=read, days={})

    def after(self, entries: Iterable[Entry]) -> RegisterDays:
        """Return them after further entries; those of other rooms only move the position on.

        Raises
        ------
        LedgerError
            When a sealed list that an entry opens is not in the batches as it was.
        """
        days, void, position = dict(self.days), list(self.void), self.position
        for entry in entries:
            position = entry.position
            if entry.kind not in REGISTER_KINDS:
                continue
            try:
                register_day = self._applied(days, entry)
            except LedgerError:
                raise
            except CeasefireError as error:
                named = str(entry.payload.get("register_day_id", ""))
                void.append(VoidEntry(position=position, register_day_id=named, reason=str(error).splitlines()[0]))
            else:
                days[register_day.id] = register_day
        return RegisterDays(read=self.read, position=position, days=days, void=tuple(void))

    def applied(self, entry: Entry) -> RegisterDay:
        """Return the register day that an entry is about, after it.

        Raises
        ------
        CeasefireError
            When the entry may not be made: it is malformed, its author may not, or the day does not stand so.
        """
        return self._applied(self.days, entry)

    def _applied(self, days: Mapping[str, RegisterDay], entry: Entry) -> RegisterDay:
        kind = RegisterKind(entry.kind)
        payload = validated(REGISTER_PAYLOADS[kind], entry.payload, kind.value)
        mark = Mark(position=entry.position, at=entry.recorded_at, author=entry.author)
        person = acting(entry.author, payload.by)
        held = days.get(payload.register_day_id)
        if isinstance(payload, DaySet):
            changed = _set(held, payload, person, mark)
        else:
            if held is None or not sees_day(held, person):
                raise unknown_day(payload.register_day_id)
            _refuse(held, kind, payload, person)
            changed = deeds.done(held, payload, mark, self.read)
        act = RegisterAct(kind=kind, party=getattr(payload, "party", None), mark=mark)
        return replace(changed, history=(*changed.history, act))


def unknown_day(register_day_id: str) -> UnknownRecordError:
    """Return the refusal of a register day that is not there, or not for this person: the two are told alike."""
    return UnknownRecordError(
        f'There are no registers "{register_day_id}".', "Look them up in the list of registers: DAY.PARTY.PARTY."
    )


def register_day_id(day: str, parties: tuple[str, str]) -> str:
    """Return the id of the registers of a day and two parties, whichever is named first.

    Examples
    --------
    >>> register_day_id("2021-06-14", ("republic", "assembly"))
    '2021-06-14.assembly.republic'
    """
    return ".".join((day, *sorted(parties)))


def _set(held: RegisterDay | None, payload: DaySet, person: Person, mark: Mark) -> RegisterDay:
    if not may_say(None, RegisterKind.DAY_SET, person):
        raise NotAllowedError(
            "Only an analyst or the head of the centre sets the day of two registers.", "Ask the centre to set it."
        )
    if held is not None:
        raise OutdatedError(f"The registers {payload.register_day_id} are set already.", "Look at those.")
    if payload.register_day_id != register_day_id(payload.day, payload.parties):
        raise UsageError("The id is not that of the day and the parties.", "It is made of them.")
    if payload.cut_off <= mark.at:
        raise UsageError("The cut-off has passed before the day is set.", "Give both sides time to hand in a list.")
    return RegisterDay(
        id=payload.register_day_id, day=payload.day, parties=payload.parties, cut_off=payload.cut_off, set_by=mark
    )


def _refuse(held: RegisterDay, kind: RegisterKind, payload: RegisterPayload, person: Person) -> None:
    """Refuse what a role does not allow, and what someone says for a party that is not theirs."""
    if not may_say(held, kind, person):
        if not held.is_open and may_say(replace(held, opened=held.set_by), kind, person):
            raise OutdatedError(
                "The lists have not been opened.", "Both are opened together, once each key is in after the cut-off."
            )
        raise NotAllowedError(
            f"Nobody of these roles ({', '.join(sorted(person.roles))}) may add {kind.value}.",
            "A side speaks for itself; the centre keeps the day.",
        )
    party = getattr(payload, "party", None)
    if party is None:
        return
    if party not in held.parties:
        raise UsageError(f"{party} keeps no register of {held.id}.", f"Those who do: {', '.join(held.parties)}.")
    if kind is not RegisterKind.ABSENT and party not in person.parties:
        raise NotAllowedError(f"Only the liaison of {party} may say this for it.", "Speak for your own party.")
