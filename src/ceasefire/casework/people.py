"""Who does casework: a name, the roles it acts in, and the parties it speaks for."""

from __future__ import annotations

from dataclasses import dataclass

from ceasefire.model.roles import Role

MISSION = frozenset({Role.FIELD_MONITOR, Role.ANALYST, Role.HEAD})
"""Roles of the centre itself: they read every case file."""
READERS = MISSION | {Role.LIAISON, Role.GUARANTOR}


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Someone who works on case files.

    Parameters
    ----------
    name : str
        As the ledger names them. What is exported to a party carries it: where a person must not be known to the
        parties, the account bears the name of the office.
    roles : frozenset of Role
        Whatever one of them allows is allowed.
    parties : frozenset of str
        Of a liaison: the actors they speak for.
    """

    name: str
    roles: frozenset[Role]
    parties: frozenset[str] = frozenset()

    @property
    def is_mission(self) -> bool:
        """Whether they are of the centre."""
        return bool(self.roles & MISSION)
