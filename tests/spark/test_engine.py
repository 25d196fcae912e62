"""The engine as users meet it: a workspace fused on Spark is as one fused here, and so are reports in a store."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ceasefire.model.errors import UsageError
from ceasefire.pipeline.engines import RESULTS
from ceasefire.pipeline.workspace import Workspace

pytestmark = pytest.mark.filterwarnings(  # sockets of Spark's own, closed when the session ends
    "ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning"
)
MASTER = "local[2]"


MAPPING = """
format: 1
source: { column: outlet }
source_report_id: no
time:
  start: { column: day, formats: ["%Y-%m-%d"] }
place:
  name: town
  latitude: lat
  longitude: lon
  precision: { constant: { precision: point, radius_km: 0.5 } }
actors: { perpetrator: by, target: against }
acts: { constant: [armed-force] }
tolls: { killed: { best: dead } }
"""


def crowded_workspace(folder: Path) -> Workspace:
    """Return a workspace with reports of three outlets on the same weeks and towns."""
    rng = np.random.default_rng(8)
    lines = ["outlet,no,day,town,lat,lon,by,against,dead"]
    for number in range(300):
        day, town = date(2021, 4, 1) + timedelta(days=int(rng.integers(0, 30))), int(rng.integers(0, 6))
        where = f"{10 + town / 50 + rng.normal(0, 0.004):.4f},{20 + rng.normal(0, 0.004):.4f}"
        sides = "Republic of Velmar,Northern Assembly" if number % 3 else "Northern Assembly,Republic of Velmar"
        lines.append(f"outlet-{number % 3},{number},{day},town {town},{where},{sides},{rng.integers(0, 5)}")
    (folder / "reports.csv").write_text("\n".join(lines) + "\n")
    (folder / "reports.yaml").write_text(MAPPING)
    workspace = Workspace.create(folder / "mission", "riverline")
    workspace.import_file(folder / "reports.csv", "table", mapping=folder / "reports.yaml")
    return workspace


def in_words(table: pa.Table) -> pa.Table:
    words = [pa.field(one.name, pa.string()) if pa.types.is_dictionary(one.type) else one for one in table.schema]
    return table.cast(pa.schema(words)).combine_chunks()


def test_a_workspace_is_fused_as_here_and_a_store_likewise(spark_java: None, tmp_path: Path) -> None:
    with crowded_workspace(tmp_path) as workspace:
        here = workspace.fuse()
        tables = {"incidents": workspace.incidents(), "links": workspace.links(), "pairs": workspace.pairs()}
        tables["doubtful"] = workspace.doubtful()
        reports = workspace.reports()
        workspace.folder.joinpath("derived").rename(tmp_path / "derived-here")
        there = workspace.fuse(engine="spark", spark_master=MASTER)
        assert not there.already_derived
        assert (there.incidents, there.joined, there.doubtful) == (here.incidents, here.joined, here.doubtful)
        for name, table in tables.items():
            assert in_words(getattr(workspace, name)()).equals(in_words(table)), name

        pq.write_table(reports, tmp_path / "store.parquet")
        into = (tmp_path / "fused").as_uri()
        written = workspace.fuse_stored((tmp_path / "store.parquet").as_uri(), into, spark_master=MASTER)
        assert written == {name: tables[name].num_rows for name in RESULTS}
        for name, table in tables.items():
            files = sorted((tmp_path / "fused" / name).glob("part-*.parquet"))
            found = pa.concat_tables([pq.ParquetFile(file).read() for file in files])
            key = [(column, "ascending") for column in table.column_names[:2] if pa.types.is_string(table[column].type)]
            ours = in_words(table).sort_by(key)
            assert found.sort_by(key).to_pylist() == ours.to_pylist(), name
        with pytest.raises(UsageError, match="Something lies at"):
            workspace.fuse_stored((tmp_path / "store.parquet").as_uri(), into, spark_master=MASTER)


def test_an_engine_and_its_address_go_together(tmp_path: Path) -> None:
    with Workspace.create(tmp_path / "mission", "riverline") as workspace:
        for engine, master, said in (
            ("flink", None, 'no engine "flink"'),
            ("spark", None, "needs the address of a cluster"),
            ("local", "spark://host:7077", "Add --engine spark"),
        ):
            with pytest.raises(UsageError, match=said):
                workspace.fuse(engine=engine, spark_master=master)
