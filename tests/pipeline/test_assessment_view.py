"""What the centre tells of an assessment: the mission reads every count, the public none from one to four."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest

from ceasefire.assessment.sentences import Figure, Sentence
from ceasefire.assessment.tables import Assessment
from ceasefire.model.schemas import CAUTIONS, CHANGES, WATCHING
from ceasefire.pipeline.assessment_view import assessment_view, tells_too_little
from ceasefire.pipeline.served import ServedRecord
from ceasefire.pipeline.workspace import Workspace
from ceasefire.release.classes import ReleaseClass


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = Path(tmp_path_factory.mktemp("assessed")) / "mission"
    with Workspace.create(folder, "riverline") as workspace:
        workspace.run()
    record = ServedRecord(folder)
    yield record.current()
    record.close()


def test_the_public_is_told_no_small_count(snapshot: Any) -> None:
    mission = assessment_view(snapshot, "harbour", release=ReleaseClass.MISSION)
    public = assessment_view(snapshot, "harbour", release=ReleaseClass.PUBLIC)
    counts = [asdict(week)[bound] for week in mission.weeks for bound in ("low", "best", "high")]
    told = [asdict(week)[bound] for week in public.weeks for bound in ("low", "best", "high")]
    assert any(count in (1, 2, 3, 4) for count in counts)
    for count, public_count in zip(counts, told, strict=True):
        assert public_count == (None if count is None or 0 < count < 5 else count)
    assert mission.unsaid == 0
    assert set(public.said) <= set(mission.said)
    assert public.unsaid == len(mission.said) - len(public.said)


def test_a_short_record_cannot_tell_and_says_so(snapshot: Any) -> None:
    found = assessment_view(snapshot, "harbour", release=ReleaseClass.MISSION)
    assert found.grade == "cannot tell"
    assert found.stopped_at == "record"
    assert found.said
    assert sum(start.is_main for start in found.starts) <= 1


@pytest.mark.parametrize(
    ("table", "row", "column", "withheld"),
    [
        ("changes", 0, "before", False),
        ("changes", 1, "before", True),
        ("changes", 1, "after", False),
        ("cautions", 0, "number", True),
        ("cautions", 0, "figure", True),
        ("cautions", 1, "number", False),
        ("cautions", 2, "number", False),
        ("cautions", 3, "figure", True),
    ],
    ids=[
        "all",
        "all but two",
        "all but nine",
        "surely inside",
        "may be",
        "one source",
        "weeks",
        "none surely, few perhaps",
    ],
)
def test_no_sentence_lets_the_public_work_out_a_small_count(table: str, row: int, column: str, withheld: bool) -> None:
    """All incidents stand in one sentence and those without exempt groups in the next: what is left is a count too."""
    key = {"area_id": "harbour", "start_id": "truce", "window_weeks": 26}
    tables = {
        "changes": pa.Table.from_pylist(
            [
                {**key, "column": "events_best", "before": 58.0, "after": 47.0},
                {**key, "column": "events_without_exempt_best", "before": 56.0, "after": 38.0},
            ],
            schema=CHANGES,
        ),
        "cautions": pa.Table.from_pylist(
            [
                {"area_id": "harbour", "caution": "wide-border", "figure": 80.0, "number": 2},
                {"area_id": "harbour", "caution": "one-source", "figure": 0.9, "number": 40},
                {"area_id": "harbour", "caution": "gaps", "number": 2},
                {"area_id": "harbour", "caution": "wide-border", "figure": 3.0, "number": 0},
            ],
            schema=CAUTIONS,
        ),
    }
    assessment = Assessment(None, (), tables)  # type: ignore[arg-type]
    sentence = Sentence("", (Figure(table, row, column, "whole", ""),))
    assert tells_too_little(assessment, sentence, ReleaseClass.PUBLIC) is withheld
    assert not tells_too_little(assessment, sentence, ReleaseClass.MISSION)


@pytest.mark.parametrize(
    ("measure", "column", "release", "withheld"),
    [
        ("share", "before_low", ReleaseClass.PUBLIC, True),
        ("share", "before_low", ReleaseClass.MISSION, False),
        ("hours", "after_high", ReleaseClass.PUBLIC, True),
        ("hours", "after_high", ReleaseClass.MISSION, False),
        ("share", "high", ReleaseClass.PUBLIC, False),
    ],
)
def test_how_much_is_watched_on_either_side_is_for_the_mission(
    measure: str, column: str, release: ReleaseClass, withheld: bool
) -> None:
    row = {name: 0.5 for name in WATCHING.names if name not in ("area_id", "start_id", "measure", "decides")}
    row |= {"area_id": "a", "start_id": "s", "measure": measure, "decides": True, "weeks_before": 9, "weeks_after": 9}
    told = SimpleNamespace(tables={"watching": pa.Table.from_pylist([row], schema=WATCHING)})
    sentence = Sentence("…", (Figure("watching", 0, column, "percent", "50 %"),))
    assert tells_too_little(told, sentence, release) is withheld  # type: ignore[arg-type]
