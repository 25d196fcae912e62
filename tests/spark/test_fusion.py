"""Fusion on a Spark cluster, master and workers, gives what this machine alone gives, row for row."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from ceasefire.agreement.load import built_in_case, load_case
from ceasefire.fusion.canonical import whole
from ceasefire.fusion.fuse import FusedReports, fuse_reports
from ceasefire.fusion.judgements import Judgement
from ceasefire.fusion.weights import default_weights
from ceasefire.intake.table import read_table
from ceasefire.pipeline.simulation import simulate
from ceasefire.pipeline.spark_fusion import Layout, fuse_blocks, held
from ceasefire.pipeline.spark_session import spark_session

if TYPE_CHECKING:
    from ceasefire.actors.register import ActorRegister
    from conftest import Cluster

pytestmark = pytest.mark.filterwarnings(  # sockets of Spark's own, closed when the session ends
    "ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning"
)
SOAK = bool(os.environ.get("CEASEFIRE_SOAK"))
REPORTS = 200_000 if SOAK else 40_000
LAYOUT = Layout() if SOAK else Layout(reports_per_part=5_000, reports_per_share=5_000)
"""As many parts and shares in the short form as in the long."""
SIMULATED = 20_000
SEED = 11
SETTINGS = {"spark.driver.host": "127.0.0.1", "spark.executor.memory": "1g"}
MAPPING = Path(__file__).parents[2] / "docs" / "examples" / "fusion_dev.yaml"


def some_reports(folder: Path, count: int) -> tuple[pa.Table, ActorRegister]:
    """Return reports of the generator beside the data, else fewer of our own simulation, whose country is small."""
    data = os.environ.get("CEASEFIRE_DATA")
    if data is None:
        case = load_case(built_in_case("riverline"))
        made = simulate(case, rng=np.random.default_rng(SEED), days=150, incidents_per_day=60, keyed=False)
        return made.reports.slice(0, min(count, SIMULATED)), case.actors
    path, tool = folder / "reports.parquet", Path(data).parent / "tools" / "gen_reports.py"
    events = Path(data) / "dev_pack" / "ged_syria_2016_2017.parquet"
    subprocess.run([sys.executable, tool, events, path, str(count), str(SEED), "1.0"], check=True, capture_output=True)
    case = load_case(built_in_case("astana-2017"))
    return read_table(path, mapping=MAPPING, register=case.actors, zone=case.zone).reports, case.actors


def words_on(found: FusedReports) -> tuple[Judgement, ...]:
    """Return what somebody may have said of doubtful pairs, some of it against what was found."""
    pairs = found.matched.doubtful.select(["report_a", "report_b"]).slice(0, 300).to_pylist()
    verdicts = ("same", "not-same", "unsure")
    return tuple(
        Judgement(one["report_a"], one["report_b"], verdicts[number % 3], "someone") for number, one in enumerate(pairs)
    )


def differences(found: FusedReports, expected: FusedReports) -> list[str]:
    """Return the tables whose rows differ; words compare as words."""
    tables = [
        ("incidents", found.fused.incidents, expected.fused.incidents),
        ("links", found.fused.links, expected.fused.links),
        *((name, getattr(found.matched, name), getattr(expected.matched, name)) for name in ("pairs", "doubtful")),
        ("covers", found.matched.covers, expected.matched.covers),
    ]
    wrong = [name for name, ours, theirs in tables if not in_words(ours).equals(in_words(theirs))]
    if not np.array_equal(found.matched.event, expected.matched.event):
        wrong.append("event")
    return wrong if found.matched.conflicts == expected.matched.conflicts else [*wrong, "conflicts"]


def in_words(table: pa.Table) -> pa.Table:
    for place, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type):
            table = table.set_column(place, field.name, table[field.name].cast(pa.string()))
    return table.combine_chunks()


def test_a_cluster_gives_the_same_rows(cluster: Cluster, tmp_path: Path) -> None:
    reports, register = some_reports(tmp_path, REPORTS)
    assert reports.num_rows == (REPORTS if os.environ.get("CEASEFIRE_DATA") else SIMULATED)
    weights = default_weights()
    words = words_on(fuse_reports(reports.slice(0, REPORTS // 10), register=register, weights=weights))
    expected = fuse_reports(reports, register=register, weights=weights, judgements=words)
    assert pc.count_distinct(expected.fused.links["incident_id"]).as_py() < reports.num_rows
    told: list[str] = []
    with spark_session(cluster.master, SETTINGS) as spark:
        found = fuse_blocks(
            spark,
            held(spark, reports),
            register=register,
            weights=weights,
            judgements=words,
            layout=LAYOUT,
            order_of=whole(reports["report_id"]),
            progress=lambda what, _done, _of: told.append(what),
        )
        executors = spark.sparkContext._jsc.sc().getExecutorMemoryStatus().size() - 1  # the driver is one
    assert executors == 2
    assert differences(found, expected) == []
    assert told == ["planning the parts", "comparing reports", "joining reports", "reconciling reports"]


if SOAK:  # it takes a minute for Spark to give a worker up

    def test_a_worker_that_dies_changes_nothing(cluster: Cluster, tmp_path: Path) -> None:
        reports, register = some_reports(tmp_path, REPORTS // 5)
        weights = default_weights()
        expected = fuse_reports(reports, register=register, weights=weights)

        def kill(what: str, _done: int, _of: int) -> None:
            if what == "joining reports":  # the edges are kept on both workers by now
                cluster.kill("worker-1")

        with spark_session(cluster.master, SETTINGS) as spark:
            found = fuse_blocks(
                spark,
                held(spark, reports),
                register=register,
                weights=weights,
                layout=Layout(reports_per_part=4_000, reports_per_share=4_000),
                order_of=whole(reports["report_id"]),
                progress=kill,
            )
        assert differences(found, expected) == []
