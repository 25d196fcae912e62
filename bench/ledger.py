"""How many entries a second the ledger takes, in a file and in PostgreSQL, as ratios to a plain INSERT in one run.

    python bench/ledger.py [--entries 300]

The peer writes the same payload into a table without hashes, guards or turns, one committed row at a time, through the
same driver to the same disk: what an append costs beyond that is the price of the record. Also measured are four
programs that append at once, and entries written together. The control is a ledger whose entry is altered afterwards:
if its audit agreed, the speed would have been bought with the record. PostgreSQL is started for the measurement, on a
socket in a temporary folder; where there is none, the file alone is measured.
"""

from __future__ import annotations

import argparse
import runpy
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import apsw

from ceasefire.ledger.ledger import Ledger

LIMIT = 4
"""Times slower than the peer; of which a second table, two look-ups and the turn are part; both wait for the disk."""
PAYLOAD = {"file": "events.csv", "accepted": 1234, "text": "ü" * 300}
PROGRAMS = 4
WRITER = """
import sys
from ceasefire.ledger.ledger import Ledger
with Ledger.open(sys.argv[1]) as ledger:
    input()
    for number in range(int(sys.argv[2])):
        ledger.append("import", {"number": number, "text": "ü" * 300}, author="bench")
"""


def per_second(count: int, do: Callable[[], object]) -> float:
    """Return how many a second were done."""
    start = time.perf_counter()
    do()
    return count / (time.perf_counter() - start)


def at_once(address: str, count: int) -> float:
    """Return appends a second of several programs together; the record must agree afterwards."""
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, address, str(count)], stdin=subprocess.PIPE, text=True)
        for _ in range(PROGRAMS)
    ]
    time.sleep(2.0)  # all have opened it

    def run() -> None:
        for writer in writers:
            if writer.stdin is not None:
                writer.stdin.write("\n")
                writer.stdin.flush()
        if any([writer.wait() for writer in writers]):
            raise SystemExit(f"a writer to {address} failed")

    return per_second(count * PROGRAMS, run)


def measure(name: str, address: str, count: int, insert: Callable[[], None], alter: Callable[[], None]) -> bool:
    """Print one place's row; say whether it kept to the limit and its control was noticed."""
    with Ledger.open(address) as ledger:
        ours, peers = [], []
        for _ in range(3):  # by turns, so that another program's load meets both
            peers.append(per_second(count, lambda: [insert() for _ in range(count)]))
            ours.append(
                per_second(count, lambda: [ledger.append("import", PAYLOAD, author="bench") for _ in range(count)])
            )
        together = per_second(10_000, lambda: ledger.append_all("import", [PAYLOAD] * 10_000, author="bench"))
        crowd = at_once(address, count)
        whole = ledger.audit().ok and ledger.size == 3 * count + 10_000 + PROGRAMS * count
        alter()
        noticed = whole and not ledger.audit().ok
    ratio = max(peers) / max(ours)
    print(
        f"{name:12} plain INSERT {max(peers):8.0f}/s   append {max(ours):8.0f}/s   {ratio:4.1f} times slower "
        f"(limit {LIMIT})   {PROGRAMS} programs {crowd:8.0f}/s   together {together:8.0f}/s   "
        f"altered entry {'noticed' if noticed else 'NOT NOTICED'}"
    )
    return ratio <= LIMIT and noticed


def in_a_file(folder: Path, count: int) -> bool:
    """Measure SQLite."""
    plain = apsw.Connection(str(folder / "plain.sqlite"))
    plain.pragma("journal_mode", "wal")
    plain.pragma("synchronous", "full")
    plain.execute("CREATE TABLE plain (id INTEGER PRIMARY KEY, payload TEXT)")
    path = folder / "ledger.sqlite"

    def alter() -> None:
        connection = apsw.Connection(str(path))
        connection.execute("DROP TRIGGER entries_no_update")
        connection.execute("UPDATE entries SET author = 'x' WHERE position = 7")

    def insert() -> None:
        plain.execute("INSERT INTO plain (payload) VALUES (?)", (str(PAYLOAD),))

    return measure("SQLite", str(path), count, insert, alter)


def in_a_database(server: Any, count: int) -> bool:
    """Measure PostgreSQL."""
    import psycopg

    address = server.address(server.new_database())
    with psycopg.connect(address, autocommit=True) as plain:
        plain.execute("CREATE TABLE plain (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, payload text)")

        def alter() -> None:
            plain.execute("ALTER TABLE ceasefire_ledger.entries DISABLE TRIGGER USER")
            plain.execute("UPDATE ceasefire_ledger.entries SET author = 'x' WHERE position = 7")

        def insert() -> None:
            plain.execute("INSERT INTO plain (payload) VALUES (%s)", (str(PAYLOAD),))

        return measure("PostgreSQL", address, count, insert, alter)


def main() -> int:
    """Measure what is there."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--entries", type=int, default=300, help="one by one, in each of three rounds")
    count = parser.parse_args().entries
    fixtures = runpy.run_path(str(Path(__file__).parents[1] / "tests" / "conftest.py"))
    folder, server = Path(tempfile.mkdtemp(prefix="pg-")), None
    try:
        kept = in_a_file(folder, count)
        programs = fixtures["postgresql_programs"]()
        if programs is None:
            print("PostgreSQL   is not on this machine")
            return 0 if kept else 1
        (folder / "server").mkdir()
        folder.chmod(0o755)
        server = fixtures["PostgresqlServer"](programs, folder / "server")
        server.start()
        kept = in_a_database(server, count) and kept
    finally:
        if server is not None:
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
