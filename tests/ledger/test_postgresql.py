# ruff: noqa: S608 - the statements are made of this file's own words
"""What a ledger in PostgreSQL keeps to beyond what every ledger does: a server that crashes, roles, secrets."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from ceasefire.ledger.ledger import Ledger
from ceasefire.ledger.postgresql import refuse_unfit_server
from ceasefire.ledger.postgresql_tables import SCHEMA
from ceasefire.ledger.server_address import has_password, without_password
from ceasefire.model.errors import LedgerError, UsageError

Place = Any
HOLDER = """
import sys, time
from ceasefire.ledger.ledger import Ledger
ledger = Ledger.open(sys.argv[1])
with ledger._store.writing():
    growth = ledger._growth()
    growth.record(1_700_000_000_000_000, "test", "import", "{}")
    ledger._store.add(growth.entries, growth.nodes)
    print("written", flush=True)
    time.sleep(600)
"""
WRITER = """
import sys
from ceasefire.ledger.ledger import Ledger
ledger = Ledger.open(sys.argv[1])
while True:
    entry = ledger.append("import", {"text": "x" * 500}, author="test")
    print(entry.position, entry.hash, flush=True)
"""


def test_a_writer_killed_before_its_commit_leaves_nothing_and_keeps_nobody_waiting(postgresql_place: Place) -> None:
    ledger = postgresql_place.open()
    ledger.append("import", {}, author="Amal")
    writer = subprocess.Popen(
        [sys.executable, "-c", HOLDER, postgresql_place.address], stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    assert writer.stdout.readline() == "written\n"
    writer.send_signal(signal.SIGKILL)
    writer.wait()
    writer.stdout.close()
    assert ledger.append("import", {}, author="Badr").position == 2
    assert [entry.author for entry in ledger.entries()] == ["Amal", "Badr"]
    assert ledger.audit().ok


def test_what_was_told_before_the_server_crashed_is_kept(postgresql_server: Any, postgresql_place: Place) -> None:
    ledger = postgresql_place.open()
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, postgresql_place.address],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert writer.stdout is not None
    told = [writer.stdout.readline()]
    time.sleep(0.3)
    postgresql_server.stop(signal.SIGQUIT)
    output, said = writer.communicate(timeout=60)
    told += output.splitlines()
    postgresql_server.start()
    assert "LedgerError" in said
    kept = {entry.position: entry.hash for entry in ledger.entries()}  # on a connection that was lost with the server
    for line in told:
        position, digest = line.split()
        assert kept[int(position)] == digest
    assert len(told) <= len(kept) <= len(told) + 1  # one may have been committed and not told
    assert ledger.audit().ok
    assert ledger.append("import", {}, author="Amal").position == len(kept) + 1


@pytest.fixture
def clerk(postgresql_place: Place) -> Iterator[str]:
    """Yield the address of a role that may read and append, as the guide says to make it."""
    postgresql_place.open()
    postgresql_place.execute(
        "CREATE ROLE clerk LOGIN",
        f"GRANT USAGE ON SCHEMA {SCHEMA} TO clerk",
        f"GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA {SCHEMA} TO clerk",
    )
    yield postgresql_place.address.replace("//owner@", "//clerk@")
    postgresql_place.execute("DROP OWNED BY clerk", "DROP ROLE clerk")


def test_a_clerk_appends_and_can_do_nothing_else(postgresql_place: Place, clerk: str) -> None:
    with Ledger.open(clerk) as ledger:
        ledger.append("import", {}, author="Amal")
        assert ledger.audit().ok
        assert ledger.wait_for(0, 1) == 1
    for statement in (
        f"UPDATE {SCHEMA}.entries SET author = 'x'",
        f"DELETE FROM {SCHEMA}.entries",
        f"TRUNCATE {SCHEMA}.entries",
        f"DROP TABLE {SCHEMA}.entries",
        f"DROP TRIGGER entries_no_update ON {SCHEMA}.entries",
        f"ALTER TABLE {SCHEMA}.entries DISABLE TRIGGER USER",
        f"CREATE OR REPLACE FUNCTION {SCHEMA}.refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'",
        f"CREATE TABLE {SCHEMA}.more (x integer)",
        "SET session_replication_role = replica",
    ):
        with psycopg.connect(clerk) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement)


def test_a_role_without_rights_is_told_what_it_needs(postgresql_place: Place, clerk: str) -> None:
    postgresql_place.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA {SCHEMA} FROM clerk")
    with Ledger.open(clerk) as ledger, pytest.raises(LedgerError, match="may not do that") as refused:
        ledger.append("import", {}, author="Amal")
    assert "grants others USAGE on the schema and SELECT, INSERT" in str(refused.value)


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("ALTER TABLE entries DISABLE TRIGGER entries_no_update", '"entries_no_update" is not as it was made'),
        ("ALTER TABLE entries ENABLE TRIGGER entries_no_update", '"entries_no_update" is not as it was made'),
        ("ALTER TABLE nodes SET UNLOGGED", '"nodes" is not as it was made'),
        ("ALTER TABLE nodes ENABLE ROW LEVEL SECURITY", '"nodes" is not as it was made'),
        ("ALTER TABLE entries ALTER payload TYPE varchar(9000)", '"entries" is not as it was made'),
        ("ALTER TABLE entries ALTER author DROP NOT NULL", '"entries" is not as it was made'),
        ("ALTER TABLE entries ADD note text", '"entries" is not as it was made'),
        ("ALTER TABLE entries DROP CONSTRAINT entries_pkey", '"entries_pkey" is missing'),
        ("CREATE TABLE more (entries integer)", 'does not know: "more"'),
        ("CREATE TABLE more () INHERITS (entries)", '"entries" is not as it was made'),
        ("CREATE RULE silent AS ON INSERT TO nodes DO INSTEAD NOTHING", 'does not know: "silent"'),
        ("GRANT UPDATE ON entries TO PUBLIC", 'the role "public" was given the right of UPDATE on "entries"'),
        ("GRANT DELETE ON nodes TO owner", 'the role "owner" was given the right of DELETE on "nodes"'),
        (
            "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql "
            "SET search_path = pg_catalog, pg_temp AS 'BEGIN RETURN NEW; END'",
            '"refuse_change" is not as it was made',
        ),
    ],
)
def test_what_was_altered_behind_our_back_is_found(
    postgresql_place: Place, ledger_in_postgresql: Ledger, statement: str, fault: str
) -> None:
    assert ledger_in_postgresql.audit().ok
    postgresql_place.execute(statement)
    assert fault in "; ".join(str(each) for each in ledger_in_postgresql.audit().faults)


@pytest.fixture
def ledger_in_postgresql(postgresql_place: Place) -> Ledger:
    """Return a ledger of five entries."""
    ledger: Ledger = postgresql_place.open()
    ledger.append_all("import", ({"number": number} for number in range(5)), author="Amal")
    return ledger


def test_a_replica_session_is_refused_too(postgresql_place: Place, ledger_in_postgresql: Ledger) -> None:
    with pytest.raises(psycopg.errors.IntegrityError, match="append-only"):
        postgresql_place.execute(
            "GRANT DELETE ON entries TO owner", "SET session_replication_role = replica", "DELETE FROM entries"
        )
    assert ledger_in_postgresql.audit().ok


def test_one_who_inserts_out_of_turn_makes_no_gap(postgresql_place: Place, ledger_in_postgresql: Ledger) -> None:
    copied = "SELECT 6, recorded_at + 1, 0, author, kind, payload, leaf_hash FROM entries WHERE position = 5"
    with psycopg.connect(postgresql_place.address, options=f"-c search_path={SCHEMA}") as intruder:
        intruder.execute(f"INSERT INTO entries {copied}")
        refused: list[BaseException] = []

        def append() -> None:
            try:
                ledger_in_postgresql.append("import", {}, author="Badr")
            except LedgerError as error:
                refused.append(error)

        waiting = threading.Thread(target=append)
        waiting.start()
        time.sleep(0.3)
        intruder.commit()
        waiting.join(timeout=30)
    assert "does not wait for a turn" in str(refused[0])
    assert ledger_in_postgresql.size == 6
    assert ledger_in_postgresql.audit().first_bad == 6


def test_all_who_wait_hear_of_an_entry_at_once(postgresql_place: Place, ledger_in_postgresql: Ledger) -> None:
    heard: list[tuple[int, float]] = []
    listener = postgresql_place.open()
    threads = [
        threading.Thread(target=lambda: heard.append((listener.wait_for(5, 30), time.monotonic()))) for _ in range(5)
    ]
    for thread in threads:
        thread.start()
    time.sleep(1.0)
    assert heard == []
    ledger_in_postgresql.append("import", {}, author="Amal")
    at = time.monotonic()
    for thread in threads:
        thread.join(timeout=30)
    assert [size for size, _ in heard] == [6] * 5
    assert max(moment for _, moment in heard) - at < 10


def test_waiting_goes_on_when_the_server_comes_back(postgresql_server: Any, postgresql_place: Place) -> None:
    ledger = postgresql_place.open()
    assert ledger.wait_for(0, 0.2) == 0
    postgresql_server.stop()
    with pytest.raises(LedgerError, match=r"cannot be reached|the connection was lost"):
        ledger.wait_for(0, 5)
    postgresql_server.start()
    ledger.append("import", {}, author="Amal")
    assert ledger.wait_for(0, 5) == 1


SECRET = "5ecret"  # noqa: S105


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("postgresql://owner:5ecret@/nowhere?host={folder}", "has no such database"),
        ("postgresql://stranger:5ecret@/postgres?host={folder}", "does not let this user in"),
        ("postgresql://owner:5ecret@localhost:1/postgres", "cannot be reached"),
        ("postgresql://owner@localhost:1/postgres?password=5ecret", "cannot be reached"),
        ("postgresql://owner:5ecret@localhost:port/postgres", "cannot read this address|cannot be reached"),
        ("postgresql://owner:5ecret@/postgres?host={folder}&nonsense=1", "cannot read this address"),
        ("postgresql://owner:5ec%zzret5ecret@/postgres", "cannot read this address"),
        ("postgresql://owner:5ecret@5ecret@/postgres", "cannot be read"),
        ("postgresql://owner:5ecret/5ecret@/postgres", "cannot be read"),
        ("postgresql:owner:5ecret", "cannot be read"),
        ("mysql://owner:5ecret@localhost/postgres", "cannot be kept at an address"),
    ],
)
def test_a_server_that_cannot_be_used_is_named_without_its_password(
    postgresql_server: Any, address: str, words: str
) -> None:
    with pytest.raises((LedgerError, UsageError), match=words) as refused:
        Ledger.open(address.format(folder=postgresql_server.folder))
    chain: BaseException | None = refused.value
    while chain is not None:  # what --debug prints, too
        assert SECRET not in str(chain)
        chain = chain.__cause__


def test_an_open_ledger_does_not_show_its_password(postgresql_place: Place) -> None:
    with Ledger.open(postgresql_place.address.replace("//owner@", "//owner:5ecret@")) as ledger:
        assert ledger.address == postgresql_place.address
        assert SECRET not in repr(ledger)


@pytest.mark.parametrize(
    ("address", "shown", "secret"),
    [
        ("postgresql://a:b@h/d", "postgresql://a@h/d", True),
        ("postgres://a@h1:1,h2:2/d?sslmode=require", "postgres://a@h1:1,h2:2/d?sslmode=require", False),
        ("postgresql://h/d?user=a&PASSWORD=b&sslpassword=c", "postgresql://h/d?user=a", True),
        ("postgresql://:b@h/d", "postgresql://h/d", True),
        ("postgresql://", "postgresql://", False),
        ("postgresql://a@[::1]:5432/d", "postgresql://a@[::1]:5432/d", False),
    ],
)
def test_a_password_is_taken_out_of_an_address(address: str, shown: str, secret: bool) -> None:
    assert (without_password(address), has_password(address)) == (shown, secret)


@pytest.mark.parametrize(
    ("fit", "words"),
    [
        ({"release": 14}, "PostgreSQL 14 is in use; the ledger needs 15"),
        ({"encoding": "SQL_ASCII"}, "keeps text as SQL_ASCII"),
        ({"keeps": False}, "fsync is off"),
    ],
)
def test_an_unfit_server_is_refused(fit: dict[str, Any], words: str) -> None:
    sound = {"release": 15, "encoding": "UTF8", "keeps": True}
    refuse_unfit_server("postgresql://h/d", **sound)
    with pytest.raises(LedgerError, match=words):
        refuse_unfit_server("postgresql://h/d", **(sound | fit))


def test_a_schema_that_is_not_ours_is_left_alone(postgresql_place: Place) -> None:
    postgresql_place.execute(f"CREATE SCHEMA {SCHEMA}", f"CREATE TABLE {SCHEMA}.entries (contact text)")
    with pytest.raises(LedgerError, match="is not a ceasefire ledger"):
        postgresql_place.open()
    postgresql_place.execute(f"COMMENT ON SCHEMA {SCHEMA} IS 'ceasefire ledger, format 2'")
    with pytest.raises(LedgerError, match="has format 2; this program reads format 1"):
        postgresql_place.open()


def test_a_copy_has_the_same_root_there_and_back(postgresql_place: Place, tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "first.sqlite") as first, Ledger.open(tmp_path / "second.sqlite") as second:
        first.append_all("import", ({"number": number, "text": "هدنة"} for number in range(2_500)), author="Amal")
        there = postgresql_place.open()
        assert there.copy_from(first) == second.copy_from(there) == first.root()
        assert list(there.entries()) == list(second.entries()) == list(first.entries())
        assert there.audit().ok
        assert second.audit().ok
        assert [there.root(size) for size in (1, 77, 2_048)] == [first.root(size) for size in (1, 77, 2_048)]
        with pytest.raises(UsageError, match="holds 2500 entries already"):
            there.copy_from(first)


def test_an_altered_ledger_is_not_copied(postgresql_place: Place, tmp_path: Path) -> None:
    postgresql_place.open().append_all("import", ({"number": number} for number in range(5)), author="Amal")
    postgresql_place.edit("UPDATE entries SET author = 'Amam' WHERE position = 3")
    with Ledger.open(tmp_path / "copy.sqlite") as copy:
        with pytest.raises(LedgerError, match="Entry 3 of the ledger to be copied is not what was recorded"):
            copy.copy_from(postgresql_place.open())
        assert copy.size == 0
