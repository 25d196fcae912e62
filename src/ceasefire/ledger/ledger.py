"""The one truth of a workspace: a sequence of entries, hashed into a tree, to which one can only append."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ceasefire.ledger import tree
from ceasefire.ledger.audit import AuditReport, Checkpoint, audit_entries
from ceasefire.ledger.batches import BatchStore
from ceasefire.ledger.entry import Entry, leaf_content
from ceasefire.ledger.store import EntryRow, NodeRow, Store
from ceasefire.model.canonical import canonical_json
from ceasefire.model.errors import LedgerError, UsageError

Clock = Callable[[], int]
"""Returns the current instant in UTC microseconds."""


def _system_clock() -> int:
    return time.time_ns() // 1000


@dataclass(slots=True)
class Ledger:
    """An open ledger; made by `Ledger.open`.

    Several programs may append to one ledger: each waits for its turn. Positions count from 1, so the size of the
    ledger is also the position of its last entry, and "as of position n" means the first n entries.
    """

    path: Path
    _connection: apsw.Connection
    _clock: Clock

    @classmethod
    def open(cls, path: Path | str, *, clock: Clock = _system_clock) -> Self:
        """Open the ledger at `path`, or begin a new one there.

        Parameters
        ----------
        path : Path or str
            The SQLite file.
        clock : callable, optional
            Tells the instant at which an entry is recorded.

        Raises
        ------
        LedgerError
            When the file is not a ledger of this format or cannot be opened, or SQLite is too old.
        """
        return cls(Path(path), connect(path), clock)

    def close(self) -> None:
        """Close the file; an open `entries` iterator ends."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @property
    def size(self) -> int:
        """How many entries there are: the position of the last."""
        (size,) = self._row("SELECT coalesce(max(position), 0) FROM entries")
        return int(size)

    def append(self, kind: str, payload: dict[str, Any], *, author: str) -> Entry:
        """Write one entry after the last; when this returns, it survives a crash of the machine.

        The recorded instant is always after the last entry's. When the clock stands at or behind that (it was put
        back), the entry gets the next microsecond and `clock_behind` says by how much the clock was short.

        Parameters
        ----------
        kind : str
            What the entry is, such as ``import``.
        payload : dict
            JSON values only; what it says of batches stands under ``content`` as name to hash.
        author : str
            Who made it.

        Returns
        -------
        Entry

        Raises
        ------
        LedgerError
            When the entry cannot be written; the ledger is then as before.
        """
        (entry,) = self.append_all(kind, [payload], author=author)
        return entry

    def append_all(self, kind: str, payloads: Iterable[dict[str, Any]], *, author: str) -> tuple[Entry, ...]:
        """Write several entries of one kind, all of them or none; see `append`.

        Raises
        ------
        LedgerError
            When one cannot be written; the ledger is then as before.
        """
        if not kind or not author:
            raise UsageError("An entry needs a kind and an author.", "Name both.")
        texts = [canonical_json(payload) for payload in payloads]
        try:
            with immediately(self._connection):
                return tuple([self._write(kind, text, author) for text in texts])
        except apsw.Error as error:
            refuse_broken(self.path, error)

    def _write(self, kind: str, text: str, author: str) -> Entry:
        entry, leaf = self._next_entry(kind, author, text)
        self._connection.execute(
            "INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?)",
            (entry.position, entry.recorded_at, entry.clock_behind, author, kind, text, leaf),
        )
        for level, node, value in tree.completed_nodes(entry.position - 1, leaf, self._node):
            self._connection.execute("INSERT INTO nodes VALUES (?, ?, ?)", (level, node, value))
        return entry

    def entries(self, until: int | None = None, *, after: int = 0) -> Iterator[Entry]:
        """Yield the entries in order.

        Parameters
        ----------
        until : int, optional
            The position of the last entry wanted; by default all.
        after : int
            The position of the entry before the first wanted; by default from the beginning.
        """
        query = (
            "SELECT position, recorded_at, clock_behind, author, kind, payload, leaf_hash FROM entries "
            "WHERE position > ? AND position <= ? ORDER BY position"
        )
        try:
            for row in self._connection.execute(query, (after, self.size if until is None else until)):
                yield _entry(row)
        except apsw.Error as error:
            refuse_broken(self.path, error)

    def position_at(self, instant: int) -> int:
        """Return the position of the last entry recorded before `instant`, UTC microseconds; 0 when none was."""
        (position,) = self._row("SELECT coalesce(max(position), 0) FROM entries WHERE recorded_at < ?", instant)
        return int(position)

    def root(self, size: int | None = None) -> str:
        """Return the tree hash over the first `size` entries (by default all) in hexadecimal.

        Raises
        ------
        UsageError
            When there are fewer entries than `size`.
        """
        return tree.root(self._checked_size(size), self._node).hex()

    def inclusion_proof(self, position: int, size: int | None = None) -> list[bytes]:
        """Return what shows, to a holder of `root(size)`, that the entry at `position` is under it.

        The verifier is `ledger.tree.verify_inclusion`, with index `position` - 1.
        """
        size = self._checked_size(size)
        if not 1 <= position <= size:
            raise UsageError(
                f"There is no entry {position} in a ledger of {size}.", f"Name a position from 1 to {size}."
            )
        return tree.inclusion_proof(position - 1, size, self._node)

    def consistency_proof(self, old_size: int, size: int | None = None) -> list[bytes]:
        """Return what shows, to a holder of `root(old_size)`, that nothing before it has changed since.

        The verifier is `ledger.tree.verify_consistency`.
        """
        size = self._checked_size(size)
        return tree.consistency_proof(self._checked_size(min(old_size, size + 1)), size, self._node)

    def audit(self, *, batches: BatchStore | None = None, checkpoint: Checkpoint | None = None) -> AuditReport:
        """Recompute everything: every entry's hash, every node, the root, and the batches entries name.

        Parameters
        ----------
        batches : BatchStore, optional
            Where the named content is; by default it is not looked at.
        checkpoint : Checkpoint, optional
            A size and root noted elsewhere, such as on a printed bulletin. Only this shows that the end of the
            ledger was not cut off, or the whole not rewritten.

        Returns
        -------
        AuditReport
        """
        return audit_entries(self._connection, batches=batches, checkpoint=checkpoint)

    def _next_entry(self, kind: str, author: str, payload: str) -> tuple[Entry, bytes]:
        last_position, last_instant = self._row(
            "SELECT coalesce(max(position), 0), max(recorded_at) FROM entries "
            "WHERE position = (SELECT max(position) FROM entries)"
        )
        now = self._clock()
        recorded_at = now if last_instant is None else max(now, last_instant + 1)
        content = leaf_content(
            position=last_position + 1,
            recorded_at=recorded_at,
            clock_behind=recorded_at - now,
            author=author,
            kind=kind,
            payload=payload,
        )
        leaf = tree.leaf_hash(content)
        row = (last_position + 1, recorded_at, recorded_at - now, author, kind, payload, leaf)
        return _entry(row), leaf

    def _node(self, level: int, node: int) -> bytes:
        row = self._connection.execute("SELECT hash FROM nodes WHERE level = ? AND node = ?", (level, node)).fetchone()
        if row is None:
            raise LedgerError(
                f"{self.path}: the hash of node {level}/{node} is missing.\n"
                "  The ledger was altered or cut.\n  Run `ceasefire audit` to see where."
            )
        return bytes(row[0])

    def _row(self, query: str, *values: Any) -> tuple[Any, ...]:
        try:
            row = self._connection.execute(query, values).fetchone()
        except apsw.Error as error:
            refuse_broken(self.path, error)
        assert row is not None  # noqa: S101  (an aggregate always gives a row)
        return tuple(row)

    def _checked_size(self, size: int | None) -> int:
        held = self.size
        if size is None:
            return held
        if not 0 <= size <= held:
            raise UsageError(f"The ledger has {held} entries, not {size}.", f"Name a position from 0 to {held}.")
        return size


def _entry(row: tuple[Any, ...]) -> Entry:
    position, recorded_at, clock_behind, author, kind, payload, leaf = row
    return Entry(
        position=position,
        recorded_at=recorded_at,
        clock_behind=clock_behind,
        author=author,
        kind=kind,
        payload=json.loads(payload),
        hash=bytes(leaf).hex(),
    )
