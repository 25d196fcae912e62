"""The scores of the fusion benchmarks against scikit-learn's, which made scores.json, and against pairs listed out."""

import importlib.util
import itertools
import json
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

HERE = Path(__file__).parent
ROUNDING = 1e-12


def benchmark_module(name: str) -> ModuleType:
    """Load a module of the benchmarks, which are no package of the project."""
    path = HERE.parents[2] / "bench" / "fusion_peers" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"bench_{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


scores = benchmark_module("scores")
VALUES = json.loads((HERE / "scores.json").read_text())


@pytest.mark.parametrize("known", VALUES["clusterings"])
def test_pairwise_scores_are_those_of_scikit_learn(known: dict[str, list[int]]) -> None:
    found = scores.score(np.array(known["truth"]), np.array(known["predicted"]))
    for name in ("precision", "recall", "f1"):
        assert getattr(found, name) == pytest.approx(known[name], abs=ROUNDING)


def test_calibration_error_is_that_of_scikit_learn() -> None:
    known = VALUES["calibration"]
    bins = scores.reliability(np.array(known["said"]), np.array(known["happened"], dtype=bool))
    assert scores.calibration_error(bins) == pytest.approx(known["error"], abs=ROUNDING)
    assert sum(row["pairs"] for row in bins) == len(known["said"])


@given(st.lists(st.tuples(st.integers(-1, 4), st.integers(0, 4), st.integers(0, 400)), max_size=25))
def test_pairs_counted_are_pairs_listed(rows: list[tuple[int, int, int]]) -> None:
    """Sums that are totals (-1) are left out; the day only says to which report a pair is counted."""
    truth, predicted, day = (np.array([row[one] for row in rows], dtype=np.int64) for one in range(3))
    pairs = list(itertools.combinations([row for row in rows if row[0] >= 0], 2))
    listed = [
        sum(a[0] == b[0] and a[1] == b[1] for a, b in pairs),
        sum(a[1] == b[1] for a, b in pairs),
        sum(a[0] == b[0] for a, b in pairs),
    ]
    for order in (None, day):
        assert scores.pair_counts(truth, predicted, order).sum(axis=0).tolist() == listed


def test_the_interval_holds_the_score_and_narrows_with_more_days() -> None:
    rng = np.random.default_rng(5)

    def width(reports: int) -> float:
        truth = np.repeat(np.arange(reports // 2), 2)
        predicted = np.where(rng.random(reports) < 0.2, truth + reports, truth)
        found = scores.score(truth, predicted, day=np.repeat(np.arange(reports // 4), 4)[:reports])
        assert found.low <= found.f1 <= found.high
        return float(found.high - found.low)

    few, many = width(2_000), width(32_000)
    assert many < few / 2.5  # sixteen times the days, a quarter of the width


def test_the_difference_of_a_clustering_with_itself_is_nothing() -> None:
    rng = np.random.default_rng(6)
    truth, predicted, day = rng.integers(0, 50, 200), rng.integers(0, 50, 200), rng.integers(0, 300, 200)
    assert scores.difference(truth, predicted, predicted, day=day) == (0.0, 0.0, 0.0)
    gain, low, high = scores.difference(truth, truth, predicted, day=day)
    assert 0 < low < gain < high <= 1
