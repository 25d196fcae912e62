# ruff: noqa: S608 - the statements are made of these modules' own words
"""A ledger in a PostgreSQL database, for many users and several programs at once.

Each database holds one ledger, in the schema `postgresql_tables.SCHEMA`. Writers take turns by an advisory lock, which
the server frees when their connection ends, however it ends. Passwords come as PostgreSQL's own programs take them:
from the file named by PGPASSFILE, a service of PGSERVICEFILE, or PGPASSWORD.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from ceasefire.ledger.postgresql_faults import connection_fault, fault
from ceasefire.ledger.postgresql_tables import CATALOGUE, CHANNEL, RIGHTS, SCHEMA, TITLE, faults_of, statements
from ceasefire.ledger.server_address import without_password
from ceasefire.ledger.store import BEFORE, BEYOND, FORMAT, MARK, PATIENCE_SECONDS, Condition, EntryRow, NodeRow
from ceasefire.model.errors import LedgerError, UsageError

OLDEST_SERVER = 15
"""The oldest release that the tests are run on."""
_CONNECT_SECONDS = 10
_READ_AT_ONCE = 1000
_LOOK_UP_SECONDS = 1.0
"""How often one who listens sees whether the connection or the ledger was closed."""
_TURN = f"SELECT pg_advisory_xact_lock({MARK}, {FORMAT})"
# Nothing is looked up in schemas that others may write to. A writer that stopped in mid-entry loses its turn. A server
# may be told to answer before a commit is on disk: not to us.
_SESSION = f"""
SELECT set_config('search_path', 'pg_catalog', false),
  set_config('lock_timeout', '{PATIENCE_SECONDS}s', false),
  set_config('idle_in_transaction_session_timeout', '{PATIENCE_SECONDS}s', false),
  set_config('synchronous_commit', CASE current_setting('synchronous_commit')
    WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, false)
