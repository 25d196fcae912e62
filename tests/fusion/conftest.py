"""Reports made to order, for tests of matching."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from ceasefire.actors.register import ActorRegister
from ceasefire.model.canonical import stable_id
from ceasefire.model.schemas import REPORT, table_of

START = datetime(2021, 3, 1, tzinfo=UTC)
Make = Callable[..., dict[str, Any]]


def make(source: str, own_id: str, *, day: float | None = 0, days: float = 1, **said: Any) -> dict[str, Any]:
    """Return a report of one clash at one point, with what a test says otherwise."""
    start = None if day is None else START + timedelta(days=day)
    return {
        "report_id": stable_id("rep", source, own_id),
        "source_id": source,
        "source_report_id": own_id,
        "kind": "event",
        "lineage": [source],
        "stance": "asserts",
        "occurred_from": start,
        "occurred_until": None if start is None else start + timedelta(days=days),
        "time_precision": "unknown" if start is None else "day" if days <= 1 else "longer",
        "latitude": 10.0,
        "longitude": 30.0,
        "place_precision": "point",
        "place_radius_km": 2.0,
        "acts": ["armed-force"],
        "sides": [["name:River Guard"], ["name:Hill Front"]],
        "killed_best": 7,
        "killed_civilian_best": 0,
        **said,
    }


@pytest.fixture
def report() -> Make:
    return make


@pytest.fixture
def table() -> Callable[..., pa.Table]:
    return lambda *reports: table_of(list(reports), REPORT)


@pytest.fixture(scope="session")
def nobody() -> ActorRegister:
    return ActorRegister([], ZoneInfo("UTC"))
