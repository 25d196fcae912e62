"""The ledger keeps every entry, in order, through crashes, crowds and clocks put back; and notices when it does not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import apsw
import pytest

from ceasefire.ledger import tree
from ceasefire.ledger.audit import Checkpoint
from ceasefire.ledger.batches import BatchStore
from ceasefire.ledger.entry import Entry
from ceasefire.ledger.ledger import Ledger, is_server
from ceasefire.ledger.sqlite import refuse_old_sqlite
from ceasefire.model.errors import LedgerError, UsageError

Place = Any
"""Of conftest: a file or a database, and what one can do to it behind the program's back."""
ROUNDS = 12 if os.environ.get("CEASEFIRE_SOAK") else 2
"""Of the tests that kill or race other programs."""
WRITER = """
import sys
from ceasefire.ledger.ledger import Ledger
ledger = Ledger.open(sys.argv[1])
for number in range(int(sys.argv[2])):
    entry = ledger.append("import", {"writer": sys.argv[3], "number": number, "text": "ü" * 500}, author="test")
    print(entry.position, entry.hash, flush=True)
"""


def test_entries_come_back_as_written(ledger: Ledger) -> None:
    entries = list(ledger.entries())
    assert [entry.position for entry in entries] == list(range(1, 10))
    assert [entry.payload["accepted"] for entry in entries] == list(range(9))
    assert {entry.author for entry in entries} == {"Amal"}
    assert [entry.position for entry in ledger.entries(until=4)] == [1, 2, 3, 4]
    assert ledger.size == 9


def test_audit_of_an_untouched_ledger_agrees(ledger: Ledger) -> None:
    report = ledger.audit()
    assert report.ok
    assert (report.size, report.root, report.first_bad) == (9, ledger.root(), None)


def test_roots_of_the_past_do_not_change(ledger: Ledger) -> None:
    before = [ledger.root(size) for size in range(10)]
    ledger.append("import", {"file": "later.csv"}, author="Amal")
    assert [ledger.root(size) for size in range(10)] == before
    assert before[0] == tree.EMPTY_ROOT.hex()
    with pytest.raises(UsageError, match="has 10 entries, not 11"):
        ledger.root(11)


def test_proofs_verify(ledger: Ledger) -> None:
    root = bytes.fromhex(ledger.root())
    for entry in ledger.entries():
        path = ledger.inclusion_proof(entry.position)
        assert tree.verify_inclusion(bytes.fromhex(entry.hash), entry.position - 1, 9, path, root)
    for size in range(10):
        old = bytes.fromhex(ledger.root(size))
        assert tree.verify_consistency(size, old, 9, root, ledger.consistency_proof(size))
    with pytest.raises(UsageError, match="no entry 10"):
        ledger.inclusion_proof(10)


EVERYWHERE = [
    "UPDATE entries SET author = 'x'",
    "DELETE FROM entries",
    "UPDATE nodes SET hash = NULL",
    "DELETE FROM nodes WHERE level = 1",
    "INSERT INTO entries SELECT 11, recorded_at + 99000000, 0, author, kind, payload, leaf_hash FROM entries "
    "WHERE position = 9",
    "INSERT INTO entries SELECT 10, recorded_at, 0, author, kind, payload, leaf_hash FROM entries WHERE position = 9",
]
IN_SQLITE = [
    "INSERT OR REPLACE INTO entries SELECT * FROM entries WHERE position = 3",
    "INSERT OR REPLACE INTO nodes SELECT * FROM nodes WHERE level = 1",
]
IN_POSTGRESQL = [
    "TRUNCATE entries",
    "TRUNCATE nodes",
    "INSERT INTO nodes SELECT * FROM nodes ON CONFLICT (level, node) DO UPDATE SET hash = NULL",
    "INSERT INTO entries SELECT * FROM entries ON CONFLICT (position) DO UPDATE SET author = 'x'",
]


