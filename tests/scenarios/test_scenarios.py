"""Every scenario file comes out as its author expects."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

from ceasefire.findings.reasons import OBLIGATION_REASONS, REASONS

_spec = importlib.util.spec_from_file_location("scenario_runner", Path(__file__).parent / "runner.py")
assert _spec is not None
assert _spec.loader is not None
runner = importlib.util.module_from_spec(_spec)
sys.modules["scenario_runner"] = runner
_spec.loader.exec_module(runner)

FILES = sorted(runner.FOLDER.glob("*.yaml"))
# Reasons that only unit tests reach, each with its test.
UNREACHED: set[str] = set()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_scenario(path: Path, tmp_path: Path) -> None:
    faults = runner.faults_of(runner.read_scenario(path), tmp_path)
    assert not faults, "\n".join(faults)


def test_there_are_at_least_seventy_and_each_expects_something() -> None:
    assert len(FILES) >= 70
    for path in FILES:
        scenario = runner.read_scenario(path)
        assert scenario.expect or scenario.none or scenario.obligations, path.name


def test_every_reason_occurs_in_a_scenario() -> None:
    """A reason that no scenario expects is one that nobody has thought through."""
    scenarios = [runner.read_scenario(path) for path in FILES]
    expected = {reason for scenario in scenarios for finding in scenario.expect for reason in finding.reasons}
    owed = {reason for scenario in scenarios for duty in scenario.obligations for reason in duty.reasons}
    assert set(REASONS) - expected - UNREACHED == set()
    assert set(OBLIGATION_REASONS) - owed - UNREACHED == set()
    assert expected <= set(REASONS)
    assert owed <= set(OBLIGATION_REASONS)


def test_a_wrong_expectation_is_noticed(tmp_path: Path) -> None:
    """The control: the runner must fail a scenario whose expected status is not what comes out."""
    scenario = next(s for p in FILES if (s := runner.read_scenario(p)).expect)
    wrong = scenario.model_copy(
        update={"expect": tuple(expected.model_copy(update={"status": "nonsense"}) for expected in scenario.expect)}
    )
    assert len(runner.faults_of(wrong, tmp_path)) >= len(scenario.expect)


def test_a_wrong_expectation_of_an_obligation_is_noticed(tmp_path: Path) -> None:
    scenario = next(s for p in FILES if (s := runner.read_scenario(p)).obligations and not s.changes)
    wrong = scenario.model_copy(
        update={"obligations": tuple(owed.model_copy(update={"state": "nonsense"}) for owed in scenario.obligations)}
    )
    assert len(runner.faults_of(wrong, tmp_path)) == len(scenario.obligations)
