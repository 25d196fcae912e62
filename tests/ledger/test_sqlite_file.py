"""Programs that open one SQLite file, or begin it, at the same moment wait for each other."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from ceasefire.ledger.ledger import Ledger
from ceasefire.ledger.sqlite_file import write_ahead

BUSY_SECONDS = 0.3
PROGRAMS, ROUNDS = 8, 5
CROWD = """
import os, sys
from pathlib import Path
from ceasefire.ledger.ledger import Ledger
from ceasefire.centre.credentials import Credentials
programs, rounds, folder = int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
def begin(number):
    with Ledger.open(folder / f"{number}.sqlite") as ledger:
        ledger.append("import", {"by": os.getpid()}, author="test")
    (folder / str(number)).mkdir(exist_ok=True)
    credentials = Credentials.open(folder / str(number), create=True)
    sealed = credentials.sealed("head", b"secret")
    again = Credentials.open(folder / str(number))
    assert again.opened("head", sealed) == b"secret"
failed = 0
for number in range(rounds):
    waiting, go = os.pipe()
    crowd = []
    for _ in range(programs):
        crowd.append(os.fork())
        if crowd[-1] == 0:
            os.close(go)
            os.read(waiting, 1)  # until the pipe ends: for all at once
            status = 1
            try:
                begin(number)
                status = 0
            finally:
                if status:
                    sys.excepthook(*sys.exc_info())
                os._exit(status)
    os.close(go)
    failed += sum(os.waitpid(program, 0)[1] != 0 for program in crowd)
sys.exit(failed)
"""


@pytest.fixture
def held_by_another(tmp_path: Path) -> Iterator[apsw.Connection]:
    """Yield a connection that is beginning the same new file."""
    other = apsw.Connection(str(tmp_path / "ledger.sqlite"))
    other.execute("BEGIN IMMEDIATE")
    yield other
    other.close()


def test_a_new_file_that_another_program_holds_is_waited_for(tmp_path: Path, held_by_another: apsw.Connection) -> None:
    leaving = threading.Timer(BUSY_SECONDS, held_by_another.execute, ("ROLLBACK",))
    leaving.start()
    with Ledger.open(tmp_path / "ledger.sqlite") as ledger:
        assert ledger.append("import", {}, author="Amal").position == 1
    leaving.join()


def test_waiting_ends_with_patience(tmp_path: Path, held_by_another: apsw.Connection) -> None:
    connection = apsw.Connection(str(tmp_path / "ledger.sqlite"))
    with pytest.raises(apsw.BusyError):
        write_ahead(connection, patience_seconds=0)
    held_by_another.execute("ROLLBACK")
    assert write_ahead(connection, patience_seconds=0) == "wal"
    connection.close()


def test_many_programs_begin_one_file_at_the_same_moment(tmp_path: Path) -> None:
    command = [sys.executable, "-c", CROWD, str(PROGRAMS), str(ROUNDS), str(tmp_path)]
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    for number in range(ROUNDS):
        with Ledger.open(tmp_path / f"{number}.sqlite") as ledger:
            assert ledger.size == PROGRAMS
            assert ledger.audit().ok
