"""The one truth of a workspace: a sequence of entries, hashed into a tree, to which one can only append."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
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
Fits = Callable[[Sequence[Entry], Entry], None]
"""Takes the entries that somebody did not know yet, and theirs; raises when it does not fit any more."""

_COPIED_AT_ONCE = 1000


def _system_clock() -> int:
    return time.time_ns() // 1000


@dataclass(slots=True)
class Ledger:
    """An open ledger; made by `Ledger.open`.

    Several programs may append to one ledger: each waits for its turn. Within a program an open ledger serves one
    thread at a time. Positions count from 1, so the size of the ledger is also the position of its last entry, and "as
    of position n" means the first n entries.
    """

    _store: Store
    _clock: Clock

    @classmethod
    def open(cls, address: Path | str, *, clock: Clock = _system_clock) -> Self:
        """Open the ledger at `address`, or begin a new one there.

        Parameters
        ----------
        address : Path or str
            A SQLite file, or the address of a database, such as ``postgresql://centre@localhost/mission``.
        clock : callable, optional
            Tells the instant at which an entry is recorded.

        Raises
        ------
        LedgerError
            When what is there is not a ledger of this format or cannot be opened, or the software that keeps it is too
            old.
        UsageError
            When the address is of no kind that is known, or what reads it is not installed.
        """
        return cls(_store_at(address), clock)

    def close(self) -> None:
        """Let go of it; an open `entries` iterator ends."""
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @property
    def address(self) -> str:
        """Where it is kept: a path, or the address of a database without its password."""
        return self._store.address

    @property
    def size(self) -> int:
        """How many entries there are: the position of the last."""
        return self._store.last()[0]

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
        _refuse_nameless(kind, author)
        texts = [canonical_json(payload) for payload in payloads]
        if not texts:
            return ()
        with self._store.writing():
            growth = self._growth()
            for text in texts:
                growth.record(self._clock(), author, kind, text)
            self._store.add(growth.entries, growth.nodes)
        return tuple(_entry(row) for row in growth.entries)

    def append_if(self, kind: str, payload: dict[str, Any], *, author: str, seen: int, fits: Fits) -> Entry:
        """Write one entry after the last, if it still fits when its turn has come; see `append`.

        While others wait, `fits` is shown what they wrote since, and the entry as it would be written. So what is
        decided on a state of the record is never written onto another.

        Parameters
        ----------
        seen : int
            Position of the last entry that whoever decides knows.
        fits : callable
            Takes the entries after `seen`, in order, and the entry to be written; raises to refuse it. It must be
            quick, and must not write.

        Returns
        -------
        Entry

        Raises
        ------
        LedgerError
            When the entry cannot be written; the ledger is then as before, as it is when `fits` raises.
        """
        _refuse_nameless(kind, author)
        text = canonical_json(payload)
        with self._store.writing():
            growth = self._growth()
            growth.record(self._clock(), author, kind, text)
            entry = _entry(growth.entries[0])
            fits([_entry(row) for row in self._store.entries(seen, entry.position - 1)], entry)
            self._store.add(growth.entries, growth.nodes)
        return entry

    def copy_from(self, source: Ledger) -> str:
        """Copy all entries of another ledger into this one, which holds none; all of them or none.

        Returns
        -------
        str
            The root, which is that of the source: nothing tells the copy from it.

        Raises
        ------
        UsageError
            When this ledger holds entries.
        LedgerError
            When the source was altered.
        """
        with self._store.writing(), source._store.reading():
            growth = self._growth()
            if growth.size:
                raise UsageError(
                    f"{self.address} holds {growth.size} entries already.", "Copy into a ledger that holds none."
                )
            for number, row in enumerate(source._store.entries(), start=1):
                growth.take(row)
                if number % _COPIED_AT_ONCE == 0:
                    self._store.add(growth.entries, growth.nodes)
                    growth.written()
            self._store.add(growth.entries, growth.nodes)
            root = tree.root(growth.size, growth.node).hex()
            if root != source.root():
                raise LedgerError(
                    f"{source.address}: its entries do not give its root.\n"
                    "  It was altered or cut, so that a copy would hide it. Nothing was copied.\n"
                    "  Run `ceasefire audit` to see where."
                )
        return root

    def wait_for(self, position: int, seconds: float) -> int:
        """Wait until an entry follows the one at `position`.

        Any number of threads may wait. A database tells at once; a file is looked at five times a second.

        Parameters
        ----------
        position : int
            Of the last entry that is known; the present size waits for the next entry.
        seconds : float
            How long at most.

        Returns
        -------
        int
            The size of the ledger: beyond `position`, unless the time was up.
        """
        return self._store.wait(position, seconds)

    def entries(self, until: int | None = None, *, after: int = 0) -> Iterator[Entry]:
        """Yield the entries in order.

        Parameters
        ----------
        until : int, optional
            The position of the last entry wanted; by default all.
        after : int, optional
            The position after which to begin; by default at the first.
        """
        for row in self._store.entries(after, self.size if until is None else until):
            yield _entry(row)

    def position_at(self, instant: int) -> int:
        """Return the position of the last entry recorded before `instant`, UTC microseconds; 0 when none was."""
        return self._store.position_before(instant)

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
        return audit_entries(self._store, batches=batches, checkpoint=checkpoint)

    def _growth(self) -> _Growth:
        return _Growth(*self._store.last(), self._node)

    def _node(self, level: int, node: int) -> bytes:
        value = self._store.node(level, node)
        if value is None:
            raise LedgerError(
                f"{self.address}: the hash of node {level}/{node} is missing.\n"
                "  The ledger was altered or cut.\n  Run `ceasefire audit` to see where."
            )
        return value

    def _checked_size(self, size: int | None) -> int:
        held = self.size
        if size is None:
            return held
        if not 0 <= size <= held:
            raise UsageError(f"The ledger has {held} entries, not {size}.", f"Name a position from 0 to {held}.")
        return size


class _Growth:
    """Entries after the last, and the nodes they complete, computed before they are written."""

    def __init__(self, size: int, last_instant: int | None, read: tree.ReadNode) -> None:
        self.size = size
        self.entries: list[EntryRow] = []
        self.nodes: list[NodeRow] = []
        self._last_instant = last_instant
        self._read = read
        self._new: dict[tuple[int, int], bytes] = {}

    def record(self, now: int, author: str, kind: str, payload: str) -> None:
        """Add an entry at this instant, or just after the last entry's."""
        recorded_at = now if self._last_instant is None else max(now, self._last_instant + 1)
        said = (self.size + 1, recorded_at, recorded_at - now, author, kind, payload)
        self._add(EntryRow(*said, tree.leaf_hash(_leaf_content(*said))))

    def take(self, row: EntryRow) -> None:
        """Add an entry as another ledger keeps it."""
        later = self._last_instant is None or row.recorded_at > self._last_instant
        if row.position != self.size + 1 or not later or tree.leaf_hash(_leaf_content(*row[:6])) != row.leaf_hash:
            raise LedgerError(
                f"Entry {row.position} of the ledger to be copied is not what was recorded there.\n"
                "  A copy would hide that. Nothing was copied.\n"
                "  Run `ceasefire audit` to see what was altered."
            )
        self._add(row)

    def node(self, level: int, node: int) -> bytes:
        """Read a node, of those computed here too."""
        return self._new.get((level, node)) or self._read(level, node)

    def written(self) -> None:
        """Forget what has been written; the hashes stay at hand."""
        self.entries, self.nodes = [], []

    def _add(self, row: EntryRow) -> None:
        self.entries.append(row)
        for level, node, value in tree.completed_nodes(self.size, row.leaf_hash, self.node):
            self._new[level, node] = value
            self.nodes.append(NodeRow(level, node, value))
        self.size, self._last_instant = row.position, row.recorded_at


