"""What a ledger asks of the place that keeps it: rows and hashes kept for good, and one writer at a time.

A store knows no hashing and no clock; the ledger above it computes, so that every store holds the same bytes under the
same root. Stores turn their driver's errors into `LedgerError`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import NamedTuple, Protocol

MARK = 0x43464C47
"""Says "a ceasefire ledger" where a number does: in the head of a file, as the name of a lock."""
FORMAT = 1
"""Of the tables and of what a leaf's hash covers."""
PATIENCE_SECONDS = 60
"""For which a writer waits for its turn."""
BEFORE, BEYOND = -(1 << 63), (1 << 63) - 1
"""Positions before and after every other."""


class EntryRow(NamedTuple):
    """An entry as it is kept."""

    position: int
    recorded_at: int
    clock_behind: int
    author: str
    kind: str
    payload: str
    leaf_hash: bytes


class NodeRow(NamedTuple):
    """A complete subtree's hash as it is kept."""

    level: int
    node: int
    hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What a store finds when it looks at itself.

    Parameters
    ----------
    faults : tuple of str
        Damage, and tables or guards that are not as made; one sentence each.
    readable : bool
        Whether the entries can be read at all.
    """

    faults: tuple[str, ...]
    readable: bool


class Store(Protocol):
    """Keeps one ledger; serves one thread at a time, but for `wait`, which any number may call."""

    @property
    def address(self) -> str:
        """Where it is, as it may be shown and written down: never with a password."""

    def close(self) -> None:
        """Let go of it."""

    def writing(self) -> AbstractContextManager[None]:
        """Hold the one writer's place; commit durably at the end, or leave all as it was."""

    def reading(self) -> AbstractContextManager[None]:
        """Read from one snapshot until the end."""

    def last(self) -> tuple[int, int | None]:
        """Return position and recorded instant of the last entry; 0 and None when there is none."""

    def position_before(self, instant: int) -> int:
        """Return the position of the last entry recorded before `instant`; 0 when none was."""

    def entries(self, after: int = BEFORE, until: int = BEYOND) -> Iterator[EntryRow]:
        """Yield the entries in order of position: all, whatever their position, or those of an interval."""

    def nodes(self) -> Iterator[NodeRow]:
        """Yield the tree in any order."""

    def node(self, level: int, node: int) -> bytes | None:
        """Return a stored hash; None when it is not there."""

    def add(self, entries: Sequence[EntryRow], nodes: Sequence[NodeRow]) -> None:
        """Write within `writing`."""

    def condition(self) -> Condition:
        """Look for damage, and for tables and guards that are not as they were made."""

    def wait(self, position: int, seconds: float) -> int:
        """Return the size once it is beyond `position`, or after so many seconds as it is then."""
