"""Who sees a case file, and who may add what to it besides moving it: one table."""

from __future__ import annotations

from dataclasses import dataclass

from ceasefire.casework.entries import EntryKind
from ceasefire.casework.people import MISSION, Person
from ceasefire.casework.records import CaseFile
from ceasefire.casework.transitions import Standing
from ceasefire.model.casework import ENDED, CaseState
from ceasefire.model.roles import Role

_DESK = frozenset({Role.ANALYST, Role.HEAD})
_ALL = frozenset(CaseState)
_LIVE = _ALL - ENDED
BEFORE_DRAFT = frozenset(
    {
        CaseState.ALLEGED,
        CaseState.ADMISSIBLE,
        CaseState.ASSIGNED,
        CaseState.PARTY_NOTIFIED,
        CaseState.REPLY_RECEIVED,
        CaseState.VISITED,
        CaseState.REVIEWED,
    }
)
_RULED = frozenset({CaseState.DETERMINED, CaseState.CLOSED, CaseState.APPEALED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """Who of the centre may add an entry of a kind, which liaisons besides, and in which states."""

    roles: frozenset[Role]
    standing: Standing = Standing.NONE
    states: frozenset[CaseState] = _ALL


PERMISSIONS: dict[EntryKind, Permission] = {
    # a liaison edits what its party alleges, and only while nobody has looked at it
    EntryKind.EDITED: Permission(roles=MISSION, standing=Standing.FILING, states=BEFORE_DRAFT),
    EntryKind.RESOLVED: Permission(roles=_DESK, states=BEFORE_DRAFT),
    EntryKind.GRADED: Permission(roles=MISSION),
    EntryKind.COMMENTED: Permission(roles=MISSION, standing=Standing.PARTY),
    EntryKind.ATTACHED: Permission(roles=MISSION, standing=Standing.PARTY),
    EntryKind.VISITED: Permission(roles=MISSION, states=_LIVE),
    EntryKind.INTEREST: Permission(roles=MISSION),
    EntryKind.OFFERED: Permission(roles=_DESK, states=_LIVE - {CaseState.ALLEGED, CaseState.ADMISSIBLE}),
    EntryKind.REPLIED: Permission(roles=_DESK, standing=Standing.RESPONDENT),
    EntryKind.VOTED: Permission(roles=_DESK, states=frozenset({CaseState.SIGNED})),
    EntryKind.DISSENTED: Permission(roles=_DESK, states=frozenset({CaseState.SIGNED}) | _RULED),
    EntryKind.REMEDY: Permission(roles=MISSION, states=_RULED),
    EntryKind.PUBLISHED: Permission(roles=frozenset({Role.HEAD})),
    EntryKind.CLOCK_STOPPED: Permission(roles=MISSION, states=_LIVE),
    EntryKind.CLOCK_RESTARTED: Permission(roles=MISSION, states=_LIVE),
    EntryKind.SHARED: Permission(roles=_DESK),
}
OPENERS = frozenset({Role.LIAISON}) | MISSION
"""Who may file an allegation: a liaison for its own party, the centre for whoever told it, or on its own."""


def sees(case_file: CaseFile, person: Person) -> bool:
    """Whether a person sees a case file at all.

    The centre sees all. A liaison sees those that its party filed, was asked to reply to, or is named by in public;
    a guarantor, those of which something was published.
    """
    if person.is_mission:
        return True
    if Role.LIAISON in person.roles and person.parties & (case_file.parties | named_publicly(case_file)):
        return True
    return Role.GUARANTOR in person.roles and bool(case_file.publications)


def takes_part(case_file: CaseFile, person: Person) -> bool:
    """Whether what all parties to a case were told is for a person: of the centre, or liaison of one of them.

    A guarantor takes part in none, whatever its own state filed or answered: its door to a case is what is published.
    """
    return person.is_mission or (Role.LIAISON in person.roles and bool(person.parties & case_file.parties))


def put_to_all(case_file: CaseFile) -> bool:
    """Whether a file was put to everybody it accuses: only then is it news to none of the delegations."""
    return bool(case_file.accused) and set(case_file.accused) <= case_file.notified


def counts_outside(case_file: CaseFile) -> bool:
    """Whether a file stands in what is counted for those outside the centre.

    Before it is put to whom it accuses, a count that grows by one would tell them of it: and when, and by whom.
    """
    return put_to_all(case_file) or case_file.state in ENDED or bool(case_file.publications)


def sees_present(person: Person, other: Person) -> bool:
    """Whether a person may know that another has a case file open: the centre of all, a liaison of its own party's."""
    if person.is_mission:
        return True
    own = Role.LIAISON in person.roles and Role.LIAISON in other.roles
    return own and bool(person.parties & other.parties)


def may_add(case_file: CaseFile, kind: EntryKind, person: Person) -> bool:
    """Whether a person may add an entry of a kind to a file as it stands."""
    permission = PERMISSIONS[kind]
    if case_file.state not in permission.states:
        return False
    if person.roles & permission.roles:
        return True
    if Role.LIAISON not in person.roles:
        return False
    files_it = case_file.filed_by in person.parties
    answers_it = bool(person.parties & (case_file.notified | named_publicly(case_file)))
    return {
        Standing.NONE: False,
        Standing.FILING: files_it and case_file.state is CaseState.ALLEGED,
        Standing.RESPONDENT: answers_it,
        Standing.PARTY: files_it or answers_it,
    }[permission.standing]


def named_publicly(case_file: CaseFile) -> frozenset[str]:
    """Return the parties that something published names."""
    return frozenset(party for published in case_file.publications for party in published.names)
