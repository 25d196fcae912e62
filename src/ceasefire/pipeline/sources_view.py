"""Where the facts of a case were read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from ceasefire.model.roles import public, shared

if TYPE_CHECKING:
    from ceasefire.pipeline.served import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class CitedSource:
    """Where a fact was read."""

    key: Annotated[str, public("By which records cite it.")]
    kind: Annotated[str, public("web, document, data-set, own-knowledge or computation.")]
    title: Annotated[str | None, public("What it is.")]
    address: Annotated[str | None, public("Where it is; never opened by the program.")]
    note: Annotated[str | None, shared("The compilers' note.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class CitedSources:
    """Where the facts of a case were read."""

    position: Annotated[int, public("Of the ledger entry that these results rest on.")]
    sources: Annotated[tuple[CitedSource, ...], public("In the order of the case.")]


def sources_view(snapshot: Snapshot) -> CitedSources:
    """Return the sources of a case."""
    return CitedSources(
        position=snapshot.stamp.position,
        sources=tuple(
            CitedSource(key=key, kind=source.kind, title=source.title, address=source.address, note=source.note)
            for key, source in snapshot.case.sources.items()
        ),
    )