@pytest.mark.parametrize(
    ("place", "statement"),
    [
        *(("sqlite", statement) for statement in (*EVERYWHERE, *IN_SQLITE)),
        *(("postgresql", statement) for statement in (*EVERYWHERE, *IN_POSTGRESQL)),
    ],
    indirect=["place"],
)
def test_the_place_itself_refuses_edits(place: Place, ledger: Ledger, statement: str) -> None:
    with pytest.raises(place.refusal, match=r"append-only|permission denied"):
        place.execute(statement)
    assert ledger.audit().ok


@pytest.mark.parametrize(
    ("statements", "first_bad", "words"),
    [
        (["UPDATE entries SET payload = replace(payload, 'events-4', 'events-5')"], 5, "does not give the hash"),
        (["UPDATE entries SET author = 'Amam' WHERE position = 3"], 3, "does not give the hash"),
        (["UPDATE entries SET recorded_at = recorded_at + 1 WHERE position = 6"], 6, "does not give the hash"),
        (["UPDATE entries SET clock_behind = 1 WHERE position = 1"], 1, "does not give the hash"),
        (["DELETE FROM entries WHERE position = 4"], 4, "is missing"),
        (["DELETE FROM entries WHERE position = 9"], 9, "not all is there"),
        (["DELETE FROM entries WHERE position = 1"], 1, "is missing"),
        (
            [
                "UPDATE entries SET position = 100 WHERE position = 2",
                "UPDATE entries SET position = 2 WHERE position = 7",
                "UPDATE entries SET position = 7 WHERE position = 100",
            ],
            2,
            "does not give the hash",
        ),
        (
            ["UPDATE nodes SET hash = (SELECT leaf_hash FROM entries WHERE position = 1) WHERE level = 2 AND node = 1"],
            5,
            "is not what the entries give",
        ),
        (["DELETE FROM nodes WHERE level = 3"], 1, "lacks its hash 3/0"),
        (["UPDATE entries SET payload = 'not json' WHERE position = 8"], 8, "cannot be read"),
    ],
)
def test_an_edit_with_the_guards_off_is_found(
    place: Place, ledger: Ledger, statements: list[str], first_bad: int, words: str
) -> None:
    place.edit(*statements)
    report = ledger.audit()
    assert report.first_bad == first_bad
    assert words in "; ".join(str(fault) for fault in report.faults)


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_a_flipped_byte_anywhere_in_an_entry_is_found(place: Place, ledger: Ledger) -> None:
    ledger.close()
    place.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(Path(ledger.address).read_bytes())
    at = content.index(b"events-6.csv")
    content[at + 7] ^= 1
    Path(ledger.address).write_bytes(content)
    assert Ledger.open(Path(ledger.address)).audit().first_bad == 7


def test_taking_a_guard_off_is_found(place: Place, ledger: Ledger) -> None:
    place.execute(
        "DROP TRIGGER entries_no_update" + (" ON entries" if is_server(place.address) else ""),
    )
    report = ledger.audit()
    assert [str(fault) for fault in report.faults] == [
        'the guard or table "entries_no_update" is missing: someone may have edited.'
    ]


def test_a_missing_table_is_found(place: Place, ledger: Ledger) -> None:
    place.execute("DROP TABLE nodes")
    report = ledger.audit()
    assert (report.ok, report.size) == (False, 0)
    assert 'the guard or table "nodes" is missing: someone may have edited.' in map(str, report.faults)


def test_only_a_note_elsewhere_shows_a_rewritten_or_shortened_ledger(
    place: Place, ledger: Ledger, tmp_path: Path
) -> None:
    noted = Checkpoint(ledger.size, ledger.root())
    rewritten = Ledger.open(tmp_path / "rewritten.sqlite", clock=lambda: 1_500_000_000_000_000)
    for _ in range(9):
        rewritten.append("import", {"file": "better.csv"}, author="Amal")
    assert rewritten.audit().ok
    assert [str(fault) for fault in rewritten.audit(checkpoint=noted).faults] == [
        "the first 9 entries do not give the root that was noted."
    ]
    place.edit("DELETE FROM entries WHERE position = 9", "DELETE FROM nodes WHERE level = 0 AND node = 8")
    assert ledger.audit().ok
    assert [str(fault) for fault in ledger.audit(checkpoint=noted).faults] == [
        "there were 9 entries once; now there are 8."
    ]


