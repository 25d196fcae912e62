"""Who looks at the record, and the class of each thing there is to see.

A record that is told to people marks each of its fields with `Annotated` and one of `public`, `shared`,
`own_party`, `mission`, `sealed`: what the field means, and to whom it may be told. A field without a mark is told
to nobody; `release.policy` decides who sees which class.

Examples
--------
>>> from dataclasses import dataclass
>>> @dataclass(frozen=True)
... class Sighting:
...     day: Annotated[str, public("Local day.")]
...     note: Annotated[str, mission("As the patrol wrote it.")]
>>> {name: told.field_class.value for name, told in marks(Sighting).items()}
{'day': 'public', 'note': 'mission'}
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Annotated, Any, get_args, get_origin, get_type_hints

__all__ = ["FieldClass", "Role", "Told", "marks", "mission", "own_party", "public", "sealed", "shared"]


class Role(StrEnum):
    """What someone is in the centre."""

    PUBLIC = "public"
    """Anyone, without an account."""
    LIAISON = "liaison"
    """Of a delegation: sees what is shared with all, and its own party's submissions."""
    GUARANTOR = "guarantor"
    """Of a state that guarantees the agreement: sees what is shared with all."""
    FIELD_MONITOR = "field-monitor"
    ANALYST = "analyst"
    HEAD = "head"
    """Of the centre."""
    ADMINISTRATOR = "administrator"
    """Runs the machine and reads no content."""


class FieldClass(StrEnum):
    """To whom one field of a record may be told."""

    PUBLIC = "public"
    """Anyone who may ask for the record at all."""
    SHARED = "shared"
    """The delegations, the guarantors and the mission."""
    OWN_PARTY = "own-party"
    """The mission, and the party whose record it is."""
    MISSION = "mission"
    """The mission alone: exact places, names of settlements, notes."""
    SEALED = "sealed"
    """Nobody through this door: identities of people who speak to the mission."""


@dataclass(frozen=True, slots=True)
class Told:
    """The mark of a field: its class, and what it means.

    Parameters
    ----------
    field_class : FieldClass
        To whom it may be told.
    means : str
        One sentence, which the description of the API prints.
    """

    field_class: FieldClass
    means: str


def public(means: str) -> Told:
    """Mark a field that anyone may see."""
    return Told(FieldClass.PUBLIC, means)


def shared(means: str) -> Told:
    """Mark a field for the delegations, the guarantors and the mission."""
    return Told(FieldClass.SHARED, means)


def own_party(means: str) -> Told:
    """Mark a field for the mission, and for the party that the record's `party_id` names."""
    return Told(FieldClass.OWN_PARTY, means)


def mission(means: str) -> Told:
    """Mark a field for the mission alone."""
    return Told(FieldClass.MISSION, means)


def sealed(means: str) -> Told:
    """Mark a field that is told to nobody."""
    return Told(FieldClass.SEALED, means)


def marks(record: type[Any]) -> dict[str, Told]:
    """Return the marks of a record type's fields, by name; a field without one is left out.

    Parameters
    ----------
    record : type
        A dataclass.
    """
    if record in _MARKS:
        return _MARKS[record]
    hints = get_type_hints(record, include_extras=True)
    found: dict[str, Told] = {}
    for field in fields(record):
        if get_origin(hints[field.name]) is Annotated:
            told = [mark for mark in get_args(hints[field.name])[1:] if isinstance(mark, Told)]
            if told:
                found[field.name] = told[0]
    _MARKS[record] = found
    return found


_MARKS: dict[type[Any], dict[str, Told]] = {}
