"""Every scenario file comes out as its author expects."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

_spec = importlib.util.spec_from_file_location("scenario_runner", Path(__file__).parent / "runner.py")
assert _spec is not None
assert _spec.loader is not None
runner = importlib.util.module_from_spec(_spec)
sys.modules["scenario_runner"] = runner
_spec.loader.exec_module(runner)

FILES = sorted(runner.FOLDER.glob("*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_scenario(path: Path, tmp_path: Path) -> None:
    faults = runner.faults_of(runner.read_scenario(path), tmp_path)
    assert not faults, "\n".join(faults)


def test_there_are_at_least_seventy() -> None:
    assert len(FILES) >= 70


def test_a_wrong_expectation_is_noticed(tmp_path: Path) -> None:
    """The control: the runner must fail a scenario whose expected status is not what comes out."""
    path = FILES[0]
    scenario = next(s for p in FILES if (s := runner.read_scenario(p)).expect)
    wrong = scenario.model_copy(
        update={"expect": tuple(expected.model_copy(update={"status": "nonsense"}) for expected in scenario.expect)}
    )
    assert path
    assert len(runner.faults_of(wrong, tmp_path)) >= len(scenario.expect)