def test_content_that_is_missing_or_changed_is_found(place: Place, tmp_path: Path) -> None:
    ledger, batches = place.open(), BatchStore(tmp_path / "batches")
    digests = [batches.put_bytes(text.encode()) for text in ("kept", "lost", "edited")]
    for digest in digests:
        ledger.append("import", {"content": {"document": digest}}, author="Amal")
    assert ledger.audit(batches=batches).contents == 3
    paths = [tmp_path / "batches" / digest[:2] / digest for digest in digests]
    paths[1].unlink()
    paths[2].write_bytes(b"Edited")
    report = ledger.audit(batches=batches)
    assert report.contents == 1
    assert [fault.position for fault in report.faults] == [2, 3]
    assert "cannot be read" in report.faults[0].what
    assert "has changed" in report.faults[1].what


def test_a_clock_put_back_never_reorders_the_record(place: Place) -> None:
    clock = iter([1_000, 400, 1_001, 5_000])
    ledger = place.open(clock=lambda: next(clock))
    entries = [ledger.append("import", {}, author="Amal") for _ in range(4)]
    assert [(entry.recorded_at, entry.clock_behind) for entry in entries] == [
        (1_000, 0),
        (1_001, 601),
        (1_002, 1),
        (5_000, 0),
    ]
    assert [ledger.position_at(instant) for instant in (0, 1_000, 1_001, 1_002, 5_000, 5_001)] == [0, 0, 1, 2, 3, 4]
    assert ledger.audit().ok


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_what_a_killed_writer_was_told_is_kept_is_kept(place: Place, round_: int) -> None:
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, place.address, "100000", "a"], stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    told = [writer.stdout.readline().split()]
    time.sleep(0.15 + 0.05 * round_)
    writer.send_signal(signal.SIGKILL)
    told += [line.split() for line in writer.stdout.read().splitlines() if len(line.split()) == 2]
    writer.stdout.close()
    writer.wait()
    ledger = place.open()
    kept = {entry.position: entry.hash for entry in ledger.entries()}
    assert told
    for position, digest in told:
        assert len(digest) < 64 or kept[int(position)] == digest  # a last line may be cut by the kill
    assert ledger.audit().ok
    assert ledger.append("import", {}, author="Amal").position == len(kept) + 1


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_two_programs_take_turns(place: Place, round_: int) -> None:
    writers = [  # nothing is there yet: both begin it
        subprocess.Popen([sys.executable, "-c", WRITER, place.address, "60", name], stdout=subprocess.PIPE, text=True)
        for name in ("a", "b")
    ]
    told = [int(line.split()[0]) for writer in writers for line in writer.communicate()[0].splitlines()]
    assert [writer.returncode for writer in writers] == [0, 0]
    assert sorted(told) == list(range(1, 121))
    ledger = place.open()
    by_writer: dict[str, list[int]] = {"a": [], "b": []}
    for entry in ledger.entries():
        by_writer[entry.payload["writer"]].append(entry.payload["number"])
    assert by_writer == {"a": list(range(60)), "b": list(range(60))}
    assert ledger.audit().ok


def test_a_payload_that_is_not_json_leaves_the_ledger_as_it_was(ledger: Ledger) -> None:
    with pytest.raises(ValueError, match="Out of range float"):
        ledger.append("import", {"share": float("nan")}, author="Amal")
    assert ledger.size == 9
    with pytest.raises(UsageError, match="needs a kind"):
        ledger.append("import", {}, author="")


def _other_program(path: Path) -> None:
    connection = apsw.Connection(str(path))
    connection.execute("CREATE TABLE contacts (name)")
    connection.close()


