"""The places a ledger can be kept in, so that the same tests run on each."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import psycopg
import pytest

from ceasefire.ledger.ledger import Ledger
from ceasefire.ledger.postgresql_tables import SCHEMA
from ceasefire.ledger.sqlite import TABLES

Clock = Callable[[], int]


class Place(Protocol):
    """Where one ledger is kept, and what one can do to it behind the program's back."""

    address: str
    refusal: tuple[type[Exception], ...]

    def open(self, **options: Any) -> Ledger:
        """Open the ledger."""

    def execute(self, *statements: str) -> None:
        """Edit with another program, the guards on."""

    def edit(self, *statements: str) -> None:
        """Edit as an intruder would: the guards taken off and put back."""


class SqlitePlace:
    """A file."""

    refusal = (sqlite3.IntegrityError,)

    def __init__(self, path: Path) -> None:
        self.address = str(path)

    def open(self, **options: Any) -> Ledger:
        return Ledger.open(self.address, **options)

    def execute(self, *statements: str) -> None:
        connection = sqlite3.connect(self.address)
        try:
            for statement in statements:
                connection.execute(statement)
            connection.commit()
        finally:
            connection.close()

    def edit(self, *statements: str) -> None:
        guards = [sql for sql in TABLES.values() if sql.startswith("CREATE TRIGGER")]
        self.execute(*(f"DROP TRIGGER {guard.split()[2]}" for guard in guards), *statements, *guards)


class PostgresqlPlace:
    """A database of its own, edited by the role that owns it."""

    refusal = (psycopg.errors.IntegrityError, psycopg.errors.InsufficientPrivilege)

    def __init__(self, address: str) -> None:
        self.address = address
        self.opened: list[Ledger] = []

    def open(self, **options: Any) -> Ledger:
        self.opened.append(Ledger.open(self.address, **options))
        return self.opened[-1]

    def execute(self, *statements: str) -> None:
        with psycopg.connect(self.address, options=f"-c search_path={SCHEMA},pg_catalog") as connection:
            for statement in statements:
                connection.execute(statement)

    def edit(self, *statements: str) -> None:
        guards = {"entries": ("in_order", "told", "no_update", "no_delete", "no_truncate")}
        guards["nodes"] = guards["entries"][2:]
        off = [f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in guards]
        on = [
            f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_{guard}"
            for table, names in guards.items()
            for guard in names
        ]
        self.execute(*off, *statements, *on)


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """Return a place where no ledger is yet."""
    if request.param == "sqlite":
        return SqlitePlace(tmp_path / "ledger.sqlite")
    return request.getfixturevalue("postgresql_place")


@pytest.fixture(scope="session")
def shared_database(postgresql_server: Any) -> str:
    """Return the address of a database that tests use one after the other: making one takes seconds."""
    return postgresql_server.address(postgresql_server.new_database())


@pytest.fixture
def postgresql_place(shared_database: str) -> Iterator[PostgresqlPlace]:
    """Yield a database without a ledger."""
    place = PostgresqlPlace(shared_database)
    yield place
    for ledger in place.opened:
        ledger.close()
    place.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
        "AND pid <> pg_backend_pid()",
        f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE",
    )


@pytest.fixture
def ledger(place: Place) -> Iterator[Ledger]:
    """Yield a ledger of nine entries, under a clock that ticks a second."""
    now = iter(range(1_500_000_000_000_000, 1_600_000_000_000_000, 1_000_000))
    with place.open(clock=lambda: next(now)) as ledger:
        for number in range(9):
            ledger.append("import", {"file": f"events-{number}.csv", "accepted": number}, author="Amal")
        yield ledger
