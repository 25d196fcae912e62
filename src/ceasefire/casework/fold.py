"""Folding: case files at a position are what their entries, taken in order, made of them.

The same function decides whether an entry may be written and what it does when it is replayed. Two people may write
at the same moment; the entry that came second and does not fit any more is void: it stays in the ledger, and changes
nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ceasefire.casework import additions, moves
from ceasefire.casework.entries import (
    PAYLOADS,
    By,
    EntryKind,
    Moved,
    Opened,
    Payload,
    Shared,
)
from ceasefire.casework.fields import opened_fields
from ceasefire.casework.people import Person
from ceasefire.casework.permissions import OPENERS, may_add, sees
from ceasefire.casework.records import Act, CaseFile, Grade, Mark, Step
from ceasefire.casework.refusals import unknown, validated
from ceasefire.ledger.entry import Entry
from ceasefire.model.casework import CaseState, EvidenceGrade
from ceasefire.model.errors import CeasefireError, NotAllowedError, OutdatedError, UsageError
from ceasefire.model.roles import Role

KINDS = frozenset(kind.value for kind in PAYLOADS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Void:
    """An entry that changed nothing, and why."""

    position: int
    case_file_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFiles:
    """Every case file at one position of the ledger.

    Parameters
    ----------
    position : int
        Of the last entry considered.
    files : dict of str to CaseFile
        By id, in the order of opening.
    void : tuple of Void
        Entries that came too late.
    """

    position: int = 0
    files: Mapping[str, CaseFile]
    void: tuple[Void, ...] = ()

    @classmethod
    def empty(cls) -> CaseFiles:
        """Return those of a ledger without entries."""
        return cls(files={})

    def after(self, entries: Iterable[Entry]) -> CaseFiles:
        """Return them after further entries; those of other rooms only move the position on."""
        files, void, position = dict(self.files), list(self.void), self.position
        for entry in entries:
            position = entry.position
            if entry.kind not in KINDS:
                continue
            try:
                case_file = self._applied(files, entry)
            except CeasefireError as error:
                named = str(entry.payload.get("case_file_id", ""))
                void.append(Void(position=position, case_file_id=named, reason=str(error).splitlines()[0]))
            else:
                files[case_file.id] = case_file
        return CaseFiles(position=position, files=files, void=tuple(void))

    def applied(self, entry: Entry) -> CaseFile:
        """Return the case file that an entry is about, after it.

        Raises
        ------
        CeasefireError
            When the entry may not be made: it is malformed, its author may not, or the file does not stand so.
        """
        return self._applied(self.files, entry)

    @staticmethod
    def _applied(files: Mapping[str, CaseFile], entry: Entry) -> CaseFile:
        kind = EntryKind(entry.kind)
        payload = validated(PAYLOADS[kind], entry.payload, kind.value)
        mark = Mark(position=entry.position, at=entry.recorded_at, author=entry.author)
        person = acting(entry.author, payload.by)
        if isinstance(payload, Opened):
            if payload.case_file_id in files:
                raise OutdatedError(f'The case file "{payload.case_file_id}" is there already.', "Look at that one.")
            case_file = _opened(payload, person, mark, number=len(files) + 1)
        else:
            held = files.get(payload.case_file_id)
            if held is None or not sees(held, person):
                raise unknown(payload.case_file_id)
            case_file = _changed(files, held, kind, payload, person, mark)
        return _recorded(case_file, kind, payload, mark)


def acting(author: str, by: By) -> Person:
    """Return who made an entry, in the capacity that it gives."""
    return Person(name=author, roles=frozenset(by.roles), parties=frozenset(by.parties))


def _changed(
    files: Mapping[str, CaseFile], held: CaseFile, kind: EntryKind, payload: Payload, person: Person, mark: Mark
) -> CaseFile:
    if isinstance(payload, Moved):
        return moves.moved(held, payload, person, mark, files)
    if not may_add(held, kind, person):
        raise NotAllowedError(
            f"Nobody of these roles ({', '.join(sorted(person.roles))}) may add {kind.value} to a case file that is "
            f"{held.state.value}.",
            "What may be done stands on the page of the case file.",
        )
    return additions.added(held, payload, person, mark)


def _opened(payload: Opened, person: Person, mark: Mark, *, number: int) -> CaseFile:
    if not person.roles & OPENERS:
        raise NotAllowedError(
            "Only a liaison or the centre files an allegation.", "Ask the liaison of your delegation to file it."
        )
    if not person.is_mission and payload.filed_by not in person.parties:
        raise NotAllowedError(
            f'A liaison files for its own party, not for "{payload.filed_by or "the centre"}".',
            f"Name one of: {', '.join(sorted(person.parties)) or 'none is yours'}.",
        )
    fields = opened_fields(payload.fields, mark, mission=person.is_mission)
    if payload.filed_by in fields["accused"].value:
        raise UsageError("A party accuses itself.", "Name in `accused` whom it accuses.")
    return CaseFile(
        id=payload.case_file_id,
        number=number,
        opened=mark,
        filed_by=payload.filed_by,
        fields=fields,
        grade=Grade(grade=EvidenceGrade.REPORTED, reason="As filed.", evidence=(), mark=None),
        steps=(Step(state=CaseState.ALLEGED, mark=mark, transition="file", reason="As filed."),),
        history=(),
    )


def _recorded(case_file: CaseFile, kind: EntryKind, payload: Payload, mark: Mark) -> CaseFile:
    """Add the entry to the history, and note to whom it and those it shares are told."""
    told = frozenset(payload.shared_with)
    strangers = told - case_file.parties - additions.named_publicly(case_file)
    if strangers:
        raise NotAllowedError(
            f"{', '.join(sorted(strangers))} is no party to this case file.",
            "A case file is told to the party that filed it and to those that were asked to reply.",
        )
    required = _must_be_told(case_file, payload)
    if not required <= told:
        raise UsageError(
            f"The entry is not told to {', '.join(sorted(required - told))}.", "It concerns them: name them as well."
        )
    transition = payload.transition if isinstance(payload, Moved) else ""
    act = Act(kind=kind, transition=transition, mark=mark, shared_with=told)
    shares: dict[int, Mapping[str, int]] = dict(case_file.shares)
    earlier = payload.positions if isinstance(payload, Shared) else payload.shares if isinstance(payload, Moved) else ()
    held = {each.mark.position for each in case_file.history}
    if not set(earlier) <= held:
        raise UsageError(
            f"Entry {min(set(earlier) - held)} is not of this case file.", "Share entries of its own history."
        )
    for position in (*earlier, mark.position):
        shares[position] = {**dict.fromkeys(told, mark.position), **shares.get(position, {})}
    return replace(case_file, history=(*case_file.history, act), shares=shares)


def _must_be_told(case_file: CaseFile, payload: Payload) -> frozenset[str]:
    if isinstance(payload, Opened):
        return case_file.parties
    if isinstance(payload, Moved):
        return moves.told_parties(case_file, payload.transition)
    return additions.told_parties(case_file, payload)


def capacity(person: Person) -> dict[str, Any]:
    """Return what an entry says of the capacity in which someone acts."""
    working = sorted(person.roles - {Role.PUBLIC, Role.ADMINISTRATOR})
    return {"roles": working, "parties": sorted(person.parties) if Role.LIAISON in person.roles else []}
