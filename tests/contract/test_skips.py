"""On a user's machine a test may be skipped with a line that says why; where `make check` runs, a skip is a failure."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = """
import pytest

def test_that_lacks_something():
    pytest.skip("no such browser")

@pytest.mark.real_data
def test_of_real_data(real_data):
    assert real_data

def test_that_runs():
    pass
"""
MODULE = 'import pytest\npytest.importorskip("a_module_nobody_has")\n'


@pytest.mark.parametrize(
    ("skips", "counts"),
    [("", "1 passed, 2 skipped"), ("fail", "1 failed, 1 passed, 1 skipped")],
)
def test_a_skip(tmp_path: Path, skips: str, counts: str) -> None:
    assert counts in session(tmp_path, {"test_one.py": TESTS}, skips=skips)


@pytest.mark.parametrize(("skips", "counts"), [("", "1 skipped"), ("fail", "1 error")])
def test_a_module_that_skips_itself(tmp_path: Path, skips: str, counts: str) -> None:
    assert counts in session(tmp_path, {"test_module.py": MODULE}, skips=skips)


def session(folder: Path, files: dict[str, str], *, skips: str) -> str:
    """Run the tests in a session of their own; return its closing line."""
    shutil.copy(Path(__file__).parents[1] / "conftest.py", folder)
    for name, text in files.items():
        (folder / name).write_text(text)
    (folder / "pytest.ini").write_text("[pytest]\nmarkers = real_data: needs data\n")
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("CEASEFIRE_", "PYTEST_"))}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", folder],
        cwd=folder,
        env={**environment, "CEASEFIRE_SKIPS": skips},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.splitlines()[-1]
