"""One incident opened, where something about it is not on record."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from ceasefire.pipeline.incident_view import incident_view
from ceasefire.pipeline.served import ServedRecord
from ceasefire.release.classes import ReleaseClass


@pytest.mark.parametrize("release", ReleaseClass)
def test_an_incident_without_a_date_is_told_as_such(made_once: Path, release: ReleaseClass) -> None:
    record = ServedRecord(made_once)
    snapshot = record.current()
    record.close()
    wanted = snapshot.findings["incident_id"][0].as_py()
    rows = snapshot.incidents.to_pylist()
    for row in rows:
        if row["incident_id"] == wanted:
            row.update(occurred_from=None, occurred_until=None, time_precision="unknown")
    snapshot.incidents = pa.Table.from_pylist(rows, schema=snapshot.incidents.schema)
    snapshot._kept.clear()
    told = incident_view(snapshot, wanted, release=release, told_at=2 * 10**15)
    assert told.incident.first_day is told.incident.last_day is None
    assert any("when is not on record" in line for line in told.findings[0].questions[1].sentences)
    if release is ReleaseClass.PUBLIC:  # nobody knows that it is not recent
        assert told.incident.place.held_back