"""
_ABOUT = f"""
SELECT obj_description(n.oid, 'pg_namespace') FROM pg_namespace n WHERE n.nspname = '{SCHEMA}'
"""
_ENTRIES = f"""
SELECT position, recorded_at, clock_behind, author, kind, payload, leaf_hash FROM {SCHEMA}.entries
"""
_LAST = f"SELECT position, recorded_at FROM {SCHEMA}.entries ORDER BY position DESC LIMIT 1"


class PostgresqlStore:
    """A `store.Store` in the database at `address`; its tables are made when there are none.

    Raises
    ------
    LedgerError
        When the server cannot be reached or does not let us, is too old or forgetful, or the tables are not ours.
    UsageError
        When the address cannot be read.
    """

    def __init__(self, address: str) -> None:
        self._shown = without_password(address)
        self._full = address.strip()
        self._listening: psycopg.Connection[Any] | None = None
        self._hearing = threading.Lock()
        self._heard = 0
        self._closing = self._in_transaction = False
        self._connection = self._connected()
        try:
            self._prepare()
        except BaseException:
            self._connection.close()
            raise

    @property
    def address(self) -> str:
        """The address of the database, without a password."""
        return self._shown

    def close(self) -> None:
        """Close the connections; a thread that waits for an entry is sent home within a second."""
        self._closing = True
        self._connection.close()
        with self._hearing:
            if self._listening is not None:
                self._listening.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the one writer's place; commit durably at the end, or leave all as it was."""
        # Read committed: what is read once the turn has come must be what the writer before left.
        with self._transaction("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE", _TURN):
            yield

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Read from one snapshot until the end."""
        with self._transaction("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"):
            yield

    def last(self) -> tuple[int, int | None]:
        """Return position and recorded instant of the last entry; 0 and None when there is none."""
        rows = self._rows(_LAST)
        return (rows[0][0], rows[0][1]) if rows else (0, None)

    def position_before(self, instant: int) -> int:
        """Return the position of the last entry recorded before `instant`; 0 when none was."""
        rows = self._rows(
            f"SELECT position FROM {SCHEMA}.entries WHERE recorded_at < %s ORDER BY position DESC LIMIT 1",
            instant,
        )
        return int(rows[0][0]) if rows else 0

    def entries(self, after: int = BEFORE, until: int = BEYOND) -> Iterator[EntryRow]:
        """Yield the entries in order of position, read a thousand at a time."""
        query = _ENTRIES + "WHERE position > %s AND position <= %s ORDER BY position LIMIT %s"
        more = True
        while more:
            rows = self._rows(query, after, until, _READ_AT_ONCE)
            yield from map(EntryRow._make, rows)
            after, more = (rows[-1][0] if rows else after), len(rows) == _READ_AT_ONCE

    def nodes(self) -> Iterator[NodeRow]:
        """Yield the tree."""
        yield from map(NodeRow._make, self._rows(f"SELECT level, node, hash FROM {SCHEMA}.nodes"))

    def node(self, level: int, node: int) -> bytes | None:
        """Return a stored hash; None when it is not there."""
        rows = self._rows(f"SELECT hash FROM {SCHEMA}.nodes WHERE level = %s AND node = %s", level, node)
        return bytes(rows[0][0]) if rows else None

    def add(self, entries: Sequence[EntryRow], nodes: Sequence[NodeRow]) -> None:
        """Write within `writing`."""
        with self._sentences(), self._connection.pipeline():
            if entries:
                self._connection.execute(
                    f"INSERT INTO {SCHEMA}.entries SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], "
                    "%s::text[], %s::text[], %s::text[], %s::bytea[]) ORDER BY 1",
                    [list(column) for column in zip(*entries, strict=True)],
                )
            if nodes:
                self._connection.execute(
                    f"INSERT INTO {SCHEMA}.nodes SELECT * FROM unnest(%s::integer[], %s::bigint[], %s::bytea[])",
                    [list(column) for column in zip(*nodes, strict=True)],
                )

    def condition(self) -> Condition:
        """Look for tables, guards and rights that are not as they were made."""
        faults, readable = faults_of(self._rows(CATALOGUE), self._rows(RIGHTS))
        return Condition(faults=faults, readable=readable)

    def wait(self, position: int, seconds: float) -> int:
        """Return the size once it is beyond `position`, or after so many seconds as it is then.

        One thread listens for all that wait; the others ask for themselves when it is done.
        """
        deadline = time.monotonic() + seconds
        if not self._hearing.acquire(timeout=max(seconds, 0)):
            return self._heard
        try:
            with self._sentences():
                return self._hear(position, deadline)
        finally:
            self._hearing.release()

    def _hear(self, position: int, deadline: float) -> int:
        """Listen until the size is beyond `position`; a connection that was lost is made again."""
        while True:
            if self._listening is None or self._listening.closed:
                self._listening = self._connected()
                self._listening.execute(f"LISTEN {CHANNEL}")
            rows = self._listening.execute(_LAST).fetchall()
            self._heard, left = (int(rows[0][0]) if rows else 0), deadline - time.monotonic()
            if self._heard > position or left <= 0 or self._closing:
                return self._heard
            for _ in self._listening.notifies(timeout=min(left, _LOOK_UP_SECONDS), stop_after=1):
                pass

    def _connected(self) -> psycopg.Connection[Any]:
        try:
            given = conninfo_to_dict(self._full)
        except psycopg.ProgrammingError:  # its words could repeat a password
            raise UsageError(
                f"{self._shown}: PostgreSQL cannot read this address.", "Check its options and how they are escaped."
            ) from None
        defaults: dict[str, Any] = {
            "application_name": "ceasefire",
            "connect_timeout": _CONNECT_SECONDS,
            "keepalives_idle": 30,
        }
        environment = {"application_name": "PGAPPNAME", "connect_timeout": "PGCONNECT_TIMEOUT"}
        ours = {
            name: value
            for name, value in defaults.items()
            if name not in given and environment.get(name, "") not in os.environ
        }
        with self._sentences(connecting=True):
            connection = psycopg.connect(make_conninfo(self._full, client_encoding="utf8", **ours), autocommit=True)
        try:
            with self._sentences():
                refuse_unfit_server(
                    self._shown,
                    release=connection.info.server_version // 10_000,
                    encoding=connection.info.parameter_status("server_encoding") or "",
                    keeps=_only(connection.execute("SELECT current_setting('fsync')")) == "on",
                )
                connection.execute(_SESSION)
        except BaseException:
            connection.close()
            raise
        return connection

    def _prepare(self) -> None:
        """Check that the database holds a ledger, or make one in it."""
        if self._is_ours():
            return
        with self.writing():
            if not self._is_ours():  # two programs may begin one ledger at once
                for statement in statements():
                    self._connection.execute(statement)

    def _is_ours(self) -> bool:
        rows = self._rows(_ABOUT)
        if not rows:
            return False
        title = rows[0][0] or ""
        if not title.startswith(TITLE):
            raise LedgerError(
                f"{self._shown}: the database has a schema {SCHEMA} that is not a ceasefire ledger.\n"
                "  Writing to it would damage another program's data.\n"
                "  Name another database."
            )
        if title != f"{TITLE}{FORMAT}":
            raise LedgerError(
                f"{self._shown}: the ledger has format {title.removeprefix(TITLE)}; this program reads format "
                f"{FORMAT}.\n"
                "  Reading it by other rules could change its meaning.\n"
                "  Use the version of ceasefire that wrote it, or a newer one."
            )
        return True

    @contextmanager
    def _transaction(self, *beginning: str) -> Iterator[None]:
        with self._sentences():
            try:
                self._begin(beginning)
                yield
                self._commit(beginning[0])
            except BaseException:
                if not self._connection.closed:
                    self._connection.execute("ROLLBACK")
                raise
            finally:
                self._in_transaction = False

    def _begin(self, beginning: Sequence[str]) -> None:
        """Begin, on a new connection if the server has ended the one at hand."""
        try:
            self._connection.execute(beginning[0])
        except psycopg.OperationalError:
            if not self._connection.closed:
                raise
            self._connection = self._connected()
            self._connection.execute(beginning[0])
        self._in_transaction = True
        for statement in beginning[1:]:
            self._connection.execute(statement)

    def _commit(self, beginning: str) -> None:
        try:
            self._connection.execute("COMMIT")
        except psycopg.OperationalError as error:
            if self._connection.closed and beginning.endswith("WRITE"):
                raise LedgerError(
                    f"{self._shown}: the connection was lost while an entry was being committed.\n"
                    "  Whether it was recorded is not known; if it was, it is there as a whole.\n"
                    "  Look with `ceasefire audit --entries` before you do it again."
                ) from error
            raise

    def _rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with self._sentences():
            try:
                return self._connection.execute(query, values or None).fetchall()
            except psycopg.OperationalError:
                if self._in_transaction or not self._connection.closed:
                    raise
                self._connection = self._connected()
                return self._connection.execute(query, values or None).fetchall()

    @contextmanager
    def _sentences(self, *, connecting: bool = False) -> Iterator[None]:
        try:
            yield
        except psycopg.Error as error:
            what, remedy = connection_fault(error) if connecting else fault(error)
            secret = conninfo_to_dict(self._full).get("password")
            said = " ".join(str(error).split())
            if secret:
                said = said.replace(str(secret), "…")
            raise LedgerError(f"{self._shown}: {what} ({said}).\n  Nothing was changed.\n  {remedy}") from error


def refuse_unfit_server(address: str, *, release: int, encoding: str, keeps: bool) -> None:
    """Raise unless a server is one that keeps what it has committed, as it was written.

    Parameters
    ----------
    address : str
        To be shown.
    release : int
        Such as 15.
    encoding : str
        Of the database.
    keeps : bool
        Whether it waits for the disk (``fsync``).

    Raises
    ------
    LedgerError
        When it is not.
    """
    if release < OLDEST_SERVER:
        raise LedgerError(
            f"{address}: PostgreSQL {release} is in use; the ledger needs {OLDEST_SERVER} or newer.\n"
            "  On older releases nobody has tried whether it keeps what it must.\n"
            "  Upgrade the server, or name another."
        )
    if encoding != "UTF8":
        raise LedgerError(
            f"{address}: the database keeps text as {encoding}, not as UTF8.\n"
            "  Names in other scripts could not be recorded as they are.\n"
            "  Make one that does: createdb --encoding=UTF8 --template=template0 NAME"
        )
    if not keeps:
        raise LedgerError(
            f"{address}: the server does not wait for the disk (fsync is off).\n"
            "  A power cut could lose entries that were said to be recorded.\n"
            "  Set fsync = on in the server's configuration and restart it."
        )


def _only(cursor: psycopg.Cursor[Any]) -> Any:
    (row,) = cursor.fetchall()
    return row[0]
