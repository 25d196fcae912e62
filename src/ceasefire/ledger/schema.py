"""The ledger's tables in SQLite, and opening them safely."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import apsw

from ceasefire.model.errors import LedgerError, UsageError

APPLICATION_ID = 0x43464C47
"""Marks the file as a ceasefire ledger; ``file`` and `Ledger.open` read it."""
FORMAT = 1
"""Of the tables and of what a leaf's hash covers; kept as SQLite's user_version."""
OLDEST_SQLITE = (3, 51, 3)
BUSY_TIMEOUT_MS = 60_000

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


def connect(path: Path | str) -> apsw.Connection:
    """Open, or create, the ledger file, with durable commits.

    Raises
    ------
    LedgerError
        When the SQLite in use is too old, or the file is not a ledger or cannot be opened.
    UsageError
        When `path` is the address of a server.
    """
    if "://" in str(path) or str(path).startswith("postgresql:"):
        raise UsageError(
            f'"{path}" is the address of a server; this version keeps its ledger in one file.',
            "Give the path of a file.",
        )
    refuse_old_sqlite(apsw.sqlite_lib_version())
    try:
        connection = apsw.Connection(str(path))
        connection.set_busy_timeout(BUSY_TIMEOUT_MS)
        _prepare(connection, Path(path))
    except apsw.Error as error:
        refuse_broken(Path(path), error)
    return connection


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
    """Check that the file is a ledger, or make a new file one."""
    _refuse_foreign(connection, path)  # before the first pragma that writes: it may be another program's file
    mode = connection.pragma("journal_mode", "wal")
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
                connection.pragma("application_id", APPLICATION_ID)
                connection.pragma("user_version", FORMAT)
                for statement in TABLES.values():
                    connection.execute(statement)


def _refuse_foreign(connection: apsw.Connection, path: Path) -> None:
    """Raise unless the file is new or a ledger of this format."""
    application_id, version = connection.pragma("application_id"), connection.pragma("user_version")
    if application_id == 0 and version == 0 and not stored_schema(connection):
        return
    if application_id != APPLICATION_ID:
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


@contextmanager
def immediately(connection: apsw.Connection) -> Iterator[None]:
    """Hold the one writer's place from the first statement on; commit at the end, or leave all as it was."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def refuse_broken(path: Path, error: apsw.Error) -> NoReturn:
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
