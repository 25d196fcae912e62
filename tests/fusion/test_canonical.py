"""One order of reports, by time and id, whatever the ids look like."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from ceasefire.fusion.canonical import canonical_order, once_each
from ceasefire.model.schemas import REPORT

IDS = {
    "of one form": [f"rep-{number * 7919 % 10007:05d}" for number in range(400)],
    "that differ late": [
        f"rep-of-a-long-common-beginning-{number % 20:02d}-{number * 31 % 401:03d}" for number in range(400)
    ],
    "that differ early": [f"{'zyxa'[number % 4]}-the-rest-is-the-same-{number:04d}" for number in range(400)],
    "of several lengths": [f"rep-{number * 7919}" for number in range(400)],
    "in letters beyond ASCII": [f"ré-{number:04d}" for number in range(400)],
    "one alone": ["rep-1"],
    "none": [],
}


@pytest.mark.parametrize("kind", IDS)
@pytest.mark.parametrize("days", [1, 3, 10**6])
def test_by_time_and_id(kind: str, days: int) -> None:
    rng = np.random.default_rng(1)
    ids = [IDS[kind][row] for row in rng.permutation(len(IDS[kind]))]
    starts = [datetime(2021, 1, 1, tzinfo=UTC) + timedelta(seconds=86400 * int(rng.integers(days)) / 1000) for _ in ids]
    times = [None if rng.random() < 0.05 else start for start in starts]
    reports = pa.table(
        {"report_id": pa.array(ids, pa.string()), "occurred_from": pa.array(times, REPORT.field("occurred_from").type)}
    )
    rows, place = canonical_order(reports)
    early = datetime(1, 1, 1, tzinfo=UTC)
    assert rows.tolist() == sorted(range(len(ids)), key=lambda row: (times[row] or early, ids[row].encode()))
    assert place[rows].tolist() == list(range(len(ids)))
    assert once_each(reports["report_id"]).tolist() == list(range(len(ids)))


@pytest.mark.parametrize("kind", ["of one form", "that differ late", "of several lengths"])
def test_ids_given_again(kind: str) -> None:
    ids = [*IDS[kind], *IDS[kind][50:60], IDS[kind][50]]
    assert once_each(pa.chunked_array([ids])).tolist() == list(range(400))
    table = pa.table(
        {
            "report_id": ids,
            "occurred_from": pa.array([None] * len(ids), pa.timestamp("us", "UTC")),
            "recorded_at": pa.array([None] * len(ids), pa.timestamp("us", "UTC")),
            "document_id": pa.array([None] * len(ids), pa.string()),
        }
    )
    rows, place = canonical_order(table)
    assert [ids[row] for row in rows.tolist()] == sorted(IDS[kind])
    assert [ids[rows[at]] for at in place.tolist()] == ids
