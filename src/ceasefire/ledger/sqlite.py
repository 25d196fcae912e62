"""A ledger in one SQLite file, for one machine."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import apsw

from ceasefire.ledger.sqlite_file import immediately, write_ahead
from ceasefire.ledger.store import BEFORE, BEYOND, FORMAT, MARK, PATIENCE_SECONDS, Condition, EntryRow, NodeRow
from ceasefire.model.errors import LedgerError

OLDEST_SQLITE = (3, 51, 3)
_LOOK_SECONDS = 0.2

TABLES = {
    "entries": """CREATE TABLE entries (
  position INTEGER PRIMARY KEY,
  recorded_at INTEGER NOT NULL,
  clock_behind INTEGER NOT NULL,
  author TEXT NOT NULL,
  kind TEXT NOT NULL,
  payload TEXT NOT NULL,
  leaf_hash BLOB NOT NULL
) STRICT""",
    "nodes": """CREATE TABLE nodes (
  level INTEGER NOT NULL,
  node INTEGER NOT NULL,
  hash BLOB NOT NULL,
  PRIMARY KEY (level, node)
) STRICT, WITHOUT ROWID""",
    # Inserting is guarded too: INSERT OR REPLACE would delete without asking the delete trigger.
    "entries_in_order": """CREATE TRIGGER entries_in_order BEFORE INSERT ON entries
WHEN NEW.position <> (SELECT coalesce(max(position), 0) + 1 FROM entries)
  OR NEW.recorded_at <= (SELECT coalesce(max(recorded_at), NEW.recorded_at - 1) FROM entries
    WHERE position = NEW.position - 1)
BEGIN SELECT raise(ABORT, 'the ledger is append-only: an entry goes after the last one'); END""",
    "nodes_once": """CREATE TRIGGER nodes_once BEFORE INSERT ON nodes
WHEN EXISTS (SELECT 1 FROM nodes WHERE level = NEW.level AND node = NEW.node)
BEGIN SELECT raise(ABORT, 'the ledger is append-only: this node is written'); END""",
    **{
        f"{table}_no_{verb.lower()}": f"""CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table}
