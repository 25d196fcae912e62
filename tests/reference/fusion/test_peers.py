"""Our matcher against what peers scored on the same reports: `make_peers.py` runs them and writes peers.json."""

import importlib.util
import json
import sys
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ceasefire.actors.register import ActorRegister
from ceasefire.agreement.load import built_in_case, load_case
from ceasefire.fusion.learn import learn_weights
from ceasefire.fusion.match import match_reports
from ceasefire.intake.table import read_table
from ceasefire.pipeline.simulation import Noise, simulate

HERE = Path(__file__).parent
EXAMPLES = HERE.parents[2] / "docs" / "examples"
LEAST_GAIN = 0.08
"""By how much the best peer has to be beaten, in pairwise F1."""
SIMULATED_SEEDS = (31, 32)
CONTROL_SEED = 33
Reports = tuple[pa.Table, np.ndarray, ActorRegister]


@cache
def peers() -> Any:
    return json.loads((HERE / "peers.json").read_text())


def simulated(seed: int) -> Reports:
    """Return 1,500 reports of the training case as far astray as real ones, with the true incident of each."""
    case = load_case(built_in_case("riverline"))
    noise = Noise(time_slip_minutes=240.0, place_jitter_km=3.0)
    made = simulate(case, rng=np.random.default_rng(seed), days=20, incidents_per_day=30, noise=noise, keyed=False)
    order = np.random.default_rng(seed).permutation(1_500)  # they come incident by incident
    reports = made.reports.take(pa.array(order))
    event_of = {one: row for row, ids in enumerate(made.truth["report_ids"].to_pylist()) for one in ids}
    return reports, np.array([event_of[one] for one in reports["report_id"].to_pylist()]), case.actors


def synthetic_file(folder: Path) -> Reports:
    """Return the file of 10,000 synthetic reports of four sources, with the true incident of each."""
    path = folder / "fusion_dev" / "reports_10k.parquet"
    case = load_case(built_in_case("astana-2017"))
    reports = read_table(path, mapping=EXAMPLES / "fusion_dev.yaml", register=case.actors, zone=case.zone).reports
    truth = pq.read_table(path, columns=["incident_id"])["incident_id"].to_numpy()
    return reports, truth[reports["source_report_id"].cast(pa.int64()).to_numpy()], case.actors


def f1(truth: np.ndarray, predicted: np.ndarray) -> float:
    return float(_scores().score(truth.astype(np.int64), np.asarray(predicted)).f1)


def _scores() -> ModuleType:
    """Load the benchmarks' scores, which are no package of the project."""
    path = HERE.parents[2] / "bench" / "fusion_peers" / "scores.py"
    spec = importlib.util.spec_from_file_location("bench_scores", path)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules.setdefault(spec.name, importlib.util.module_from_spec(spec))
    spec.loader.exec_module(module)
    return module


def without_labels(known: Reports) -> np.ndarray:
    reports, _, register = known
    return np.asarray(
        match_reports(reports, register=register, weights=learn_weights(reports, register=register)).event
    )


@pytest.mark.parametrize("seed", SIMULATED_SEEDS)
def test_simulated_reports_are_joined_better_than_by_splink(seed: int) -> None:
    known = simulated(seed)
    assert f1(known[1], without_labels(known)) >= peers()["simulated"][str(seed)]["splink_best"] + LEAST_GAIN


def test_the_truth_dealt_out_at_random_scores_nothing() -> None:
    """The control: were it to score, the tests above would be worth nothing."""
    reports, truth, register = simulated(CONTROL_SEED)
    event = without_labels((reports, truth, register))
    assert f1(np.random.default_rng(0).permutation(truth), event) < 0.05


@pytest.mark.real_data
def test_the_synthetic_file_is_joined_better_than_by_splink(real_data: Path) -> None:
    known = synthetic_file(real_data)
    assert (
        peers()["reports_10k"]["splink_best"] > peers()["reports_10k"]["splink_components"]
    )  # the stronger of the two
    assert f1(known[1], without_labels(known)) >= max(0.66, peers()["reports_10k"]["splink_best"] + LEAST_GAIN)


@pytest.mark.real_data
def test_maverick_reports_are_joined_better_than_by_rule(real_data: Path) -> None:
    """Rows that the import rejects stay alone, and count."""
    path = real_data / "dev_pack" / "maverick_dev_70.parquet"
    zone = ZoneInfo("Africa/Nairobi")
    register = ActorRegister([], zone)
    result = read_table(path, mapping=EXAMPLES / "maverick.yaml", register=register, zone=zone)
    assert (result.rows_in, len(result.rejects), result.duplicates) == (2275, 8, 0)
    assert all("before the start" in fault.what for fault in result.rejects)
    rows = pq.read_table(path, columns=["id", "event_id"]).to_pydict()
    event = without_labels((result.reports, np.zeros(0), register)).tolist()
    found = dict(zip(result.reports["source_report_id"].to_pylist(), event, strict=True))
    predicted = np.array([found.get(one, len(event) + row) for row, one in enumerate(rows["id"])])
    truth = np.unique(rows["event_id"], return_inverse=True)[1]
    score = f1(truth, predicted)
    assert score >= 0.66
    assert score >= peers()["maverick"]["same_day_within_500_m"] + 0.1
