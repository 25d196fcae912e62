"""One entry of the ledger, and the bytes that its hash covers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ceasefire.model.canonical import canonical_json


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that was recorded, and cannot be unrecorded.

    Parameters
    ----------
    position : int
        From 1, without gaps.
    recorded_at : int
        UTC microseconds; strictly later than the entry before.
    clock_behind : int
        Microseconds by which the clock stood behind `recorded_at`; 0 unless it had been put back.
    author, kind : str
        Who recorded it; what it is.
    payload : dict
        What it says. Content in the batch store is named under ``content``, name to hash.
    hash : str
        Its leaf hash in the tree, hexadecimal.
    """

    position: int
    recorded_at: int
    clock_behind: int
    author: str
    kind: str
    payload: dict[str, Any]
    hash: str

    @property
    def content(self) -> dict[str, str]:
        """The batches the entry names: name to hash."""
        return dict(self.payload.get("content", {}))


def leaf_content(*, position: int, recorded_at: int, clock_behind: int, author: str, kind: str, payload: str) -> bytes:
    """Return the bytes that a leaf's hash covers: canonical JSON of a list, the payload as its own canonical text."""
    return canonical_json([position, recorded_at, clock_behind, author, kind, payload]).encode()
