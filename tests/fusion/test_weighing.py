"""How a pair is weighed depends on its two reports alone, whatever else is in the table."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from ceasefire.actors.register import ActorRegister
from ceasefire.agreement.load import built_in_case, load_case
from ceasefire.fusion import parties
from ceasefire.fusion.blocking import pair_tasks
from ceasefire.fusion.canonical import canonical_order
from ceasefire.fusion.learn import learn_weights
from ceasefire.fusion.parts import LEAST_WEIGHT
from ceasefire.fusion.traits import canonical_traits
from ceasefire.fusion.weighing import SILENT, Weigher
from ceasefire.fusion.weights import Weights, default_weights
from ceasefire.intake.table import read_table
from ceasefire.model.schemas import REPORT
from ceasefire.pipeline.simulation import simulate

Weighings = dict[tuple[str, str], tuple[float, ...]]
Table = Callable[..., pa.Table]
Make = Callable[..., dict[str, Any]]
DOCS = Path(__file__).parents[2] / "docs"


def weighings(reports: pa.Table, register: ActorRegister, weights: Weights) -> Weighings:
    """Return weight and levels of all pairs kept, by report ids."""
    rows, _ = canonical_order(reports)
    weigher = Weigher(canonical_traits(reports, rows, register), weights)
    ids = reports["report_id"].take(pa.array(rows)).to_pylist()
    found: Weighings = {}
    for task in pair_tasks(weigher.traits, weights.reach):
        for a, b, km in task():
            kept = weigher.weigh(a, b, km, least=LEAST_WEIGHT)
            levels = [kept.levels.get(n, np.full(len(kept.a), level)) for n, level in SILENT.items()]
            columns = [kept.weight.view(np.int32), *(kept.levels[n] for n in ("when", "where", "who")), *levels]
            for x, y, *said in zip(kept.a.tolist(), kept.b.tolist(), *(c.tolist() for c in columns), strict=True):
                assert (ids[x], ids[y]) not in found
                found[ids[x], ids[y]] = tuple(said)
    return found


def assert_parts_agree(reports: pa.Table, register: ActorRegister, weights: Weights, seed: int) -> None:
    rng = np.random.default_rng(seed)
    whole = weighings(reports, register, weights)
    assert len(whole) > 50
    for share in (0.5, 0.1, 0.02):
        part = reports.take(pa.array(np.flatnonzero(rng.random(reports.num_rows) < share)))
        ids = set(part["report_id"].to_pylist())
        assert weighings(part, register, weights) == {
            pair: said for pair, said in whole.items() if ids.issuperset(pair)
        }


@pytest.mark.parametrize("seed", range(3))
def test_parts_of_a_simulated_table(seed: int) -> None:
    case = load_case(built_in_case("riverline"))
    simulated = simulate(case, rng=np.random.default_rng(seed), days=20, incidents_per_day=6, keyed=False)
    assert_parts_agree(simulated.reports, case.actors, default_weights(), seed)


def test_parts_of_a_table_of_odd_reports(report: Make, table: Table, nobody: ActorRegister) -> None:
    rng = np.random.default_rng(7)
    rows = []
    for number in range(400):
        latitude = float(rng.choice([10.0, 10.01, 79.0, 89.9, 89.99]))
        said = {
            "latitude": latitude,
            "longitude": float(rng.choice([30.0, 30.02, 179.99, -179.99, 31.0])),
            "killed_best": [None, 3, 7, 500, 501, 2000, 100_000 + number][rng.integers(7)],
            "killed_civilian_best": [None, 0, 3][rng.integers(3)],
            "acts": [[], ["armed-force"], ["shelling"]][rng.integers(3)],
            "sides": [[], [["name:River Guard"], [f"name:Hill Front {number % 40}"]]][rng.integers(2)],
            "place_precision": ["point", "near"][rng.integers(2)],
        }
        if rng.random() < 0.2:
            said |= {"latitude": None, "longitude": None, "place_radius_km": None, "place_precision": "governorate"}
            said |= {"area_name": [None, "North/Bay", "South/Hill"][rng.integers(3)]}
        days = float(rng.choice([1, 1, 1, 5, 40, 300]))
        rows.append(report("stu"[number % 3], str(number), day=float(rng.integers(6)), days=days, **said))
    assert_parts_agree(table(*rows), nobody, default_weights(), 1)


def test_rare_sides_are_compared_as_frequent_ones(
    report: Make, table: Table, nobody: ActorRegister, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(3)
    names = [
        f"name:{word} {kind}" for word in ("River", "Hill", "Rivers", "Sea") for kind in ("Guard", "Guards", "Men")
    ]
    rows = [
        report(
            "stu"[number % 3],
            str(number),
            sides=[[str(rng.choice(names))], sorted({str(name) for name in rng.choice(names, 2)})],
            day=float(rng.integers(3)),
        )
        for number in range(150)
    ]
    reports = table(*rows)
    weights = default_weights(affinity=(("name:hill guard", "name:sea men", 2.5),))
    whole = weighings(reports, nobody, weights)
    monkeypatch.setattr(parties, "MOST_SIDES", 4)
    assert weighings(reports, nobody, weights) == whole
    without = default_weights(affinity=())
    assert weighings(reports, nobody, without) != whole


@pytest.mark.real_data
def test_parts_of_the_synthetic_set(real_data: Path) -> None:
    case = load_case(built_in_case("astana-2017"))
    file = real_data / "fusion_dev" / "reports_10k.parquet"
    read = read_table(file, mapping=DOCS / "examples" / "fusion_dev.yaml", register=case.actors, zone=case.zone).reports
    assert read.schema == REPORT
    assert_parts_agree(read, case.actors, learn_weights(read, register=case.actors), 4)