BEGIN SELECT raise(ABORT, 'the ledger is append-only'); END"""
        for table in ("entries", "nodes")
        for verb in ("UPDATE", "DELETE")
    },
}


class SqliteStore:
    """A `store.Store` in the file at `path`, which is made when there is none.

    Raises
    ------
    LedgerError
        When the SQLite in use is too old, or the file is not a ledger or cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        refuse_old_sqlite(apsw.sqlite_lib_version())
        with self._sentences():
            self._connection = apsw.Connection(str(path))
            self._connection.set_busy_timeout(PATIENCE_SECONDS * 1000)
            _prepare(self._connection, path)

    @property
    def address(self) -> str:
        """The path of the file."""
        return str(self._path)

    def close(self) -> None:
        """Close the file; an open iterator ends."""
        self._connection.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the one writer's place from the first statement on; commit at the end, or leave all as it was."""
        with self._sentences(), immediately(self._connection):
            yield

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Read from one snapshot until the end."""
        with self._sentences(), self._connection:
            yield

    def last(self) -> tuple[int, int | None]:
        """Return position and recorded instant of the last entry; 0 and None when there is none."""
        row = self._row("SELECT position, recorded_at FROM entries ORDER BY position DESC LIMIT 1")
        return (int(row[0]), int(row[1])) if row else (0, None)

    def position_before(self, instant: int) -> int:
        """Return the position of the last entry recorded before `instant`; 0 when none was."""
        row = self._row("SELECT position FROM entries WHERE recorded_at < ? ORDER BY position DESC LIMIT 1", instant)
        return int(row[0]) if row else 0

    def entries(self, after: int = BEFORE, until: int = BEYOND) -> Iterator[EntryRow]:
        """Yield the entries in order of position."""
        query = (
            "SELECT position, recorded_at, clock_behind, author, kind, payload, leaf_hash FROM entries "
            "WHERE position > ? AND position <= ? ORDER BY position"
        )
        with self._sentences():
            for row in self._connection.execute(query, (after, until)):
                yield EntryRow(*row)

    def nodes(self) -> Iterator[NodeRow]:
        """Yield the tree in any order."""
        with self._sentences():
            for row in self._connection.execute("SELECT level, node, hash FROM nodes"):
                yield NodeRow(*row)

    def node(self, level: int, node: int) -> bytes | None:
        """Return a stored hash; None when it is not there."""
        row = self._row("SELECT hash FROM nodes WHERE level = ? AND node = ?", level, node)
        return bytes(row[0]) if row else None

    def add(self, entries: Sequence[EntryRow], nodes: Sequence[NodeRow]) -> None:
        """Write within `writing`."""
        with self._sentences():
            self._connection.executemany("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?)", entries)
            self._connection.executemany("INSERT INTO nodes VALUES (?, ?, ?)", nodes)

    def condition(self) -> Condition:
        """Look for damage, and for tables and guards that are not as they were made."""
        faults = []
        try:
            for (message,) in self._connection.execute("PRAGMA integrity_check(5)"):
                if message != "ok":
                    faults.append(f"SQLite finds damage in the file: {message}.")
            schema = stored_schema(self._connection)
        except apsw.Error as error:
            return Condition(faults=(*faults, f"the file cannot be read: {error}."), readable=False)
        for name in sorted(TABLES.keys() | schema.keys()):
            if name not in schema:
                faults.append(f'the guard or table "{name}" is missing: someone may have edited.')
            elif name not in TABLES:
                faults.append(f'there is something the ledger does not know: "{name}".')
            elif schema[name] != TABLES[name]:
                faults.append(f'the guard or table "{name}" is not as it was made.')
        return Condition(faults=tuple(faults), readable={"entries", "nodes"} <= schema.keys())

    def wait(self, position: int, seconds: float) -> int:
        """Return the size once it is beyond `position`, or after so many seconds as it is then."""
        deadline = time.monotonic() + seconds
        with self._sentences():
            connection = apsw.Connection(str(self._path))  # its own: several threads may wait
            try:
                connection.set_busy_timeout(PATIENCE_SECONDS * 1000)
                while True:
                    size = _size(connection)
                    left = deadline - time.monotonic()
                    if size > position or left <= 0:
                        return size
                    time.sleep(min(_LOOK_SECONDS, left))
            finally:
                connection.close()

    def _row(self, query: str, *values: Any) -> tuple[Any, ...] | None:
        with self._sentences():
            rows = self._connection.execute(query, values).fetchall()
        return rows[0] if rows else None

    @contextmanager
    def _sentences(self) -> Iterator[None]:
        try:
            yield
        except apsw.Error as error:
            _refuse_broken(self._path, error)


def refuse_old_sqlite(version: str) -> None:
    """Raise unless the SQLite library is one that keeps what it has committed.

    Raises
    ------
    LedgerError
        When `version`, such as ``3.40.1``, is before 3.51.3.
    """
    if tuple(int(part) for part in version.split(".")[:3]) < OLDEST_SQLITE:
        needed = ".".join(str(part) for part in OLDEST_SQLITE)
        raise LedgerError(
            f"SQLite {version} is in use; the ledger needs {needed} or newer.\n"
            "  Older releases can lose committed entries when two programs reset the write-ahead log at once.\n"
            "  Install a current apsw, which brings its own SQLite: pip install --upgrade apsw"
        )


def stored_schema(connection: apsw.Connection) -> dict[str, str]:
    """Return the tables and triggers of the file by name, as SQL."""
    rows = connection.execute("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'")
    return {str(name): str(sql) for name, sql in rows}


def _prepare(connection: apsw.Connection, path: Path) -> None:
    """Check that the file is a ledger, or make a new file one; commits are durable from here on."""
    _refuse_foreign(connection, path)  # before the first pragma that writes: it may be another program's file
    mode = write_ahead(connection, patience_seconds=PATIENCE_SECONDS)
    if mode != "wal":
        raise LedgerError(
            f"{path}: this disk does not allow SQLite's write-ahead log (mode {mode}).\n"
            "  Without it, a reader and a writer would block each other.\n"
            "  Keep the workspace on a local disk that can be written to."
        )
    connection.pragma("synchronous", "full")  # a committed entry survives a power cut
    connection.pragma("trusted_schema", False)
    if not stored_schema(connection):
        with immediately(connection):
            if not stored_schema(connection):  # two programs may begin one ledger at once
                connection.pragma("application_id", MARK)
                connection.pragma("user_version", FORMAT)
                for statement in TABLES.values():
                    connection.execute(statement)


def _refuse_foreign(connection: apsw.Connection, path: Path) -> None:
    """Raise unless the file is new or a ledger of this format."""
    with connection:  # one snapshot: another program may be making it a ledger
        application_id, version = connection.pragma("application_id"), connection.pragma("user_version")
        schema = stored_schema(connection)
    if application_id == 0 and version == 0 and not schema:
        return
    if application_id != MARK:
        raise LedgerError(
            f"{path}: a SQLite file, but not a ceasefire ledger.\n"
            "  Writing to it would damage another program's data.\n"
            "  Name the ledger of a workspace, or make one with `ceasefire init`."
        )
    if version != FORMAT:
        raise LedgerError(
            f"{path}: the ledger has format {version}; this program reads format {FORMAT}.\n"
            "  Reading it by other rules could change its meaning.\n"
            "  Use the version of ceasefire that wrote it, or a newer one."
        )


def _refuse_broken(path: Path, error: apsw.Error) -> NoReturn:
    """Turn a driver's error into sentences.

    Raises
    ------
    LedgerError
        Always.
    """
    if isinstance(error, apsw.NotADBError | apsw.CorruptError):
        what, remedy = "is not a readable ledger", "Restore the file from a copy; batches/ and case/ are not affected."
    elif isinstance(error, apsw.BusyError | apsw.LockedError):
        what, remedy = "is held by another program", "Wait for it, or end it, and try again."
    elif isinstance(error, apsw.FullError | apsw.IOError):
        what, remedy = "cannot be written", "Free space on the disk or check it, and try again."
    else:
        what, remedy = "cannot be opened", "Check the path and its permissions."
    raise LedgerError(f"{path}: {what} ({error}).\n  Nothing was changed.\n  {remedy}") from error


def _size(connection: apsw.Connection) -> int:
    rows: list[tuple[Any, ...]] = connection.execute("SELECT coalesce(max(position), 0) FROM entries").fetchall()
    return int(rows[0][0])
