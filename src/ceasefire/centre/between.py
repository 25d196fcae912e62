"""What the workers of one server tell each other: who has what open, and how often an address asked.

None of it is of the record, and none of it outlives the server: rows in a file of its own, or in memory where there is
one worker. Sessions and wrong tries lie with the credentials, which all workers share as well.
"""

from __future__ import annotations

import secrets
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apsw

from ceasefire.casework.people import Person
from ceasefire.ledger.sqlite_file import write_ahead
from ceasefire.model.roles import Role

_PATIENCE_SECONDS = 2
STILL_THERE_SECONDS = 10
"""Whoever has not been seen for so long has left: their worker was ended, or their machine is asleep."""
_TABLES = (
    """CREATE TABLE IF NOT EXISTS present (
  visit TEXT PRIMARY KEY,
  case_file TEXT NOT NULL,
  person TEXT NOT NULL,
  roles TEXT NOT NULL,
  parties TEXT NOT NULL,
  since INTEGER NOT NULL,
  seen_at REAL NOT NULL
) STRICT, WITHOUT ROWID""",
    "CREATE INDEX IF NOT EXISTS present_at ON present (case_file)",
    """CREATE TABLE IF NOT EXISTS asked (
  address TEXT PRIMARY KEY,
  minute INTEGER NOT NULL,
  times INTEGER NOT NULL
) STRICT, WITHOUT ROWID""",
)
_SEPARATOR = "\x1f"


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """Someone who has a case file open.

    Parameters
    ----------
    person : Person
        Who.
    since : int
        UTC microseconds.
    """

    person: Person
    since: int


class BetweenWorkers:
    """What is shared; many threads may use it.

    Parameters
    ----------
    path : Path, optional
        Of the file; by default in memory, for one worker alone.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._lock = threading.Lock()
        self._connection = apsw.Connection(":memory:" if path is None else str(path))
        self._connection.set_busy_timeout(_PATIENCE_SECONDS * 1000)
        if path is not None:
            write_ahead(self._connection, patience_seconds=_PATIENCE_SECONDS)
        self._connection.pragma("synchronous", "off")  # nothing in it is worth keeping
        for statement in _TABLES:
            self._connection.execute(statement)

    def close(self) -> None:
        """Let go of it."""
        with self._lock:
            self._connection.close()

    def times_asked(self, address: str, minute: int) -> int:
        """Count a request, and return how many an address has made in a minute."""
        rows = self._run(
            "INSERT INTO asked VALUES (?1, ?2, 1) ON CONFLICT (address) DO UPDATE SET "
            "times = CASE minute WHEN ?2 THEN times + 1 ELSE 1 END, minute = ?2 RETURNING times",
            address,
            minute,
        )
        times = int(rows[0][0])
        if times == 1:
            self._run("DELETE FROM asked WHERE minute < ?", minute)
        return times

    def enter(self, case_file_id: str, person: Person, since: int) -> str:
        """Note that someone opened a case file; return what names this visit."""
        visit = secrets.token_hex(16)
        self._run(
            "INSERT INTO present VALUES (?, ?, ?, ?, ?, ?, ?)",
            visit,
            case_file_id,
            person.name,
            _SEPARATOR.join(sorted(person.roles)),
            _SEPARATOR.join(sorted(person.parties)),
            since,
            time.time(),
        )
        return visit

    def stay(self, visit: str) -> None:
        """Note that they have it open still."""
        self._run("UPDATE present SET seen_at = ? WHERE visit = ?", time.time(), visit)

    def leave(self, visit: str) -> None:
        """Note that they closed it."""
        self._run("DELETE FROM present WHERE visit = ? OR seen_at < ?", visit, time.time() - STILL_THERE_SECONDS)

    def present(self, case_file_id: str) -> tuple[Present, ...]:
        """Return who has a case file open, each person once, in the order of coming."""
        rows = self._run(
            "SELECT person, roles, parties, min(since) FROM present WHERE case_file = ? AND seen_at >= ? "
            "GROUP BY person, roles, parties ORDER BY 4, 1",
            case_file_id,
            time.time() - STILL_THERE_SECONDS,
        )
        return tuple(
            Present(
                person=Person(name=name, roles=frozenset(map(Role, _parts(roles))), parties=frozenset(_parts(parties))),
                since=int(since),
            )
            for name, roles, parties, since in rows
        )

    def _run(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with self._lock:
            return list(self._connection.execute(statement, values))


def _parts(text: str) -> list[str]:
    return text.split(_SEPARATOR) if text else []
