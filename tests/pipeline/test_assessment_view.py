"""What the centre tells of an assessment: the mission reads every count, the public none from one to four."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from ceasefire.pipeline.assessment_view import assessment_view
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
