"""`ceasefire assess` on the training case, whose record is short: an answer for each zone, its tables and charts."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.ipc
import pyarrow.parquet as pq
import pytest

from ceasefire.assessment.tables import SCHEMAS
from ceasefire.cli.application import run
from ceasefire.pipeline.workspace import Workspace


@pytest.fixture(scope="module")
def mission(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = Path(tmp_path_factory.mktemp("cli")) / "mission"
    with Workspace.create(folder, "riverline") as workspace:
        workspace.run()
    return folder


def test_machines_read_one_object_a_zone(mission: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["assess", "-w", str(mission), "--json"]) == 0
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [record["zone_id"] for record in records] == ["north-bank", "harbour"]
    for record in records:
        assert record["grade"] == "cannot tell"
        assert set(record["power"]) == {"fall_30", "fall_60"}
        assert record["text"]


@pytest.mark.parametrize("format", ["csv", "parquet", "arrow"])
def test_tables_and_charts_are_written(mission: Path, tmp_path: Path, format: str) -> None:
    into = ("--tables", str(tmp_path / "t"), "--format", format, "--charts", str(tmp_path / "c"))
    assert run(["assess", "-w", str(mission), "--zone", "harbour", *into]) == 0
    assert {path.name for path in (tmp_path / "t").iterdir()} == {f"{name}.{format}" for name in SCHEMAS}
    assert (tmp_path / "c" / "harbour-weekly-dark.svg").read_text().startswith("<svg")
    if format == "parquet":
        assert pq.read_schema(tmp_path / "t" / "weekly.parquet").names == SCHEMAS["weekly"].names
    if format == "arrow":
        assert pyarrow.ipc.open_stream(tmp_path / "t" / "grades.arrow").schema.names == SCHEMAS["grades"].names


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (("--zone", "nowhere"), 'no area "nowhere"'),
        (("--start", "soon"), '"soon" is not a day'),
        (("--party", "nobody"), 'no party "nobody"'),
        (("--act", "joy"), 'no act "joy"'),
        (("--clause", "Z9"), 'no clause "Z9"'),
        (("--tables", "t", "--format", "xlsx"), '"xlsx" is not a format'),
    ],
)
def test_what_does_not_exist_is_refused(
    mission: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], asked, words
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["assess", "-w", str(mission), *asked]) == 2
    assert words in capsys.readouterr().err
