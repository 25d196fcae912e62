"""What goes wrong is said in sentences, on standard error, with the right exit code and without a traceback."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import Ceasefire, run


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("findings", "--zone", "nowhere"), 'no zone "nowhere"'),
        (("findings", "--clause", "Z9"), 'no clause "Z9"'),
        (("findings", "--status", "guilty"), "alleged-violation"),
        (("findings", "--week", "2021-W99"), "2017-W39"),
        (("findings", "--from", "yesterday"), "2017-09-19"),
        (("findings", "--colour", "red"), "--colour"),
        (("findings", "--as-of", "99"), "no position 99"),
        (("obligations", "--as-of-day", "soon"), '"soon" is not a day'),
        (("obligations", "--state", "broken"), 'no state "broken"'),
        (("findings", "--limit", "-3"), "0 for all"),
        (("why",), "ceasefire why --help"),
        (("why",), "ceasefire why needs ID: "),
        (("import", "events.csv"), "ceasefire import needs --as: ucdp-ged, table, boundaries, control or odk."),
        (("import", "--as", "ucdp-ged"), "ceasefire import needs FILE: "),
        (("import", "events.csv", "--as"), "--as needs a value: ucdp-ged, table, boundaries, control or odk."),
        (("finding",), 'There is no command "finding". Is findings meant? Commands: demo, init, '),
        (("simulate", "-o", "drawn", "-w", ".", "--case", "riverline"), "--case or --workspace"),
        (("init", "--case", "riverline"), "ceasefire init needs FOLDER: "),
        (("why", "find-0"), "find-0"),
        (("why", "nonsense"), "find-, inc- or obl-"),
        (("bulletin", "-o", "week.pdf"), "one week or of one day"),
        (("bulletin", "--week", "2021-W16", "-o", "week.docx"), ".pdf or .html"),
        (("bulletin", "--week", "2021-W16", "-o", "absent/week.pdf"), "no folder absent"),
        (("export", "verdicts", "-o", "v.csv"), "links, reports, incidents, findings, obligations"),
        (("import", "absent.csv", "--as", "ucdp-ged"), "absent.csv: cannot be read"),
        (("import", "absent.csv", "--as", "acled"), "ucdp-ged, table, boundaries"),
        (("run", "--reading", "mine"), 'no interpretation "mine"'),
        (("ponder",), "findings"),
        (("findings", "-w", "elsewhere"), "ceasefire init"),
        (("check", "elsewhere"), "not a folder"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_users_fault(ceasefire: Ceasefire, arguments: tuple[str, ...], words: str) -> None:
    refused = ceasefire(*arguments)
    assert refused.code == 2
    assert refused.out == ""
    assert words in refused.err
    assert "Traceback" not in refused.err


def test_init_into_a_folder_that_holds_something(mission: Path) -> None:
    refused = run("init", mission, "--case", "riverline", cwd=mission.parent)
    assert refused.code == 2
    assert "is not an empty folder" in refused.err


def test_a_ledger_that_was_damaged_is_our_fault_with_a_sentence(tmp_path: Path) -> None:
    mission = tmp_path / "mission"
    run("init", mission, "--case", "riverline", cwd=tmp_path)
    connection = sqlite3.connect(mission / "ledger.sqlite")
    connection.execute("PRAGMA user_version = 9")
    connection.commit()
    connection.close()
    refused = run("run", cwd=mission)
    assert refused.code == 1
    assert "has format 9" in refused.err
    assert "Traceback" not in refused.err


def test_debug_shows_where(ceasefire: Ceasefire) -> None:
    assert "Traceback" in ceasefire("findings", "--zone", "nowhere", "--debug").err


def test_a_reader_that_goes_away_is_no_error(mission: Path) -> None:
    import subprocess
    import sys

    command = f"{sys.executable} -m ceasefire findings --json --limit 0 | head -n 1"
    done = subprocess.run(command, shell=True, cwd=mission, capture_output=True, text=True, check=False)  # noqa: S602
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""


def test_the_process_ends_before_threads_that_still_hold_python_objects_can_abort_it(tmp_path: Path) -> None:
    torn_down = tmp_path / "torn-down"
    program = (
        "import pathlib, sys\n"
        "from ceasefire.cli import main\n"
        "class Held:\n"
        "    def __del__(self, touch=pathlib.Path(sys.argv[1]).touch): touch()\n"
        "held = Held()\n"
        "sys.argv[1:] = ['check', 'nowhere']\n"
        "main()\n"
    )
    ended = subprocess.run([sys.executable, "-c", program, torn_down], capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert "not a folder" in ended.stderr
    assert not torn_down.exists()