def _newer_format(path: Path) -> None:
    Ledger.open(path).close()
    connection = apsw.Connection(str(path))
    connection.pragma("user_version", 2)
    connection.close()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (_other_program, "not a ceasefire ledger"),
        (_newer_format, "has format 2; this program reads format 1"),
        (lambda path: path.write_bytes(b"position,kind\n1,import\n" * 60), "is not a readable ledger"),
        (lambda path: path.mkdir(), "cannot be opened"),
    ],
)
def test_a_file_that_is_no_ledger_is_refused_and_left_alone(
    tmp_path: Path, make: Callable[[Path], object], words: str
) -> None:
    path = tmp_path / "ledger.sqlite"
    make(path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(LedgerError, match=words):
        Ledger.open(path)
    assert before is None or path.read_bytes() == before


@pytest.mark.parametrize("version", ["3.40.1", "3.51.2", "3.9.9"])
def test_an_sqlite_that_can_lose_entries_is_refused(version: str) -> None:
    with pytest.raises(LedgerError, match="can lose committed entries"):
        refuse_old_sqlite(version)


@pytest.mark.parametrize("version", ["3.51.3", "3.54.1", "4.0"])
def test_a_sound_sqlite_is_accepted(version: str) -> None:
    refuse_old_sqlite(version)


def test_several_entries_are_written_together_or_not_at_all(ledger: Ledger) -> None:
    written = ledger.append_all("judgement", ({"number": number} for number in range(3)), author="Badr")
    assert [entry.position for entry in written] == [10, 11, 12]
    assert [entry.payload for entry in ledger.entries()][-3:] == [{"number": 0}, {"number": 1}, {"number": 2}]
    assert ledger.audit().ok
    before = ledger.root()
    with pytest.raises(TypeError):
        ledger.append_all("judgement", [{"number": 3}, {"number": object()}], author="Badr")
    assert (ledger.size, ledger.root()) == (12, before)
    assert ledger.append_all("judgement", [], author="Badr") == ()


def test_entries_after_a_position(ledger: Ledger) -> None:
    assert [entry.position for entry in ledger.entries(after=6)] == [7, 8, 9]
    assert [entry.position for entry in ledger.entries(7, after=6)] == [7]
    assert list(ledger.entries(after=9)) == []


def test_waiting_for_an_entry(place: Place, ledger: Ledger) -> None:
    start = time.monotonic()
    assert ledger.wait_for(8, 30) == 9
    assert ledger.wait_for(9, 0) == 9
    assert ledger.wait_for(9, 0.3) == 9
    assert 0.3 <= time.monotonic() - start < 20
    writer = subprocess.Popen([sys.executable, "-c", WRITER, place.address, "1", "a"], stdout=subprocess.DEVNULL)
    try:
        assert ledger.wait_for(9, 60) == 10
    finally:
        writer.wait(timeout=60)


def test_an_entry_is_written_only_if_it_fits_what_came_since(ledger: Ledger) -> None:
    shown: list[tuple[list[int], int]] = []

    def fits(since: Sequence[Entry], entry: Entry) -> None:
        shown.append(([each.position for each in since], entry.position))
        if any(each.payload["file"] == "events-8.csv" for each in since):
            raise UsageError("Somebody imported it.", "Look.")

    for seen in (9, 8, 5):
        with suppress(UsageError):
            ledger.append_if("import", {"file": "events-8.csv"}, author="Badr", seen=seen, fits=fits)
    assert shown == [([], 10), ([9, 10], 11), ([6, 7, 8, 9, 10], 11)]
    assert ledger.size == 10
    assert ledger.audit().ok


def test_of_many_who_decide_on_one_state_one_writes(place: Place) -> None:
    place.open().append("import", {"taken": -1}, author="Amal")
    won: list[int] = []
    together = threading.Barrier(4)

    def work() -> None:
        with place.open() as ledger:
            for number in range(15):
                seen = ledger.size
                together.wait(30)

                def fits(since: Sequence[Entry], _entry: Entry, number: int = number) -> None:
                    if any(each.payload["taken"] == number for each in since):
                        raise UsageError("Taken.", "Take the next.")

                with suppress(UsageError):
                    ledger.append_if("import", {"taken": number}, author="Badr", seen=seen, fits=fits)
                    won.append(number)
                together.wait(30)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == list(range(15))
    with place.open() as ledger:
        assert [entry.payload["taken"] for entry in ledger.entries()] == list(range(-1, 15))
