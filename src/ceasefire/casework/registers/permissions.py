"""Who sees a register day, and who may add what to it: one table."""

from __future__ import annotations

from dataclasses import dataclass

from ceasefire.casework.people import Person
from ceasefire.casework.registers.entries import RegisterKind
from ceasefire.casework.registers.records import RegisterDay
from ceasefire.model.roles import Role

_DESK = frozenset({Role.ANALYST, Role.HEAD})


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterPermission:
    """Who of the centre may add an entry of a kind, whether a liaison of one of the two sides may, and when."""

    roles: frozenset[Role] = frozenset()
    by_liaison: bool = False
    when_open: bool = True


REGISTER_PERMISSIONS: dict[RegisterKind, RegisterPermission] = {
    RegisterKind.DAY_SET: RegisterPermission(roles=_DESK, when_open=False),
    RegisterKind.CLOSED: RegisterPermission(roles=_DESK, when_open=False),
    # what a side says, nobody says for it: not the centre either
    RegisterKind.SUBMITTED: RegisterPermission(by_liaison=True, when_open=False),
    RegisterKind.KEY_GIVEN: RegisterPermission(by_liaison=True, when_open=False),
    RegisterKind.ABSENT: RegisterPermission(roles=_DESK, when_open=False),
    RegisterKind.AMENDED: RegisterPermission(by_liaison=True),
    RegisterKind.MATCHED: RegisterPermission(roles=_DESK, by_liaison=True),
    RegisterKind.SETTLED: RegisterPermission(roles=_DESK),
    RegisterKind.ANSWERED: RegisterPermission(by_liaison=True),
    RegisterKind.FIGURE: RegisterPermission(roles=_DESK, by_liaison=True),
    RegisterKind.SIGNED: RegisterPermission(by_liaison=True),
    RegisterKind.UNSIGNED: RegisterPermission(by_liaison=True),
    RegisterKind.GROUNDS: RegisterPermission(roles=_DESK),
}


def sees_day(register_day: RegisterDay, person: Person) -> bool:
    """Whether a person sees a register day at all: the centre, the two sides, and the guarantors once it is open."""
    if person.is_mission:
        return True
    if Role.LIAISON in person.roles and person.parties & set(register_day.parties):
        return True
    return Role.GUARANTOR in person.roles and register_day.is_open


def may_say(register_day: RegisterDay | None, kind: RegisterKind, person: Person) -> bool:
    """Whether a person's role lets them add an entry of a kind; what the state of the day allows is the fold's."""
    permission = REGISTER_PERMISSIONS[kind]
    if register_day is not None and permission.when_open and not register_day.is_open:
        return False
    if person.roles & permission.roles:
        return True
    is_side = register_day is not None and bool(person.parties & set(register_day.parties))
    return permission.by_liaison and Role.LIAISON in person.roles and is_side
