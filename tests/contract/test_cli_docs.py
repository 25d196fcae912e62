"""The command line keeps its promises: documented, one file a command, quick to start, exit codes as written."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.warm_command import warm_command

import ceasefire
from ceasefire.cli.application import COMMANDS

ROOT = Path(__file__).parents[2]
HEAVY = {
    "numpy",
    "pyarrow",
    "shapely",
    "pydantic",
    "matplotlib",
    "typst",
    "apsw",
    "ruamel",
    "pandas",
    "litestar",
    "granian",
}


def modules_after(code: str) -> set[str]:
    shown = subprocess.run(
        [sys.executable, "-c", f"import sys\n{code}\nprint(*{{name.partition('.')[0] for name in sys.modules}})"],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(shown.stdout.splitlines()[-1].split())


def test_the_page_of_commands_is_current() -> None:
    checked = subprocess.run([sys.executable, ROOT / "scripts" / "document_commands.py", "--check"], check=False)
    assert checked.returncode == 0, "renew it: python scripts/document_commands.py"


def test_each_command_has_a_file_of_its_name() -> None:
    files = {path.stem for path in (ROOT / "src" / "ceasefire" / "cli").glob("*.py")}
    files -= {"__init__", "application", "options", "console"}
    assert files == {{"import": "import_file"}.get(name, name) for name in COMMANDS}


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_takes_the_common_options(command: str) -> None:
    shown = subprocess.run([warm_command(), command, "--help"], capture_output=True, text=True)
    assert shown.returncode == 0
    for option in ("--workspace", "-w", "--json", "--debug"):
        assert option in shown.stdout


def test_help_loads_nothing_that_takes_time() -> None:
    loaded = modules_after("from ceasefire.cli.application import application\napplication().help_print([])")
    assert not loaded & HEAVY


def test_importing_the_package_loads_nothing_that_takes_time() -> None:
    loaded = modules_after("import ceasefire")
    assert not loaded & (HEAVY | {"cyclopts", "rich"})


def test_every_public_name_is_there_and_the_rest_is_refused() -> None:
    for name in ceasefire.__all__:
        assert getattr(ceasefire, name) is not None
    assert 10 <= len(ceasefire.__all__) <= 15
    with pytest.raises(AttributeError, match="nothing_like_it"):
        _ = ceasefire.nothing_like_it