def _refuse_nameless(kind: str, author: str) -> None:
    if not kind or not author:
        raise UsageError("An entry needs a kind and an author.", "Name both.")


def _leaf_content(position: int, recorded_at: int, clock_behind: int, author: str, kind: str, payload: str) -> bytes:
    return leaf_content(
        position=position,
        recorded_at=recorded_at,
        clock_behind=clock_behind,
        author=author,
        kind=kind,
        payload=payload,
    )


def _store_at(address: Path | str) -> Store:
    text = str(address)
    if is_server(text):
        try:
            from ceasefire.ledger.postgresql import PostgresqlStore
        except ImportError as error:
            raise UsageError(
                "A ledger in PostgreSQL needs the package psycopg, which is not installed.",
                'Install it: pip install "ceasefire[postgresql]"',
            ) from error
        return PostgresqlStore(text)
    if "://" in text:
        raise UsageError(
            f"A ledger cannot be kept at an address that begins with {text.partition(':')[0]}://.",
            "Give the path of a file, or the address of a PostgreSQL database: postgresql://…",
        )
    from ceasefire.ledger.sqlite import SqliteStore

    return SqliteStore(Path(address))


def is_server(address: str) -> bool:
    """Say whether an address is that of a PostgreSQL database; otherwise it is a file's."""
    return address.startswith(("postgresql:", "postgres:"))


def _entry(row: EntryRow) -> Entry:
    return Entry(
        position=row.position,
        recorded_at=row.recorded_at,
        clock_behind=row.clock_behind,
        author=row.author,
        kind=row.kind,
        payload=json.loads(row.payload),
        hash=bytes(row.leaf_hash).hex(),
    )
