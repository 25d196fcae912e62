"""What someone says of when: the shape in which dated facts of a case are told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from ceasefire.model.roles import public, shared

if TYPE_CHECKING:
    from ceasefire.model.case_types import Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """One source's word on when something began, ended or was due."""

    at: Annotated[str, public("A local day, or a date and time.")]
    sources: Annotated[tuple[str, ...], public("Keys of `sources`.")]
    unverified: Annotated[bool, public("Whether the compilers have not seen the original.")]
    note: Annotated[str | None, shared("The compilers' note.")]


def dated(moments: Iterable[Moment]) -> tuple[Dated, ...]:
    """Return moments as they are told."""
    return tuple(
        Dated(at=moment.at, sources=moment.sources, unverified=moment.unverified, note=moment.note)
        for moment in moments
    )
