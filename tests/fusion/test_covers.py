"""What a total counts is found as a plain look at each total and each report finds it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa

from ceasefire.actors.register import ActorRegister
from ceasefire.fusion.canonical import canonical_order
from ceasefire.fusion.covers import covered_events
from ceasefire.fusion.traits import SPREAD_KM, UNDATED, Traits, canonical_traits

Table = Callable[..., pa.Table]
Make = Callable[..., dict[str, Any]]


def counted(t: Traits, event: np.ndarray) -> dict[tuple[int, int], float]:
    """Say plainly which clusters each total may count, and what share of their reports."""
    found: dict[tuple[int, int], float] = {}
    reports = [one for one in range(len(t)) if not t.total[one] and t.time_class[one] != UNDATED]
    for total in range(len(t)):
        if not t.total[total] or t.time_class[total] == UNDATED:
            continue
        near = [one for one in reports if abs(t.day[one] - t.day[total]) <= t.slack[total] + 0.75]
        fine = t.place_class[total] <= 2
        if t.province[total] >= 0 and any(t.province[one] >= 0 for one in near):
            names = t.area if fine else t.province
            inside = [one for one in near if names[one] == names[total]]
        else:
            north = {one: (t.latitude[one] - t.latitude[total]) * 111.195 for one in near}
            narrow = np.cos(np.radians(t.latitude[total]))
            east = {one: (t.longitude[one] - t.longitude[total]) * 111.195 * narrow for one in near}
            inside = [one for one in near if np.hypot(north[one], east[one]) <= 2.5 * SPREAD_KM[t.place_class[total]]]
        fit = [one for one in inside if t.slack[one] <= t.slack[total] + np.float32(0.6)]
        fit = [one for one in fit if t.killed[total] < 0 or t.killed[one] <= t.killed[total]]
        for cluster, count in Counter(event[fit].tolist()).items():
            found[total, cluster] = count / int((event == cluster).sum())
    return found


def test_as_a_look_at_every_report(report: Make, table: Table, nobody: ActorRegister) -> None:
    rng = np.random.default_rng(5)
    rows = []
    for number in range(500):
        total = number % 5 == 0
        area = [None, "North", "North/Bay", "North/Hill", "South/Hill"][rng.integers(5)] if rng.random() < 0.7 else None
        known = rng.random() < 0.9
        said = {
            "kind": "total" if total else "event",
            "latitude": 10 + float(rng.normal(0, 0.3)) if known else None,
            "longitude": 30 + float(rng.normal(0, 0.3)) if known else None,
            "place_radius_km": None,
            "place_precision": ["point", "near", "district", "governorate"][rng.integers(4)],
            "area_name": area if number % 100 > 20 else None,
            "killed_best": [None, 0, 3, 30][rng.integers(4)],
        }
        day = None if rng.random() < 0.05 else float(rng.integers(8)) + 30 * (number % 100 <= 20)
        rows.append(report("st"[number % 2], str(number), day=day, days=float(rng.choice([1, 1, 3, 7])), **said))
    reports = table(*rows)
    order = canonical_order(reports)[0]
    traits = canonical_traits(reports, order, nobody)
    event = np.unique(rng.integers(0, 120, len(traits)), return_inverse=True)[1]
    found = covered_events(traits, pa.array([f"{row:04d}" for row in range(len(traits))]), event).to_pylist()
    pairs = [(int(row["report_id"]), row["event"]) for row in found]
    assert pairs == sorted(set(pairs))
    expected = counted(traits, event)
    assert dict(zip(pairs, (row["probability"] for row in found), strict=True)) == {
        pair: np.float32(share) for pair, share in expected.items()
    }
    assert len(expected) > 300
