"""Probabilities of pairs mean what they say: of those given p, a share of p is of one event, whatever the noise."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from ceasefire.actors.register import ActorRegister
from ceasefire.agreement.load import built_in_case, load_case
from ceasefire.fusion.learn import learn_weights
from ceasefire.fusion.match import match_reports
from ceasefire.fusion.weights import Weights
from ceasefire.intake.table import read_table
from ceasefire.pipeline.simulation import Noise, simulate

MOST_ERROR = 0.03
"""What the project promises on reports as the generator beside the data makes them."""
MOST_ERROR_ELSEWHERE = 0.1
"""On reports of another kind: the training case, of which nothing was set to suit the calibration."""
CONTROL_ERROR = 0.15
BINS = 10
NOISES = (0.6, 1.0, 1.4)
COUNT = 10_000
SEED, SEED_OF_WEIGHTS = 401, 402
MAPPING = Path(__file__).parents[2] / "docs" / "examples" / "fusion_dev.yaml"


@dataclass(frozen=True)
class Known:
    reports: pa.Table
    truth: np.ndarray  # -1 for totals
    register: ActorRegister


def expected_error(probability: np.ndarray, happened: np.ndarray) -> float:
    """Return the mean gap between what was said and what happened, over bins of equal width, weighted by pairs."""
    which = np.minimum((probability * BINS).astype(np.int64), BINS - 1)
    gaps = np.bincount(which, probability, minlength=BINS) - np.bincount(which, happened, minlength=BINS)
    return float(np.abs(gaps).sum() / len(probability))


def said_and_happened(known: Known, weights: Weights) -> tuple[np.ndarray, np.ndarray]:
    pairs = match_reports(known.reports, register=known.register, weights=weights).pairs
    ids = known.reports["report_id"].combine_chunks()
    a, b = (known.truth[pc.index_in(pairs[name], value_set=ids).to_numpy()] for name in ("report_a", "report_b"))
    counted = (a >= 0) & (b >= 0)
    return pairs["match_probability"].to_numpy().astype(np.float64)[counted], (a == b)[counted]


def simulated(seed: int, scale: float) -> Known:
    case = load_case(built_in_case("riverline"))
    noise = Noise(time_slip_minutes=240.0 * scale, place_jitter_km=3.0 * scale)
    made = simulate(case, rng=np.random.default_rng(seed), days=20, incidents_per_day=30, noise=noise, keyed=False)
    event_of = {one: row for row, ids in enumerate(made.truth["report_ids"].to_pylist()) for one in ids}
    truth = np.array([event_of.get(one, -1) for one in made.reports["report_id"].to_pylist()])
    return Known(made.reports, truth, case.actors)


def generated(folder: Path, data: Path, seed: int, noise: float) -> Known:
    tool = data.parent / "tools" / "gen_reports.py"
    if not tool.exists():
        pytest.skip(f"{tool}: there is no generator beside the data.")
    path = folder / f"{seed}-{noise}.parquet"
    events = data / "dev_pack" / "ged_syria_2016_2017.parquet"
    command = [sys.executable, str(tool), str(events), str(path), str(COUNT), str(seed), str(noise)]
    subprocess.run(command, check=True, capture_output=True)
    case = load_case(built_in_case("astana-2017"))
    reports = read_table(path, mapping=MAPPING, register=case.actors, zone=case.zone).reports
    truth = pq.read_table(path, columns=["incident_id"])["incident_id"].to_numpy()
    return Known(reports, truth[reports["source_report_id"].cast(pa.int64()).to_numpy()], case.actors)


@pytest.mark.parametrize("scale", [0.5, 1.0, 2.0])
def test_on_simulated_reports(scale: float) -> None:
    known = simulated(51, scale)
    said, happened = said_and_happened(known, learn_weights(known.reports, register=known.register))
    assert len(said) > 2_000
    assert expected_error(said, happened) <= MOST_ERROR_ELSEWHERE
    # the controls: the same probabilities dealt out at random, and each turned into its opposite
    assert expected_error(np.random.default_rng(0).permutation(said), happened) > CONTROL_ERROR
    assert expected_error(1 - said, happened) > CONTROL_ERROR


@pytest.mark.real_data
@pytest.mark.parametrize("noise", NOISES)
def test_under_each_noise_with_weights_of_its_own_and_of_another_set(
    noise: float, real_data: Path, tmp_path: Path
) -> None:
    known = generated(tmp_path, real_data, SEED, noise)
    other = generated(tmp_path, real_data, SEED_OF_WEIGHTS, noise)
    for learned_from in (known, other):
        weights = learn_weights(learned_from.reports, register=known.register)
        said, happened = said_and_happened(known, weights)
        assert expected_error(said, happened) <= MOST_ERROR
        assert expected_error(np.random.default_rng(0).permutation(said), happened) > CONTROL_ERROR


def test_the_error_by_hand() -> None:
    said = np.array([0.05, 0.05, 0.95, 0.95])
    assert expected_error(said, np.array([0, 0, 1, 1])) == pytest.approx(0.05)
    assert expected_error(said, np.array([1, 1, 0, 0])) == pytest.approx(0.95)
    assert expected_error(np.full(4, 0.5), np.array([1, 0, 1, 0])) == 0
