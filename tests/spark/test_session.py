"""What is refused before any work is given to a cluster, and in what words; and what passes through Spark unchanged."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ceasefire.model.errors import UsageError
from ceasefire.model.schemas import REPORT, table_of
from ceasefire.pipeline import spark_session as module
from ceasefire.pipeline.spark_fusion import packed, stored, unpacked
from ceasefire.pipeline.spark_session import spark_session

pytestmark = pytest.mark.filterwarnings(  # sockets of Spark's own, closed when the session ends
    "ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning"
)
HERE = {"spark.driver.host": "127.0.0.1"}


def refusal(master: str) -> str:
    with pytest.raises(UsageError) as caught, spark_session(master, HERE):
        pass
    return str(caught.value)


def test_no_address_of_a_cluster(spark_java: None) -> None:
    assert '"host:7077" is no Spark master' in refusal("host:7077")


def test_no_master_there(spark_java: None) -> None:
    assert "No Spark master answers at spark://127.0.0.1:1" in refusal("spark://127.0.0.1:1")


def test_no_java(spark_java: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert "needs Java 17 or 21" in refusal("local[1]")
    monkeypatch.delenv("JAVA_HOME")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "there is none on the PATH" in refusal("local[1]")


def test_no_pyspark(spark_java: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] in ("pyspark", "py4j")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pyspark", None)
    monkeypatch.setitem(sys.modules, "py4j", None)
    assert 'pip install "ceasefire[spark]"' in refusal("local[1]")


def test_workers_of_another_version(spark_java: None, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = module.versions()
    monkeypatch.setattr(module, "versions", lambda: ours | {"ceasefire": "0.0.1"})
    said = refusal("local[1]")
    assert f"has ceasefire {ours['ceasefire']}; here it is 0.0.1" in said
    assert "Install the same on every worker" in said


def test_workers_without_ceasefire(spark_java: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", bare], check=True)
    monkeypatch.setenv("PYSPARK_PYTHON", str(bare / "bin" / "python"))
    monkeypatch.delenv("PYTHONPATH", raising=False)
    assert "has no ceasefire" in refusal("local[1]")


def test_what_spark_reads_is_what_was_written(spark_java: None, tmp_path: Path) -> None:
    """Microseconds, UTC whatever the machine's zone, null beside not-a-number, words, lists, lists of lists."""
    instant = datetime(2017, 10, 29, 0, 59, 59, 123457, tzinfo=UTC)
    rows = [
        {"report_id": "rep-1", "source_id": "a", "occurred_from": instant, "latitude": float("nan"), "lineage": []},
        {"report_id": "rep-2", "source_id": "b", "sides": [["x", "y"], []], "latitude": None, "killed_best": 0},
        {"report_id": "rep-3", "source_id": "a", "alleges": False, "text": "", "place_radius_km": 0.1},
        {"report_id": "rep-4", "source_id": None, "lineage": None, "occurred_from": datetime(1969, 7, 1, tzinfo=UTC)},
    ]
    reports = table_of(rows, REPORT)
    pq.write_table(reports, tmp_path / "reports.parquet")
    with spark_session("local[1]", HERE | {"spark.driver.extraJavaOptions": "-Duser.timezone=Asia/Damascus"}) as spark:
        blocks = stored(spark, (tmp_path / "reports.parquet").as_uri()).collect()
        found = unpacked([bytes(block.table) for block in blocks], REPORT)
        lacking = tmp_path / "lacking.parquet"
        pq.write_table(reports.drop_columns(["lineage", "sides"]), lacking)
        with pytest.raises(UsageError, match="lack columns: lineage, sides"):
            stored(spark, lacking.as_uri())
    assert found.schema == REPORT
    assert repr(found.to_pylist()) == repr(reports.to_pylist())  # nan is nan, and null is None


def test_a_packed_table_is_the_same_again() -> None:
    table = pa.table({"word": pa.array(["a", None, "a"]).dictionary_encode(), "x": [[1], [], None]})
    assert unpacked([packed(table), packed(table.slice(1))], table.schema).to_pylist() == [
        *table.to_pylist(),
        *table.slice(1).to_pylist(),
    ]
